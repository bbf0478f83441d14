#!/bin/bash
# deploy/crds/ on a real API server: accepted, established, printed, and of one
# opinion with the decoder.
#
#   tests/e2e/test_crds.sh [PROGRAM]     default: $BULKHEAD, build/bulkhead
set -euo pipefail
cd "$(dirname "$0")/../.."
bulkhead=$(realpath "${1:-${BULKHEAD:-${BUILD:-build}/bulkhead}}")
tmp=$(mktemp -d)
cluster=tests/e2e/cluster.sh
trap '$cluster down "$tmp/cluster" >/dev/null 2>&1 || true; rm -rf "$tmp"' EXIT
passed=0 failed=0

pass() {
	passed=$((passed + 1))
}

fail() { # NAME [DETAIL...]
	failed=$((failed + 1))
	printf 'FAIL %s\n' "$@"
}

check() { # NAME COMMAND...: it succeeds
	local name=$1
	shift
	if "$@" >"$tmp/out" 2>&1; then pass; else fail "$name" "$(tail -n 5 "$tmp/out")"; fi
}

same() { # NAME GOT WANTED
	if [ "$2" = "$3" ]; then pass; else fail "$1" "got: $2" "wanted: $3"; fi
}

$cluster up "$tmp/cluster" --tied $$
# shellcheck source=/dev/null
. "$tmp/cluster/env"
export APISERVER CA_FILE TOKEN_FILE KUBECONFIG
kubectl=${KUBECTL:?}

check 'the CRDs are accepted' "$kubectl" apply -k deploy/crds
check 'the CRDs are established' "$kubectl" wait --for=condition=Established \
	--timeout=60s crd -l app.kubernetes.io/part-of=bulkhead
same 'no condition tells of a fault' "$("$kubectl" get crd -o \
	jsonpath='{range .items[*].status.conditions[?(@.status=="True")]}{.type}{"\n"}{end}' |
	sort -u | tr '\n' ' ')" 'Established NamesAccepted '
same 'applied twice, nothing changes' "$("$kubectl" apply -k deploy/crds |
	grep -vc ' unchanged$')" 0
check 'no difference is left' "$kubectl" diff -k deploy/crds

# The shipped documents, by every way of applying.
check 'shipped tiers are accepted' "$kubectl" apply -k policies/tiers
same 'applied twice, no tier changes' "$("$kubectl" apply -k policies/tiers |
	grep -vc ' unchanged$')" 0
check 'and by server-side apply' "$kubectl" apply --server-side \
	--force-conflicts -k policies/tiers
check 'no difference of tiers is left' "$kubectl" diff -k policies/tiers
same 'the short name and the columns' "$("$kubectl" get itier gvisor |
	sed 's/  */ /g;1q')" 'NAME STRENGTH RUNTIME EGRESS ACTION READY AGE'
same 'the category holds them' "$("$kubectl" get isolation -o name | wc -l)" 7
same 'all does not' "$("$kubectl" get all -A -o name | grep -c isolation)" 0
same 'a level of two fields keeps its form' "$("$kubectl" patch itier gvisor \
	--type merge -o jsonpath='{.spec.pod.level}' \
	-p '{"spec":{"pod":{"level":{"level":"Restricted","version":"v1.29"}}}}')" \
	'{"level":"Restricted","version":"v1.29"}'
same 'and goes back to one word' "$("$kubectl" apply --server-side \
	--force-conflicts -k policies/tiers >"$tmp/out" &&
	"$kubectl" get itier gvisor -o jsonpath='{.spec.pod.level}')" Restricted

# Status is written by its own way only.
ready='{"status":{"observedGeneration":1,"matchedNamespaces":2,"conditions":[{
"type":"Ready","status":"True","reason":"Ready","message":"",
"lastTransitionTime":"2026-11-21T06:00:00Z"}]}}'
"$kubectl" patch itier gvisor --type merge -p "$ready" >"$tmp/out"
same 'a status beside the spec is dropped' \
	"$("$kubectl" get itier gvisor -o jsonpath='{.status}')" ''
check 'the status subresource takes it' "$kubectl" patch itier gvisor \
	--subresource status --type merge -p "$ready"
same 'and shows it' "$("$kubectl" get itier gvisor --no-headers |
	sed 's/  */ /g' | cut -d' ' -f6)" True
mkdir "$tmp/live"
for name in $("$kubectl" get isolation -o name); do
	"$kubectl" get "$name" -o yaml --show-managed-fields \
		>"$tmp/live/${name##*/}.yaml"
done
check 'live objects are read with all that the server added' \
	"$bulkhead" tiers lint --tiers "$tmp/live"

# Documents from a fixed seed; then with a schema that says something else, so
# that a comparison which finds nothing would be seen.
if python3 tests/e2e/crd_oracle.py "$bulkhead" >"$tmp/out" 2>&1; then pass; else
	fail 'schemas and decoder agree'
fi
cat "$tmp/out"
sed 's/enum: \[Deny, Allow\]/enum: [Deny, Allow, Bogus]/' \
	deploy/crds/isolationtiers.yaml | "$kubectl" apply -f - >"$tmp/out"
for ((i = 0; i < 100; i++)); do
	"$kubectl" patch itier gvisor --type merge --dry-run=server \
		-p '{"spec":{"access":{"exec":"Bogus"}}}' >"$tmp/out" 2>&1 && break
	sleep 0.1
done
if python3 tests/e2e/crd_oracle.py "$bulkhead" 400 >"$tmp/loose" 2>&1; then
	fail 'a looser schema is found'
else
	check 'a looser schema is found' grep -q 'the decoder alone refuses' \
		"$tmp/loose"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
