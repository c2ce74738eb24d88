#include "textflag.h"

// What Go's assembler has no names for.
#define SMLAL(m, n, d)  WORD $(0x0E608000 | (m)<<16 | (n)<<5 | (d)) // d.4S += n.4H * m.4H
#define SMLAL2(m, n, d) WORD $(0x4E608000 | (m)<<16 | (n)<<5 | (d)) // d.4S += the upper four of n.8H * m.8H
#define SHRN8(n, d)     WORD $(0x0F188400 | (n)<<5 | (d))           // d.4H = n.4S >> 8
#define SHRN8U(n, d)    WORD $(0x4F188400 | (n)<<5 | (d))           // the upper four of d.8H = n.4S >> 8
#define ADDP(m, n, d)   WORD $(0x4EA0BC00 | (m)<<16 | (n)<<5 | (d)) // d.4S = sums of neighbours in n.4S, then in m.4S
#define SRSHR20(n, d)   WORD $(0x4F2C2400 | (n)<<5 | (d))           // d.4S = n.4S >> 20, rounded
#define SQXTN(n, d)     WORD $(0x0E614800 | (n)<<5 | (d))           // d.4H = n.4S, limited to 16 bits
#define SQXTUN(n, d)    WORD $(0x2E212800 | (n)<<5 | (d))           // d.8B = n.8H, limited to 0…255

// func addRowsNEON(dst *int16, rows *byte, n int, stride int, w *int16, count int)
// Sixteen columns at a time: n is a multiple of that.
TEXT ·addRowsNEON(SB), NOSPLIT, $0-48
	MOVD dst+0(FP), R0
	MOVD rows+8(FP), R1
	MOVD n+16(FP), R2
	MOVD stride+24(FP), R3
	MOVD w+32(FP), R4
	MOVD count+40(FP), R5
	MOVD $128, R9
	VDUP R9, V16.S4 // half of what is shifted out

columns:
	VMOV V16.B16, V0.B16
	VMOV V16.B16, V1.B16
	VMOV V16.B16, V2.B16
	VMOV V16.B16, V3.B16
	MOVD R1, R6
	MOVD R4, R7
	MOVD R5, R8

row:
	VLD1 (R6), [V4.B16]
	ADD  R3, R6
	MOVH.P 2(R7), R9
	VDUP R9, V5.H8
	VUXTL V4.B8, V6.H8
	VUXTL2 V4.B16, V7.H8
	SMLAL(5, 6, 0)
	SMLAL2(5, 6, 1)
	SMLAL(5, 7, 2)
	SMLAL2(5, 7, 3)
	SUBS $1, R8
	BNE  row

	SHRN8(0, 0)
	SHRN8U(1, 0)
	SHRN8(2, 1)
	SHRN8U(3, 1)
	VST1.P [V0.H8, V1.H8], 32(R0)
	ADD  $16, R1
	SUBS $16, R2
	BNE  columns
	RET

// func addColumnsNEON(out *byte, row *int16, start *int32, w *int16, count int, groups int, step int)
// Four taps at a time, red, green and blue apart.
TEXT ·addColumnsNEON(SB), NOSPLIT, $0-56
	MOVD out+0(FP), R0
	MOVD row+8(FP), R1
	MOVD start+16(FP), R2
	MOVD w+24(FP), R3
	MOVD count+32(FP), R4
	MOVD groups+40(FP), R5
	MOVD step+48(FP), R6
	MOVD $6, R13
	VEOR V3.B16, V3.B16, V3.B16

sample:
	MOVW.P 4(R2), R10
	MADD R13, R1, R10, R10 // six bytes a pixel
	MOVD R5, R8
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	VEOR V2.B16, V2.B16, V2.B16

taps:
	VLD3.P 24(R10), [V4.H4, V5.H4, V6.H4]
	VLD1.P 8(R3), [V7.H4]
	SMLAL(7, 4, 0)
	SMLAL(7, 5, 1)
	SMLAL(7, 6, 2)
	SUBS $1, R8
	BNE  taps

	ADDP(1, 0, 0)
	ADDP(3, 2, 2)
	ADDP(2, 0, 0) // red, green, blue, nothing
	SRSHR20(0, 0)
	SQXTN(0, 0)
	SQXTUN(0, 0)
	FMOVS F0, (R0)
	ADD  R6, R0
	SUBS $1, R4
	BNE  sample
	RET
