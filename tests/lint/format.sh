#!/bin/sh
# The code is formatted as .clang-format says.
set -eu
cd "$(dirname "$0")/../.."
find lib policies kube certs webhook controller cli tests bench -name '*.[ch]' \
	2>/dev/null | sort | xargs clang-format-14 --dry-run --Werror
