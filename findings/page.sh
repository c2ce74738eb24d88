#!/bin/sh
# Chromium draws VP8 with the wrong colours unless VideoDecoder.configure() is told the colour space.
#
# One would guess: VP8 is BT.601, limited range (RFC 6386, section 9.2: color_space 0), as libvpx and ffmpeg code it and decode
# it, so that a VideoDecoder configured with { codec: "vp8" } draws pure green as it was coded.
#
# What happens: such frames are labelled bt709, and pure green is drawn as (0,216,2). Only a full
# colorSpace { primaries:"bt709", transfer:"iec61966-2-1", matrix:"smpte170m", fullRange:false } gives (0,255,2).
#
# Seen with Chromium 156.0.8078.114 (Debian 12), playwright-core 1.65.1, ffmpeg 5.1 with libvpx 1.12:
#   plain: bt709, 0,216,2
#   told:  smpte170m, 0,255,2
# Source: https://www.w3.org/TR/webcodecs/#dom-videodecoderconfig-colorspace
set -eu
command -v chromium >/dev/null && command -v ffmpeg >/dev/null && command -v npm >/dev/null || { echo "needs chromium, ffmpeg, npm"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --prefix "$dir" playwright-core@1.65.1 >/dev/null
ffmpeg -v error -f lavfi -i color=0x00FF00:s=64x64:r=1:d=1 -vf scale=out_color_matrix=bt601:out_range=tv,format=yuv420p \
	-c:v libvpx -qmin 0 -qmax 4 -crf 4 -b:v 20M -frames:v 1 green.ivf
cat >run.mjs <<'JS'
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
const server = createServer((_, r) => r.end("<!doctype html>")).listen(0, "127.0.0.1");
await new Promise((done) => server.on("listening", done));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.address().port}/`); // a secure context, which VideoDecoder needs
const data = [...readFileSync("green.ivf").subarray(44)];
const draw = (colorSpace) => page.evaluate(async ([data, colorSpace]) => {
  const frame = await new Promise((output, error) => {
    const d = new VideoDecoder({ output, error });
    d.configure({ codec: "vp8", ...(colorSpace && { colorSpace }) });
    d.decode(new EncodedVideoChunk({ type: "key", timestamp: 0, data: new Uint8Array(data) }));
    d.flush();
  });
  const c = new OffscreenCanvas(64, 64).getContext("2d");
  c.drawImage(frame, 0, 0);
  const said = `${frame.colorSpace.matrix}, ${[...c.getImageData(32, 32, 1, 1).data].slice(0, 3)}`;
  frame.close();
  return said;
}, [data, colorSpace]);
const plain = await draw(null), told = await draw({ primaries: "bt709", transfer: "iec61966-2-1", matrix: "smpte170m", fullRange: false });
console.log(`plain: ${plain}\ntold:  ${told}`);
await browser.close();
server.close();
const green = (s) => Number(s.split(",")[2]);
process.exit(plain.startsWith("bt709") && green(plain) < 225 && told.startsWith("smpte170m") && green(told) > 252 ? 0 : 1);
JS
timeout 60 node run.mjs
