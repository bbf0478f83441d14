#!/bin/bash
# Runs test programs and scripts one after the other and counts what ran.
#
#   tests/run.sh PROGRAM...   cmocka programs, or scripts whose last line is
#                             "N passed, M failed[, K skipped]"
#
# Keeps each one's output in $LOGS and shows it when it fails. Its own last line
# adds everything up. Exit status 1 when anything failed or nothing ran.
set -u
logs=${LOGS:-build/logs}
mkdir -p "$logs"
passed=0 failed=0 skipped=0

count() { # LOG: sets p, f, s from the program's own closing words
	p=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test.*/\1/p' "$1" | tail -n 1)
	f=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test.*/\1/p' "$1" | tail -n 1)
	s=$(sed -n 's/^\[  SKIPPED \] \([0-9]*\) test.*/\1/p' "$1" | tail -n 1)
	if [ -z "$p$f" ]; then
		read -r p f s < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?$/\1 \2 \4/p' \
			"$1" | tail -n 1)
	fi
	p=${p:-0} f=${f:-0} s=${s:-0}
}

for program in "$@"; do
	log=$logs/$(basename "$program").log
	start=$SECONDS
	if ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 "$program" >"$log" 2>&1; then
		status=0
	else
		status=$?
	fi
	count "$log"
	if [ $status -ne 0 ] && [ "$f" -eq 0 ]; then
		f=1
	fi
	if [ $status -eq 0 ] && [ $((p + f + s)) -eq 0 ]; then
		echo "$program: ran nothing that it counted" >>"$log"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	if [ "$f" -gt 0 ]; then
		echo "FAIL  $program (status $status), from $log:"
		tail -n 40 "$log"
	else
		printf 'ok    %-44s %5d passed %4ds\n' "$(basename "$program")" \
			"$p" $((SECONDS - start))
		grep '^SKIP' "$log"
	fi
done
summary="$passed passed, $failed failed"
[ $skipped -eq 0 ] || summary="$summary, $skipped skipped"
echo "$summary"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
