package packet_test

import (
	"errors"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"acip/media"
	"acip/packet"
)

// TestBodiesRoundTrip: what is written is read.
func TestBodiesRoundTrip(t *testing.T) {
	roundTrip(t, packet.HelloType, packet.Hello{Protocol: 1, Room: "a.b-c_D9", Name: "x\x1b[31m", Role: "watch", Codecs: []string{"raw"}, Token: "t", Resume: "r"})
	roundTrip(t, packet.WelcomeType, packet.Welcome{Protocol: 1, ID: math.MaxUint32, Members: []packet.Member{{ID: 1, Codecs: []string{"jpeg"}, Paused: true}}})
	roundTrip(t, packet.ClientLeave, packet.Leave{ID: 1, Name: "n", Reason: "r", Code: packet.CodeRate})
	roundTrip(t, packet.Demand, packet.Wish{Streams: []packet.Want{{ID: 1, FPS: 1}, {ID: 2, Width: 1, Height: 2}}})
	roundTrip(t, packet.Demand, packet.Ask{Width: 1, Height: 2, FPS: 3, Codecs: []string{"raw"}, Layers: []packet.AskLayer{{Layer: 1, FPS: 30}}})
	roundTrip(t, packet.KeyRequest, packet.Key{ID: 7})
	roundTrip(t, packet.ReportType, packet.Report{Streams: []packet.StreamReport{{ID: 1, Received: math.MaxUint64, AgeMS: -1}}})
	roundTrip(t, packet.TextMessage, packet.Text{Text: strings.Repeat("ä", 2000)})
}

func roundTrip[T any](t *testing.T, typ packet.Type, want T) {
	t.Helper()
	var p packet.Buffers
	b, err := p.JSON(typ, 1, want)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	got, err := packet.Unmarshal[T](b)
	if err != nil || b.Type() != typ {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestHelloRefused: what a HELLO may not hold.
func TestHelloRefused(t *testing.T) {
	good := `{"protocol":1,"room":"lobby","name":"a","role":"join","codecs":["raw"],"demand":true,"later":{"x":[1,2]}}`
	if h, err := packet.UnmarshalBody[packet.Hello]([]byte(good)); err != nil || !h.Demand {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"nothing": "", "null": "null", "array": "[]", "number": "1", "cut": good[:40], "two": good + "{}", "trailing": good + "x",
		"not UTF-8": strings.Replace(good, `"a"`, "\"\xff\"", 1),
		"version 2": strings.Replace(good, `:1,`, `:2,`, 1), "no version": `{"room":"lobby","role":"join"}`,
		"version text": strings.Replace(good, `:1,`, `:"1",`, 1),
		"no room":      strings.Replace(good, "lobby", "", 1), "room with space": strings.Replace(good, "lobby", "a b", 1),
		"room of 65": strings.Replace(good, "lobby", strings.Repeat("x", 65), 1), "room with ESC": strings.Replace(good, "lobby", `\u001b`, 1),
		"role king": strings.Replace(good, `"join"`, `"king"`, 1), "no role": strings.Replace(good, `"join"`, `""`, 1),
		"codecs no list": strings.Replace(good, `["raw"]`, `"raw"`, 1),
		"many codecs":    strings.Replace(good, `"raw"`, strings.TrimSuffix(strings.Repeat(`"c",`, 40), ","), 1),
		"deep":           strings.Repeat(`{"a":`, 30000),
	} {
		if _, err := packet.UnmarshalBody[packet.Hello]([]byte(body)); !errors.Is(err, packet.ErrBody) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := packet.UnmarshalBody[packet.Hello]([]byte(strings.Replace(good, "lobby", strings.Repeat("x", 64), 1))); err != nil {
		t.Error(err)
	}
}

// TestDemandRefused: boxes that no picture can have.
func TestDemandRefused(t *testing.T) {
	for _, body := range []string{
		`{"streams":[{"id":-1}]}`, `{"streams":[{"id":4294967296}]}`, `{"streams":[{"id":1,"width":-1}]}`, `{"streams":[{"id":1,"height":-5}]}`,
		`{"streams":[{"id":1,"fps":-1}]}`, `{"streams":[{"id":1,"width":9223372036854775807}]}`, `{"streams":[{"id":1,"width":1e300}]}`, `{"streams":{}}`,
	} {
		if _, err := packet.UnmarshalBody[packet.Wish]([]byte(body)); !errors.Is(err, packet.ErrBody) {
			t.Errorf("%s: %v", body, err)
		}
	}
	if w, err := packet.UnmarshalBody[packet.Wish]([]byte(`{"streams":[{"id":1}]}`)); err != nil || w.Streams[0].Width != 0 {
		t.Error(err)
	}
	if _, err := packet.UnmarshalBody[packet.Ask]([]byte(`{"width":1,"layers":[{"id":1,"width":-1}]}`)); !errors.Is(err, packet.ErrBody) {
		t.Error(err)
	}
	if _, err := packet.UnmarshalBody[packet.Text]([]byte(`{"text":"` + strings.Repeat("ä", 2001) + `"}`)); !errors.Is(err, packet.ErrBody) {
		t.Error(err)
	}
}

// TestTooLargeToSay: a body above the limit is refused before it is sent.
func TestTooLargeToSay(t *testing.T) {
	var p packet.Buffers
	if _, err := p.JSON(packet.TextMessage, 0, packet.Text{Text: strings.Repeat("x", packet.MaxControl)}); !errors.Is(err, packet.ErrTooBig) {
		t.Error(err)
	}
	if _, err := p.JSON(packet.TextMessage, 0, math.NaN()); err == nil || p.Outstanding() != 0 {
		t.Error(err)
	}
}

// TestErrorBody: what is written is read, and lies are not.
func TestErrorBody(t *testing.T) {
	var p packet.Buffers
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 300, -1).Draw(t, "text")
		b := p.Error(packet.CodeFull, text)
		defer b.Release()
		if e, err := packet.ParseError(b.Payload()); err != nil || e.Code != packet.CodeFull || e.Message != text {
			t.Fatalf("%+v, %v", e, err)
		}
	})
	for _, lie := range []string{"", "\x00\x00\x0f\xa2\x00\x00\x00", "\x00\x00\x0f\xa2\x00\x00\x00\x02x", "\x00\x00\x0f\xa2\xff\xff\xff\xffx",
		"\x00\x01\x0f\xa2\x00\x00\x00\x01x", "\x00\x00\x0f\xa2\x00\x00\x00\x01\xff"} {
		if _, err := packet.ParseError([]byte(lie)); !errors.Is(err, packet.ErrBody) {
			t.Errorf("%x: %v", lie, err)
		}
	}
	long := p.Error(packet.CodeFull, strings.Repeat("€", 5000))
	if e, err := packet.ParseError(long.Payload()); err != nil || len(e.Message) > packet.MaxText {
		t.Error(err, len(e.Message))
	}
}

// TestPictures: sizes are checked before anyone allocates by them.
func TestPictures(t *testing.T) {
	head := func(w, h, format uint32, n int) []byte {
		b := make([]byte, packet.ImageHeadSize+n)
		packet.ImageHead{Width: w, Height: h, Format: format, Time: 5}.Put(b)
		return b
	}
	if h, pix, err := packet.ParseImage(head(4, 2, 1, 24)); err != nil || h.Width != 4 || h.Height != 2 || len(pix) != 24 || h.Time != 5 {
		t.Error(h, err)
	}
	compressed := head(1, 1, 1, 3)
	compressed[15] = 1
	for name, b := range map[string][]byte{
		"empty": nil, "short": make([]byte, 23), "zero": head(0, 0, 1, 0), "zero side": head(0, 5, 1, 0), "long": head(4, 2, 1, 25), "cut": head(4, 2, 1, 23),
		"format": head(1, 1, 2, 3), "compressed": compressed, "side": head(4097, 1, 1, 4097*3), "overflow": head(1<<31, 2, 1, 0), "wrap": head(1431655766, 1, 1, 2),
	} {
		if _, _, err := packet.ParseImage(b); !errors.Is(err, packet.ErrSize) {
			t.Errorf("image %s: %v", name, err)
		}
	}
	video := func(codec media.Codec, w, h uint16, n int) []byte {
		b := make([]byte, packet.VideoHeadSize+n)
		packet.VideoHead{Codec: codec, Width: w, Height: h, Seq: 9}.Put(b)
		return b
	}
	h, data, err := packet.ParseVideo(video(media.JPEG, 160, 90, 7), 0)
	if err != nil || len(data) != 7 || !h.Flags.Has(media.Key) || !h.Flags.Has(media.Discardable) || h.Seq != 9 {
		t.Error(h, err)
	}
	if h, _, err := packet.ParseVideo(video(media.VP8, 160, 90, 7), 0); err != nil || h.Flags.Has(media.Key) || h.Flags.Has(media.Discardable) || h.Flags.Has(media.PrevDiscardable) {
		t.Error(h, err)
	}
	for name, b := range map[string][]byte{
		"empty": nil, "head only": video(1, 8, 8, 0), "zero": video(1, 0, 8, 5), "side": video(2, 4097, 1, 5), "bomb": video(2, 4096, 4096, 5),
	} {
		if _, _, err := packet.ParseVideo(b, 0); !errors.Is(err, packet.ErrSize) {
			t.Errorf("video %s: %v", name, err)
		}
	}
	if _, _, err := packet.ParseVideo(video(1, 100, 100, 5), 29999); !errors.Is(err, packet.ErrSize) {
		t.Error(err)
	}
	if _, _, err := packet.ParseVideo(video(3, 8, 8, 5), 0); !errors.Is(err, packet.ErrCodec) {
		t.Error(err)
	}
	if packet.CheckPicture(packet.TextMessage, nil, 0) != nil || packet.CheckPicture(packet.ImageFrame, nil, 0) == nil {
		t.Error("checked what is no picture, or not what is one")
	}
}

// TestImageTime: milliseconds that repeat every 49 days mean the nearest moment.
func TestImageTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.UnixMilli(rapid.Int64Range(0, 1<<42).Draw(t, "now"))
		taken := now.Add(-time.Duration(rapid.Int64Range(-1000000, 1000000).Draw(t, "age")) * time.Millisecond)
		if got := packet.ImageTime(uint32(taken.UnixMilli()), now); !got.Equal(taken) {
			t.Fatalf("%s, want %s", got, taken)
		}
	})
}

// TestSmallPackets: pings, pongs and stream ids have one length each.
func TestSmallPackets(t *testing.T) {
	var b [packet.PongSize]byte
	packet.PutPong(b[:], 1, math.MaxUint64)
	if asked, clock, err := packet.ParsePong(b[:]); err != nil || asked != 1 || clock != math.MaxUint64 {
		t.Error(asked, clock, err)
	}
	packet.PutPing(b[:], 42)
	if clock, err := packet.ParsePing(b[:8]); err != nil || clock != 42 {
		t.Error(clock, err)
	}
	packet.PutStream(b[:], 1)
	if s, err := packet.ParseStream(b[:4]); err != nil || s != 1 {
		t.Error(s, err)
	}
	for n := range 16 {
		_, ping := packet.ParsePing(b[:n])
		_, _, pong := packet.ParsePong(b[:n])
		_, stream := packet.ParseStream(b[:n])
		if (ping == nil) != (n == 8) || pong == nil || (stream == nil) != (n == 4) {
			t.Errorf("%d bytes: %v %v %v", n, ping, pong, stream)
		}
	}
}

// TestTypes: names, limits, and which are pictures.
func TestTypes(t *testing.T) {
	for _, x := range []struct {
		t     packet.Type
		name  string
		limit int
	}{
		{packet.ImageFrame, "IMAGE_FRAME", 4 << 20}, {packet.VideoFrame, "VIDEO_FRAME", 4 << 20},
		{packet.HelloType, "HELLO", 64 << 10}, {packet.Ping, "PING", 64 << 10}, {1234, "1234", 64 << 10}, {0, "0", 64 << 10},
	} {
		if x.t.String() != x.name || x.t.Limit(0) != x.limit || (x.t.Class() == packet.Video) != (x.limit > 1<<20) || x.t.Known() != (x.name[0] > '9') {
			t.Errorf("%d is %s of at most %d", x.t, x.t, x.t.Limit(0))
		}
	}
	if packet.ImageFrame.Limit(1000) != 1000 || packet.Ping.Limit(1000) != 64<<10 {
		t.Error("limits")
	}
}

// TestCodesDocumented holds the table of close codes against PROTOCOL.md.
func TestCodesDocumented(t *testing.T) {
	page, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(page), "## Close codes")
	if !ok {
		t.Fatal("no section on close codes")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var rows [][]string
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if _, err := strconv.Atoi(cells[0]); err == nil {
			rows = append(rows, cells[:4])
		}
	}
	again := map[packet.Retry]string{packet.No: "no", packet.Yes: "yes", packet.WithWait: "with `--wait`", packet.OnceIn: "once welcomed"}
	var want [][]string
	for _, c := range packet.Codes() {
		want = append(want, []string{strconv.Itoa(int(c.Code)), c.Name, again[c.Retry], strconv.Itoa(c.Exit)})
	}
	if d := cmp.Diff(want, rows); d != "" {
		t.Errorf("code and document differ (- code, + document):\n%s", d)
	}
}

// TestCodes: every row is complete and in order, and codes outside have one too.
func TestCodes(t *testing.T) {
	last := packet.Code(0)
	for _, c := range packet.Codes() {
		if c.Code <= last || c.Name == "" || c.Meaning == "" || c.Code.Info() != c || c.Retry == packet.Yes && c.Exit == 0 {
			t.Errorf("%+v", c)
		}
		last = c.Code
	}
	if i := packet.Code(4999).Info(); i.Retry != packet.No || i.Exit != 1 || i.Name != "code 4999" {
		t.Errorf("%+v", i)
	}
	for want, e := range map[string]packet.CloseError{
		"4002 no free slot: all 32 places are taken": {Code: packet.CodeFull, Reason: "all 32 places are taken"},
		"1000 bye": {Code: packet.CodeBye}, "code 4321: x": {Code: 4321, Reason: "x"},
	} {
		if e.Error() != want {
			t.Errorf("%q, want %q", e.Error(), want)
		}
	}
}
