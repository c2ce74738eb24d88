#!/bin/sh
# share.sh BIN SHARE: writes the manual pages and shell completions that the programs print of themselves.
set -eu
bin=$1 share=$2
mkdir -p "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/site-functions" "$share/fish/vendor_completions.d"
for name in acip-server acip-client; do
	"$bin/$name" man >"$share/man/man1/$name.1"
	"$bin/$name" completion bash >"$share/bash-completion/completions/$name"
	"$bin/$name" completion zsh >"$share/zsh/site-functions/_$name"
	"$bin/$name" completion fish >"$share/fish/vendor_completions.d/$name.fish"
done
