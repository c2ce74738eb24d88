// Command asm writes the AVX2 searches of the painters.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

func main() {
	ConstraintExpr("amd64")
	searchLattice()
	sumMasks()
	scoreMasks()
	Generate()
}

// dwords is a constant of eight 32-bit words.
func dwords(name string, f func(lane int) uint32) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(f(i)))
	}
	return m
}

// either is a or b.
func either(is bool, a, b uint32) uint32 {
	if is {
		return a
	}
	return b
}
