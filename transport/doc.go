// Package transport is one WebSocket that carries ACIP packets, at either end.
//
// It reads a packet and writes a packet, and decides nothing about what they
// mean: reassembly with its deadline, the checks of length, checksum and picture
// size, keep-alive, closing with a code, and the nil-safe handle by which a
// client sends live here.
//
// A connection has two goroutines. The caller of Run reads and lends each packet
// to the Handler; the writer, started by Run and ended before Run returns, is
// the only one that writes: it pulls packets from the PacketSource. The library
// (coder/websocket) does the handshake, unmasking, framing and control frames of
// what is read; what it would write is taken over by the writer. Beneath the
// library lies a wire that counts frames as they pass, because the library hides
// where they begin. Where there is TLS, a seal lies beneath that, so that the wire
// puts records on the socket as it does frames: as far as they go.
package transport
