#!/bin/bash
# clang-tidy, one file at a time (several at once confuse its va_list check).
# A file that was found clean is not read again, here or in another checkout,
# until a file that it is compiled from changes, or the checks or clang-tidy do.
#
# shellcheck disable=SC2086,SC2089,SC2090 # flags: words with literal quotes
set -u
cd "$(dirname "$0")/../.." || exit 1
folders="lib policies kube certs webhook controller cli"
stamps=${BULKHEAD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bulkhead}/tidy
mkdir -p "$stamps"
find "$stamps" -type f -mtime +30 -delete
flags="-std=gnu11 -D_GNU_SOURCE -I. -I${BUILD:-build}/release/gen
	-DBULKHEAD_VERSION=\"0\""
rules=$({
	find .clang-tidy $folders -name .clang-tidy -exec sha256sum {} +
	clang-tidy-14 --version
	echo "$flags"
} | sha256sum)

key() { # FILE: names it and all that it includes, with what they say
	local names
	names=$(clang-14 -M $flags "$1" 2>/dev/null) || return
	{
		echo "$rules $1"
		echo "${names#*:}" | tr -d '\\' | xargs sha256sum
	} | sha256sum | cut -c1-64
}

check() {
	local stamp
	stamp=$(key "$1")
	if [ -n "$stamp" ] && [ -e "$stamps/$stamp" ]; then
		touch "$stamps/$stamp"
		return
	fi
	clang-tidy-14 --quiet "$1" -- $flags 2>/dev/null || return
	# Not when it was edited meanwhile.
	[ -z "$stamp" ] || [ "$stamp" != "$(key "$1")" ] ||
		touch "$stamps/$stamp"
}
export -f check key
export flags rules stamps
find $folders -name '*.c' 2>/dev/null |
	sort | xargs -P "$(nproc)" -I{} bash -c 'check {}' || exit 1
