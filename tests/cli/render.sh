#!/bin/bash
# "bulkhead render" and "bulkhead diff" from outside: what they print, what they
# write back, how they exit. That texts are edited right is for
# tests/unit/test_text_edit.c.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
bulkhead=$(cd "$root" && realpath "${BULKHEAD:-${BUILD:-build}/bulkhead}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
now="--now 2030-01-31T12:00:00Z"
failures=0 checks=0

fail() {
	echo "render.sh: $1" >&2
	failures=$((failures + 1))
}

# STATUS COMMAND...: output to out, messages to err
expect() {
	want=$1
	shift
	status=0 checks=$((checks + 1))
	"$bulkhead" "$@" >out 2>err || status=$?
	[ "$status" = "$want" ] || {
		fail "bulkhead $*: exit status $status, wanted $want"
		cat err >&2
	}
}

says() {
	checks=$((checks + 1))
	grep -q -- "$1" "$2" || fail "$2 of the last command lacks: $1"
}
says_not() {
	checks=$((checks + 1))
	! grep -q -- "$1" "$2" || fail "$2 of the last command has: $1"
}

sandbox='apiVersion: agents.x-k8s.io/v1beta1
kind: Sandbox
metadata: {name: a}  # mine
spec:
  podTemplate:
    spec:
      containers:
      - name: agent
        image: example.com/agent@sha256:1234 # pinned
'
mkdir manifests
printf '%s' "$sandbox" >manifests/a.yaml
printf '%s' "$sandbox" | sed 's/name: a}/name: b}/; s/$/\r/' >manifests/crlf.yaml
printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n' >manifests/other.yaml
cp -r manifests before

# The author's lines stay; the time does not belong into Git.
expect 0 render manifests/a.yaml
says 'metadata: {name: a}  # mine' out
says 'runtimeClassName: gvisor' out
says_not shutdownTime out
says 'shutdownTime is left to the cluster' err
diff manifests/a.yaml out | grep '^<' && fail "a line was lost"
# shellcheck disable=SC2086 # two words
expect 0 render $now manifests/a.yaml
says 'shutdownTime: "2030-01-31T13:00:00Z"' out
says_not shutdownTime err

# What is printed is one stream that is complete.
# shellcheck disable=SC2086
expect 0 render $now manifests
mv out all.yaml
[ "$(grep -c '^---' all.yaml)" = 2 ] || fail "wanted two separators"
# shellcheck disable=SC2086
expect 0 diff $now all.yaml
[ ! -s out ] || fail "what was rendered still differs"

# A patch gives what --in-place gives.
# shellcheck disable=SC2086
expect 1 diff $now manifests
mv out all.patch
cp -r manifests patched
sed 's,/manifests/,/patched/,' all.patch | patch -s --binary -p1 ||
	fail "the patch does not apply"
# shellcheck disable=SC2086
expect 0 render --in-place $now manifests
says 'manifests/a.yaml: [0-9]* values added' err
says_not other.yaml err
diff -r patched manifests || fail "patch and --in-place differ"
cmp -s before/other.yaml manifests/other.yaml || fail "other.yaml changed"
grep -qv "$(printf '\r')\$" manifests/crlf.yaml && fail "CRLF was lost"
# shellcheck disable=SC2086
expect 0 render --in-place $now manifests
[ ! -s err ] || fail "a second --in-place says something"

# JSON alone stays JSON, among others it is YAML; -o json is one List.
printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\\/"}}' >j.json
expect 0 render j.json
cmp -s j.json out || fail "JSON alone changed"
expect 0 render j.json manifests/other.yaml
says '^  name: /$' out
expect 0 render -o json j.json manifests/other.yaml
says '"kind": "List"' out

# What stays as it is, is told.
printf 'apiVersion: agents.x-k8s.io/v1beta1\nkind: Sandbox\nmetadata: {name: a}
spec: {podTemplate: {spec: {containers: [&c {name: x}, *c]}}}\n' >alias.yaml
cp alias.yaml alias.before
expect 1 render --in-place alias.yaml
says '^alias.yaml:4: left as it is' err
cmp -s alias.yaml alias.before || fail "alias.yaml changed"
printf '%s---\na: [\n' "$sandbox" >broken.yaml
cp broken.yaml broken.before
expect 3 render --in-place broken.yaml
says '^broken.yaml: left as it is' err
cmp -s broken.yaml broken.before || fail "broken.yaml changed"
expect 3 render broken.yaml
says 'runtimeClassName: gvisor' out
says_not 'a: \[' out
expect 3 diff broken.yaml
expect 3 render missing.yaml
expect 2 render
expect 2 diff
expect 2 render --in-place -
expect 2 render --in-place -o json j.json

# Refusals are for check, but not kept quiet.
printf '%s      hostNetwork: true\n' "$sandbox" >denied.yaml
expect 0 render denied.yaml
says '1 of 1 object is refused' err
expect 1 diff denied.yaml
says '^denied.yaml:1: Sandbox default/a is refused' err

echo "$((checks - failures)) passed, $failures failed"
[ "$failures" = 0 ]
