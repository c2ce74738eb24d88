#!/usr/bin/env bash
# Makes the corpus that TestCorpus of package capture reads: small files in many formats, written by the tools that people use,
# and what a reference tool decodes each to. It needs libjpeg-turbo-progs, imagemagick, gifsicle, webp, libavif-bin, exiftool,
# ffmpeg and GStreamer (good plugins), and is run by hand: the files it makes are part of the repository. Other versions of
# the tools make other bytes, which is no harm.
#
#   scripts/corpus.sh [DIR]     DIR: capture/testdata/corpus
#
# DIR/list names in each line a file, the PNG that it must look like, how many per cent of the rows are compared from the top
# on (less where a file is cut short), and which picture of a film it is.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-capture/testdata/corpus}
rm -rf "$out"
mkdir -p "$out"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
list=$out/list
: >"$list"

# add FILE REFERENCE [PERCENT [PICTURE]]: REFERENCE is any picture that ImageMagick reads; what is transparent lies on black.
add() {
	convert "$2" -background black -alpha remove -alpha off -strip -depth 8 "PNG24:$tmp/ref.png"
	local sum
	sum=ref-$(convert "$tmp/ref.png" rgb:- | sha256sum | cut -c1-8).png
	[ -e "$out/$sum" ] || cp "$tmp/ref.png" "$out/$sum"
	echo "$1 $sum ${3:-100} ${4:-1}" >>"$list"
}
# raw FILE: what ffmpeg shows of its first picture.
raw() { ffmpeg -v error -nostdin -y -i "$1" -frames:v 1 -update 1 "$tmp/raw.png" && add "$(basename "$1")" "$tmp/raw.png"; }
cut_at() { head -c $(($(stat -c %s "$1") * $3 / 100)) "$1" >"$2"; }

# Soft shapes of every hue: sharp edges of colour differ between ways to widen chroma, all of them legitimate.
convert -size 61x45 gradient:'#e03020-#2050d0' \( -size 61x45 gradient:'#20d040-#e0e040' -rotate 90 -resize '61x45!' \) -compose blend -define compose:args=50 \
	-composite -fill '#f0f0f0' -draw 'circle 14,12 14,20' -fill '#101030' -draw 'circle 46,32 46,24' -blur 0x1.5 -depth 8 "$tmp/src.ppm"
src=$tmp/src.ppm
convert "$src" "$tmp/src.png"
convert "$src" \( -size 61x45 radial-gradient:white-black \) -alpha off -compose CopyOpacity -composite "$tmp/alpha.png"

jpeg() { # NAME cjpeg's options
	local f=$out/$1.jpg
	shift
	cjpeg -quality 92 "$@" -outfile "$f" "$src"
	djpeg -ppm "$f" >"$tmp/d.ppm"
	add "$(basename "$f")" "$tmp/d.ppm"
}
for s in 1x1 2x1 1x2 2x2 4x1 1x4 3x1 1x3 2x4 4x2 3x2; do jpeg "s$s" -sample "$s"; done
jpeg odd1 -sample 2x2,1x2,2x1
jpeg odd2 -sample 2x2,2x1,1x1
jpeg odd3 -sample 1x2,1x1,1x2
jpeg progressive -progressive
jpeg arithmetic -arithmetic
jpeg arithmetic-progressive -arithmetic -progressive
jpeg grey -grayscale
jpeg rgb -rgb
jpeg restart -restart 1
jpeg floatdct -dct float -optimize
convert "$src" -colorspace CMYK -quality 92 "$out/cmyk.jpg"
convert "$out/cmyk.jpg" -colorspace sRGB "$tmp/cmyk.png"
add cmyk.jpg "$tmp/cmyk.png"
base=$out/s2x2.jpg
djpeg -ppm "$base" >"$tmp/base.ppm"
head -c -2 "$base" >"$out/noend.jpg" && add noend.jpg "$tmp/base.ppm"
{ cat "$base"; printf 'and more behind it'; } >"$out/more.jpg" && add more.jpg "$tmp/base.ppm"
{ head -c 2 "$base"; printf '\377\377\377\377'; tail -c +4 "$base"; } >"$out/fill.jpg" && add fill.jpg "$tmp/base.ppm"
jpeg fine -quality 99 -sample 1x1
for p in 50 60 70 80 90; do cut_at "$out/fine.jpg" "$out/cut$p.jpg" "$p" && add "cut$p.jpg" "$src" 15; done
cut_at "$out/progressive.jpg" "$out/cut-progressive.jpg" 95 && convert "$tmp/base.ppm" "$tmp/p.png" && add cut-progressive.jpg "$tmp/base.ppm"
for n in 2 3 4 5 6 7 8; do
	cp "$base" "$out/exif$n.jpg"
	exiftool -q -overwrite_original -n -Orientation=$n "$out/exif$n.jpg"
	convert "$out/exif$n.jpg" -auto-orient "$tmp/o.png"
	add "exif$n.jpg" "$tmp/o.png"
done
{ head -c 2 "$out/exif6.jpg"; printf '\377\377\377'; tail -c +3 "$out/exif6.jpg"; } >"$out/exif6-fill.jpg"
convert "$out/exif6.jpg" -auto-orient "$tmp/o.png" && add exif6-fill.jpg "$tmp/o.png"

for t in PNG24 PNG8 PNG48 PNG32; do convert "$src" "$t:$out/$t.png" && add $t.png "$out/$t.png"; done
convert "$src" -colorspace Gray -depth 4 "$out/grey4.png" && add grey4.png "$out/grey4.png"
convert "$src" -interlace PNG "$out/interlaced.png" && add interlaced.png "$src"
cp "$tmp/alpha.png" "$out/alpha.png" && add alpha.png "$tmp/alpha.png"
for p in 50 70 90; do cut_at "$out/PNG24.png" "$out/cut$p.png" $p && add cut$p.png "$src" 15; done
convert "$src" -set comment 'a text that is damaged below' "$tmp/text.png"
perl -0pe 's/that is damaged/that Is damaged/' "$tmp/text.png" >"$out/badcrc.png" && add badcrc.png "$src"
cp "$tmp/src.png" "$out/exif6.png" && exiftool -q -overwrite_original -n -Orientation=6 "$out/exif6.png"
convert "$src" -rotate 90 "$tmp/o.png" && add exif6.png "$tmp/o.png"

convert -delay 10 "$src" \( "$src" -flop \) \( "$src" -flip \) -loop 2 "$tmp/three.gif"
gifsicle -i -O3 "$tmp/three.gif" -o "$out/three.gif"
for n in 1 2 3; do convert "$tmp/three.gif[$((n - 1))]" "$tmp/g.png" && add three.gif "$tmp/g.png" 100 $n; done
gifsicle "$tmp/three.gif" '#0' -o "$tmp/one.gif" && cp "$tmp/one.gif" "$out/one.gif" && add one.gif "$tmp/one.gif"
for p in 50 70 90; do cut_at "$out/one.gif" "$out/cut$p.gif" $p && add cut$p.gif "$tmp/one.gif" 20; done
gifsicle --disposal=background "$tmp/three.gif" -o "$out/disposal.gif" && add disposal.gif "$tmp/g.png" 100 3

cwebp -quiet -q 90 "$tmp/src.png" -o "$out/lossy.webp" && dwebp -quiet "$out/lossy.webp" -ppm -o "$tmp/w.ppm" && add lossy.webp "$tmp/w.ppm"
cwebp -quiet -lossless "$tmp/alpha.png" -o "$out/lossless.webp" && add lossless.webp "$tmp/alpha.png"
cwebp -quiet -q 90 "$tmp/alpha.png" -o "$out/alpha.webp" && dwebp -quiet "$out/alpha.webp" -o "$tmp/w.png" && add alpha.webp "$tmp/w.png"
gif2webp -quiet -lossy -q 90 "$tmp/three.gif" -o "$out/three.webp"
for n in 1 2 3; do
	webpmux -get frame $n "$out/three.webp" -o "$tmp/f.webp" 2>/dev/null
	dwebp -quiet "$tmp/f.webp" -ppm -o "$tmp/f.ppm" && add three.webp "$tmp/f.ppm" 100 $n
done
exiftool -b -Exif "$out/exif6.jpg" >"$tmp/exif"
webpmux -set exif "$tmp/exif" "$out/lossy.webp" -o "$out/exif6.webp" 2>/dev/null
convert "$tmp/w.ppm" -rotate 90 "$tmp/o.png" && add exif6.webp "$tmp/o.png"

avif() {
	avifenc --min 5 --max 15 "${@:2}" "$tmp/src.png" "$out/$1.avif" >/dev/null
	avifdec "$out/$1.avif" "$tmp/a.png" >/dev/null
}
avif plain && add plain.avif "$tmp/a.png"
for i in 1 2 3; do avif irot$i --irot $i && convert "$tmp/src.png" -rotate -$((90 * i)) "$tmp/o.png" && add irot$i.avif "$tmp/o.png"; done
avif imir0 --imir 0 && convert "$tmp/src.png" -flip "$tmp/o.png" && add imir0.avif "$tmp/o.png"
avif imir1 --imir 1 && convert "$tmp/src.png" -flop "$tmp/o.png" && add imir1.avif "$tmp/o.png"

for f in ppm pgm pbm pam bmp tiff sgi pcx; do convert "$src" "$out/still.$f" && raw "$out/still.$f"; done
convert "$src" -type palette "$out/palette.bmp" && raw "$out/palette.bmp"
convert "$src" -compress LZW "$out/lzw.tiff" && raw "$out/lzw.tiff"
convert "$src" -compress JPEG -quality 92 "$out/jpeg.tiff" && raw "$out/jpeg.tiff"
convert "$src" -crop 60x44+0+0 +repage "$tmp/even.png"
film() { ffmpeg -v error -nostdin -y -loop 1 -i "$tmp/even.png" -frames:v "$2" "${@:3}" "$out/$1" && raw "$out/$1"; }
film film.mp4 3 -c:v libx264 -qp 8 -pix_fmt yuv420p
film film.mkv 3 -c:v ffv1
film film.mjpeg 3 -c:v mjpeg -q:v 2 -pix_fmt yuvj420p
film film.apng 3 -f apng -plays 0
film one.y4m 1 -pix_fmt yuv420p
film y444.y4m 2 -pix_fmt yuv444p
film y422.y4m 2 -pix_fmt yuv422p
for w in 58 59 60; do
	convert "$src" -crop "${w}x45+0+0" +repage "$tmp/gst.png"
	gst-launch-1.0 -q filesrc location="$tmp/gst.png" ! pngdec ! imagefreeze num-buffers=2 ! videoconvert ! \
		'video/x-raw,format=I420,framerate=25/1,colorimetry=bt601' ! y4menc ! filesink location="$out/padded$w.y4m"
	add padded$w.y4m "$tmp/gst.png"
done
du -sh "$out" | cut -f1
