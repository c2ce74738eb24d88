package pagetest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"acip/internal/server"
	"acip/packet"
	"acip/transport"

	"github.com/chromedp/chromedp"
)

// proxied puts an HTTP proxy in front of a server that does to each request what change says.
func proxied(t *testing.T, addr string, change func(*httputil.ProxyRequest)) string {
	t.Helper()
	to := &url.URL{Scheme: "http", Host: addr}
	p := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
		change(r)
	}})
	t.Cleanup(p.Close)
	return p.URL
}

// refusals: the page says why it was refused, though browsers hide the answer to a failed upgrade.
func refusals(t *testing.T, b context.Context) {
	for name, c := range map[string]struct {
		args   []string
		before func(t *testing.T, s *testServer)
		change func(*httputil.ProxyRequest)
		where  string // the element
		want   string
	}{
		"a proxy without Upgrade": {where: "#card", want: "proxy_set_header Upgrade", change: func(r *httputil.ProxyRequest) {
			r.Out.Header.Del("Upgrade")
			r.Out.Header.Del("Connection")
		}},
		"a proxy that rewrites Host": {where: "#card", want: "proxy_set_header Host", change: func(r *httputil.ProxyRequest) { r.Out.Host = r.Out.URL.Host }},
		"a proxy that answers itself": {where: "#status", want: "in between refuses WebSockets", change: func(r *httputil.ProxyRequest) {
			if r.In.URL.Path == packet.DefaultPath {
				r.Out.URL.Path = "/nowhere"
			}
		}},
		"full server": {args: []string{"--max-clients", "1"}, where: "#status", want: "all 1 slots are taken", before: takeSlot},
		"full room":   {args: []string{"--max-room", "1"}, where: "#status", want: "the room is full", before: takeSlot},
		"rate":        {args: []string{"--limit-loopback", "--address-connects", "1"}, where: "#status", want: "too many connections a second", before: hammer},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, c.args...)
			if c.before != nil {
				c.before(t, s)
			}
			at := "http://" + s.addr
			if c.change != nil {
				at = proxied(t, s.addr, c.change)
			}
			p := open(t, b, at+"/watch")
			p.until(c.want, `document.querySelector("`+c.where+`").innerText.includes("`+c.want+`")`)
		})
	}
}

func takeSlot(t *testing.T, s *testServer) { join(t, s, "lobby", "ann") }

// hammer takes all the connections that an address may make, until the test ends.
func hammer(t *testing.T, s *testServer) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			if r, err := http.Get("http://" + s.addr + packet.DefaultPath); err == nil {
				_ = r.Body.Close()
			}
			select {
			case <-quit:
				tick.Stop()
				return
			case <-tick.C:
			}
		}
	}()
	t.Cleanup(func() { close(quit); <-done })
}

// token: the page asks for it, says that a wrong one is wrong, and joins with the right one.
func token(t *testing.T, b context.Context) {
	s := serve(t, "--token", "sesame")
	p := open(t, b, "http://"+s.addr+"/watch")
	for _, try := range []struct{ says, give string }{{"asks for a token", "wrong"}, {"token is wrong", "sesame"}} {
		p.until(try.says, `!document.querySelector("#ask").hidden && document.querySelector("#asked").textContent.includes("`+try.says+`")`)
		p.run(chromedp.SetValue(chromedp.CSS("#token"), try.give))
		p.click("#ask button")
	}
	p.until("the call", `document.body.dataset.link === "up" && document.querySelector("#ask").hidden`)
	if strings.Contains(s.lines(), "sesame") {
		t.Error("the token is in the log")
	}
}

// ending is a server that lets everybody in and ends each connection with a close code.
type ending struct {
	code   packet.Code
	reason string
	bufs   packet.Buffers
	joined atomic.Int32
	page   http.Handler
}

func (e *ending) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != packet.DefaultPath {
		e.page.ServeHTTP(w, r)
		return
	}
	conn, err := transport.Accept(w, r, transport.Options{Buffers: &e.bufs})
	if err != nil {
		return
	}
	hello, err := conn.Receive(r.Context())
	if err != nil {
		return
	}
	hello.Release()
	e.joined.Add(1)
	out := transport.NewSendQueue()
	defer out.Close()
	welcome, err := e.bufs.JSON(packet.WelcomeType, 0, packet.Welcome{ID: 1, Room: "lobby", Limits: packet.Limits{RetryAfterS: 1}})
	if err != nil {
		return
	}
	_ = out.Send(welcome)
	welcome.Release()
	said, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		once := sync.OnceFunc(func() { close(said) })
		_ = conn.Run(context.WithoutCancel(r.Context()), func(*packet.Buffer) error { once(); return nil }, out)
	}()
	select {
	case <-said:
		_ = conn.Close(e.code, e.reason)
	case <-ended:
	}
	<-ended
}

// closeCodes: what ends for good is said with a button, and what does not is tried again.
func closeCodes(t *testing.T, b context.Context) {
	for _, c := range []struct {
		code   packet.Code
		reason string
		final  bool
		says   string
	}{
		{packet.CodeRemoved, "", true, "The operator of the server ended the session"},
		{packet.CodeTakenOver, "", true, "Another session took this one over"},
		{packet.CodeViolation, "a packet too many", true, "A packet too many"},
		{packet.CodeFraming, "", false, ""},
		{packet.CodeGoingAway, "server going away", false, "Trying again in 1 s"},
		{packet.CodeGoingAway, "", false, ""},
		{packet.CodeStalled, "", false, ""},
	} {
		t.Run(c.code.String()+" "+c.reason, func(t *testing.T) {
			e := &ending{code: c.code, reason: c.reason, page: server.New(server.Config{}).Handler()}
			s := httptest.NewServer(e)
			t.Cleanup(s.Close)
			p := open(t, b, s.URL+"/watch")
			if c.final {
				p.until(c.says, `!document.querySelector("#card").hidden && document.querySelector("#why").textContent === "`+c.says+`"`)
				n := e.joined.Load()
				p.click("#again")
				p.until("the card again", `!document.querySelector("#card").hidden`)
				if e.joined.Load() != n+1 {
					t.Errorf("joined %d times after the button, %d before", e.joined.Load(), n)
				}
				return
			}
			p.until(c.says, `document.querySelector("#status").textContent.includes("`+c.says+`")`)
			for end := time.Now().Add(patience); e.joined.Load() < 3; <-time.After(20 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatalf("joined %d times", e.joined.Load())
				}
			}
		})
	}
}
