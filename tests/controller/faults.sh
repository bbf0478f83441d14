#!/bin/sh
# The controller as a whole against a fake API server that misbehaves.
# BULKHEAD_CONTROLLER names another program than that of build/.
set -eu
exec python3 "$(dirname "$0")/faults.py" "$@"
