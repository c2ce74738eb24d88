// Package server is the relay daemon: it takes WebSocket connections into the
// pool's rooms.
//
// A connection's way: the gate counts it by address, net/http reads its request
// (headers are due within five seconds), transport upgrades it, its hello is due
// within five seconds, the pool gives it a slot, and then the session reads and
// publishes while the transport's writer takes what waits in the pool. The HTTP
// handler is the session; when it returns, the slot is free and nothing is left.
//
// Serve owns everything that lives: sessions, the ticker and the HTTP server end
// before it returns.
package server
