package render

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
)

// kitty writes pictures by kitty's graphics protocol: https://sw.kovidgoyal.net/kitty/graphics-protocol/.
type kitty struct {
	packed bytes.Buffer
	zip    *zlib.Writer
	text   []byte
}

const (
	kittyFirst = 0x41434950 // image numbers of ours begin here, out of the way of other programs'
	kittyChunk = 4096       // base64 bytes in one sequence
)

// append sends picture n and shows it at its cells, below text. The terminal replaces what had the number before in one
// go. The cursor stays.
func (k *kitty) append(dst []byte, n int, p *picture) []byte {
	k.pack(p.pix)
	w := writer{b: dst, x: unknown, y: unknown}
	w.b = append(w.b, cursorSave...)
	w.position(p.at.X, p.at.Y)
	dst = append(w.b, kittyBegin+"a=T,f=24,o=z,q=2,C=1,z=-1,p=1,i="...)
	dst = number(dst, kittyFirst+n)
	for _, f := range [...]struct {
		key   string
		value int
	}{{",s=", p.size.W}, {",v=", p.size.H}, {",c=", p.at.W}, {",r=", p.at.H}} {
		dst = number(append(dst, f.key...), f.value)
	}
	for rest := k.text; ; {
		chunk := rest[:min(len(rest), kittyChunk)]
		rest = rest[len(chunk):]
		if len(rest) > 0 {
			dst = append(dst, ",m=1"...)
		} else {
			dst = append(dst, ",m=0"...)
		}
		dst = append(append(append(dst, ';'), chunk...), stringEnd...)
		if len(rest) == 0 {
			return append(dst, cursorRestore...)
		}
		dst = append(dst, kittyBegin+"q=2"...)
	}
}

// pack compresses pixels for speed, and makes them base64.
func (k *kitty) pack(pix []byte) {
	k.packed.Reset()
	if k.zip == nil {
		k.zip, _ = zlib.NewWriterLevel(&k.packed, zlib.BestSpeed) // the level is right, so there is no error
	} else {
		k.zip.Reset(&k.packed)
	}
	k.zip.Write(pix) // a bytes.Buffer takes everything
	k.zip.Close()
	k.text = base64.StdEncoding.AppendEncode(k.text[:0], k.packed.Bytes())
}

// kittyDelete removes picture n from screen and memory.
func kittyDelete(dst []byte, n int) []byte {
	dst = number(append(dst, kittyBegin+"a=d,d=I,q=2,i="...), kittyFirst+n)
	return append(dst, stringEnd...)
}
