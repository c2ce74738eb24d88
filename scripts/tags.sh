#!/bin/sh
# Prints the build tags that this machine can take: "vpx" where cgo, a C compiler and libvpx are there.
[ "$(go env CGO_ENABLED)" = 1 ] || exit 0
# shellcheck disable=SC2046
command -v $(go env CC | cut -d' ' -f1) >/dev/null 2>&1 || exit 0
"${PKG_CONFIG:-pkg-config}" --exists vpx 2>/dev/null && echo vpx
exit 0
