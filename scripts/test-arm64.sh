#!/bin/sh
# test-arm64.sh: holds arm64's vector passes against their plain twins, under qemu's user mode where this machine is another.
set -eu
export GOARCH=arm64 CGO_ENABLED=0
exec=
case $(uname -m) in aarch64 | arm64) ;; *)
	export GOOS=linux
	qemu=$(command -v qemu-aarch64 || command -v qemu-aarch64-static || true)
	[ "$(uname -s)" = Linux ] && [ -n "$qemu" ] || { echo "test-arm64: skipped: no qemu-aarch64 (apt-get install qemu-user)"; exit 0; }
	exec="-exec=$qemu"
esac
go test $exec -run 'Vector|Agrees|Seek|Corners|SearchIsExact|Shrink' ./frame ./render ./capture/internal/yuv
