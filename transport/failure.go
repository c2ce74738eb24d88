package transport

import (
	"fmt"
)

// DialKind says why there is no connection.
type DialKind uint8

// The kinds of DialError.
const (
	DialFailed      DialKind = iota // anything else
	DialAddress                     // the address is none
	DialRefused                     // nothing listens there
	DialNotFound                    // the name is not known
	DialUnreachable                 // no way to the host
	DialTimeout                     // no answer in time
	DialTLS                         // the certificate, or no TLS there
	DialNotACIP                     // something answered, but no acip server
	DialSubprotocol                 // a WebSocket server that does not speak acip.relay.1
	DialStatus                      // an acip server or a proxy refused with an HTTP status
	DialProxy                       // the proxy did not connect
	DialCanceled                    // the caller gave up
)

// DialError is why Dial failed.
type DialError struct {
	URL    string // as dialled
	Kind   DialKind
	Status int    // HTTP status, if one came
	Detail string // a clean clause, such as the server's own sentence; may be empty
	Err    error  // the cause; may be nil
}

// Error reads "dial ws://host:27226/acip: connection refused".
func (e *DialError) Error() string { return fmt.Sprintf("dial %s: %s", e.URL, e.sentence()) }

// Unwrap is the cause.
func (e *DialError) Unwrap() error { return e.Err }

// Hint is what a person can do about it; may be empty.
func (e *DialError) Hint() string { return e.hint() }

// Retry reports whether trying again later may help without anybody doing
// something here.
func (e *DialError) Retry() bool {
	switch e.Kind {
	case DialRefused, DialNotFound, DialUnreachable, DialTimeout, DialFailed, DialProxy:
		return true
	case DialStatus:
		return e.Status == 429 || e.Status >= 500
	}
	return false
}

// sentence is the clause behind the address.
func (e *DialError) sentence() string {
	s := e.clause()
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

func (e *DialError) clause() string {
	switch e.Kind {
	case DialAddress:
		return "not an address"
	case DialRefused:
		return "connection refused"
	case DialNotFound:
		return "name not found"
	case DialUnreachable:
		return "host unreachable"
	case DialTimeout:
		return "timed out"
	case DialTLS:
		return "TLS"
	case DialNotACIP:
		return "no acip server there"
	case DialSubprotocol:
		return "the server does not speak acip.relay.1"
	case DialStatus:
		return fmt.Sprintf("refused with HTTP status %d", e.Status)
	case DialProxy:
		return "the proxy did not connect"
	case DialCanceled:
		return "canceled"
	}
	return "no connection"
}

func (e *DialError) hint() string {
	switch e.Kind {
	case DialAddress:
		return "an address is host, host:port, ws://host:port or wss://host"
	case DialRefused:
		return "start one there: acip-server; or check the port, which is 27226 unless --listen says otherwise"
	case DialNotFound:
		return "check the spelling of the host, or use its IP address"
	case DialUnreachable, DialTimeout:
		return "check that the host is up and that no firewall blocks the port: acip-client doctor ADDRESS"
	case DialTLS:
		return "use ws:// for a server without TLS, or have its certificate put right"
	case DialNotACIP:
		return "check the port: acip-server listens on 27226 unless --listen says otherwise"
	case DialSubprotocol:
		return "the server may be ascii-chat or another version: acip-client --version, acip-server --version"
	case DialStatus:
		return "ask who runs the server"
	case DialProxy:
		return "check HTTP_PROXY and HTTPS_PROXY, or name the host in NO_PROXY"
	}
	return ""
}
