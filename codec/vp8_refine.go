package codec

// refinement makes a scene at rest finer, step by step: slides, screens and test cards have no noise that hides what a
// quantizer for moving pictures leaves, and once nothing changes a finer picture costs its bytes only once. The steps
// spread those bytes, so that a thin link never sees them in one piece.
type refinement struct {
	still int // frames since the scene came to rest
	steps int // quantizer steps below the finest for a scene that moves
	after int // frames since the last step
}

const (
	refineAfter = 12 // frames at rest before the first step
	refineStep  = 4  // quantizer steps with each reference frame
	refinedQ    = 10 // the finest quantizer: flat colours are then within 4 of 255
)

// next returns the quantizer for the next frame, where finest is the one for a scene that moves. still says that nothing
// moves and there is no noise, reference that later frames may refer to the frame.
func (r *refinement) next(finest int, still, reference bool) int {
	if !still {
		*r = refinement{}
		return finest
	}
	r.still++
	r.after++
	if most := max(finest-refinedQ, 0); r.still > refineAfter && reference && r.steps < most {
		r.steps, r.after = min(r.steps+refineStep, most), 0
	}
	return finest - r.steps
}

// coding reports whether small errors are worth coding: while the scene gets finer, and shortly after. Then what is left
// stays, and frames cost next to nothing again.
func (r *refinement) coding() bool { return r.steps > 0 && r.after < refineAfter }
