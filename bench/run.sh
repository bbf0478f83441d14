#!/bin/bash
# One line a figure: name value unit goal <op> <number> met|missed. Whole
# programs are timed five times, the median counts.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
mkdir -p "$build/bench"

make --no-print-directory -s "$build/release/bench/bench_engine"
"$build/release/bench/bench_engine" bench/data/sandbox-4k.json

manifests=$build/bench/sandboxes.yaml
bench/generate.sh 1000 >"$manifests"
python3 bench/whole_program.py cli_1000_sandboxes 0.10 32 \
	"$build/bulkhead" check --fail-on never "$manifests"

BUILD=$build bench/webhook.sh
BUILD=$build bench/cluster.sh
