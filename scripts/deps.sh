#!/bin/sh
# Looks for what the build can use; installs it where that needs no question, else says what to type.
# Only Go is needed: without a C compiler there is no camera, without libvpx no VP8, without libjpeg-turbo a camera's JPEGs
# take more work, and the build goes on.
set -u

say() { printf 'deps: %s\n' "$*" >&2; }

command -v go >/dev/null 2>&1 || {
	say "Go is missing. Install Go 1.26 or newer: https://go.dev/doc/install"
	exit 1
}

missing=""
case $(uname -s) in
Darwin) compiler="clang" ;;
*) compiler="gcc" ;;
esac
command -v cc >/dev/null 2>&1 || command -v "$compiler" >/dev/null 2>&1 || missing="$missing cc"
command -v pkg-config >/dev/null 2>&1 || missing="$missing pkg-config"
pkg-config --exists vpx 2>/dev/null || missing="$missing vpx"
[ "$(uname -s)" != Linux ] || pkg-config --exists libturbojpeg 2>/dev/null || missing="$missing turbojpeg"
[ -n "$missing" ] || exit 0

# packages NAMES: what the package manager $1 calls the things that are missing.
packages() {
	for thing in $missing; do
		case $1:$thing in
		apt:cc) printf ' gcc libc6-dev' ;;
		apt:pkg-config) printf ' pkg-config' ;;
		apt:vpx) printf ' libvpx-dev' ;;
		apt:turbojpeg) printf ' libturbojpeg0-dev' ;;
		brew:pkg-config) printf ' pkgconf' ;;
		brew:vpx) printf ' libvpx' ;;
		dnf:cc) printf ' gcc' ;;
		dnf:pkg-config) printf ' pkgconf-pkg-config' ;;
		dnf:vpx) printf ' libvpx-devel' ;;
		dnf:turbojpeg) printf ' turbojpeg-devel' ;;
		pacman:cc) printf ' gcc' ;;
		pacman:pkg-config) printf ' pkgconf' ;;
		pacman:vpx) printf ' libvpx' ;;
		pacman:turbojpeg) printf ' libjpeg-turbo' ;;
		esac
	done
}

# once DIR: true the first time only, so that a build without the optional parts does not ask the network each time.
once() {
	stamp=build/deps-tried
	[ -e "$stamp" ] && return 1
	mkdir -p build && : >"$stamp"
}

without() {
	say "going on without:$missing (no C compiler: no camera; no libvpx: pictures are coded as JPEG, not VP8; no libjpeg-turbo: a camera's JPEGs take more work)"
}

if command -v apt-get >/dev/null 2>&1; then
	root=""
	[ "$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && root="sudo -n"; }
	names=$(packages apt)
	if { [ "$(id -u)" = 0 ] || [ -n "$root" ]; } && once; then
		say "installing$names"
		{ $root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends $names; } >&2 || without
	else
		say "to have everything: sudo apt-get install$names"
		without
	fi
elif command -v brew >/dev/null 2>&1; then
	names=$(packages brew)
	case $missing in *cc*) say "to have the camera: xcode-select --install" ;; esac
	if [ -n "$names" ] && once; then
		say "installing$names"
		HOMEBREW_NO_AUTO_UPDATE=1 brew install $names >&2 || without
	fi
elif command -v dnf >/dev/null 2>&1; then
	say "to have everything: sudo dnf install$(packages dnf)"
	without
elif command -v pacman >/dev/null 2>&1; then
	say "to have everything: sudo pacman -S$(packages pacman)"
	without
else
	say "missing:$missing"
	without
fi
exit 0
