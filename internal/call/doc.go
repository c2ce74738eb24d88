// Package call runs one call: pictures up to a server, pictures of others down from it, and reconnecting when the
// connection is lost.
//
// Upward a picture passes captureLoop → videoUplink → transport.Handle; downward transport.Conn → downlink → Output, an
// interface that this package declares and that others implement. The session connects and reconnects, and the monitor
// watches both directions for congestion. Pictures do not queue: at each place only the newest one waits, and whatever it
// replaces is counted with an account.Reason.
package call
