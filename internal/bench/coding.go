package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"acip/frame"
	"acip/internal/bench/load"
	"acip/internal/bench/proc"
)

// coded is one row of the table of rates.
type coded struct {
	name, file, filter string
	size               frame.Size
	fps                float64
	codec              string
	kbps, db           float64 // goals; 0: none
}

func codings() []coded {
	wide, small := frame.Size{W: 160, H: 90}, frame.Size{W: 80, H: 48}
	return []coded{
		{"head_160x90_vp8", "head.avi", "", wide, 30, "vp8", 60, 34},
		{"street_160x90_vp8", "street.avi", "", wide, 10, "vp8", 30, 34},
		{"head_80x48_vp8", "head.avi", "", small, 30, "vp8", 25, 32},
		{"street_80x48_vp8", "street.avi", "", small, 10, "vp8", 25, 32},
		{"head_160x90_jpeg", "head.avi", "", wide, 30, "jpeg", 600, 0},
		{"noisy_160x90_vp8", "head.avi", "noise=alls=8:allf=t", wide, 30, "vp8", 30, 0},
	}
}

// coding sends films through acip-client, acip-server and acip-client and measures at the receiver.
func coding(ctx context.Context, b *bench) (all []Figure, err error) {
	for _, c := range codings() {
		film, err := b.film(ctx, c.file, c.filter, c.size, c.fps)
		if err != nil {
			return all, err
		}
		figures, err := b.call(ctx, c, film)
		if err != nil {
			return all, fmt.Errorf("%s: %w", c.name, err)
		}
		all = append(all, figures...)
	}
	return all, nil
}

// call is one sender and one viewer for twelve seconds.
func (b *bench) call(ctx context.Context, c coded, film *clip) ([]Figure, error) {
	r, err := b.serve(ctx, load.ACIP, "127.0.0.1")
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	see := &watcher{clip: film, size: c.size}
	viewer, err := proc.Start(see, b.client, "--view-only", "--output", "rgb", "--peer", "sender", "--size", dims(c.size), "--duration", "13s", "--wait", r.addr)
	if err != nil {
		return nil, err
	}
	defer viewer.Stop()
	if !sleep(ctx, 300*time.Millisecond) {
		return nil, ctx.Err()
	}
	sender, err := proc.Start(nil, b.client, "--send-only", "--name", "sender", "--source", "file:"+film.path, "--loop", "--fps", fmt.Sprint(c.fps), "--codec", c.codec, r.addr)
	if err != nil {
		return nil, err
	}
	defer sender.Stop()
	if !sleep(ctx, 12*time.Second) {
		return nil, ctx.Err()
	}
	m, err := r.member(ctx, "sender")
	if err != nil {
		return nil, err
	}
	sender.Stop()
	viewer.Stop()
	return c.figures(b.yardstick(ctx, film), m, see)
}

// figures of a call; the rate is of the packets that the sender sent, key pictures included.
func (c coded) figures(yardstick string, m member, see *watcher) ([]Figure, error) {
	if m.FramesIn == 0 || see.n == 0 {
		return nil, fmt.Errorf("%d pictures sent, %d seen", m.FramesIn, see.n)
	}
	rate := figure(c.name+"_rate", float64(m.BytesIn)*8/float64(m.FramesIn)*c.fps/1000, "kbit/s").atMost(c.kbps).beside("%s", yardstick)
	quality := figure(c.name+"_psnr", see.db(see.luma), "dB luma").beside("%.1f dB over RGB; %d pictures seen", see.db(see.rgb), see.n)
	if c.db > 0 {
		quality = quality.atLeast(c.db)
	}
	return []Figure{rate, quality}, nil
}

// watcher takes bare RGB pictures and compares them with their sources.
type watcher struct {
	distance
	clip *clip
	size frame.Size
	rest []byte
}

func (w *watcher) Write(p []byte) (int, error) {
	w.rest = append(w.rest, p...)
	n := w.size.W * w.size.H * 3
	for ; len(w.rest) >= n; w.rest = w.rest[n:] {
		f := &frame.Frame{Width: w.size.W, Height: w.size.H, Pix: w.rest[:n]}
		w.add(w.clip, f)
	}
	w.rest = append([]byte(nil), w.rest...)
	return len(p), nil
}

// yardstick is what ffmpeg's libvpx makes of the same film at quantizer 40.
func (b *bench) yardstick(ctx context.Context, film *clip) string {
	kbps, db, err := b.plain(ctx, film, 40)
	if err != nil {
		return "ffmpeg without libvpx"
	}
	return fmt.Sprintf("ffmpeg's libvpx at quantizer 40: %.0f kbit/s, %.1f dB", kbps, db)
}

// plain is the rate and the luma's quality that ffmpeg's libvpx, in real-time mode, gives a film at a quantizer.
func (b *bench) plain(ctx context.Context, film *clip, quantizer int) (kbps, db float64, err error) {
	q, out := fmt.Sprint(quantizer), film.path+".ivf"
	if err := exec.CommandContext(ctx, "ffmpeg", "-v", "error", "-y", "-i", film.path, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "-6",
		"-qmin", q, "-qmax", q, "-b:v", "1M", "-g", "9999", out).Run(); err != nil {
		return 0, 0, err
	}
	pix, err := exec.CommandContext(ctx, "ffmpeg", "-v", "error", "-i", out, "-f", "rawvideo", "-pix_fmt", "rgb24", "-").Output()
	if err != nil {
		return 0, 0, err
	}
	var d distance
	size := film.pictures[0].Size()
	for n := size.W * size.H * 3; len(pix) >= n; pix = pix[n:] {
		d.add(film, &frame.Frame{Width: size.W, Height: size.H, Pix: pix[:n]})
	}
	coded, err := exec.CommandContext(ctx, "ffprobe", "-v", "error", "-show_entries", "packet=size", "-of", "csv=p=0", out).Output()
	total := 0
	for line := range strings.Lines(string(coded)) {
		var n int
		if _, err := fmt.Sscanf(line, "%d", &n); err == nil {
			total += n
		}
	}
	return float64(total) * 8 / float64(d.n) * film.fps / 1000, d.db(d.luma), err
}
