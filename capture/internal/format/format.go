// Package format tells what bytes are by the first of them: image files, films, and what only ffmpeg reads.
package format

import (
	"bytes"
	"encoding/binary"

	"acip/capture/internal/y4m"
)

// Kind is a format that is read without ffmpeg, or Other.
type Kind uint8

// The formats that are read without ffmpeg.
const (
	Other Kind = iota
	Y4M
	GIF
	PNG
	JPEG
	WebP
	BMP
	TIFF
)

// Of returns the format of a file that begins with head, by its signature.
func Of(head []byte) Kind {
	for _, s := range []struct {
		begin string
		kind  Kind
	}{
		{y4m.Magic, Y4M}, {"GIF8", GIF}, {"\x89PNG", PNG}, {"\xff\xd8\xff", JPEG},
		{"BM", BMP}, {"II*\x00", TIFF}, {"MM\x00*", TIFF},
	} {
		if bytes.HasPrefix(head, []byte(s.begin)) {
			return s.kind
		}
	}
	if len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP" {
		return WebP
	}
	return Other
}

// ImageDemuxer returns the name of ffmpeg's reader for images of some kinds that we do not read, or not all of; empty
// for others. Told the name and the length, ffmpeg reads them whole from a pipe; by itself it would take many apart
// into pieces of 4 kB.
func ImageDemuxer(head []byte) string {
	for _, s := range [][2]string{
		{"\x01\xda", "sgi_pipe"}, {"\x0a\x05\x01", "pcx_pipe"}, {"P7\n", "pam_pipe"}, {"8BPS", "psd_pipe"}, {"qoif", "qoi_pipe"}, {"DDS ", "dds_pipe"},
		{"\x76\x2f\x31\x01", "exr_pipe"}, {"SDPX", "dpx_pipe"}, {"XPDS", "dpx_pipe"}, {"\x59\xa6\x6a\x95", "sunrast_pipe"}, {"/* XPM", "xpm_pipe"},
		{"\x00\x00\x00\x0cjP  ", "j2k_pipe"}, {"\xff\x4f\xff\x51", "j2k_pipe"}, {"\xff\x0a", "jpegxl_pipe"}, {"\x00\x00\x00\x0cJXL ", "jpegxl_pipe"},
		{"BM", "bmp_pipe"}, {"II*\x00", "tiff_pipe"}, {"MM\x00*", "tiff_pipe"},
	} {
		if bytes.HasPrefix(head, []byte(s[0])) {
			return s[1]
		}
	}
	return ""
}

// IsFilm reports whether the bytes are a film's by their first ones, rather than a still's. Films can pause, and hardly
// ever have transparent pixels, whose removal would cost more than their decoding.
func IsFilm(head []byte) bool {
	for _, begin := range []string{"\x1aE\xdf\xa3", "FLV", "OggS", "\x00\x00\x01\xba", "\x00\x00\x01\xb3", "\x00\x00\x00\x01", "--", "\x30\x26\xb2\x75"} {
		if bytes.HasPrefix(head, []byte(begin)) {
			return true
		}
	}
	if len(head) > 188 && head[0] == 'G' && head[188] == 'G' { // MPEG transport stream
		return true
	}
	if len(head) >= 12 && string(head[:4]) == "RIFF" {
		return true // AVI: WebP is known by itself
	}
	return len(head) >= 12 && (string(head[4:8]) == "ftyp" || string(head[4:8]) == "moov") && !IsAVIF(head)
}

// IsAVIF reports whether the bytes are an AVIF or HEIF image's (ISO/IEC 23000-22, brand in the file type box).
func IsAVIF(head []byte) bool {
	if len(head) < 12 || string(head[4:8]) != "ftyp" {
		return false
	}
	switch string(head[8:12]) {
	case "avif", "mif1", "heic", "heix":
		return true
	}
	return false
}

// NeedsSeeking reports whether ffmpeg must jump about in an ISO media file: where its directory does not come first.
func NeedsSeeking(head []byte) bool {
	if len(head) < 8 || string(head[4:8]) != "ftyp" {
		return false
	}
	for len(head) >= 8 {
		n := int(binary.BigEndian.Uint32(head))
		switch string(head[4:8]) {
		case "moov":
			return false
		case "ftyp", "free", "skip", "wide", "uuid":
		default:
			return true
		}
		if n < 8 || n > len(head) {
			return true
		}
		head = head[n:]
	}
	return true
}
