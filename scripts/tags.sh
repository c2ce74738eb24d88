#!/bin/sh
# Prints the build tags that this machine can take, with commas: "vpx" where cgo, a C compiler and libvpx are there, and on
# Linux "turbojpeg" where libjpeg-turbo is too.
[ "$(go env CGO_ENABLED)" = 1 ] || exit 0
# shellcheck disable=SC2046
command -v $(go env CC | cut -d' ' -f1) >/dev/null 2>&1 || exit 0
has() { "${PKG_CONFIG:-pkg-config}" --exists "$1" 2>/dev/null; }
tags=""
has vpx && tags=vpx
[ "$(go env GOOS)" = linux ] && has libturbojpeg && tags=${tags:+$tags,}turbojpeg
[ -z "$tags" ] || echo "$tags"
