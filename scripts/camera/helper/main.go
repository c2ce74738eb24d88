//go:build linux

// Command helper does in the virtual machine of scripts/test-camera.sh what acip-client does not.
package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/creack/pty"

	"acip/capture"
	"acip/frame"
)

const usage = `usage: helper grab CAMERA FORMAT WxH FPS FRAMES [TOLERANCE PNG]   read frames, say the rate, compare the last with the bars
       helper bars FILE WxH TOLERANCE PNG              compare the last frame of a file with 75 % colour bars
       helper cycle CAMERA N                           open, read one picture, close, N times; count open files
       helper mjpeg DEVICE WxH FPS EVERY               feed v4l2loopback; each EVERYth picture is cut short
       helper as UID COMMAND…                          run a command without rights
       helper vanish                                   list, unplug, open: the sentence must say that it is gone
       helper stop CAMERA MS                           close a camera that stalls within so many milliseconds
       helper rests                                    wait until nobody has /dev/video0 open
       helper pause COMMAND…                           press space twice and q in a program on a terminal, and watch /dev/video0`

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("%s", usage))
	}
	var err error
	switch a := append(slices.Clone(os.Args[2:]), make([]string, 8)...); os.Args[1] {
	case "grab":
		err = grab(a[0], a[1], size(a[2]), number(a[3]), number(a[4]), number(a[5]), a[6])
	case "bars":
		err = barsOf(a[0], size(a[1]), number(a[2]), a[3])
	case "cycle":
		err = cycle(a[0], number(a[1]))
	case "mjpeg":
		err = feed(a[0], size(a[1]), number(a[2]), number(a[3]))
	case "vanish":
		err = vanish()
	case "stop":
		err = stop(a[0], time.Duration(number(a[1]))*time.Millisecond)
	case "rests":
		err = untilOpen(false)
	case "pause":
		err = pause(os.Args[2:])
	case "as":
		err = as(number(a[0]), os.Args[3:])
	default:
		err = fmt.Errorf("%s", usage)
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "helper:", err)
	os.Exit(1)
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func size(s string) (z frame.Size) {
	fmt.Sscanf(s, "%dx%d", &z.W, &z.H)
	return z
}

func grab(camera, format string, z frame.Size, fps, frames, tolerance int, shot string) error {
	ctx := context.Background()
	before := time.Now()
	src, err := capture.Open(ctx, "camera", capture.Options{Camera: camera, Format: format, Size: z, FPS: float64(fps)})
	if err != nil {
		return err
	}
	defer src.Close()
	opened := time.Since(before)
	var f frame.Frame
	var from time.Time
	for i := range frames {
		if err := src.Read(ctx, &f, frame.Size{}); err != nil {
			return err
		}
		if i == 0 {
			from = time.Now()
		}
	}
	i := src.Info()
	rate := float64(frames-1) / time.Since(from).Seconds()
	fmt.Printf("%s: %s %dx%d at %g/s: %.1f/s read, open and first picture in %d ms, last number %d. %s\n",
		i.Name, format, i.Size.W, i.Size.H, i.FPS, rate, opened.Milliseconds(), f.Seq, i.Note)
	if shot == "" {
		return nil
	}
	return bars(f.Pix, f.Size(), tolerance, shot)
}

func barsOf(file string, z frame.Size, tolerance int, shot string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	n := z.W * z.H * 3
	if n == 0 || len(b) < n {
		return fmt.Errorf("%s has %d bytes, a picture of %dx%d has %d", file, len(b), z.W, z.H, n)
	}
	return bars(b[len(b)/n*n-n:][:n], z, tolerance, shot)
}

// bars compares the middle of each bar with what the driver draws, and keeps the picture.
func bars(pix []byte, z frame.Size, tolerance int, shot string) error {
	if err := write(shot, pix, z); err != nil {
		return err
	}
	want := [8][3]int{{191, 191, 191}, {191, 191, 0}, {0, 191, 191}, {0, 191, 0}, {191, 0, 191}, {191, 0, 0}, {0, 0, 191}, {}}
	worst := 0
	for bar, colour := range want {
		x, y := (2*bar+1)*z.W/16, z.H*9/10
		for c, v := range colour {
			d := int(pix[(y*z.W+x)*3+c]) - v
			worst = max(worst, d, -d)
		}
		fmt.Print(pix[(y*z.W+x)*3:][:3], " ")
	}
	fmt.Println("farthest:", worst)
	if worst > tolerance {
		return fmt.Errorf("colours are up to %d from the driver's", worst)
	}
	return nil
}

func write(file string, pix []byte, z frame.Size) error {
	m := image.NewRGBA(image.Rect(0, 0, z.W, z.H))
	for i := range z.W * z.H {
		m.SetRGBA(i%z.W, i/z.W, color.RGBA{pix[i*3], pix[i*3+1], pix[i*3+2], 255})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

func openFiles() int {
	all, _ := os.ReadDir("/proc/self/fd")
	return len(all)
}

func cycle(camera string, n int) error {
	ctx := context.Background()
	var f frame.Frame
	base := 0
	for i := range n {
		src, err := capture.Open(ctx, "camera", capture.Options{Camera: camera, FPS: 60, Size: frame.Size{W: 320, H: 180}})
		if err == nil {
			err = src.Read(ctx, &f, frame.Size{W: 80, H: 48})
		}
		if err != nil {
			return fmt.Errorf("cycle %d: %w", i, err)
		}
		if err := src.Close(); err != nil {
			return fmt.Errorf("cycle %d: %w", i, err)
		}
		if i == 0 {
			base = openFiles()
		}
	}
	if now := openFiles(); now > base {
		return fmt.Errorf("%d open files after %d cycles, %d after one", now, n, base)
	}
	fmt.Println(n, "cycles,", base, "open files throughout")
	return nil
}

func as(uid int, command []string) error {
	c := exec.Command(command[0], command[1:]...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid), NoSetGroups: true}}
	return c.Run()
}

// vanish lists the camera, takes it away, and opens it.
func vanish() error {
	list, err := capture.Cameras(context.Background())
	if err != nil || len(list) == 0 {
		return fmt.Errorf("%d cameras, %w", len(list), err)
	}
	if err := os.WriteFile("/sys/bus/platform/drivers/vivid/unbind", []byte("vivid.0"), 0); err != nil {
		return err
	}
	_, err = capture.Open(context.Background(), "camera", capture.Options{Camera: list[0].Path})
	fmt.Println(err)
	if capture.KindOf(err) != capture.Missing {
		return fmt.Errorf("kind %v", capture.KindOf(err))
	}
	return nil
}

// stop closes a camera whose driver has stopped sending.
func stop(camera string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), 700*time.Millisecond)
	defer cancel()
	src, err := capture.Open(ctx, "camera", capture.Options{Camera: camera, Size: frame.Size{W: 320, H: 180}, FPS: 30})
	if err != nil {
		return err
	}
	if out, err := exec.Command("v4l2-ctl", "-d", "/dev/video0", "-c", "percentage_of_dropped_buffers=100").CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w", out, err)
	}
	defer func() {
		_ = exec.Command("v4l2-ctl", "-d", "/dev/video0", "-c", "percentage_of_dropped_buffers=0").Run()
	}()
	var f frame.Frame
	for err == nil {
		err = src.Read(ctx, &f, frame.Size{})
	}
	from := time.Now()
	if err := src.Close(); err != nil {
		return err
	}
	took := time.Since(from)
	fmt.Printf("%v; closed in %d ms\n", err, took.Milliseconds())
	if took > limit {
		return fmt.Errorf("closing took %v", took)
	}
	return nil
}

// holders counts who has /dev/video0 open.
func holders() int {
	n := 0
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, file := range files {
		if to, _ := os.Readlink(file); to == "/dev/video0" {
			n++
		}
	}
	return n
}

// untilOpen waits until somebody has, or nobody has, /dev/video0 open, twice in a row.
func untilOpen(want bool) error {
	for right, since := 0, time.Now(); right < 2; time.Sleep(200 * time.Millisecond) {
		if right++; (holders() > 0) != want {
			right = 0
		}
		if time.Since(since) > time.Minute {
			return fmt.Errorf("after a minute %d have /dev/video0 open", holders())
		}
	}
	return nil
}

// pause plays a person who pauses, goes on and leaves.
func pause(command []string) error {
	c := exec.Command(command[0], command[1:]...)
	c.Env = append(os.Environ(), "TERM=xterm-256color")
	tty, err := pty.StartWithSize(c, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		return err
	}
	var said strings.Builder
	read := make(chan struct{})
	go func() {
		defer close(read)
		b := make([]byte, 1<<16)
		for {
			n, err := tty.Read(b)
			if err != nil {
				return
			}
			if said.Len() < 1<<14 {
				said.Write(b[:n])
			}
		}
	}()
	steps := []struct {
		press string
		open  bool
	}{{"", true}, {" ", false}, {" ", true}, {"q", false}}
	for _, step := range steps {
		if _, err = tty.WriteString(step.press); err == nil {
			err = untilOpen(step.open)
		}
		if err != nil {
			_ = c.Process.Kill()
			err = fmt.Errorf("after %q: %w", step.press, err)
			break
		}
	}
	ended := c.Wait()
	_ = tty.Close()
	<-read
	if err == nil {
		err = ended
	}
	if err != nil {
		fmt.Printf("%q\n", said.String())
	}
	return err
}

// outputFormat is struct v4l2_format for a picture (linux/videodev2.h).
type outputFormat struct {
	kind, _                                                                         uint32
	width, height, fourcc, field, stride, size, space, private, flags, enc, q, xfer uint32
	_                                                                               [152]byte
}

// feed writes colour bars as JPEGs into a loopback device at a rate.
func feed(device string, z frame.Size, fps, every int) error {
	fd, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	const output, mjpg, setFormat = 2, 'M' | 'J'<<8 | 'P'<<16 | 'G'<<24, 0xc0d05605
	f := outputFormat{kind: output, width: uint32(z.W), height: uint32(z.H), fourcc: mjpg, field: 1, size: uint32(z.W * z.H * 2), space: 7}
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, fd.Fd(), setFormat, uintptr(unsafe.Pointer(&f))); errno != 0 {
		return fmt.Errorf("set format: %w", errno)
	}
	picture, err := jpegBars(z)
	if err != nil {
		return err
	}
	tick := time.NewTicker(time.Second / time.Duration(fps))
	for i := 1; ; i++ {
		<-tick.C
		b := picture
		if every > 0 && i%every == 0 {
			b = b[:len(b)/2]
		}
		if _, err := fd.Write(b); err != nil {
			return err
		}
	}
}

func jpegBars(z frame.Size) ([]byte, error) {
	m := image.NewRGBA(image.Rect(0, 0, z.W, z.H))
	for i := range z.W * z.H {
		bar := 7 - i%z.W*8/z.W
		c := color.RGBA{A: 255}
		if bar&2 != 0 {
			c.R = 191
		}
		if bar&4 != 0 {
			c.G = 191
		}
		if bar&1 != 0 {
			c.B = 191
		}
		m.SetRGBA(i%z.W, i/z.W, c)
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92})
	return b.Bytes(), err
}
