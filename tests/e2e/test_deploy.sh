#!/bin/bash
# deploy/base/ on a real control plane: it is applied as it is, its Pods are let
# in, and its roles allow what the programs need and no more.
set -euo pipefail
cd "$(dirname "$0")/../.."
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

$cluster up "$tmp/cluster" --with controller-manager,scheduler,kwok \
	--crds v1.0.3 --tied $$
# shellcheck source=/dev/null
. "$tmp/cluster/env"
kubectl=${KUBECTL:?}
export KUBECONFIG

# ---- applying ----

"$kubectl" apply -k deploy/crds >"$tmp/out"
check 'the CRDs are established' "$kubectl" wait --for=condition=Established \
	--timeout=60s crd -l app.kubernetes.io/part-of=bulkhead
check 'everything is accepted' "$kubectl" apply -k deploy/base
same 'without a warning' "$(grep -c Warning "$tmp/out")" 0
# kubectl always sends a PodDisruptionBudget's selector again; the server finds
# that nothing is new.
generations() {
	"$kubectl" get pdb -n bulkhead-system \
		-o jsonpath='{.items[*].metadata.generation}'
}
before=$(generations)
same 'applied twice, nothing changes' "$("$kubectl" apply -k deploy/base |
	grep -v '^poddisruptionbudget' | grep -vc ' unchanged$')" 0
same 'budgets neither' "$(generations)" "$before"
check 'no difference is left' "$kubectl" diff -k deploy/base
# What another writes into caBundle is left alone.
for config in mutating validating; do
	ca=$(printf '{"webhooks":[{"name":"%s","clientConfig":{"caBundle":"%s"}}]}' \
		"sandboxes.${config%ing}e.bulkhead.dev" \
		"$(base64 -w0 "$tmp/cluster/pki/ca.crt")")
	ca=${ca/mutatee/mutate} ca=${ca/validatee/validate}
	check "caBundle of $config is set" "$kubectl" patch \
		"${config}webhookconfiguration" bulkhead --type strategic -p "$ca"
done
check 'it makes no difference' "$kubectl" diff -k deploy/base
"$kubectl" apply -k deploy/base >"$tmp/out"
same 'and is still there' "$("$kubectl" get \
	mutatingwebhookconfiguration,validatingwebhookconfiguration -o json |
	grep -c '"caBundle": "LS0t')" 2

# Pods of ours start though nobody answers the webhooks yet.
for name in webhook controller; do
	check "the $name is rolled out" "$kubectl" rollout status --timeout=60s \
		-n bulkhead-system "deployment/bulkhead-$name"
done
same 'by the quota for critical Pods' "$("$kubectl" get quota \
	bulkhead-critical -n bulkhead-system \
	-o jsonpath='{.status.used.pods}')" 4

# Nobody answers yet, and handing fields over changes the tiers' annotations.
"$kubectl" delete validatingwebhookconfiguration bulkhead >"$tmp/out"
check 'the server-side way is accepted' "$kubectl" apply --server-side \
	--force-conflicts -k deploy/base
same 'and leaves no difference' "$("$kubectl" diff --server-side \
	--force-conflicts -k deploy/base 2>&1)" ''

# ---- roles ----

check 'the APIs of reports are there' "$kubectl" apply \
	-f "${CRDS:?}/openreports.io" -f "$CRDS/wgpolicyk8s.io"
check 'and established' "$kubectl" wait --for=condition=Established \
	--timeout=60s crd --all

may() { # yes|no WHO VERB RESOURCE [OPTION...]
	local wanted=$1 who=$2
	shift 2
	same "$who $*" "$("$kubectl" auth can-i "$@" \
		--as="system:serviceaccount:bulkhead-system:bulkhead-$who" \
		2>/dev/null || true)" "$wanted"
}

system='-n bulkhead-system'
for kind in isolationtiers isolationpolicies isolationexceptions; do
	may yes webhook list "$kind.bulkhead.dev"
	may no webhook update "$kind.bulkhead.dev"
	may yes controller watch "$kind.bulkhead.dev"
	may yes controller patch "$kind.bulkhead.dev" --subresource status
	may no controller patch "$kind.bulkhead.dev"
done
for what in namespaces pods runtimeclasses.node.k8s.io \
	sandboxes.agents.x-k8s.io sandboxclaims.extensions.agents.x-k8s.io \
	sandboxtemplates.extensions.agents.x-k8s.io \
	sandboxwarmpools.extensions.agents.x-k8s.io; do
	may yes webhook watch "$what" -A
	may yes controller watch "$what" -A
	may no webhook patch "$what" -A
done
may yes webhook create subjectaccessreviews.authorization.k8s.io
may no webhook list secrets -A
may no webhook list nodes
# shellcheck disable=SC2086 # two words
may no webhook get secrets/bulkhead-webhook-tls $system
may no webhook patch validatingwebhookconfigurations/bulkhead
may no webhook delete sandboxclaims.extensions.agents.x-k8s.io -A
for verb in create patch delete; do
	may yes controller $verb networkpolicies.networking.k8s.io -A
done
for what in reports.openreports.io policyreports.wgpolicyk8s.io; do
	may yes controller patch "$what" -A
	may no webhook patch "$what" -A
done
may yes controller delete sandboxes.agents.x-k8s.io -A
may yes controller delete sandboxclaims.extensions.agents.x-k8s.io -A
may no controller delete sandboxtemplates.extensions.agents.x-k8s.io -A
may yes controller patch sandboxes.agents.x-k8s.io -A
may yes controller patch sandboxclaims.extensions.agents.x-k8s.io -A
may no controller patch sandboxes.agents.x-k8s.io -A --subresource status
may no controller patch sandboxtemplates.extensions.agents.x-k8s.io -A
may no controller create sandboxes.agents.x-k8s.io -A
may yes controller patch pods -A
may no controller create pods -A
may yes controller delete pods -A
may no controller create pods -A --subresource exec
may yes controller create events -A
may yes controller create events.events.k8s.io -A
may yes controller list nodes
may no controller patch nodes
may yes controller list daemonsets.apps -A
may yes controller watch daemonsets.apps -A
may yes controller patch mutatingwebhookconfigurations/bulkhead
may yes controller patch validatingwebhookconfigurations/bulkhead
may no controller patch validatingwebhookconfigurations/other
may no controller create validatingwebhookconfigurations
may no controller delete validatingwebhookconfigurations/bulkhead
may no controller list secrets -A
may no controller get secrets/bulkhead-ca -n default
for what in secrets/bulkhead-ca secrets/bulkhead-webhook-tls \
	leases.coordination.k8s.io/bulkhead-controller; do
	# shellcheck disable=SC2086 # two words
	may yes controller update $what $system
done
# shellcheck disable=SC2086 # two words
{
	may yes controller create secrets $system
	may yes controller create leases.coordination.k8s.io $system
	may no controller get secrets/other $system
	may no controller delete secrets/bulkhead-ca $system
	may no controller list secrets $system
	may no controller update leases.coordination.k8s.io/other $system
}
# The role that viewers have takes ours in.
for ((i = 0; i < 100; i++)); do
	"$kubectl" get clusterrole view -o yaml | grep -q isolationtiers && break
	sleep 0.1
done
check 'viewers see tiers' sh -c \
	"'$kubectl' get clusterrole view -o yaml | grep -q isolationtiers"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
