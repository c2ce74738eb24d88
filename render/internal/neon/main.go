// Command neon writes the passes of the painters for arm64: what ../asm writes for amd64, four cells at a time. It is a
// generator for the same reason that one is, that registers and lanes are kept by a program and not by hand.
package main

import (
	"flag"
	"log"

	"acip/internal/asm/neonasm"
)

//go:generate go run . -out ../../passes_arm64.s -stubs ../../passes_arm64.go

func main() {
	out, stubs := flag.String("out", "", "the assembly"), flag.String("stubs", "", "its Go declarations")
	flag.Parse()
	f := neonasm.NewFile("render")
	searchGrid(f)
	sumMasks(f)
	scoreMasks(f)
	paintHalves(f)
	updateHistory(f)
	selectChanges(f)
	remainingError(f)
	nextCandidate(f)
	finishGrid(f)
	sumCorners(f)
	scoreCorners(f)
	if err := f.Write(*out, *stubs); err != nil {
		log.Fatal(err)
	}
}
