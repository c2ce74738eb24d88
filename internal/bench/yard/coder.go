package yard

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"

	"github.com/coder/websocket"
)

// ServeCoder relays messages with coder/websocket as its documentation shows: senders at /s, receivers at /r, one Write a
// message and receiver. It returns when the listener is closed.
func ServeCoder(l net.Listener) error {
	h := newHub()
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(64 << 20)
		if r.URL.Path == "/s" {
			_ = h.readCoder(c)
			return
		}
		_ = h.writeCoder(c.CloseRead(context.Background()), c)
	}))
}

// readCoder publishes a sender's messages.
func (h *hub) readCoder(c *websocket.Conn) error {
	var room bytes.Buffer
	for {
		_, r, err := c.Reader(context.Background())
		if err != nil {
			return err
		}
		room.Reset()
		if _, err := io.Copy(&room, r); err != nil {
			return err
		}
		s := h.get(room.Len())
		copy(s.b, room.Bytes())
		h.publish(s)
	}
}

// writeCoder writes to one receiver.
func (h *hub) writeCoder(ctx context.Context, c *websocket.Conn) error {
	box := h.enter()
	defer h.leave(box)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case s := <-box:
			err := c.Write(ctx, websocket.MessageBinary, s.b)
			s.release()
			if err != nil {
				return err
			}
		}
	}
}
