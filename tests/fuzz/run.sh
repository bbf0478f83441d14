#!/bin/sh
# tests/fuzz/run.sh fuzz_NAME SECONDS: new inputs go to build/corpus/NAME.
set -eu
cd "$(dirname "$0")/../.."
name=${1#fuzz_}
new=${BUILD:-build}/corpus/$name
mkdir -p "$new"
dict=""
[ -f "tests/fuzz/$name.dict" ] && dict="-dict=tests/fuzz/$name.dict"
# shellcheck disable=SC2086 # absent or one word
exec "${BUILD:-build}/fuzz/fuzz/$1" -max_total_time="$2" -timeout=10 \
	-rss_limit_mb=2048 -print_final_stats=1 $dict "$new" \
	"tests/fuzz/corpus/$name"
