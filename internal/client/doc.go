// Package client is the commands of acip-client: it reads what the flags said, picks what a call is shown on, and hands
// each room what it needs. The call itself is internal/call; what shows it, internal/screen and internal/stream.
package client
