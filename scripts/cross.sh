#!/bin/sh
# cross.sh [all]: compiles for other systems without cgo; a camera is then what the stub says. "all" adds the rarer systems.
set -eu
targets="linux/amd64 linux/arm64 darwin/arm64 windows/amd64"
[ "${1:-}" = all ] && targets="$targets linux/386 darwin/amd64 freebsd/amd64"
for target in $targets; do
	printf '== %s, cgo off\n' "$target"
	GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0 go vet ./cmd/... ./internal/server ./internal/term ./internal/client ./internal/call ./internal/screen ./internal/stream ./internal/film ./internal/doctor ./internal/address ./internal/look
	GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0 go build -o /dev/null ./cmd/server
	GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0 go build -o /dev/null ./cmd/client
done
