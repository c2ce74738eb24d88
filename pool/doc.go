// Package pool is the client slots: who is connected, in which room, what each
// member wants and what waits for it.
//
// It knows no sockets, starts no goroutine and reads no clock but the one it is
// given. A session joins with the client's hello, publishes what it reads, and
// pulls with Next what is to be written; Member has the two methods that a
// transport wants of an sendQueue.
//
// # What waits
//
// For each member a bounded queue of control packets, which are never dropped (a
// full queue ends the member, 4003), and per sender one place for pictures. The
// place holds the newest picture that stands alone, or the few that follow one
// another where pictures depend on each other (see run). Control goes first, then
// the sender that had fewest bytes lately. Chat has a budget of its own, and is
// dropped above it.
//
// # Locks
//
// Taken in this order, never the other way: Pool.mu (members, rooms, wishes),
// stream.mu (what one sender sends), sendQueue.mu (what waits for one viewer).
// Publishing takes the last two only, so that senders do not wait for each other
// unless they meet at the same viewer.
package pool
