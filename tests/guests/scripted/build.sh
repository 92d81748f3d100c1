#!/bin/sh
# Makes a component of JavaScript (12 MB, on StarlingMonkey) and one of Python (18 MB, on CPython) for the contract:
# the largest ones that people make. `host/runtime/src/admission/structure/bounds.rs` has its numbers from them.
#
#   tests/guests/scripted/build.sh [FOLDER]
#
# FOLDER (target/scripted) gets channel-js.wasm and channel-py.wasm, still without a channel.toml, which
# `baepo plugin build` adds. It needs node 20, python 3.10, npm's registry and PyPI. The Python one imports WASI,
# so a host refuses it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wit=$here/../../../wit/channel.wit
mkdir -p "${1:-target/scripted}"
out=$(cd "${1:-target/scripted}" && pwd)

cp "$here/build.mjs" "$here/package.json" "$out"
npm install --prefix "$out" --no-audit --no-fund
node "$out/build.mjs" "$here/channel.js" "$wit" "$out/channel-js.wasm"

python3 -m venv "$out/venv"
"$out/venv/bin/pip" install --quiet componentize-py==0.25.1
"$out/venv/bin/componentize-py" -d "$wit" -w channel-plugin componentize -p "$here" channel -o "$out/channel-py.wasm"
