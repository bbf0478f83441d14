#!/bin/sh
# The admission server beside an API server whose watches are late; see
# lookups.py.
set -eu
exec python3 "$(dirname "$0")/lookups.py" "$@"
