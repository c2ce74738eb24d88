package render

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"acip/render/internal/ansi"
	"acip/render/internal/cell"
)

// someCells are cells as pictures and text leave them: shapes, flats and letters in all kinds of paint, of few colours,
// so that many are near or the same.
func someCells(r *rand.Rand, n int) []Cell {
	cells := make([]Cell, n)
	paints := []Paint{0, Indexed(9), RGB(0, 0, 0), RGB(255, 255, 255)}
	paint := func() Paint {
		if r.IntN(8) == 0 {
			return paints[r.IntN(len(paints))]
		}
		return RGB(uint8(100+r.IntN(30)), uint8(120+r.IntN(10)), uint8(90+r.IntN(6)))
	}
	for i := range cells {
		c := Cell{Glyph: cell.KindShape | Glyph(r.IntN(cell.ShapeCount)), FG: paint(), BG: paint()}
		switch r.IntN(8) {
		case 0, 1:
			c = cell.Flat(paint())
		case 2:
			c = Cell{Glyph: 'x', FG: paint(), Attr: Attr(r.IntN(3)), Part: cell.Part(r.IntN(3))}
		case 3, 4:
			c.Glyph = cell.KindShape | cell.UpperHalf
		}
		cells[i] = c
	}
	return cells
}

// someMemory is what is history of cells, and what they gain.
func someMemory(r *rand.Rand, n int) ([]cellHistory, []float32) {
	history, gain := make([]cellHistory, n), make([]float32, n)
	for i := range history {
		history[i] = cellHistory{r.Uint32N(3), uint8(r.IntN(holdFrames + 1)), uint8(r.IntN(stillFrames + 1)), uint8(r.IntN(256))}
		switch gain[i] = r.Float32() * float32(r.IntN(30)); r.IntN(8) {
		case 0:
			gain[i], history[i].tolerance = incomparable, 0
		case 1:
			gain[i] = -1e-4
		case 2:
			history[i].tolerance = fullTolerance
		}
	}
	return history, gain
}

func drawn8(t *rapid.T) (*rand.Rand, int) {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)), rapid.IntRange(1, 6).Draw(t, "groups") * 8
}

func needCellVector(t *testing.T) {
	if !hasCellVector {
		t.Skip("this machine has no vectors for cells")
	}
}

func TestHalvesVectorAgrees(t *testing.T) {
	needCellVector(t)
	rapid.Check(t, func(t *rapid.T) {
		r, n := drawn8(t)
		samples, shown := samplesOf(t, 2*n), someCells(r, n)
		cells, gain := [2][]Cell{make([]Cell, n), make([]Cell, n)}, [2][]float32{make([]float32, n), make([]float32, n)}
		halvesPlain(cells[0], gain[0], samples[:4*n], samples[4*n:], shown)
		for i := range n / 3 { // some are shown as they are wanted
			shown[i*3] = cells[0][i*3]
		}
		halvesPlain(cells[0], gain[0], samples[:4*n], samples[4*n:], shown)
		paintHalvesVector(cells[1], gain[1], samples[:4*n], samples[4*n:], shown)
		if !slices.Equal(cells[0], cells[1]) || !slices.Equal(gain[0], gain[1]) {
			t.Fatalf("%v %v by vectors, %v %v in plain Go", cells[1], gain[1], cells[0], gain[0])
		}
	})
}

func TestSettleVectorAgrees(t *testing.T) {
	needCellVector(t)
	rapid.Check(t, func(t *rapid.T) {
		r, n := drawn8(t)
		cells := someCells(r, n)
		history, gain := someMemory(r, n)
		for i := range n / 2 {
			history[i*2].best = hashOf(&cells[i*2])
		}
		if rapid.Bool().Draw(t, "still") {
			for i := range history {
				history[i].best = hashOf(&cells[i])
			}
		}
		kept2, gain2 := slices.Clone(history), slices.Clone(gain)
		for range 3 {
			again := r.IntN(2) == 0
			plain, fast := updateHistoryPlain(history, cells, gain, again), updateHistoryVector(kept2, cells, gain2, again)
			if plain != fast || !slices.Equal(history, kept2) || !slices.Equal(gain, gain2) {
				t.Fatalf("%v %v %v by vectors, %v %v %v in plain Go", fast, kept2, gain2, plain, history, gain)
			}
		}
	})
}

func TestWeighVectorAgrees(t *testing.T) {
	needCellVector(t)
	rapid.Check(t, func(t *rapid.T) {
		r, n := drawn8(t)
		want, shown := someCells(r, n), someCells(r, n)
		history, gain := someMemory(r, n)
		for i := range n / 3 {
			shown[i*3] = want[i*3]
		}
		gain2, errorPerByte := slices.Clone(gain), r.Float32()*float32(r.IntN(2))/fullTolerance
		plain, fast := make([]uint8, n/8), make([]uint8, n/8)
		selectChangesPlain(plain, want, shown, gain, history, errorPerByte)
		selectChangesVector(fast, want, shown, gain2, history, errorPerByte)
		if !slices.Equal(plain, fast) || !slices.Equal(gain, gain2) {
			t.Fatalf("%08b %v by vectors, %08b %v in plain Go", fast, gain2, plain, gain)
		}
	})
}

func TestRemainsVectorAgrees(t *testing.T) {
	needCellVector(t)
	rapid.Check(t, func(t *rapid.T) {
		r, n := drawn8(t)
		history, gain := someMemory(r, n)
		var sums [2][8]float32
		var counts [2][8]int32
		remainingErrorPlain(&sums[0], &counts[0], gain, history)
		remainingErrorVector(&sums[1], &counts[1], gain, history)
		if sums[0] != sums[1] || counts[0] != counts[1] {
			t.Fatalf("%v %v by vectors, %v %v in plain Go", sums[1], counts[1], sums[0], counts[0])
		}
	})
}

// TestSeekLosesNothing: the vector search only passes over cells that are not worth going to, and it does pass over most of
// those.
func TestSeekLosesNothing(t *testing.T) {
	needCellVector(t)
	useless, passed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r, n := drawn8(t)
		want := someCells(r, n)
		history, gain := someMemory(r, n)
		p := ansi.Rendition{FG: RGB(110, 125, 93), BG: RGB(uint8(r.IntN(256)), 121, 90)}
		errorPerByte := r.Float32() / fullTolerance
		for i := range want {
			differs := make([]uint8, n/8)
			differs[i/8] = 1 << (i % 8)
			group, cells := nextCandidateVector(differs, want, gain, history, &p, errorPerByte)
			if cells != 0 && (group != i/8 || cells != 1<<(i%8)) {
				t.Fatalf("asked for cell %d, found %#x in group %d", i, cells, group)
			}
			v := errorPerByte * float32(history[i].tolerance)
			_, _, left, bytes := near(&p, &want[i], v)
			worthwhile := v == 0 || left+v*(bytes+cursorBytes) < gain[i]
			if worthwhile && cells == 0 {
				t.Fatalf("cell %d, %v with %v, gains %v where a byte must save %v: passed over", i, want[i], p, gain[i], v)
			}
			if !worthwhile {
				useless++
				if cells == 0 {
					passed++
				}
			}
		}
	})
	if passed*2 < useless {
		t.Errorf("passed over %d of %d", passed, useless)
	}
}

func TestLatticeFinishVectorAgrees(t *testing.T) {
	needCellVector(t)
	for _, l := range []*glyphGrid{quadrants, sextants, octants} {
		rapid.Check(t, func(t *rapid.T) {
			r, n := drawn8(t)
			p := &gridPainter{glyphGrid: l, px: make([]uint32, n*cellStride), best: make([]uint32, n)}
			samples, shown := samplesOf(t, n*l.subs), someCells(r, n)
			for i := range p.best {
				p.best[i] = uint32(r.IntN(1 << (l.subs - 1)))
			}
			p.gather(p.px, samples, n)
			cells, gain := [2][]Cell{make([]Cell, n), make([]Cell, n)}, [2][]float32{make([]float32, n), make([]float32, n)}
			p.finishPlain(cells[0], gain[0], p.px, p.best, shown)
			for i := range n / 3 { // some are shown as they are wanted
				shown[i*3] = cells[0][i*3]
			}
			p.finishPlain(cells[0], gain[0], p.px, p.best, shown)
			finishGridVector(cells[1], gain[1], samples, p.best, shown, l, n)
			if !slices.Equal(cells[0], cells[1]) || !slices.Equal(gain[0], gain[1]) {
				t.Fatalf("%v %v by vectors, %v %v in plain Go", cells[1], gain[1], cells[0], gain[0])
			}
		})
	}
}
