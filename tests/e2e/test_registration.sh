#!/bin/bash
# Which requests reach the entries of deploy/base's webhook configurations. Only
# the API server runs, so that what is made stays as it is.
set -euo pipefail
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
cluster=tests/e2e/cluster.sh
trap '$cluster down "$tmp/cluster" >/dev/null 2>&1 || true; rm -rf "$tmp"' EXIT

$cluster up "$tmp/cluster" --crds v1.0.3 --tied $$
# shellcheck source=/dev/null
. "$tmp/cluster/env"
export APISERVER CA_FILE TOKEN_FILE KUBECONFIG KUBECTL
"${KUBECTL:?}" apply -k deploy/crds >"$tmp/out"
"$KUBECTL" wait --for=condition=Established --timeout=60s crd --all >"$tmp/out"
python3 tests/e2e/registration.py
