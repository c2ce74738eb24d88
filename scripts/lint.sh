#!/bin/sh
# lint.sh [TAGS]: formatting by looking for a difference, vet, staticcheck, the house rules. Versions are written down here.
set -eu
tags=${1:-}
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2

unformatted=$(gofmt -l $(git ls-files '*.go'))
[ -z "$unformatted" ] || { echo "lint: gofmt -w these:"; echo "$unformatted"; exit 1; }
go vet -tags "$tags" ./...
go run "$staticcheck" -tags "$tags" ./...
go test -count=1 ./internal/arch
