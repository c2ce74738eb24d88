#!/bin/sh
# dist.sh: build/dist/acip-VERSION-OS-ARCH.tar.gz (.zip for Windows) for GOOS/GOARCH, this machine's unless set. On Linux with
# cgo the programs are static, libvpx and libjpeg-turbo in them, and run on any distribution. Elsewhere VP8 is left out: its library would have to be
# where it was on the machine that built.
set -eu
cd "$(dirname "$0")/.."
version=${VERSION:-$(git describe --tags --always 2>/dev/null || echo devel)}
os=$(go env GOOS) arch=$(go env GOARCH) suffix=""
[ "$os" = windows ] && suffix=.exe
tags="" flags="-s -w"
if [ "$os" = linux ] && [ "$(go env CGO_ENABLED)" = 1 ]; then
	tags=$(sh scripts/tags.sh)
	tags=${tags:+$tags,}osusergo,netgo flags="$flags -linkmode external -extldflags '-static'"
fi
name=acip-${version#v}-$os-$arch
dir=build/dist/$name
rm -rf "$dir"
mkdir -p "$dir"
for program in server client; do
	go build -trimpath -tags "$tags" -ldflags "$flags" -o "$dir/acip-$program$suffix" "./cmd/$program"
done
cp README.md LICENSE "$dir/"
if [ "$os/$arch" = "$(go env GOHOSTOS)/$(go env GOHOSTARCH)" ]; then
	sh scripts/share.sh "$dir" "$dir/share" # the programs print these of themselves
fi
if [ "$os" = windows ]; then
	(cd build/dist && zip -qr "$name.zip" "$name")
else
	tar -C build/dist -czf "build/dist/$name.tar.gz" "$name"
fi
echo "build/dist/$name"
