#!/bin/sh
# lint.sh [TAGS]: formatting by looking for a difference, vet, staticcheck, the house rules. Versions are written down here.
set -eu
tags=${1:-}
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2
deadcode=golang.org/x/tools/cmd/deadcode@v0.52.0

unformatted=$(gofmt -l $(git ls-files '*.go'))
[ -z "$unformatted" ] || { echo "lint: gofmt -w these:"; echo "$unformatted"; exit 1; }
go vet -tags "$tags" ./...
go run "$staticcheck" -tags "$tags" ./...
# What no program reaches is there for tests alone: testkit, and what these ask of libvpx, for tests cannot speak C. Only a build
# that has everything can tell.
case $tags in *vpx*)
	unreached=$(go run "$deadcode" -tags "$tags" ./cmd/... ./scripts/... ./internal/bench/...)
	unreached=$(echo "$unreached" | grep -vE '^$|^internal/testkit/|vpxEncoder\.(preview|quantizer)$' || true)
	[ -z "$unreached" ] || { echo "lint: nothing but tests calls these:"; echo "$unreached"; exit 1; }
esac
go test -count=1 ./internal/arch
