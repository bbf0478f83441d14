#!/bin/sh
# Functions that lose lengths, round numbers or share hidden state; and marks of
# unfinished work.
set -eu
cd "$(dirname "$0")/../.."
bad=0
search() {
	if grep -rnE "$1" --include='*.[ch]' lib policies kube certs webhook \
		controller cli 2>/dev/null | grep -vE "$2"; then
		echo "banned: $3" >&2
		bad=1
	fi
}
search '\b(strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof|asctime|ctime|gmtime|localtime|strtol|strtoul|strtoll|strtoull)\(' \
	'^$' "use struct str, struct buf and the exact readers of lib/"
search '\b(double|float|strtod)\b' \
	'^lib/yaml_(float|scalar)\.[ch]:|^[^:]*:[0-9]+:[[:space:]]*(/?\*|//)|"[^"]*(double|float)[^"]*"|/\*.*(double|float)' \
	"numbers never go through floating point"
search '\b(TODO|FIXME|XXX|HACK)\b' '^$' "finish it or write it down as an issue"
search '^typedef struct' '^$' "structs have no typedef"
exit $bad
