package transport_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"acip/packet"
	"acip/transport"
)

// A server accepts connections and prints the chat that arrives; a client dials, sends one line through its handle, and
// leaves.
func ExampleDial() {
	ctx := context.Background()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := transport.Accept(w, r, transport.Options{})
		if err != nil {
			return // the client has its answer
		}
		_ = conn.Run(r.Context(), func(p *packet.Buffer) error {
			fmt.Printf("%s: %s\n", p.Type(), p.Payload())
			return packet.CloseError{Code: packet.CodeBye} // one line is enough
		}, transport.NewSendQueue())
	}))
	defer server.Close()

	conn, err := transport.Dial(ctx, server.URL, transport.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var handle transport.Handle
	queue := transport.NewSendQueue()
	handle.Set(queue)
	line, err := new(packet.Buffers).JSON(packet.TextMessage, 0, packet.Text{Text: "hello"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer line.Release()
	fmt.Println("sent:", handle.Send(line) == nil)
	err = conn.Run(ctx, func(*packet.Buffer) error { return nil }, queue)
	handle.Clear()
	fmt.Println(err)
	fmt.Println("afterwards:", handle.Send(line))
	// Output:
	// sent: true
	// TEXT_MESSAGE: {"text":"hello"}
	// 1000 bye
	// afterwards: transport: not connected
}
