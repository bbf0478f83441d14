#!/bin/bash
# The end-to-end tests: our programs beside a real API server, upstream's
# controller and kwok's nodes. See run.py, and environment.py for the variables.
#
#   tests/e2e/run.sh [TEST...]     parts of the names of files, default: all
#
# Where the servers cannot be had this is a loud SKIP, and a failure where $CI
# is set. Last line: "N passed, M failed[, K skipped]".
set -u
here=$(cd "$(dirname "$0")" && pwd)

"$here/servers.sh" >/dev/null
status=$?
if [ $status -eq 77 ]; then
	echo "SKIP: the end-to-end tests did not run; the reason is above"
	echo "0 passed, 0 failed, 1 skipped"
	[ -z "${CI:-}" ]
	exit
fi
[ $status -eq 0 ] || exit $status
exec python3 "$here/run.py" "$@"
