#!/bin/sh
# fuzz.sh TIME [TAGS]: runs each fuzz target of the project for TIME.
set -eu
time=${1:-60s} tags=${2:-}
list=$(git ls-files '*_test.go' | xargs grep -ho '^func Fuzz[A-Za-z0-9_]*' /dev/null | sed 's/^func //' | sort -u)
[ -n "$list" ] || { echo "fuzz: no targets found" >&2; exit 1; }
for file in $(git ls-files '*_test.go' | xargs grep -l '^func Fuzz'); do
	for target in $(grep -o '^func Fuzz[A-Za-z0-9_]*' "$file" | sed 's/^func //'); do
		echo "== ./$(dirname "$file") $target"
		go test -tags "$tags" -run '^$' -fuzz "^$target\$" -fuzztime "$time" "./$(dirname "$file")"
	done
done
