// Package transport is one WebSocket connection that carries ACIP packets, at either end.
//
// It reads and writes packets and decides nothing about what they mean. It does reassembly with its deadline, the
// checks of length, checksum and picture size, keep-alive and the close handshake, and has the nil-safe handle and the
// send queue that a client sends through.
//
// A connection has two goroutines. The caller of Run reads and lends each packet to the Handler. The writer is started
// by Run and ended before Run returns; it pulls packets from the PacketSource. Only the holder of the write lock may
// write. Normally that is the writer; while it waits, WriteInline may take the lock and write small packets in its
// caller's goroutine.
//
// The library (coder/websocket) does the handshake, unmasking, framing and control frames of what is read. What it
// would write is discarded; the writer sends all frames. Beneath the library lies a stream that counts frames as they
// pass, because the library hides where they begin. Under TLS a record buffer lies beneath that, so that the writer
// knows how far each record got.
package transport
