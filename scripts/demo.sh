#!/usr/bin/env bash
# The main job in one terminal: a server on a free port of this machine, a client that sends the test pattern, and a client that shows the call.
# Where standard output is no terminal it runs five seconds, prints what was delivered, and succeeds only if frames were.
set -uo pipefail
cd "$(dirname "$0")/.."
server=bin/acip-server client=bin/acip-client
work=$(mktemp -d "${TMPDIR:-/tmp}/acip-demo.XXXXXX")
pids=()

finish() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
	for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 0' INT TERM

die() {
	echo "demo: $1" >&2
	sed 's/^/demo:   /' "$work"/*.log >&2 2>/dev/null
	exit 1
}

# field NAME FILE: the number that a JSON file says of NAME.
field() { sed -n "s/.*\"$1\": *\([0-9.]*\).*/\1/p" "$2" 2>/dev/null | head -n 1; }

"$server" --listen 127.0.0.1:0 --log-format json --log-file "$work/server.log" >/dev/null 2>"$work/server.err" &
pids+=($!)
for _ in $(seq 100); do
	address=$(sed -n 's/.*"addr":"\([^"]*\)".*/\1/p' "$work/server.log" 2>/dev/null | head -n 1)
	[ -n "$address" ] && break
	kill -0 "${pids[0]}" 2>/dev/null || die "the server ended: $(cat "$work/server.err")"
	sleep 0.05
done
[ -n "$address" ] || die "the server never said where it listens"
url=ws://$address

"$client" --source pattern --name pattern --send-only --log-file "$work/pattern.log" "$url" >/dev/null 2>&1 &
pids+=($!)

source=pattern what="no camera here, so you send the test pattern too"
if "$client" cameras --json 2>/dev/null | grep -q '"index"'; then
	source=camera what="you send your camera"
fi

if [ -t 1 ]; then
	echo "demo: server on $url, a client called pattern sends the test pattern; $what."
	echo "demo: q leaves, ? lists the keys."
	"$client" --source "$source" --name you "$url"
	exit
fi

echo "demo: server on $url, a client called pattern sends the test pattern; $what; 5 seconds"
"$client" --source "$source" --name you --output none --duration 5s --stats-file "$work/stats.json" "$url" 2>"$work/you.log" ||
	die "the client failed: $(cat "$work/you.log")"
received=$(field received "$work/stats.json")
echo "demo: delivered ${received:-0} frames, $(field fps "$work/stats.json") a second, $(field bytes_in "$work/stats.json") bytes"
[ "${received:-0}" -gt 0 ] || die "nothing was delivered"
