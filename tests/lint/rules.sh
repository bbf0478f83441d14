#!/bin/sh
# Every rule file is in the table, in docs/rules.md, and has fixtures that pass
# and that fail.
set -eu
cd "$(dirname "$0")/../.."
bad=0
complain() {
	echo "$1" >&2
	bad=1
}
n=0
for file in policies/rules/*.c; do
	name=$(sed -n 's/^const struct rule \(rule_[a-z0-9_]*\) = {.*/\1/p' "$file")
	id=$(sed -n 's/^	\.id = "\(.*\)",$/\1/p' "$file")
	[ -n "$name" ] && [ -n "$id" ] || {
		complain "$file: holds no struct rule with an id"
		continue
	}
	n=$((n + 1))
	[ "policies/rules/${name#rule_}.c" = "$file" ] ||
		complain "$file: is not named after $name"
	grep -q "&$name,\$" policies/rules.c ||
		complain "$file: $name is not in policies/rules.c"
	grep -q "^## $id\$" docs/rules.md ||
		complain "$file: $id is not in docs/rules.md (make docs)"
	folder=tests/cases/rules/$id
	for want in pass fail; do
		ls "$folder"/$want-*.yaml "$folder"/bare-$want-*.yaml \
			>/dev/null 2>&1 ||
			[ -n "$(find "$folder" -name "*$want-*.yaml" 2>/dev/null)" ] ||
			complain "$folder: no $want fixture"
	done
done
rows=$(grep -c '^	&rule_' policies/rules.c)
[ "$rows" = "$n" ] || complain "policies/rules.c: $rows rows for $n files"
exit $bad
