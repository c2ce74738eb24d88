package pool_test

import (
	"fmt"

	"acip/packet"
	"acip/pool"
)

// Two members join a room. What one publishes waits for the other until its connection takes it.
func Example() {
	buffers := new(packet.Buffers)
	p := pool.New(pool.Options{Slots: 32, Buffers: buffers})
	end := func(err error) { fmt.Println("ended:", err) }
	alice, err := p.Join(packet.Hello{Room: "lobby", Name: "alice", Role: packet.RoleJoin}, end)
	if err != nil {
		fmt.Println(err)
		return
	}
	bob, err := p.Join(packet.Hello{Room: "lobby", Name: "bob", Role: packet.RoleWatch}, end)
	if err != nil {
		fmt.Println(err)
		return
	}

	picture := buffers.Get(packet.ImageHeadSize + 2*1*3)
	packet.ImageHead{Width: 2, Height: 1, Format: packet.FormatRGB24}.Put(picture.Payload())
	picture.Finish(packet.ImageFrame, alice.ID())
	alice.Publish(picture)
	picture.Release()

	for b := bob.Next(); b != nil; b = bob.Next() {
		fmt.Println(b.Type(), "from", b.Client())
		b.Release()
	}
	alice.Leave(packet.CodeBye, "bye")
	bob.Leave(packet.CodeBye, "bye")
	fmt.Println("buffers in use:", buffers.Outstanding())
	// Output:
	// WELCOME from 0
	// IMAGE_FRAME from 1
	// buffers in use: 0
}
