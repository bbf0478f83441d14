#!/bin/sh
# Every script of ours, as shellcheck sees it.
set -eu
cd "$(dirname "$0")/../.."
find scripts tests bench examples .ci -name '*.sh' -o -path .ci/run |
	sort | xargs shellcheck --severity=warning
