#include "textflag.h"

// What Go's assembler has no names for, on four 32-bit lanes.
#define MUL4(m, n, d)   WORD $(0x4EA09C00 | (m)<<16 | (n)<<5 | (d)) // d = n * m
#define MLA4(m, n, d)   WORD $(0x4EA09400 | (m)<<16 | (n)<<5 | (d)) // d += n * m
#define SCVTF4(n, d)    WORD $(0x4E21D800 | (n)<<5 | (d))           // d = float of n
#define FMUL4(m, n, d)  WORD $(0x6E20DC00 | (m)<<16 | (n)<<5 | (d)) // d = n * m in float
#define UMAXV4(n, d)    WORD $(0x6EB0A800 | (n)<<5 | (d))           // d = the greatest lane of n

// SCORE scores four patterns: r, g and b are the registers of their sums of low sub-cells.
#define SCORE(r, g, b, number) \
	VADD V12.S4, r.S4, V15.S4 \
	VADD V13.S4, g.S4, V16.S4 \
	VADD V14.S4, b.S4, V17.S4 \
	MUL4(15, 15, 18) \
	MLA4(16, 16, 18) \
	MLA4(17, 17, 18) \
	SCVTF4(18, 18) \
	VLD1.P 16(R2), [V19.S4] \
	FMUL4(19, 18, 18) \
	VAND V30.B16, V18.B16, V18.B16 \
	VORR number.B16, V18.B16, V18.B16 \
	VUMAX V18.S4, V31.S4, V31.S4 \
	VADD V25.S4, number.S4, number.S4

DATA laneNumbers<>+0(SB)/8, $0x0000000100000000
DATA laneNumbers<>+8(SB)/8, $0x0000000300000002
DATA laneNumbers<>+16(SB)/8, $0x0000000500000004
DATA laneNumbers<>+24(SB)/8, $0x0000000700000006
DATA laneNumbers<>+32(SB)/8, $0x0000000900000008
DATA laneNumbers<>+40(SB)/8, $0x0000000b0000000a
DATA laneNumbers<>+48(SB)/8, $0x0000000d0000000c
DATA laneNumbers<>+56(SB)/8, $0x0000000f0000000e
GLOBL laneNumbers<>(SB), RODATA|NOPTR, $64

// func scoreLatticeNEON(low *[3][16]int32, high *[3]int32, weights *float32, highs int) uint32
// Sixteen patterns at a time: the sums of the low sub-cells stay in registers, those of the high ones are added.
TEXT ·scoreLatticeNEON(SB), NOSPLIT, $0-36
	MOVD low+0(FP), R0
	MOVD high+8(FP), R1
	MOVD weights+16(FP), R2
	MOVD highs+24(FP), R3
	VLD1.P 64(R0), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R0), [V4.S4, V5.S4, V6.S4, V7.S4]
	VLD1 (R0), [V8.S4, V9.S4, V10.S4, V11.S4]
	MOVD $laneNumbers<>(SB), R4
	VLD1 (R4), [V26.S4, V27.S4, V28.S4, V29.S4]
	MOVD $16, R4
	VDUP R4, V25.S4
	MOVD $0xffffff80, R4 // a score without its lowest bits, which carry the pattern
	VDUP R4, V30.S4
	VEOR V31.B16, V31.B16, V31.B16

next:
	MOVW.P 4(R1), R4
	VDUP R4, V12.S4
	MOVW.P 4(R1), R4
	VDUP R4, V13.S4
	MOVW.P 4(R1), R4
	VDUP R4, V14.S4
	SCORE(V0, V4, V8, V26)
	SCORE(V1, V5, V9, V27)
	SCORE(V2, V6, V10, V28)
	SCORE(V3, V7, V11, V29)
	SUBS $1, R3
	BNE  next

	UMAXV4(31, 31)
	VMOV V31.S[0], R4
	MOVW R4, ret+32(FP)
	RET
