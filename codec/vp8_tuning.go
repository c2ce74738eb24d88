//go:build vpx && cgo

package codec

// tuningFor chooses libvpx's settings for a size. They were found by search over a talking head, a street and both with
// noise added; what each gained is in docs/performance.md.
//
// Small pictures get libvpx's careful search (a quarter fewer bytes than real-time mode for twice the time, which is little
// at this size); the larger the picture, the hastier.
//
// libvpx's denoiser stays off: noise is met by the quantizer (see quantizerFor), and what the denoiser takes away of detail costs
// more than it saves, 3 to 8 % of the rate at the same quality over a dozen clips, and a tenth of the time.
func tuningFor(w, h int) vpxTuning {
	t := vpxTuning{cpu: -8, deadline: 1, static: unseen}
	switch n := w * h; {
	case n <= tiny:
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

// pattern is the distance between pictures that others depend on. Those between are droppable, and coded coarser by
// dropStep: since nothing inherits their error, that saves a third of the bytes at the same quality, where droppable
// pictures as fine as the rest would cost a tenth. At low rates neighbours differ more and the distance is shorter; it is
// longer where a few bytes a picture count, or where noise makes each reference dear.
//
// While the whole picture moves, what is needed is far away, and most bytes say where: at larger sizes there are no droppable pictures
// then, which saves a quarter, if everybody has long, in pictures, got what they need.
func pattern(fps float64, pixels int, n *noiseMeter, long int) int {
	switch large := pixels > 160*128; {
	case n.moves && large && float64(long) > fps*2:
		return 1
	case n.moves && large || fps < 15:
		return 2
	case n.moves:
		return 3
	case pixels <= tiny || n.sigma > noisy:
		return 6
	}
	return 4
}

// noisy is a noise, in levels, from which on there is little of a picture that is worth keeping.
const noisy = 0.7

// Where a camera is grainy, what stands still is best taken from a picture that is finer than those that follow: a key, kept as
// the third reference, and where most of the scene is another by then one that is coded stockStep steps finer.
const (
	grainy    = 0.45 // noise in levels
	restock   = 60   // pictures between two
	stockStep = 16
)

// halfStep is how many quantizer steps halve the bytes.
const halfStep = 16

// dropStep is how many quantizer steps coarser a droppable picture is.
const dropStep = 22

// unseen is the squared error of a block of 16x16 pixels, under two levels a pixel, that libvpx's hasty search lets stay. Below
// it that search, which does not look at colour, codes blocks again and again that are as good as they can be: where motion had
// been, each coarse picture put a stain of ten levels, and a scene at rest took four times the bytes.
const unseen = 800
