#!/bin/sh
# Writes the files named as C text, one row each, for policies/shipped.c.
set -eu
for file in "$@"; do
	printf '{ "%s",\n' "$(basename "$file")"
	sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$/\\n"/' "$file"
	printf '},\n'
done
