// Package call is one call: pictures up to a server, pictures of others down from it, and coming back when the connection
// is lost.
//
// Upward a picture goes capture → feeder → sender → transport.Handle; downward transport.Conn → receiver → Output, which is
// an interface that this package declares and that knows how to show a call. Nothing queues: at each place at most the
// newest picture waits, and what it replaced is counted with a Reason.
package call
