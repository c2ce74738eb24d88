package pagetest

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"acip/internal/testkit"
	"acip/media"
	"acip/packet"

	"github.com/chromedp/chromedp"
)

// TestPage opens the page in one browser, a tab for each test.
func TestPage(t *testing.T) {
	b := browser(t)
	for name, test := range map[string]func(*testing.T, context.Context){
		"Colours": colours, "Slides": slides, "DeadLink": deadLink, "SlowLink": slowLink, "Hides": hides, "StillPicture": stillPicture,
		"Refusals": refusals, "CloseCodes": closeCodes, "Token": token, "Looks": looks,
	} {
		t.Run(name, func(t *testing.T) { test(t, b) })
	}
}

// patch is a field of the test card, in pixels.
const patch = 80

// card returns the colours of the test card: primaries, secondaries, greys and skin.
func card() [][]color.RGBA {
	rows := [][][3]uint8{
		{{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {0, 255, 255}, {255, 0, 255}, {255, 255, 0}},
		{{0, 0, 0}, {51, 51, 51}, {102, 102, 102}, {153, 153, 153}, {204, 204, 204}, {255, 255, 255}},
		{{141, 85, 36}, {198, 134, 66}, {224, 172, 105}, {241, 194, 125}, {255, 219, 172}, {94, 60, 40}},
		{{128, 0, 0}, {0, 128, 0}, {0, 0, 128}, {115, 82, 68}, {98, 122, 157}, {87, 108, 67}},
	}
	var all [][]color.RGBA
	for _, r := range rows {
		var row []color.RGBA
		for _, c := range r {
			row = append(row, color.RGBA{c[0], c[1], c[2], 255})
		}
		all = append(all, row)
	}
	return all
}

// writeCard writes the test card as a PNG and returns its path.
func writeCard(t *testing.T) string {
	t.Helper()
	rows := card()
	m := image.NewRGBA(image.Rect(0, 0, patch*len(rows[0]), patch*len(rows)))
	for y, row := range rows {
		for x, c := range row {
			draw.Draw(m, image.Rect(x*patch, y*patch, (x+1)*patch, (y+1)*patch), image.NewUniform(c), image.Point{}, draw.Src)
		}
	}
	path := filepath.Join(t.TempDir(), "card.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// means is the mean colour of each patch's middle on a member's canvas, row by row.
const means = `(() => {
	const canvas = %TILE%.querySelector("canvas"), context = canvas.getContext("2d"), rows = [];
	const w = canvas.width / 6, h = canvas.height / 4;
	for (let y = 0; y < 4; y++) for (let x = 0; x < 6; x++) {
		const side = Math.floor(Math.min(w, h) / 2), d = context.getImageData(Math.round(x * w + w / 4), Math.round(y * h + h / 4), side, side).data, sum = [0, 0, 0];
		for (let i = 0; i < d.length; i += 4) for (let c = 0; c < 3; c++) sum[c] += d[i + c];
		rows.push(sum.map((s) => s / (d.length / 4)));
	}
	return rows;
})()`

// colours: what a sender's file holds is what the page draws, by every codec. VP8 comes from ffmpeg, at its finest quantizer:
//
//	ffmpeg -i card.png -vf scale=out_color_matrix=bt601:out_range=tv,format=yuv420p -c:v libvpx -qmin 0 -qmax 4 -crf 4 -b:v 20M card.ivf
func colours(t *testing.T, b context.Context) {
	s, path := serve(t), writeCard(t)
	for _, codec := range []string{"raw", "jpeg", "vp8"} {
		t.Run(codec, func(t *testing.T) {
			p := open(t, b, "http://"+s.addr+"/watch?room="+codec)
			if codec == "vp8" {
				sendVP8(t, s, codec)
			} else {
				send(t, s.addr, codec, codec, "--source", "file:"+path, "--codec", codec)
			}
			p.until("a picture", frames(codec)+" > 0")
			got := eval[[][3]float64](p, strings.ReplaceAll(means, "%TILE%", tile(codec)))
			worst := 0.0
			for i, c := range got {
				want := card()[i/6][i%6]
				for k, v := range [3]uint8{want.R, want.G, want.B} {
					worst = max(worst, math.Abs(c[k]-float64(v)))
				}
			}
			if t.Logf("%s: %.1f/255 at most", codec, worst); worst > 4 || len(got) != 24 {
				t.Errorf("%s is drawn as %.0f", codec, got)
			}
		})
	}
}

// slides: what a client's own encoder makes of a still card comes as close, once it has had two seconds to refine it.
func slides(t *testing.T, b context.Context) {
	t.Parallel()
	s, path := serve(t), writeCard(t)
	p := open(t, b, "http://"+s.addr+"/watch")
	send(t, s.addr, "lobby", "ann", "--source", "file:"+path, "--codec", "vp8")
	var want []string
	for _, row := range card() {
		for _, c := range row {
			want = append(want, fmt.Sprintf("[%d,%d,%d]", c.R, c.G, c.B))
		}
	}
	p.until("a picture", frames("ann")+" > 0")
	p.until("colours within 4 of 255", "((want, got) => got.every((c, i) => c.every((v, k) => Math.abs(v - want[i][k]) <= 4)))(["+
		strings.Join(want, ",")+"], "+strings.ReplaceAll(means, "%TILE%", tile("ann"))+")")
}

// sendVP8 sends the test card as one keyframe, once somebody looks.
func sendVP8(t *testing.T, s *testServer, room string) {
	t.Helper()
	film, err := os.ReadFile("testdata/card.ivf")
	if err != nil {
		t.Fatal(err)
	}
	const ivfHead = 32 + 12 // of the file and of its only frame
	m := join(t, s, room, "vp8")
	m.demand(t, 30)
	body := make([]byte, packet.VideoHeadSize, packet.VideoHeadSize+len(film))
	packet.VideoHead{Codec: media.VP8, Flags: media.Key, Width: 6 * patch, Height: 4 * patch, Seq: 1, Time: uint64(time.Now().UnixMicro())}.Put(body)
	if err := m.Send(packet.VideoFrame, append(body, film[ivfHead:]...), 0); err != nil {
		t.Fatal(err)
	}
}

// deadLink: a server that answers no more is noticed and said in less than five seconds, and comes back by itself.
func deadLink(t *testing.T, b context.Context) {
	t.Parallel() // it waits most of the time
	for name, cut := range map[string]func(s *testServer, c *testkit.Chaos, dead bool){
		"stopped server": func(s *testServer, _ *testkit.Chaos, dead bool) {
			_ = s.Process.Signal(map[bool]os.Signal{true: syscall.SIGSTOP, false: syscall.SIGCONT}[dead])
		},
		"black hole": func(_ *testServer, c *testkit.Chaos, dead bool) {
			c.Suffer(testkit.Fault{Up: testkit.Illness{Hole: dead}, Down: testkit.Illness{Hole: dead}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t)
			c := testkit.Between(t, s.addr)
			send(t, s.addr, "lobby", "ann", "--source", "pattern", "--capture-size", "160x120")
			p := open(t, b, "http://"+c.Addr()+"/watch")
			p.until("pictures", frames("ann")+" > 3")
			cut(s, c, true)
			p.until("a word", `document.body.dataset.link === "silent"`)
			said := eval[string](p, `document.querySelector("#status").textContent`)
			if n, err := strconv.Atoi(digits(said)); err != nil || n > 4 {
				t.Errorf("it says %q", said)
			}
			p.until("giving up", `document.body.dataset.link === "lost"`)
			before := eval[int](p, frames("ann"))
			cut(s, c, false)
			p.until("the way back", `document.body.dataset.link === "up"`)
			p.until("pictures again", frames("ann")+" > "+strconv.Itoa(before+3))
		})
	}
}

// digits returns the digits of a text.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// slowLink: a viewer whose link carries less than is sent asks for less, and for more again when it carries more.
func slowLink(t *testing.T, b context.Context) {
	t.Parallel() // it waits most of the time
	s := serve(t)
	c := testkit.Between(t, s.addr)
	send(t, s.addr, "lobby", "ann", "--source", "pattern", "--codec", "jpeg")
	p := open(t, b, "http://"+c.Addr()+"/watch")
	p.until("pictures", frames("ann")+" > 20")
	width := eval[int](p, tile("ann")+`.querySelector("canvas").width`)
	c.Suffer(testkit.Fault{Down: testkit.Illness{Rate: 100_000}})
	p.until("less", `document.querySelector("#link").textContent.includes("slow link")`)
	p.until("smaller pictures", tile("ann")+`.querySelector("canvas").width < `+strconv.Itoa(width))
	before := eval[int](p, frames("ann"))
	p.until("pictures all the same", frames("ann")+" > "+strconv.Itoa(before+10))
	c.Suffer(testkit.Fault{})
	share := `Number(/(\d+)% size/.exec(document.querySelector("#link").textContent)?.[1] ?? 100)`
	least := eval[int](p, share)
	p.until("more again", share+" > "+strconv.Itoa(least))
}

// stillPicture: a sender that freezes is marked on its tile, and one that pauses is not.
func stillPicture(t *testing.T, b context.Context) {
	t.Parallel() // it waits most of the time
	s := serve(t)
	ann := join(t, s, "lobby", "<b>ann</b>")
	p := open(t, b, "http://"+s.addr+"/watch")
	ann.demand(t, 30)
	ann.picture(t)
	p.until("the picture", frames(ann.name)+" > 0")
	state := tile(ann.name) + `.querySelector(".state").textContent`
	p.until("a word", "/^no picture for \\d+ s$/.test("+state+")")
	ann.picture(t)
	p.until("no word", state+` === ""`)
	ann.stream(t, false)
	p.until("paused", state+` === "paused"`)
	if eval[bool](p, `document.querySelector("figure b, #notes b") !== null`) {
		t.Error("a name became markup")
	}
}

// hides: a member that a person hides is asked for nothing, until shown again, by the pointer and by keys; and nobody is asked
// for anything while the page itself is hidden.
func hides(t *testing.T, b context.Context) {
	s := serve(t)
	ann := join(t, s, "lobby", "ann")
	p := open(t, b, "http://"+s.addr+"/watch")
	ann.demand(t, 30)
	p.click(`figure .hide`)
	ann.demand(t, 0)
	p.until("a name among the hidden", `document.querySelector("#hidden").textContent === "ann" && !`+tile("ann"))
	again := rejoin(t, s, ann)
	p.until("hidden still", `document.querySelector("#hidden").textContent === "ann" && !`+tile("ann"))
	p.click(`#hidden button`)
	again.demand(t, 30)
	p.run(chromedp.Focus(chromedp.CSS(`figure .choose`)), chromedp.KeyEvent("h"))
	again.demand(t, 0)
	p.run(chromedp.KeyEvent("u"))
	again.demand(t, 30)
	for _, state := range []struct {
		hidden string
		fps    int
	}{{"true", 0}, {"false", 30}} {
		eval[bool](p, `Object.defineProperty(document, "hidden", { value: `+state.hidden+`, configurable: true }) && document.dispatchEvent(new Event("visibilitychange"))`)
		again.demand(t, state.fps)
	}
}
