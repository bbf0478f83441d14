#!/bin/bash
# Replays every corpus through its fuzz target: one input, one count.
set -u
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
for source in tests/fuzz/fuzz_*.c; do
	target=$(basename "$source" .c)
	program=${BUILD:-build}/fuzz/fuzz/$target
	for input in tests/fuzz/corpus/"${target#fuzz_}"/*; do
		if "$program" "$input" >/dev/null 2>/tmp/fuzz.$$; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "$target $input:"
			tail -n 20 /tmp/fuzz.$$
		fi
	done
done
rm -f /tmp/fuzz.$$
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
