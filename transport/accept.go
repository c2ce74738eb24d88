package transport

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/coder/websocket"

	"acip/packet"
)

// Accept upgrades a request to a connection. A request that is no upgrade, asks for another sub-protocol or comes from
// a foreign origin is answered with an HTTP status and a sentence, and the error says the same. The time limit for
// request headers is the http.Server's.
func Accept(w http.ResponseWriter, r *http.Request, o Options) (*Conn, error) {
	if refusal := judge(r); refusal != "" {
		http.Error(w, refusal, http.StatusBadRequest)
		return nil, errors.New(refusal)
	}
	if len(r.Header.Values("Origin")) > 1 { // the library would check the first only
		http.Error(w, "more than one Origin", http.StatusForbidden)
		return nil, errors.New("more than one Origin")
	}
	o = o.defaults()
	c := newConn(o, false)
	ws, err := websocket.Accept(&hijacker{ResponseWriter: w, c: c}, r, &websocket.AcceptOptions{
		Subprotocols:    []string{packet.Subprotocol},
		OriginPatterns:  o.Origins,
		CompressionMode: websocket.CompressionDisabled,
		OnPingReceived:  c.wsPing,
		OnPongReceived:  c.wsPong,
	})
	if err != nil {
		return nil, fmt.Errorf("accept: %w", err)
	}
	ws.SetReadLimit(-1) // checked by the header instead, before the payload is read
	c.ws = ws
	return c, nil
}

// judge returns why a request cannot become a connection; "" if it can.
func judge(r *http.Request) string {
	if lost := missing(r); lost != "" {
		return notUpgraded + lost + takenAway + "; nginx passes it on with: " + NginxUpgrade
	}
	if !hasToken(r.Header, "Upgrade", "websocket") {
		return "this is an acip server: it speaks WebSocket with sub-protocol " + packet.Subprotocol +
			" here; join with an acip client, or see /healthz and /stats"
	}
	if hasToken(r.Header, "Sec-WebSocket-Protocol", packet.Subprotocol) {
		return ""
	}
	if hasToken(r.Header, "Sec-WebSocket-Protocol", "acip") {
		return "sub-protocol acip is ascii-chat's own, which this server does not speak yet; it speaks " + packet.Subprotocol
	}
	return "this server speaks WebSocket with sub-protocol " + packet.Subprotocol + notOffered
}

// Parts of a server's answer. By them a client recognises that a proxy in between does not pass the WebSocket on.
const (
	notUpgraded = "the request reaches the acip server without "
	takenAway   = ": a proxy takes that away"
	notOffered  = ", which the request does not offer"
)

// missing returns what a WebSocket request has lost on its way; "" for a whole one and for any other request.
func missing(r *http.Request) string {
	upgrade := hasToken(r.Header, "Upgrade", "websocket")
	key := r.Header.Get("Sec-WebSocket-Key") != "" || r.Header.Get("Sec-WebSocket-Version") != ""
	switch {
	case !upgrade && !key:
		return ""
	case !r.ProtoAtLeast(1, 1):
		return "HTTP/1.1, by " + packet.Shorten(packet.CleanText(r.Proto), 16)
	case !upgrade:
		return "its header Upgrade: websocket"
	case !hasToken(r.Header, "Connection", "upgrade"):
		return "its header Connection: upgrade"
	case r.Header.Get("Sec-WebSocket-Key") == "":
		return "its header Sec-WebSocket-Key"
	}
	return ""
}

// hasToken reports whether a comma-separated header holds a token.
func hasToken(h http.Header, key, token string) bool {
	for _, v := range h.Values(key) {
		for t := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(t), token) {
				return true
			}
		}
	}
	return false
}

// hijacker gives the library our stream as its connection.
type hijacker struct {
	http.ResponseWriter
	c *Conn
}

// Hijack implements http.Hijacker. What net/http has read already, which may include a quick client's first packet,
// becomes the stream's first bytes. Its bufio.Reader is used on, over the stream.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	s := h.c.attach(conn)
	ahead, _ := rw.Reader.Peek(rw.Reader.Buffered())
	s.reader.prepend(ahead)
	rw.Reader.Reset(s)
	return streamConn{Conn: conn, stream: s}, bufio.NewReadWriter(rw.Reader, bufio.NewWriterSize(s, 2+maxControl)), nil
}
