#!/bin/sh
# Reviews that hold as many values as one may, in one place each; see
# shapes.py.
set -eu
exec python3 "$(dirname "$0")/shapes.py" "$@"
