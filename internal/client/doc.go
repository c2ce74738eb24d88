// Package client is one call: pictures up to a server, pictures of others down from it.
//
// Upward a picture goes capture → mailbox → encoder → transport handle; downward transport → decoder → Output. Nothing
// queues: at each place at most the newest picture waits, and what it replaced is counted with a reason.
package client
