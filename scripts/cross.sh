#!/bin/sh
# Compiles for the systems that have no C compiler here. mediadevices has no camera without cgo: the stub says so at run time.
set -eu
for target in linux/amd64 linux/arm64 linux/386 darwin/arm64 darwin/amd64 windows/amd64 freebsd/amd64; do
	printf '== %s, cgo off\n' "$target"
	GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0 go vet ./cmd/... ./internal/client ./internal/server
	GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0 go build -o /dev/null ./cmd/server
	GOOS=${target%/*} GOARCH=${target#*/} CGO_ENABLED=0 go build -o /dev/null ./cmd/client
done
