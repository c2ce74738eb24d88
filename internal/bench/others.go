package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"sync"
	"time"

	"acip/frame"
	"acip/internal/bench/load"
	"acip/internal/bench/proc"
	"acip/packet"
)

// scene is a film that ffmpeg makes: six seconds of 30 pictures.
type scene struct {
	name   string
	input  string // a picture or film of the test data, or what lavfi is to make
	lavfi  bool
	filter string
}

// scenes are films of other kinds than those that settings were chosen by.
func scenes() []scene {
	const shake = "scale=1000:-2,crop=640:480:'150+40*sin(n/5)+15*sin(n/2.3)':'80+25*sin(n/4+1)+8*sin(n/1.7)',noise=alls=4:allf=t"
	return []scene{
		{"still", "chelsea.png", false, "scale=640:480"},
		{"still_noisy", "chelsea.png", false, "scale=640:480,noise=alls=14:allf=t"},
		{"slow_pan", "coffee.png", false, "scale=1000:-2,crop=640:480:'n*1.2':100"},
		{"fast_pan", "coffee.png", false, "scale=1400:-2,crop=640:480:'380+370*sin(n/14)':'150+60*sin(n/19)'"},
		{"noisy_pan", "astronaut.png", false, "scale=1600:-2,crop=640:480:'n*5.3':'n*3.1',noise=alls=5:allf=t"},
		{"shaken", "coffee.png", false, shake},
		{"zoom", "astronaut.png", false, "scale=1600:-2,zoompan=z='1+on*0.006':x='iw/2-iw/zoom/2':y='ih/3-ih/zoom/3':d=1:s=640x480:fps=30"},
		{"dark", "head.avi", false, "eq=brightness=-0.25:contrast=0.6,noise=alls=10:allf=t"},
		{"fade", "head.avi", false, "fade=in:0:60,fade=out:120:60"},
		{"fractal", "mandelbrot=s=640x480:r=30:start_scale=1:end_scale=0.01:end_pts=180", true, "null"},
		{"test_card", "testsrc2=s=640x480:r=30", true, "null"},
		{"stripes", "testsrc=s=640x480:r=30", true, "scroll=horizontal=0.01:vertical=0.004"},
	}
}

// film makes a scene in a size.
func (s scene) film(ctx context.Context, b *bench, size frame.Size) (*clip, error) {
	input := []string{"-f", "lavfi", "-i", s.input}
	if !s.lavfi {
		if input = []string{"-i", filepath.Join(b.testdata(), s.input)}; filepath.Ext(s.input) == ".png" {
			input = append([]string{"-loop", "1", "-framerate", "30"}, input...)
		}
	}
	path := filepath.Join(b.tmp, fmt.Sprintf("%s-%s.y4m", s.name, dims(size)))
	return b.make(ctx, path, input, s.filter+",trim=end_frame=180", size, 30)
}

// together is how many calls are measured at once.
const together = 6

// others is what films of other kinds cost, as a viewer gets them, against ffmpeg's libvpx at the same quality.
func others(ctx context.Context, b *bench) (all []Figure, err error) {
	for _, size := range []frame.Size{{W: 160, H: 90}, {W: 320, H: 240}} {
		var figures []Figure
		sum := 0.0
		for list := scenes(); len(list) > 0; list = list[min(together, len(list)):] {
			some, err := b.batch(ctx, list[:min(together, len(list))], size)
			if err != nil {
				return all, err
			}
			for _, o := range some {
				figures = append(figures, o.figure(size))
				sum += math.Log(o.ratio())
			}
		}
		mean := math.Exp(sum / float64(len(figures)))
		all = append(all, figure("others_"+dims(size)+"_bits", mean*100, "% of ffmpeg's bits").atMost(100).beside("the mean of those below, at equal quality, without packets' heads"))
		all = append(all, figures...)
	}
	return all, nil
}

// outcome of one film.
type outcome struct {
	name               string
	kbps, heads, plain float64 // ours without heads, the heads alone, ffmpeg's at the same quality
	db                 float64
}

func (o outcome) ratio() float64 { return o.kbps / o.plain }

func (o outcome) figure(size frame.Size) Figure {
	return figure(fmt.Sprintf("%s_%s_bits", o.name, dims(size)), o.ratio()*100, "% of ffmpeg's bits").atMost(100).
		beside("%.1f kbit/s, and %.1f of heads, at %.1f dB luma; ffmpeg's libvpx %.1f", o.kbps, o.heads, o.db, o.plain)
}

// batch measures some films side by side, each in a room of its own.
func (b *bench) batch(ctx context.Context, list []scene, size frame.Size) ([]outcome, error) {
	r, err := b.serve(ctx, load.ACIP, "127.0.0.1")
	if err != nil {
		return nil, err
	}
	defer r.Stop()
	all, errs := make([]outcome, len(list)), make([]error, len(list))
	films := make([]*clip, len(list))
	steps := []func(i int) error{
		func(i int) (err error) { films[i], err = list[i].film(ctx, b, size); return err },
		func(i int) (err error) { all[i], err = b.view(ctx, r, list[i].name, films[i], size); return err },
		func(i int) (err error) { all[i].plain, err = b.equal(ctx, films[i], all[i].db); return err },
	}
	for _, step := range steps {
		var wait sync.WaitGroup
		for i := range list {
			wait.Go(func() { errs[i] = step(i) })
		}
		wait.Wait()
		for i, err := range errs {
			if err != nil {
				return nil, fmt.Errorf("%s: %w", list[i].name, err)
			}
		}
	}
	return all, nil
}

// view is a call in which a film is seen once, but for its last pictures.
func (b *bench) view(ctx context.Context, r *relay, name string, film *clip, size frame.Size) (o outcome, err error) {
	see := &watcher{clip: film, size: size}
	viewer, err := proc.Start(see, b.client, "--view-only", "--output", "rgb", "--peer", name, "--room", name, "--size", dims(size), "--duration", "9s", r.addr)
	if err != nil {
		return o, err
	}
	defer viewer.Stop()
	sender, err := proc.Start(nil, b.client, "--send-only", "--name", name, "--room", name, "--source", "file:"+film.path, "--fps", "30", "--codec", "vp8", r.addr)
	if err != nil {
		return o, err
	}
	defer sender.Stop()
	var m member
	for m.FramesIn < 165 {
		if m, err = r.member(ctx, name); err != nil || !sleep(ctx, 20*time.Millisecond) {
			return o, fmt.Errorf("%d pictures sent: %w", m.FramesIn, errorOr(err, ctx.Err()))
		}
	}
	sender.Stop()
	viewer.Stop()
	if see.n == 0 {
		return o, fmt.Errorf("%d pictures sent, none seen", m.FramesIn)
	}
	const head = packet.HeaderSize + packet.VideoHeadSize
	o = outcome{name: name, db: see.db(see.luma), heads: head * 8 * 30 / 1000.0}
	o.kbps = float64(m.BytesIn)*8/float64(m.FramesIn)*30/1000 - o.heads
	return o, nil
}

func errorOr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// equal is the rate at which ffmpeg's libvpx gives a film a quality, between or beyond what it gives at three quantizers: fewer say
// little of noisy films, whose rate leaps at some quality.
func (b *bench) equal(ctx context.Context, film *clip, db float64) (kbps float64, err error) {
	var rates, qualities [3]float64
	for i, q := range []int{48, 36, 24} {
		if rates[i], qualities[i], err = b.plain(ctx, film, q); err != nil {
			return 0, err
		}
	}
	i := 1
	if db > qualities[1] {
		i = 2
	}
	slope := math.Log(rates[i]/rates[i-1]) / (qualities[i] - qualities[i-1])
	return rates[i] * math.Exp(slope*(db-qualities[i])), nil
}
