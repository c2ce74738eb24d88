package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"strings"
	"sync"
	"time"

	"acip/internal/testkit"
	"acip/media"
	"acip/packet"
)

// attack is what hostile members do until the context ends. It returns a result of its own, or nothing, and an error where a
// goal of its own is missed.
type attack struct {
	name   string
	shape  string // of the viewer's link
	args   []string
	fps    float64 // goal: the least rate of the honest
	uplink float64 // goal: at most so many times the uplink before; 0: any
	act    func(ctx context.Context, x *scene, v *viewer) (string, error)
}

// every runs f every d until the context ends or f fails.
func every(ctx context.Context, d time.Duration, f func(n int) error) error {
	t := time.NewTicker(d)
	defer t.Stop()
	for n := 0; ; n++ {
		if err := f(n); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// as joins over the quick link, does the deed, and reads what comes meanwhile.
func (x *scene) as(ctx context.Context, name, hello string, deed func(p *peer) error) (string, error) {
	p, err := enter(x.quick, name, hello)
	if err != nil {
		return "", err
	}
	var reading sync.WaitGroup
	reading.Go(p.drain)
	err = deed(p)
	_ = p.Conn.Close()
	reading.Wait()
	if err != nil {
		return "attacker: " + err.Error(), nil
	}
	return "", nil
}

// wish is a DEMAND for all who are there.
func (p *peer) wish(w, h, fps int) error {
	var wish packet.Wish
	for _, m := range p.welcome.Members {
		wish.Streams = append(wish.Streams, packet.Want{ID: m.ID, Width: w, Height: h, FPS: media.PerSecond(fps)})
	}
	body, err := json.Marshal(wish)
	if err != nil {
		return err
	}
	return p.Send(packet.Demand, body, 0)
}

const home, thin = "rate 8mbit burst 16kb latency 50ms", "rate 500kbit burst 4kb latency 100ms"

func attacks() []attack {
	return []attack{
		{name: "1 a demand that grows by a pixel, 30 times a second", fps: 27, act: grow},
		{name: "1b a demand that changes between small and large, 30 times a second", fps: 27, act: flap},
		{name: "2 a watcher that decodes raw alone", fps: 27, uplink: 3, act: only(0, 0, `"raw"`)},
		{name: "2b a watcher that decodes JPEG alone", fps: 27, uplink: 3, act: only(0, 0, `"jpeg","raw"`)},
		{name: "2c a watcher that decodes VP8 alone, one raw alone, one JPEG alone", fps: 27, uplink: 3, act: odd},
		{name: "3 raw pictures of 4.2 MB, 30 a second", shape: home, fps: 27, act: pictures(1390, 1000)},
		{name: "3b raw pictures of 640x480, 30 a second", shape: home, fps: 27, act: pictures(640, 480)},
		{name: "3c raw pictures of 320x240, 30 a second", shape: home, fps: 27, act: pictures(320, 240)},
		{name: "4 VP8 key pictures, 445 a second", shape: home, fps: 27, act: keys},
		{name: "5 ten lines of 2,000 '<' a second", shape: thin, fps: 25, act: chat(1)},
		{name: "5b twenty members with ten such lines a second each", shape: home, fps: 27, act: chat(20)},
		{name: "6 one address takes all slots and idles", act: squat},
		{name: "7 80 members with 32 odd codecs and long names", args: []string{"--max-clients", "200"}, fps: 20, act: crowd},
		{name: "8 joins and leaves, 32 times a second", fps: 27, act: churn},
		{name: "9 pictures that claim to be old, with numbers that claim losses", fps: 27, act: lie},
	}
}

func grow(ctx context.Context, x *scene, _ *viewer) (string, error) {
	return x.as(ctx, "mallory", watcher, func(p *peer) error {
		return every(ctx, time.Second/30, func(n int) error { return p.wish(160+n, 90+n, 30) })
	})
}

func flap(ctx context.Context, x *scene, _ *viewer) (string, error) {
	return x.as(ctx, "mallory", watcher, func(p *peer) error {
		return every(ctx, time.Second/30, func(n int) error { return p.wish(100+n%2*540, 80+n%2*400, 1+n%30) })
	})
}

func only(w, h int, codecs string) func(context.Context, *scene, *viewer) (string, error) {
	return func(ctx context.Context, x *scene, _ *viewer) (string, error) {
		return x.as(ctx, "mallory", `"role":"watch","demand":true,"codecs":[`+codecs+`]`, func(p *peer) error {
			err := p.wish(w, h, 30)
			<-ctx.Done()
			return err
		})
	}
}

func odd(ctx context.Context, x *scene, v *viewer) (string, error) {
	var all sync.WaitGroup
	for _, c := range []string{`"vp8"`, `"raw"`, `"jpeg"`} {
		all.Go(func() { _, _ = only(160, 90, c)(ctx, x, v) })
	}
	all.Wait()
	return "", nil
}

func pictures(w, h int) func(context.Context, *scene, *viewer) (string, error) {
	return func(ctx context.Context, x *scene, _ *viewer) (string, error) {
		picture := testkit.Packet(packet.ImageFrame, testkit.Image(w, h, 7))
		return x.as(ctx, "mallory", joiner, func(p *peer) error {
			return every(ctx, time.Second/30, func(int) error { return p.WriteMessage(picture, 0, 0) })
		})
	}
}

func keys(ctx context.Context, x *scene, _ *viewer) (string, error) {
	payload := make([]byte, packet.VideoHeadSize+4000)
	return x.as(ctx, "mallory", joiner, func(p *peer) error {
		return every(ctx, time.Second/445, func(n int) error {
			packet.VideoHead{Codec: media.VP8, Flags: media.Key, Width: 160, Height: 90, Seq: uint32(n + 1), Time: uint64(time.Now().UnixMicro())}.Put(payload)
			return p.Send(packet.VideoFrame, payload, 0)
		})
	})
}

func chat(members int) func(context.Context, *scene, *viewer) (string, error) {
	line := `{"text":"` + strings.Repeat("<", 2000) + `"}`
	return func(ctx context.Context, x *scene, _ *viewer) (string, error) {
		var all sync.WaitGroup
		for i := range members {
			all.Go(func() {
				for ctx.Err() == nil { // one who is cut comes back
					_, err := x.as(ctx, fmt.Sprintf("mallory%d", i), watcher, func(p *peer) error {
						return every(ctx, time.Second/10, func(int) error { return p.SendText(packet.TextMessage, line) })
					})
					if err != nil {
						time.Sleep(100 * time.Millisecond)
					}
				}
			})
		}
		all.Wait()
		return "", nil
	}
}

// squat takes slots until there are none, waits, and lets somebody come from another address.
func squat(ctx context.Context, x *scene, _ *viewer) (string, error) {
	var reading sync.WaitGroup
	taken := 0
	var all []*peer
	for range 40 {
		p, err := enter(x.quick, "squatter", `"role":"join","demand":true,"codecs":["raw"]`)
		if err != nil {
			continue
		}
		all = append(all, p)
		reading.Go(p.drain)
		taken++
	}
	in := 0
	for range 4 {
		if p, err := enter(x.slow, "guest", watcher); err == nil {
			in++
			all = append(all, p)
			reading.Go(p.drain)
		}
	}
	for _, p := range all {
		_ = p.Conn.Close()
	}
	reading.Wait()
	return fmt.Sprintf("one address took %d of 32 slots; %d of 4 others came in", taken, in), nil
}

func crowd(ctx context.Context, x *scene, _ *viewer) (string, error) {
	var codecs []string
	for i := range 32 {
		codecs = append(codecs, fmt.Sprintf("%q", fmt.Sprintf("x%02d-%s", i, strings.Repeat("y", 12))))
	}
	var reading sync.WaitGroup
	var all []*peer
	for i := range 80 {
		name := fmt.Sprintf("%d%s", i, strings.Repeat("𝕏", 30))
		p, err := enter(x.quick, name, `"role":"join","demand":true,"codecs":[`+strings.Join(codecs, ",")+`]`)
		if err != nil {
			break
		}
		all = append(all, p)
		reading.Go(p.drain)
	}
	guest, err := enter(x.slow, "guest", watcher)
	result := fmt.Sprintf("%d came in; one more: %v", len(all), err)
	if err == nil {
		all = append(all, guest)
		reading.Go(guest.drain)
	}
	<-ctx.Done()
	for _, p := range all {
		_ = p.Conn.Close()
	}
	reading.Wait()
	return result, nil
}

func churn(ctx context.Context, x *scene, v *viewer) (string, error) {
	before := x.lines()
	began := time.Now()
	joined := 0
	err := every(ctx, time.Second/32, func(int) error {
		p, err := enter(x.quick, "stranger", watcher)
		if err == nil {
			joined++
			_ = p.Close(packet.CodeBye, "")
			_ = p.Conn.Close()
		}
		return nil
	})
	d := time.Since(began).Seconds()
	v.mu.Lock()
	defer v.mu.Unlock()
	return fmt.Sprintf("%.0f joined a second: %.1f notes, %.1f log lines a second", float64(joined)/d, float64(v.notes)/d, float64(x.lines()-before)/d), err
}

// lie has a real client look at the honest, who adapts to what arrives. Its own pictures say that they are two seconds old, and
// that most of them were lost.
func lie(ctx context.Context, x *scene, _ *viewer) (string, error) {
	const onlooker, leastRate = "onlooker", 27
	if err := x.start(ctx, "--view-only", "--output", "y4m", "--size", "320x90", "--name", onlooker); err != nil {
		return "", err
	}
	var coded bytes.Buffer
	if err := jpeg.Encode(&coded, image.NewGray(image.Rect(0, 0, 160, 90)), nil); err != nil {
		return "", err
	}
	payload := append(make([]byte, packet.VideoHeadSize), coded.Bytes()...)
	var lying sync.WaitGroup
	lying.Go(func() {
		_, _ = x.as(ctx, "mallory", joiner, func(p *peer) error {
			return every(ctx, time.Second/30, func(n int) error {
				at := uint64(time.Now().Add(-2 * time.Second).UnixMicro())
				packet.VideoHead{Codec: media.JPEG, Flags: media.Key | media.Discardable, Width: 160, Height: 90, Seq: uint32(200 * n), Time: at}.Put(payload)
				return p.Send(packet.VideoFrame, payload, 0)
			})
		})
	})
	defer lying.Wait()
	end, _ := ctx.Deadline()
	half := time.Until(end) / 2
	time.Sleep(half)
	first, err := x.stats()
	if err != nil {
		return "", err
	}
	time.Sleep(half - half/10)
	last, err := x.stats()
	if err != nil {
		return "", err
	}
	var got []string
	for _, name := range []string{"honest1", "honest2"} {
		fps := float64(last.passed(onlooker)[name]-first.passed(onlooker)[name]) / (half - half/10).Seconds()
		got = append(got, fmt.Sprintf("%.1f", fps))
		if fps < leastRate {
			err = fmt.Errorf("a client gets %.1f fps of %s, goal %d", fps, name, leastRate)
		}
	}
	return "a client gets " + strings.Join(got, " and ") + " fps", err
}
