// Package server is the relay daemon: it puts WebSocket connections into the pool's rooms.
//
// A connection takes these steps. The connection limiter counts it by address. net/http reads its request; headers are
// due within five seconds. transport upgrades it. Its hello is due within five seconds. The pool gives it a slot. Then
// the session reads and publishes, while the transport's writer takes what waits in the pool. The HTTP handler runs the
// session; when it returns, the slot is free and nothing is left.
//
// Serve owns all sessions, the ticker and the HTTP server; they end before it returns.
package server
