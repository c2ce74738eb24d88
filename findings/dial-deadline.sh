#!/bin/sh
# net/http keeps a request's deadline from its dialer.
#
# One would guess: a request with a deadline of 3 s, to a name with two addresses of which the first does not answer, reaches
# the second. net.Dialer documents (Timeout, Deadline) that it shares its time out among the addresses of a name, and takes
# the earlier of its own limits and the context's.
#
# What happens: http.Transport dials with context.WithoutCancel(request's context), so that DialContext sees no
# deadline at all. A net.Dialer without a Timeout of its own then gives the first address the system's two minutes, and the
# request fails though the second address answers. http.DefaultTransport is not hit, since its dialer has a Timeout of 30 s,
# but any deadline below 30 s is.
#
# Seen with: go1.26.8. Source: net/http/transport.go, (*Transport).getConn: dialCtx, dialCancel = context.WithCancel(
# context.WithoutCancel(ctx)); net/dial.go, partialDeadline.
#
# Output seen:
#   request's context has a deadline: true
#   dialer's context has a deadline: false
#   net.Dialer alone, context with a deadline: true
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module finding

go 1.23
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	var seen bool
	t := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		_, seen = ctx.Deadline()
		return nil, errors.New("seen enough")
	}}
	r, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:1/", nil)
	_, _ = t.RoundTrip(r)
	_, has := r.Context().Deadline()
	fmt.Println("request's context has a deadline:", has)
	fmt.Println("dialer's context has a deadline:", seen)
	var alone bool
	d := net.Dialer{ControlContext: func(ctx context.Context, _, _ string, _ syscall.RawConn) error {
		_, alone = ctx.Deadline()
		return errors.New("seen enough")
	}}
	_, _ = d.DialContext(ctx, "tcp", "127.0.0.1:1")
	fmt.Println("net.Dialer alone, context with a deadline:", alone)
	if !has || seen || !alone {
		os.Exit(1)
	}
}
GO
go run .
