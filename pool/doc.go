// Package pool holds the client slots: who is connected and in which room, which tracks each member is subscribed to,
// and what waits to be sent to it.
//
// It knows no sockets, starts no goroutines and reads no clock but the one that it is given. A session joins with the
// client's hello, publishes what it reads, and takes what is to be written with Next. Member implements transport's
// PacketSource.
//
// # Tracks and subscriptions
//
// A track is one sender's video, with its simulcast layers, or one sender's audio. A viewer has one subscription per
// track: what it requested of the track, which of its frames wait, and the account of them.
//
// # The send queue
//
// Each member has one send queue. It is sent in the order of packet.Class:
//
//   - Control: a bounded queue. Nothing is dropped; a full queue ends the member with 4003. Chat comes last and has a
//     budget of its own, above which lines are dropped.
//   - Audio: per subscription, first in, first out, at most 120 ms old; then the oldest frame is dropped.
//   - Video: per subscription, newest only: one frame, or a short run of inter-coded frames. The subscription that had
//     the fewest bytes lately goes first.
//
// See policy for the numbers.
//
// # Locks
//
// Take them in this order and never in another: Pool.mu (members, rooms, requests), stream.mu (what one sender sends),
// sendQueue.mu (what waits for one viewer). Publish takes the last two only, so that senders wait for each other only
// if they meet at the same viewer.
package pool
