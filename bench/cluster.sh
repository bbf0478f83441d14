#!/bin/bash
# Beside a real API server: one line a figure. See bench/README.md.
#
#   bench/cluster.sh [PART...]     admission, inventory, expiry, network
#
# CREATES, OBJECTS, CLAIMS and UPSTREAM_CLAIMS make it smaller. Everything stays
# on 127.0.0.1 and ends with this script.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
[ $# -gt 0 ] || set -- admission inventory expiry network
for part; do
	case $part in
	admission | inventory | expiry | network) ;;
	*)
		sed -n '4s/^#   //p' "$0" >&2
		exit 2
		;;
	esac
done

status=0
tests/e2e/servers.sh >/dev/null || status=$?
if [ $status -eq 77 ]; then
	echo "SKIP figures beside an API server: the reason is above"
	exit 0
fi
[ $status -eq 0 ] || exit $status
make --no-print-directory -s BUILD="$build" all
build=$(realpath "$build")
export E2E_DIR=$build/bench/cluster BULKHEAD=$build/bulkhead
export BULKHEAD_WEBHOOK=$build/bulkhead-webhook
export BULKHEAD_CONTROLLER=$build/bulkhead-controller
export PYTHONPATH=tests/e2e PYTHONDONTWRITEBYTECODE=1
mkdir -p "$E2E_DIR"
rm -f "$E2E_DIR/peer"
if command -v go >/dev/null; then
	(cd bench/webhook/peer &&
		GOTOOLCHAIN=local GOPROXY=off CGO_ENABLED=0 \
			go build -o "$E2E_DIR/peer" .) || rm -f "$E2E_DIR/peer"
fi

child=
trap '[ -z "$child" ] || kill "$child"; wait; exit 130' INT TERM HUP
for part; do
	timeout --foreground 900 python3 "bench/cluster/$part.py" &
	child=$!
	wait "$child" || status=$?
done
exit $status
