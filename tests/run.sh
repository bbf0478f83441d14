#!/bin/bash
# Runs test programs and scripts, some at a time, and counts what ran.
#
#   tests/run.sh PROGRAM... [--alone PROGRAM...]
#
# PROGRAM is a cmocka program, or a script whose last line is "N passed,
# M failed[, K skipped]". $JOBS of them run at once (most of them wait more than
# they work), but those after --alone one by one when the others have ended.
#
# Keeps each one's output in $LOGS and shows it when it fails. Its own last line
# adds everything up. Exit status 1 when anything failed or nothing ran.
set -um # each job is a process group, to be ended as a whole
logs=${LOGS:-build/logs}
jobs=${JOBS:-$(nproc)}
# What hangs fails: with its servers to build, the longest takes a third of it.
limit=2700
mkdir -p "$logs"
passed=0 failed=0 skipped=0 running=0

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

stop() {
	trap - INT TERM HUP
	for group in $(jobs -p); do
		kill -TERM -- "-$group"
	done
	wait
	exit 130
} 2>/dev/null
trap stop INT TERM HUP

# Each tells here how it ended: "STATUS SECONDS PROGRAM".
ended=$(mktemp -u) && mkfifo "$ended" && exec 3<>"$ended" && rm "$ended" ||
	exit 1

begin() { # PROGRAM
	running=$((running + 1))
	{
		start=$SECONDS
		ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 \
			timeout --foreground "$limit" "$1" \
			>"$logs/$(basename "$1").log" 2>&1 </dev/null 3>&-
		echo "$? $((SECONDS - start)) $1" >&3
	} &
}

finish() { # waits until one has ended, and adds it up
	local status seconds program log
	read -r status seconds program <&3
	running=$((running - 1))
	log=$logs/$(basename "$program").log
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
			"$p" "$seconds"
		grep '^SKIP' "$log"
	fi
}

for program in "$@"; do
	if [ "$program" = --alone ]; then
		jobs=1
		continue
	fi
	while [ $running -ge "$jobs" ]; do
		finish
	done
	begin "$program"
done
while [ $running -gt 0 ]; do
	finish
done
summary="$passed passed, $failed failed"
[ $skipped -eq 0 ] || summary="$summary, $skipped skipped"
echo "$summary"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
