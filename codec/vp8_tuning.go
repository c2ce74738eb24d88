//go:build vpx && cgo

package codec

// tuningFor returns libvpx's settings for a size. They were found by searching over a talking head, a street, and both with
// noise added; docs/performance.md lists what each setting gains.
//
// Small frames use libvpx's thorough search, which takes a quarter fewer bytes than real-time mode for twice the CPU time,
// little at these sizes. Larger frames use faster searches.
//
// libvpx's denoiser stays off, because quantizerFor already accounts for noise. The denoiser loses more detail than it saves
// bytes: 3 to 8 % of the rate at the same quality over a dozen clips, and a tenth of the CPU time.
func tuningFor(w, h int) vpxTuning {
	t := vpxTuning{cpu: -8, deadline: 1, static: staticThreshold}
	switch n := w * h; {
	case n <= tinyPixels:
		t.cpu, t.deadline, t.static = 0, 1_000_000, 1
	case n <= 160*128:
		t.cpu, t.deadline, t.static = 2, 1_000_000, 1
	case n <= 320*240:
		t.cpu = -4
	case n > 800*600:
		t.cpu = -12
	}
	return t
}

// pattern returns the distance between frames that others refer to. The frames in between are discardable and coded
// discardableStep coarser: no frame inherits their error, so this saves a third of the bytes at the same quality, whereas
// discardable frames as fine as the rest would cost a tenth more. At low rates neighbouring frames differ more and the
// distance is shorter. It is longer for tiny frames, where a few bytes count, and for noisy ones, where references are
// expensive.
//
// During global motion most bytes are motion vectors, and a distant reference helps little. Larger frames then have no
// discardable frames in between, which saves a quarter, once long, the number of frames since the last keyframe, exceeds two
// seconds' worth, so that every viewer has a keyframe.
func pattern(fps float64, pixels int, n *noiseMeter, long int) int {
	switch large := pixels > 160*128; {
	case n.globalMotion && large && float64(long) > fps*2:
		return 1
	case n.globalMotion && large || fps < 15:
		return 2
	case n.globalMotion:
		return 3
	case pixels <= tinyPixels || n.sigma > noisySigma:
		return 6
	}
	return 4
}

// noisySigma is the noise in levels above which little detail of a frame is worth preserving.
const noisySigma = 0.7

// With a grainy camera, still parts of the scene are best predicted from a frame that is finer than those that follow: the
// keyframe, kept as the alternate reference, or, once most of the scene has changed, a frame coded altRefStep steps finer.
const (
	grainySigma = 0.45 // noise in levels
	altRefEvery = 60   // least number of frames between two
	altRefStep  = 16
)

// halfStep is the number of quantizer steps that halves the bytes.
const halfStep = 16

// discardableStep is how many quantizer steps coarser a discardable frame is.
const discardableStep = 22

// staticThreshold is the squared error of a 16x16 block, under two levels a pixel, that libvpx's fast search leaves
// unchanged. With a lower one, that search, which ignores chroma, codes blocks over and over that cannot get better: where
// something had moved, each coarse frame left a stain of ten levels, and a scene at rest took four times the bytes.
const staticThreshold = 800
