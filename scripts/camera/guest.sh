# The checks, run in the virtual machine. Each prints one line that begins with ok, FAIL or skip; the exit status is the
# number of failures.
failed=0
now() { cut -d' ' -f1 /proc/uptime; }
ok() { echo "ok    $* [$(now) s]"; }
fail() { echo "FAIL  $* [$(now) s]"; failed=$((failed + 1)); }
indent() { sed 's/^/      | /' "$@"; }

# check NAME COMMAND…: the command must succeed.
check() {
	name=$1; shift
	if "$@" >/tmp/said 2>&1; then ok "$name"; else fail "$name"; fi
	indent /tmp/said
}

# await COMMAND…: waits for it to succeed, a minute at most: how long things take is up to the machine around this one.
await() { for i in $(seq 120); do "$@" >/dev/null 2>&1 && return; sleep 0.5; done; return 1; }

# refused NAME PATTERN COMMAND…: the command must fail with a sentence that matches, and not hang. (How long it takes at
# most is a matter of tests with a clock of their own.)
refused() {
	name=$1 pattern=$2; shift 2
	if timeout 60 "$@" >/tmp/said 2>&1; then
		fail "$name: it succeeded"
	elif ! grep -Eq "$pattern" /tmp/said; then
		fail "$name: no \"$pattern\""
	else
		ok "$name"
	fi
	grep -E "error|hint|helper" /tmp/said | indent
}

vivid() { insmod /mods.late/vivid.ko n_devs=1 node_types=0x20001 num_inputs=1 input_types=0; }   # webcam and metadata node
unplug() { echo vivid.0 >/sys/bus/platform/drivers/vivid/unbind; }
plug() { echo vivid.0 >/sys/bus/platform/drivers/vivid/bind; }
loopback() { insmod /mods.late/v4l2loopback.ko video_nr=0 card_label="Loopback Cam" exclusive_caps=1 max_buffers=4; }
plain_bars() { v4l2-ctl -d /dev/video0 -c test_pattern=0 -c osd_text_mode=2 >/dev/null; }

# ready waits until what feeds the loopback device has set its format: before that it is no camera.
ready() { await sh -c "v4l2-ctl -d /dev/video0 --list-formats | grep -q MJPG"; }

server() { acip-server --listen 127.0.0.1:27226 --log-level warn >/tmp/server.log 2>&1 & server=$!; await wget -q -O- http://127.0.0.1:27226/healthz; }

# call NAME SENDER-FLAGS…: the real client sends the camera raw through the real server; what the viewer writes must be
# the driver's bars.
call() {
	name=$1 z=$2; shift 2
	timeout 180 acip-client --camera 0 --send-only --name cam --codec raw "$@" >/tmp/sender.log 2>&1 & sender=$!
	timeout 180 acip-client --view-only --wait --name eye --peer cam --output rgb --frames 5 >/tmp/view.rgb 2>/tmp/viewer.log
	kill $sender 2>/dev/null; wait $sender 2>/dev/null
	if helper bars /tmp/view.rgb $z 3 "/out/$name.png" >/tmp/said 2>&1; then ok "call $name: colours at the viewer"; else fail "call $name: colours at the viewer"; indent /tmp/viewer.log /tmp/sender.log; fi
	indent /tmp/said
}

echo "boot  $(cut -d' ' -f1 /proc/uptime) s after the kernel's start, $(uname -r), $(nproc) cores"
refused "no camera attached" "no camera" acip-client mirror --camera 0 --output none --frames 1
vivid
await test -e /dev/video0
plain_bars

check "list" acip-client cameras
acip-client cameras --json >/tmp/list.json 2>&1
if [ "$(grep -c '"index"' /tmp/list.json)" = 1 ] && grep -q '"path": *"/dev/video0"' /tmp/list.json; then
	ok "list as JSON: one camera, its metadata node hidden ($(ls /dev/video* | tr '\n' ' '))"
else fail "list as JSON"; indent /tmp/list.json; fi

# Each format and several sizes, through the capture room.
while read -r format z fps n; do
	check "$format $z" helper grab 0 $format $z $fps $n 3 /out/$format-$z.png
done <<LIST
YUYV 640x480 25 25
YUYV 320x180 30 30
YUYV 1280x720 10 5
YUYV 1920x1080 5 2
UYVY 640x480 25 6
NV12 640x480 25 6
NV21 640x360 30 6
I420 640x480 25 6
I420 1280x720 10 3
LIST
check "by name" helper grab vivid YUYV 320x180 30 3
check "by path" helper grab /dev/video0 YUYV 320x180 30 3
mkdir -p /dev/v4l/by-id && ln -s ../../video0 /dev/v4l/by-id/usb-Vivid_Cam-index0
check "by a link that stays" helper grab /dev/v4l/by-id/usb-Vivid_Cam-index0 YUYV 320x180 30 3
check "the link is listed" sh -c "acip-client cameras --json | grep /dev/v4l/by-id/usb-Vivid_Cam-index0"
rm -r /dev/v4l
check "a rate it has not: the nearest is taken and said" sh -c "helper grab 0 YUYV 640x480 90 3 | grep 'at most 25 pictures a second'"
check "a wish for a size is said by the client" sh -c "acip-client mirror --camera 0 --capture-size 500x300 --output none --frames 1 2>&1 | grep 'no 500x300'"
check "gone between listing and opening" helper vanish
plug; await plain_bars
check "a size it has not: the nearest is taken and said" sh -c "helper grab 0 YUYV 500x300 30 3 | grep 'no 500x300'"
refused "there is no camera 1" "no camera 1" acip-client mirror --camera 1 --output none --frames 1
check "100 open and close cycles" helper cycle 0 100

server
call "640x480" 640x480 --capture-size 640x480
call "320x180" 320x180 --capture-size 320x180
call "flipped" 640x360 --capture-size 640x360 --rotate 180 --flip both
check "two captures in a row" sh -c "for i in 1 2; do timeout 90 acip-client mirror --camera 0 --capture-size 320x180 --output rgb --size 80x45 --frames 5 >/dev/null || exit 1; done"

v4l2-ctl -d /dev/video0 --stream-mmap=2 --stream-count=0 >/tmp/holder.log 2>&1 & holder=$!
await test -s /tmp/holder.log   # it says a character for each picture
refused "busy" "busy: held by v4l2-ctl \(pid $holder\)" acip-client mirror --camera 0 --output none --frames 1
check "the list says who holds it" sh -c "acip-client cameras --json | grep 'v4l2-ctl (pid $holder)'"
kill $holder; wait $holder 2>/dev/null
check "a camera that sends nothing is closed at once" helper stop 0 5000
check "pausing closes the camera, going on opens it, leaving closes it" helper pause acip-client mirror --camera 0 --capture-size 320x180

# Nobody looks: the camera is closed, and its light is off.
timeout 180 acip-client --camera 0 --capture-size 320x180 --send-only --name cam --codec raw --log-level debug >/tmp/sender.log 2>&1 & sender=$!
check "nobody looks: the camera rests" helper rests
timeout 180 acip-client --view-only --wait --name eye --peer cam --output rgb --frames 2 >/dev/null 2>/tmp/viewer.log
check "it rests again when the looker has gone" helper rests
kill $sender; wait $sender 2>/dev/null

chmod 600 /dev/video0
refused "no permission" "permission" helper as 1000 acip-client mirror --camera 0 --output none --frames 1
chmod 666 /dev/video0

v4l2-ctl -d /dev/video0 -c percentage_of_dropped_buffers=100 >/dev/null
refused "the first picture never comes" "sends no picture" acip-client mirror --camera 0 --output none --frames 1
v4l2-ctl -d /dev/video0 -c percentage_of_dropped_buffers=0 >/dev/null
v4l2-ctl -d /dev/video0 -c inject_vidioc_streamon_error=1 >/dev/null
refused "the driver refuses to stream" "camera 0 .*(fails|busy)" acip-client mirror --camera 0 --output none --frames 1

# Unplugged in a call: the call goes on, and so does the picture when the camera is back.
timeout 240 acip-client --camera 0 --capture-size 640x480 --send-only --name cam --codec raw --log-level debug >/tmp/sender.log 2>&1 & sender=$!
timeout 240 acip-client --view-only --wait --name other --peer cam --output rgb >/dev/null 2>&1 & looker=$!   # or the camera would rest
await grep -q '"connected":true' /tmp/sender.log
sleep 1
unplug; sleep 2; gone=$(ls /dev/video* 2>/dev/null | wc -l); plug; await plain_bars
sleep 3
timeout 180 acip-client --view-only --name eye --peer cam --output rgb --size 640x480 --frames 5 >/tmp/view.rgb 2>/tmp/viewer.log
if [ "$gone" = 0 ] && kill -0 $sender 2>/dev/null && helper bars /tmp/view.rgb 640x480 3 /out/replugged.png >/tmp/said 2>&1; then
	ok "unplugged and plugged in again while streaming"
else fail "unplugged and plugged in again while streaming"; indent /tmp/said; tail -20 /tmp/sender.log | indent; tail -5 /tmp/viewer.log | indent; fi
if grep -q "unplugged" /tmp/sender.log; then ok "it is said that the camera was unplugged"; else fail "nothing says that the camera was unplugged"; tail -20 /tmp/sender.log | indent; fi
kill $sender $looker 2>/dev/null; wait $sender $looker 2>/dev/null

if [ -e /mods.late/v4l2loopback.ko ]; then
	unplug
	loopback
	helper mjpeg /dev/video0 640x480 30 0 >/tmp/feed.log 2>&1 & feed=$!
	ready
	check "MJPEG" helper grab Loopback MJPEG 640x480 30 10 3 /out/MJPEG-640x480.png
	kill $feed; wait $feed 2>/dev/null; sleep 0.5
	rmmod v4l2loopback; loopback   # its format stays with it
	helper mjpeg /dev/video0 640x480 30 5 >/tmp/feed.log 2>&1 & feed=$!
	ready
	check "MJPEG, each fifth cut short: skipped" helper grab 0 MJPEG 640x480 30 12 3 /out/MJPEG-broken.png
	call "MJPEG" 640x480 --capture-size 640x480
	kill $feed
	indent /tmp/feed.log
else
	echo "skip  MJPEG: v4l2loopback could not be built here"
fi
kill $server; wait $server
if grep -Eq "panic|DATA RACE" /tmp/*.log; then fail "a panic or a race"; grep -Ehm3 -A20 "panic|DATA RACE" /tmp/*.log | indent; fi
echo "end   $(cut -d' ' -f1 /proc/uptime) s after the kernel's start, $failed failed"
exit $failed
