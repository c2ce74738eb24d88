#!/bin/bash
# test-camera.sh boots Linux in qemu with the kernel's own V4L2 test driver (vivid) as a webcam, and v4l2loopback beside
# it for MJPEG, and runs the real acip-client and acip-server against it: scripts/camera/guest.sh holds the checks. It
# needs no KVM. Where the machine cannot be had (no Debian, no apt, no root for what is missing) it says so and ends
# with 0; with ACIP_CAMERA_REQUIRED=1 that is a failure. Frames and the log stay in build/camera.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$PWD/build/camera
cache=${XDG_CACHE_HOME:-$HOME/.cache}/acip/camera-vm
limit=${ACIP_CAMERA_LIMIT:-1800} # seconds; an idle machine of two cores needs 90
export PATH=$PATH:/usr/sbin:/sbin

say() { echo "test-camera: $*" >&2; }
skip() {
	say "skipped: $*"
	[ -z "${ACIP_CAMERA_REQUIRED:-}" ] || exit 1
	exit 0
}
[ "$(uname -sm)" = "Linux x86_64" ] || skip "needs Linux on amd64"
command -v apt-get >/dev/null || skip "needs apt, for a kernel that can be taken apart"
mkdir -p "$cache" "$out"
work=$(mktemp -d)
qemu=
trap '[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

root() {
	if [ "$(id -u)" = 0 ]; then "$@"; elif sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

# need COMMAND PACKAGE …: installs the packages whose command is missing.
need() {
	local missing=()
	while [ $# -gt 0 ]; do
		command -v "$1" >/dev/null || missing+=("$2")
		shift 2
	done
	[ ${#missing[@]} -eq 0 ] && return
	say "installing ${missing[*]}"
	root apt-get update -qq >&2 || true
	DEBIAN_FRONTEND=noninteractive root apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
		skip "cannot install ${missing[*]}: sudo apt-get install ${missing[*]}"
}

# download PACKAGE…: unpacks packages into $work/deb without installing them.
download() {
	mkdir -p "$work/deb"
	(cd "$work" && chmod 755 . && apt-get download -qq -o APT::Sandbox::User=root "$@" >&2) || return 1
	for f in "$work"/*.deb; do dpkg-deb -x "$f" "$work/deb"; rm "$f"; done
}

# kernel puts vmlinux and the modules of Debian's kernel into the cache.
kernel() {
	[ -e "$cache/version" ] && return
	local package v dir=$work/deb
	package=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -1)
	[ -n "$package" ] || skip "apt-cache knows no linux-image-amd64: sudo apt-get update"
	say "downloading $package (once, 70 MB)"
	download "$package" || skip "cannot download $package"
	[ -d "$dir/lib/modules" ] || { mkdir -p "$dir/lib"; mv "$dir/usr/lib/modules" "$dir/lib/"; }
	v=$(basename "$dir"/lib/modules/*)
	depmod -b "$dir" "$v"
	rm -rf "$cache"/{mods,late,vmlinux}
	mkdir -p "$cache/mods" "$cache/late"
	modules "$dir" "$v" mods virtio_pci 9pnet_virtio 9p
	modules "$dir" "$v" late vivid
	unpack "$dir/boot/vmlinuz-$v" "$cache/vmlinux" || cp "$dir/boot/vmlinuz-$v" "$cache/vmlinux"
	rm -rf "$dir"
	loopback "$v" || say "v4l2loopback cannot be built here: no MJPEG"
	echo "$v" >"$cache/version"
}

# modules DIR VERSION TO NAME…: copies modules with what they need; TO/order is the order of loading.
modules() {
	local dir=$1 v=$2 to=$cache/$3 name path base
	shift 3
	for name; do
		modprobe -d "$dir" -S "$v" --show-depends "$name" | while read -r what path _; do
			base=$(basename "${path%%.ko*}")
			[ "$what" = insmod ] && [ ! -e "$to/$base.ko" ] || continue
			case $path in *.xz) xz -dc "$path" >"$to/$base.ko" ;; *) cp "$path" "$to/$base.ko" ;; esac
			echo "$base" >>"$to/order"
		done
	done
}

# unpack BZIMAGE ELF: started unpacked, the kernel is up 3 s sooner where there is no KVM.
unpack() {
	local at
	at=$(LC_ALL=C grep -obUaP -m1 '\xfd7zXZ\x00' "$1" | head -1 | cut -d: -f1) || return 1
	tail -c +$((at + 1)) "$1" | xz -dc >"$2" 2>/dev/null || true   # what follows the kernel is no xz
	[ "$(head -c4 "$2" | tail -c3)" = ELF ]
}

# loopback builds the v4l2loopback module for the kernel, outside of the system.
loopback() {
	command -v gcc >/dev/null && command -v make >/dev/null || return 1
	local v=$1 common=${1%-amd64}-common kbuild headers
	kbuild=$(apt-cache depends "linux-headers-$v" | sed -n 's/^ *Depends: \(linux-kbuild-.*\)/\1/p' | head -1)
	download v4l2loopback-dkms "linux-headers-$v" "linux-headers-$common" "$kbuild" || return 1
	headers=$work/deb/usr/src/linux-headers-$v
	sed -i "s#/usr/src/#$work/deb/usr/src/#" "$headers/Makefile"
	cp -r "$work"/deb/usr/src/v4l2loopback-* "$work/v4l2loopback"
	make -s -C "$headers" M="$work/v4l2loopback" CC=gcc modules >"$cache/loopback.log" 2>&1 || return 1
	cp "$work/v4l2loopback/v4l2loopback.ko" "$cache/late/"
}

# add FILE TO: copies a program into the machine with the libraries it needs.
add() {
	local lib
	mkdir -p "$work/root/${2%/*}"
	cp -L "$1" "$work/root/$2"
	{ ldd "$1" 2>/dev/null || true; } | sed -n 's,^[^/]*\(/[^ ]*\) (0x.*,\1,p' | while read -r lib; do
		mkdir -p "$work/root${lib%/*}"
		[ -e "$work/root$lib" ] || cp -L "$lib" "$work/root$lib"
	done
}

# initramfs packs everything.
initramfs() {
	mkdir -p "$work/root"/{bin,dev,proc,sys,tmp,out,root,etc,mods.late}
	cp -L "$(command -v busybox)" "$work/root/bin/busybox"
	cp scripts/camera/init.sh "$work/root/init"
	cp scripts/camera/guest.sh "$work/root/guest.sh"
	chmod 755 "$work/root/init"
	chmod 1777 "$work/root/tmp"
	printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/tmp:/bin/sh\n' >"$work/root/etc/passwd"
	printf 'root:x:0:\nvideo:x:44:\n' >"$work/root/etc/group"
	echo '127.0.0.1 localhost' >"$work/root/etc/hosts"
	cp -r "$cache/mods" "$work/root/mods"
	cp "$cache"/late/*.ko "$work/root/mods.late/"
	grep -v '^vivid$' "$cache/late/order" | while read -r m; do
		cp "$cache/late/$m.ko" "$work/root/mods/"
		echo "$m" >>"$work/root/mods/order"
	done
	add "$(command -v v4l2-ctl)" bin/v4l2-ctl
	add "$work/acip-client" bin/acip-client
	add "$work/acip-server" bin/acip-server
	add "$work/helper" bin/helper
	(cd "$work/root" && find . -mindepth 1 | cpio -o -H newc --quiet -R 0:0) >"$work/initramfs"
}

# boot ACCEL SECONDS: runs the machine until it turns itself off.
boot() {
	local cpu=max
	[ "$1" = kvm ] && cpu=host
	rm -f "$out/status" "$out/log"
	timeout -k 5 "$2" qemu-system-x86_64 -M pc -accel "$1" -cpu "$cpu" -smp 2 -m 1024 -nodefaults -no-user-config \
		-display none -no-reboot -net none -kernel "$cache/vmlinux" -initrd "$work/initramfs" \
		-append "console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on rdinit=/init" \
		-serial "file:$out/console.log" -virtfs "local,path=$out,mount_tag=out,security_model=none,id=out" \
		</dev/null >"$work/qemu.log" 2>&1 &
	qemu=$!
	wait "$qemu" || true
	qemu=
}

# accelerated reports whether a machine comes up under KVM: a /dev/kvm that opens can still abort or hang. Known once per
# boot of the host.
accelerated() {
	local known; known=$cache/kvm-$(cat /proc/sys/kernel/random/boot_id)
	if [ ! -e "$known" ]; then
		rm -f "$cache"/kvm-*
		echo no >"$known"
		if [ -w /dev/kvm ]; then
			timeout -k 2 8 qemu-system-x86_64 -M pc -accel kvm -cpu host -m 256 -nodefaults -no-user-config -display none \
				-no-reboot -net none -kernel "$cache/vmlinux" -append "console=ttyS0 panic=-1" -serial "file:$work/kvm.log" \
				</dev/null >/dev/null 2>&1 || true
			grep -q "Linux version" "$work/kvm.log" 2>/dev/null && grep -q "Kernel panic" "$work/kvm.log" && echo yes >"$known"
		fi
	fi
	[ "$(cat "$known")" = yes ]
}

need qemu-system-x86_64 qemu-system-x86 busybox busybox-static modprobe kmod cpio cpio v4l2-ctl v4l-utils xz xz-utils
qemu-system-x86_64 -device help 2>&1 | grep -q virtio-9p-pci || skip "this qemu has no 9p"
kernel
CGO_ENABLED=1 go build -tags "$(CGO_ENABLED=1 sh scripts/tags.sh)" -o "$work/" ./cmd/client ./cmd/server ./scripts/camera/helper || { say "the programs do not build with cgo"; exit 1; }
mv "$work/client" "$work/acip-client"
mv "$work/server" "$work/acip-server"
initramfs
rm -f "$out"/*.png
accel=tcg
accelerated && accel=kvm
started=$SECONDS
boot $accel "$limit"
[ -e "$out/log" ] || { say "it did not come up: once more"; boot $accel "$limit"; }
cat "$out/log" 2>/dev/null || { tail -5 "$work/qemu.log" "$out/console.log" >&2; say "the machine did not come up"; exit 1; }
say "$accel, $((SECONDS - started)) s; frames in build/camera"
[ "$accel" = kvm ] || say "without KVM the processor is emulated: rates above are no measure of 30 pictures a second"
[ -e "$out/status" ] || { say "time limit of $limit s reached"; exit 1; }
status=$(cat "$out/status")
[ "$status" = 0 ] || { say "$status checks failed"; exit 1; }
say "all checks passed"
