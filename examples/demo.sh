#!/bin/sh
# examples/demo.sh PROGRAM: judges examples/manifests by the shipped tiers.
# Exit status 0 when it did what this text says, whatever it found.
set -eu
cd "$(dirname "$0")"
program=$1
case $program in
/*) ;;
*) program=../$program ;;
esac

say() {
	printf '\n==> %s\n' "$1"
}

expect() {
	wanted=$1
	shift
	status=0
	"$@" || status=$?
	[ "$status" -eq "$wanted" ] || {
		echo "demo: exit status $status, wanted $wanted: $*" >&2
		exit 1
	}
}

say "Which tier each object gets, and what is refused (bulkhead check):"
expect 1 "$program" check --cluster-objects cluster manifests

say "What the tiers fill in where the author left it out (bulkhead diff):"
expect 1 "$program" diff --cluster-objects cluster \
	manifests/coder.yaml manifests/interpreter.yaml

say "Try it on your own: $(basename "$program") check PATH..."
