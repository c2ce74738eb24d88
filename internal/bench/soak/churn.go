package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"acip/internal/testkit"
	"acip/packet"
)

// churn is clients that come and go.
type churn struct{ rounds atomic.Int64 }

// run is one of them, in one manner after another. Errors are what it is for.
func (c *churn) run(ctx context.Context, addr string, i int) {
	random := rand.New(rand.NewPCG(uint64(i), 7))
	for ctx.Err() == nil {
		conn, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "tcp", addr)
		if err != nil {
			continue
		}
		_ = conn.SetDeadline(time.Now().Add(3 * time.Second))
		act(conn, random)
		_ = conn.Close()
		c.rounds.Add(1)
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(random.IntN(100)) * time.Millisecond):
		}
	}
}

// act comes, perhaps stays for a while, and ends in some manner.
func act(conn net.Conn, random *rand.Rand) {
	if random.IntN(20) == 0 {
		_, _ = conn.Write([]byte("GET /acip HTTP/1.1\r\nHost: x\r\nUpg")) // and no more
		return
	}
	p, _, err := testkit.Upgrade(conn, packet.DefaultPath, packet.Subprotocol)
	if err != nil {
		return
	}
	p.Pong = true
	room := "soak"
	if random.IntN(3) == 0 {
		room = "elsewhere"
	}
	if random.IntN(20) == 0 || p.Hello(fmt.Sprintf("churn%d", random.IntN(4)), room) != nil {
		return
	}
	if _, err := p.Expect(packet.WelcomeType); err != nil {
		return
	}
	for range random.IntN(20) {
		if p.Send(packet.ImageFrame, testkit.Image(64, 48, byte(random.IntN(256))), 1000) != nil {
			return
		}
		if _, _, err := p.Next(); err != nil {
			return
		}
	}
	leave(p, conn, random)
}

// leave ends a connection in one of the manners that are known.
func leave(p *testkit.Peer, conn net.Conn, random *rand.Rand) {
	half := testkit.Packet(packet.ImageFrame, testkit.Image(64, 48, 1))
	switch random.IntN(8) {
	case 0:
		_ = p.Close(packet.CodeBye, "bye")
		_, _ = p.Closed()
	case 1:
		if t, ok := conn.(*net.TCPConn); ok {
			_ = t.SetLinger(0)
		}
	case 2:
		_ = p.WriteFrame(testkit.Frame{Op: testkit.OpBinary, Payload: half[:1000]})
	case 3:
		_ = p.WriteMessage(make([]byte, 64), 0, 0)
		_, _ = p.Closed()
	case 4:
		_ = p.SendText(packet.Demand, `{"streams":[{"id":1,"width":32,"height":24,"fps":5}]}`)
		_, _, _ = p.Next()
	case 5:
		_ = p.SendText(packet.HelloType, `{}`)
	case 6:
		time.Sleep(time.Duration(random.IntN(1500)) * time.Millisecond) // reads nothing
	}
}
