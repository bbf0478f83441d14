#!/bin/sh
# The admission server over real TLS; see wire.py.
set -eu
exec python3 "$(dirname "$0")/wire.py" "$@"
