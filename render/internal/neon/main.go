// Command neon writes the passes of the painters for arm64: what ../asm writes for amd64, four cells at a time. It is a
// generator for the same reason that one is, that registers and lanes are kept by a program and not by hand.
package main

import (
	"log"

	"acip/internal/asm/neonasm"
)

//go:generate go run . -out ../../passes_arm64.s -stubs ../../passes_arm64.go

func main() {
	if err := neonasm.Generate("render", searchGrid, sumMasks, scoreMasks, paintHalves, updateHistory, selectChanges, remainingError, nextCandidate,
		finishGrid, sumCorners, scoreCorners); err != nil {
		log.Fatal(err)
	}
}
