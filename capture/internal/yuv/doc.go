// Package yuv makes RGB of pictures in luma and chroma, in any layout in memory that cameras and files have, scaled
// down on the way: in one pass, with vector code where the processor has it, and a plain twin that yields the same
// bytes.
package yuv
