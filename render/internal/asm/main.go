// Command asm writes the AVX2 searches of the painters.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

func main() {
	ConstraintExpr("amd64")
	searchGrid()
	sumMasks()
	scoreMasks()
	paintHalves()
	updateHistory()
	selectChanges()
	remainingError()
	nextCandidate()
	sumCorners()
	scoreCorners()
	finishGrid()
	Generate()
}

var constants = map[string]Mem{}

// dwords returns a constant of eight 32-bit words, the same for every call with a name.
func dwords(name string, f func(lane int) uint32) Mem {
	if m, ok := constants[name]; ok {
		return m
	}
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, U32(f(i)))
	}
	constants[name] = m
	return m
}

// either returns a or b.
func either(is bool, a, b uint32) uint32 {
	if is {
		return a
	}
	return b
}
