#!/bin/bash
# clang-tidy, one file at a time (several at once confuse its va_list check).
set -u
cd "$(dirname "$0")/../.." || exit 1
gen=${BUILD:-build}/release/gen
stamps=${BUILD:-build}/tidy
mkdir -p "$stamps"
# A file is clean until it, a header or the rules of the check change.
sum=$(find .clang-tidy lib policies kube certs webhook controller cli \
	'(' -name '*.h' -o -name .clang-tidy ')' 2>/dev/null | sort |
	xargs cat | sha256sum | cut -c1-16)
check() {
	file=$1
	stamp=$stamps/$(echo "$file" | tr / _).$sum.$(sha256sum <"$file" | cut -c1-16)
	[ -e "$stamp" ] && return 0
	clang-tidy-14 --quiet "$file" -- -std=gnu11 -D_GNU_SOURCE -I. \
		-I"$gen" -DBULKHEAD_VERSION='"0"' 2>/dev/null && touch "$stamp"
}
export -f check
export sum stamps gen
find lib policies kube certs webhook controller cli -name '*.c' 2>/dev/null |
	sort | xargs -P "$(nproc)" -I{} bash -c 'check {}' || exit 1
