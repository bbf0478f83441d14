#!/bin/sh
# Every header compiles alone, guards itself by its path, and is included first
# by its own source.
set -eu
cd "$(dirname "$0")/../.."
bad=0
for header in $(find lib policies kube certs webhook controller cli \
	-name '*.h' 2>/dev/null | sort); do
	${CC:-gcc} -std=gnu11 -D_GNU_SOURCE -I. -Wall -Wextra -Werror \
		-Wno-unused-function -fsyntax-only -x c "$header" || bad=1
	guard=$(echo "${header%.h}_H" | tr 'a-z/-' 'A-Z__')
	grep -q "^#ifndef $guard\$" "$header" || {
		echo "$header: guard is not $guard" >&2
		bad=1
	}
	source=${header%.h}.c
	[ -f "$source" ] || continue
	first=$(sed -n 's/^#include //p' "$source" | head -n 1)
	[ "$first" = "\"$header\"" ] || {
		echo "$source: includes $first before its own header" >&2
		bad=1
	}
done
exit $bad
