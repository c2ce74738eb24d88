#!/usr/bin/env bash
# Reconnects real clients to a real server while one pair streams, and judges what the programs really wrote.
#
#   scripts/test-websocket-server-client.sh [CYCLES]      64 unless said otherwise
#
# Both programs are built with the race detector. ACIP_SERVER and ACIP_CLIENT name others instead, which are refused
# unless they were built with it too. KEEP=1 leaves the outputs where they are. Exit 0 only if all four verdicts are good.
set -u
cycles=${1:-64}
root=$(cd "$(dirname "$0")/.." && pwd)
out=$(mktemp -d "${TMPDIR:-/tmp}/acip-cycles.XXXXXX")
pids=()

finish() {
  for p in "${pids[@]}"; do kill -9 "$p" 2>/dev/null; done
  wait 2>/dev/null
  if [ -n "${KEEP:-}" ]; then echo "outputs are in $out"; else rm -rf "$out"; fi
}
trap finish EXIT

die() { echo "test-websocket-server-client: error: $*" >&2; exit 1; }

case $cycles in ''|*[!0-9]*|0) die "CYCLES is a number above 0, not \"$cycles\"" ;; esac

# program NAME VARIABLE: the program to test, built with the race detector.
program() {
  local path=${!2:-}
  if [ -z "$path" ]; then
    path=$out/acip-$1
    (cd "$root" && go build -race -o "$path" "./cmd/$1") || die "cannot build ./cmd/$1 with -race"
  fi
  go version -m "$path" 2>/dev/null | grep -q -- '-race=true' || die "$path was not built with the race detector: go build -race"
  echo "$path"
}

# number FILE KEY: the first number that stands behind a key in JSON.
number() { grep -o "\"$2\": *[0-9]*" "$1" 2>/dev/null | head -n 1 | grep -o '[0-9]*$'; }

# line TEXT [TEXT]: the server's log lines that hold both.
line() { grep -F -- "$1" "$out/server.log" | grep -F -- "${2:-}"; }

stats() { curl -fsS --max-time 5 "http://$addr/stats" > "$out/stats.json"; }
used() { stats && number "$out/stats.json" used; }

# until_true SECONDS COMMAND…: wait for it.
until_true() {
  local end=$((SECONDS + $1)); shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

slots_are() { [ "$(used)" = "$1" ]; }
frames_at_viewer() { stats; local n; n=$(number "$out/stats.json" frames_out); [ "${n:-0}" -ge "$1" ]; }

# one N: a client comes and goes, in one of six manners. Its exit code is written down; killed ones have none to keep.
one() {
  local manner=$(($1 % 6)) log=$out/client-$1.log
  local watch=(--view-only --output none --room lobby) send=(--source pattern --send-only --room churn --codec raw --capture-size 80x60)
  local common=(--name "cycle$1" --log-format json --log-level debug --no-reconnect --server "ws://$addr")
  case $manner in
    0) "$client" "${watch[@]}" "${common[@]}" --duration 300ms ;;
    1) "$client" "${send[@]}" "${common[@]}" --duration 300ms ;;
    2) "$client" "${send[@]}" "${common[@]}" --duration 30s & end_with TERM $! ;;
    3) "$client" "${watch[@]}" "${common[@]}" --duration 30s & end_with INT $! ;;
    4) "$client" "${send[@]}" "${common[@]}" --duration 30s & end_with KILL $! ;;
    5) "$client" "${watch[@]}" "${common[@]}" --duration 30s & end_with KILL $! ;;
  esac > "$out/client-$1.out" 2> "$log"
  echo "$manner $?" > "$out/client-$1.exit"
}

# end_with SIGNAL PID: wait until the server knows the client, then end it.
end_with() {
  until_true 20 joined "cycle$N"
  kill -"$1" "$2" 2>/dev/null
  wait "$2" 2>/dev/null
}
joined() { grep -qF "\"name\":\"$1\"" "$out/server.log"; }

server=$(program server ACIP_SERVER) || exit 1
client=$(program client ACIP_CLIENT) || exit 1

"$server" --listen 127.0.0.1:0 --log-format json --log-level debug > "$out/server.out" 2> "$out/server.log" &
server_pid=$!
pids+=("$server_pid")
until_true 20 grep -q '"addr":' "$out/server.log" || die "the server does not serve: $(cat "$out/server.log")"
addr=$(grep -o '"addr":"[^"]*"' "$out/server.log" | head -n 1 | cut -d'"' -f4)

# The pair. Viewer first, so that every picture of the sender has somebody to go to.
"$client" --view-only --output none --peer steady --room lobby --name viewer --stats-file "$out/viewer.json" \
  --log-format json --log-level debug --server "ws://$addr" > "$out/viewer.out" 2> "$out/viewer.log" &
viewer_pid=$!
pids+=("$viewer_pid")
until_true 20 slots_are 1 || die "the viewer did not join: $(cat "$out/viewer.log")"
"$client" --source pattern --send-only --room lobby --name steady --codec raw --capture-size 160x120 --fps 30 --stats-file "$out/sender.json" \
  --log-format json --log-level debug --server "ws://$addr" > "$out/sender.out" 2> "$out/sender.log" &
sender_pid=$!
pids+=("$sender_pid")
until_true 20 slots_are 2 || die "the sender did not join: $(cat "$out/sender.log")"
until_true 20 frames_at_viewer 10 || die "the pair does not stream"

echo "$cycles cycles against $addr, four at a time"
running=0
for ((N = 1; N <= cycles; N++)); do
  one "$N" &
  pids+=("$!")
  running=$((running + 1))
  if [ "$running" -ge 4 ]; then wait -n 2>/dev/null; running=$((running - 1)); fi
done
until_true 120 eval '[ "$(ls "$out" | grep -c "^client-.*\.exit$")" -eq "$cycles" ]' || die "some clients hang"

until_true 30 slots_are 2
base=$(used)

# The end, in an order that leaves nothing under way: sender, then viewer, then server.
kill -TERM "$sender_pid"; wait "$sender_pid"; sender_exit=$?
until_true 20 slots_are 1
sleep 0.5
kill -TERM "$viewer_pid"; wait "$viewer_pid"; viewer_exit=$?
until_true 20 slots_are 0
end=$(used)
kill -TERM "$server_pid"; wait "$server_pid"; server_exit=$?

failed=0
verdict() { # verdict NAME GOOD TEXT
  if [ "$2" = yes ]; then echo "✓ $1: $3"; else echo "✗ $1: $3"; failed=1; fi
}

# 1. Slots.
good=no
[ "$base" = 2 ] && [ "$end" = 0 ] && good=yes
verdict "slots back at base" $good "${base:-?} used after $cycles cycles (2 are the pair's), ${end:-?} after all had gone"

# 2. Outputs. They must be there: what is empty proves nothing.
wrote=$(cat "$out"/*.log | wc -l)
bad=$(cat "$out"/*.log "$out"/*.out | grep -cE 'DATA RACE|^panic:|fatal error:|"level":"(panic|fatal|error)"')
good=no
[ -s "$out/server.log" ] && [ -s "$out/sender.log" ] && [ "$wrote" -gt "$cycles" ] && [ "$bad" -eq 0 ] && good=yes
verdict "no race, no panic" $good "$bad such lines in $wrote lines of output"
[ "$bad" -eq 0 ] || cat "$out"/*.log "$out"/*.out | grep -E -m 3 -A 12 'DATA RACE|^panic:|fatal error:|"level":"(panic|fatal|error)"'

# 3. Every picture of the pair: captured = sent + dropped at the sender; sent = in at the server; in = out + dropped at the
# server; out = received at the viewer. Nobody else sends in that room.
captured=$(number "$out/sender.json" captured) sent=$(number "$out/sender.json" sent) received=$(number "$out/viewer.json" received)
unsent=$(sed -n '/"dropped": {/,/}/p' "$out/sender.json" 2>/dev/null | sed '/}/q' | grep -o ': [0-9]*' | awk '{s += $2} END {print s + 0}')
line '"client left"' '"name":"steady"' > "$out/steady.line"
line '"client left"' '"name":"viewer"' > "$out/viewer.line"
in=$(number "$out/steady.line" frames_in) passed=$(number "$out/viewer.line" frames_out)
dropped=$(grep -o '"dropped":{[^}]*}' "$out/viewer.line" | grep -o ':[0-9]*' | awk -F: '{s += $2} END {print s + 0}')
good=no
if [ "${received:-0}" -gt 0 ] && [ "$captured" = $((sent + unsent)) ] && [ "$sent" = "$in" ] && [ "$in" = $((passed + dropped)) ] && [ "$passed" = "$received" ]; then
  good=yes
fi
verdict "every frame accounted for" $good \
  "captured ${captured:-?} = sent ${sent:-?} + dropped ${unsent:-?}; server in ${in:-?} = out ${passed:-?} + dropped ${dropped:-?}; viewer received ${received:-?}"

# 4. States: each client that the server took in left once, freed its slot once, and ended as it should.
came=$(line '"client joined"' | wc -l) left=$(line '"client left"' | wc -l)
gone=$(line '[WS_DISCONNECT]' | wc -l) freed=$(line '[WS_CLEANUP]' | wc -l)
twice=$(line '[WS_CLEANUP]' | grep -o '"id":[0-9]*' | sort | uniq -d | wc -l)
wrong=$(cat "$out"/client-*.exit | awk '$1 <= 1 && $2 != 0' | wc -l)
reconnects=$(($(number "$out/sender.json" reconnects) + $(number "$out/viewer.json" reconnects)))
good=no
if [ "$came" -eq $((cycles + 2)) ] && [ "$left" -eq "$came" ] && [ "$gone" -eq "$came" ] && [ "$freed" -eq "$came" ] && [ "$twice" -eq 0 ] &&
  [ "$wrong" -eq 0 ] && [ "$reconnects" -eq 0 ] && [ "$sender_exit$viewer_exit$server_exit" = 000 ]; then
  good=yes
fi
verdict "states consistent on both ends" $good \
  "$came joined of $((cycles + 2)), $left left, $gone disconnects, $freed clean-ups ($twice double), $wrong wrong exits, $reconnects reconnects, ends $sender_exit $viewer_exit $server_exit"

exit $failed
