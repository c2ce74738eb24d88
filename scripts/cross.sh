#!/bin/sh
# cross.sh [all]: compiles for other systems without cgo; a camera is then what the stub says. "all" adds the rarer systems.
set -eu
targets="linux/amd64 linux/arm64 darwin/arm64 windows/amd64"
[ "${1:-}" = all ] && targets="$targets linux/386 darwin/amd64 freebsd/amd64"
export CGO_ENABLED=0
for target in $targets; do
	printf '== %s, cgo off\n' "$target"
	export GOOS=${target%/*} GOARCH=${target#*/}
	go vet $(go list -deps ./cmd/... | grep '^acip/') # every room of the programs, with its tests
	go build -o /dev/null ./cmd/server
	go build -o /dev/null ./cmd/client
done
