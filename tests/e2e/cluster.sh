#!/bin/bash
# A real control plane on loopback, one directory per cluster:
#
#   cluster.sh up DIR [--with NAMES] [--crds VERSION] [--tied PID]
#   cluster.sh down DIR
#   cluster.sh stop|start DIR COMPONENT
#
# "up" starts etcd and kube-apiserver, and what --with names, separated by
# commas: kube-controller-manager, kube-scheduler, kwok, agent-sandbox (short:
# controller-manager, scheduler), or all. It returns when they are ready; what
# runs already is left alone. --crds registers upstream's CRDs of that version
# (v1.0.3, v0.5.6, v0.4.6, v0.1.0; default none; agent-sandbox needs v1.0.3).
#
# DIR/env, made to be sourced, says where everything is; logs are in DIR/logs
# and stay after "down", the rest of the cluster does not.
#
# Every process ends with "down", when "up" does not end well, and with --tied
# when the process PID is gone, whatever ended it.
set -euo pipefail
# All of it is on this machine.
unset HTTP_PROXY HTTPS_PROXY http_proxy https_proxy ALL_PROXY all_proxy
shopt -s inherit_errexit
umask 077

here=$(cd "$(dirname "$0")" && pwd)
all=kube-controller-manager,kube-scheduler,kwok,agent-sandbox

usage() {
	sed -n '4,6s/^#   //p' "$0" >&2
	exit 2
}

fail() {
	echo "cluster.sh: $*" >&2
	exit 1
}

# Processes: each is the leader of a session of its own with DIR as working
# directory, which tells it from a later process with the same id.

pid_of() {
	local pid
	pid=$(cat "$dir/run/$1.pid" 2>/dev/null) || return 1
	[ "$(readlink "/proc/$pid/cwd" 2>/dev/null)" = "$dir" ] && echo "$pid"
}

# Writes its own pid before it becomes the program, so that no interruption
# leaves a process that "down" does not know.
spawn() {
	local name=$1
	shift
	pid_of "$name" >/dev/null && return
	rm -f "$dir/run/$name.pid"
	(
		cd "$dir"
		# shellcheck disable=SC2016 # for the inner shell
		exec setsid sh -c 'echo $$ >"run/$0.pid"; exec "$@"' "$name" \
			"$@" >>"$dir/logs/$name.log" 2>&1 </dev/null
	) &
	# Or bash would report that "down" killed it.
	disown
	until [ -s "$dir/run/$name.pid" ]; do sleep 0.01; done
}

kill_and_wait() {
	local name=$1 signal=$2 tries=$3 pid
	pid=$(pid_of "$name") || return 0
	kill "-$signal" -- "-$pid" 2>/dev/null || true
	while [ "$tries" -gt 0 ]; do
		pid_of "$name" >/dev/null || return 0
		sleep 0.05
		tries=$((tries - 1))
	done
	return 1
}

# wait_for NAME SECONDS COMMAND...: until the command succeeds.
wait_for() {
	local name=$1 deadline=$((SECONDS + $2)) log=$dir/logs/$1.log
	shift 2
	until "$@" >/dev/null 2>&1; do
		pid_of "$name" >/dev/null || {
			tail -n 5 "$log" >&2
			fail "$name ended; its log is $log"
		}
		[ "$SECONDS" -lt "$deadline" ] ||
			fail "$name is not ready in time; its log is $log"
		sleep 0.1
	done
}

answers() {
	curl -fs --noproxy '*' --max-time 2 --cacert "$dir/pki/ca.crt" "$1"
}

kubectl() {
	"$servers/bin/kubectl" --kubeconfig "$dir/kubeconfig" "$@"
}

# Components

start_etcd() {
	spawn etcd "$servers/bin/etcd" --unsafe-no-fsync --data-dir etcd \
		--log-level warn \
		--listen-client-urls "http://127.0.0.1:$etcd_port" \
		--advertise-client-urls "http://127.0.0.1:$etcd_port" \
		--listen-peer-urls "http://127.0.0.1:$peer_port" \
		--initial-advertise-peer-urls "http://127.0.0.1:$peer_port" \
		--initial-cluster "default=http://127.0.0.1:$peer_port"
}

ready_etcd() {
	wait_for etcd 60 answers "http://127.0.0.1:$etcd_port/health"
}

start_kube_apiserver() {
	spawn kube-apiserver "$servers/bin/kube-apiserver" \
		--etcd-servers "http://127.0.0.1:$etcd_port" \
		--bind-address 127.0.0.1 --secure-port "$api_port" \
		--service-cluster-ip-range 10.0.0.0/24 \
		--cert-dir pki --tls-cert-file pki/server.crt \
		--tls-private-key-file pki/server.key \
		--client-ca-file pki/ca.crt --token-auth-file pki/tokens.csv \
		--service-account-issuer https://kubernetes.default.svc \
		--service-account-signing-key-file pki/service-account.key \
		--service-account-key-file pki/service-account.key \
		--authorization-mode RBAC --allow-privileged \
		--disable-admission-plugins ServiceAccount
}

ready_kube_apiserver() {
	wait_for kube-apiserver 120 answers "https://127.0.0.1:$api_port/readyz"
}

start_kube_controller_manager() {
	spawn kube-controller-manager "$servers/bin/kube-controller-manager" \
		--kubeconfig "$(kubeconfig_of kube-controller-manager)" \
		--leader-elect=false --secure-port 0 \
		--service-account-private-key-file pki/service-account.key \
		--root-ca-file pki/ca.crt \
		--kube-api-qps 1000 --kube-api-burst 2000
}

ready_kube_controller_manager() {
	wait_for kube-controller-manager 60 \
		kubectl get serviceaccount --namespace default default
}

start_kube_scheduler() {
	spawn kube-scheduler "$servers/bin/kube-scheduler" \
		--kubeconfig "$(kubeconfig_of kube-scheduler)" \
		--leader-elect=false --secure-port 0 \
		--kube-api-qps 1000 --kube-api-burst 2000
}

ready_kube_scheduler() {
	# It serves no health without a port; Pods wait for it.
	wait_for kube-scheduler 60 true
}

start_kwok() {
	spawn kwok "$servers/bin/kwok" --kubeconfig "$(kubeconfig_of kwok)" \
		--config "$servers/kwok/stages.yaml" --manage-all-nodes \
		--node-lease-duration-seconds 40 --cidr 10.244.0.0/16
}

ready_kwok() {
	kubectl apply --server-side -f "$here/objects/nodes.yaml" >/dev/null
	wait_for kwok 60 kubectl wait node --all --for condition=Ready \
		--timeout 1s
}

# May do all, but not as a member of system:masters: the API server would let it
# pass by its fair queues, where a service account of a cluster stands.
bind_agent_sandbox() {
	kubectl create clusterrolebinding agent-sandbox \
		--clusterrole cluster-admin --user \
		system:serviceaccount:agent-sandbox-system:agent-sandbox-controller \
		--dry-run=client --output yaml | kubectl apply --filename - >/dev/null
}

start_agent_sandbox() {
	bind_agent_sandbox
	spawn agent-sandbox \
		env KUBECONFIG="$(kubeconfig_of agent-sandbox)" \
		"$servers/bin/agent-sandbox-controller" --extensions \
		--leader-elect=false \
		--metrics-bind-address "127.0.0.1:$metrics_port" \
		--health-probe-bind-address "127.0.0.1:$health_port"
}

ready_agent_sandbox() {
	wait_for agent-sandbox 60 answers "http://127.0.0.1:$health_port/readyz"
}

# Files

# Below the range of outgoing connections, so that nobody takes the port of a
# server while it is stopped; by process id, so that two clusters that start
# at once do not find the same port free.
choose_ports() {
	python3 -c '
import socket, sys
port = 20000 + int(sys.argv[1]) * 5 % 12000
held = []
while len(held) < 5:
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", port))
        held.append(s)
        port += 1
    except OSError:
        port = 20000 + (port + 997) % 12000
print(*(s.getsockname()[1] for s in held))
' $$
}

# issue NAME SUBJECT EXTENSION: a certificate of the cluster's CA.
issue() {
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "$1.key" -subj "$2" 2>/dev/null |
		openssl x509 -req -days 30 -CA ca.crt -CAkey ca.key \
			-CAcreateserial -extfile <(echo "$3") -out "$1.crt" \
			2>/dev/null
}

make_pki() (
	mkdir -p "$dir/pki"
	cd "$dir/pki"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout ca.key -out ca.crt -days 30 -subj /CN=e2e 2>/dev/null
	issue server /CN=kube-apiserver "$(printf '%s\n' \
		extendedKeyUsage=serverAuth \
		subjectAltName=IP:127.0.0.1,DNS:localhost)"
	issue admin /O=system:masters/CN=admin extendedKeyUsage=clientAuth
	openssl ecparam -genkey -name prime256v1 -noout \
		-out service-account.key
	while read -r name user group; do
		openssl rand -hex 16 >"$name.token"
		echo "$(cat "$name.token"),$user,$name,$group"
	done >tokens.csv <<-END
	admin admin system:masters
	alice alice tenants
	$components
	END
)

# Who each component is to admission: its name decides what it may do.
components='kube-controller-manager system:kube-controller-manager system:masters
kube-scheduler system:kube-scheduler system:masters
kwok kwok system:masters
agent-sandbox system:serviceaccount:agent-sandbox-system:agent-sandbox-controller system:serviceaccounts'

# kubeconfig_of COMPONENT: the file of its own, made on the way.
kubeconfig_of() {
	kubectl config view --raw --flatten -o json |
		python3 -c '
import json, sys
config = json.load(sys.stdin)
token = open(sys.argv[1]).read().strip()
config["users"] = [{"name": "component", "user": {"token": token}}]
config["contexts"] = [{"name": "component", "context":
                       {"cluster": "e2e", "user": "component"}}]
config["current-context"] = "component"
json.dump(config, sys.stdout)
' "$dir/pki/$1.token" >"$dir/run/$1.kubeconfig"
	echo "$dir/run/$1.kubeconfig"
}

write_kubeconfig() {
	cat >"$dir/kubeconfig" <<-END
	apiVersion: v1
	kind: Config
	clusters:
	- name: e2e
	  cluster:
	    server: https://127.0.0.1:$api_port
	    certificate-authority: $dir/pki/ca.crt
	users:
	- {name: admin, user: {token: $(cat "$dir/pki/admin.token")}}
	- {name: alice, user: {token: $(cat "$dir/pki/alice.token")}}
	- name: admin-certificate
	  user:
	    client-certificate: $dir/pki/admin.crt
	    client-key: $dir/pki/admin.key
	contexts:
	- {name: admin, context: {cluster: e2e, user: admin}}
	- {name: alice, context: {cluster: e2e, user: alice}}
	- name: admin-certificate
	  context: {cluster: e2e, user: admin-certificate}
	current-context: admin
	END
}

write_env() {
	cat >"$dir/env" <<-END
	export KUBECONFIG='$dir/kubeconfig'
	export APISERVER='https://127.0.0.1:$api_port'
	export CA_FILE='$dir/pki/ca.crt'
	export TOKEN_FILE='$dir/pki/admin.token'
	export ALICE_TOKEN_FILE='$dir/pki/alice.token'
	export LOGS='$dir/logs'
	export BIN='$servers/bin'
	export KUBECTL='$servers/bin/kubectl'
	export CRDS='$servers/crds'
	END
}

# v0.5.6 converts by a webhook, which is a Deployment and so does not run here.
# What only one of its two versions has is then pruned, not converted.
drop_conversion() {
	local crd
	local none='{"spec":{"conversion":{"strategy":"None","webhook":null}}}'
	for crd in $(kubectl get crd --output name | grep agents.x-k8s.io); do
		kubectl patch "$crd" --type merge --patch "$none" >/dev/null
	done
}

register_crds() {
	[ "$crds" != none ] || return 0
	[ -d "$servers/crds/$crds" ] || fail "there are no CRDs of $crds in" \
		"$servers/crds; name one of: $(ls -m "$servers/crds"), none"
	kubectl apply --server-side --force-conflicts \
		-f "$servers/crds/$crds" >/dev/null
	[ "$crds" != v0.5.6 ] || drop_conversion
	# A CRD without a status yet is an error to kubectl, not a wait.
	wait_for kube-apiserver 60 kubectl wait crd --all \
		--for condition=Established --timeout 10s
}

# Verbs

# A process that was killed but not collected by its parent has no exe.
await_end() {
	while [ -e "/proc/$1/exe" ]; do sleep 0.2; done
}

# Runs beside the cluster in a session of its own: UP OWNER.
watch() {
	await_end "$1"
	if [ -e "$dir/run/up" ]; then
		[ "$2" != none ] || exit 0
		await_end "$2"
		echo "the owner, process $2, has ended: so does the cluster" >&2
	else
		echo '"up" was interrupted: so the cluster ends' >&2
	fi
	down
	end_homeless
}

# Where DIR was removed before its cluster was down, and the pids with it.
end_homeless() {
	local pid
	find /proc/[0-9]*/cwd -maxdepth 0 -lname "$dir (deleted)" 2>/dev/null |
		while IFS=/ read -r _ _ pid _; do
			case $(readlink "/proc/$pid/exe") in
			*/servers/*/bin/*) kill -KILL "$pid" ;;
			esac
		done
}

up() {
	local name
	mkdir -p "$dir/run" "$dir/logs"
	rm -f "$dir/run/up"
	spawn owner "$here/cluster.sh" watch "$dir" $$ "$owner"
	trap down EXIT
	[ -s "$dir/pki/tokens.csv" ] || make_pki
	[ -s "$dir/run/ports" ] || choose_ports >"$dir/run/ports"
	load_ports
	write_kubeconfig
	write_env
	start_etcd
	ready_etcd
	start_kube_apiserver
	ready_kube_apiserver
	register_crds
	for name in $with; do "start_${name//-/_}"; done
	for name in $with; do "ready_${name//-/_}"; done
	touch "$dir/run/up"
	trap - EXIT
}

down() {
	local file name
	for file in "$dir"/run/*.pid; do
		name=$(basename "$file" .pid)
		[ "$(pid_of "$name")" != $$ ] || continue
		kill_and_wait "$name" KILL 200 ||
			fail "$name (process $(pid_of "$name")) does not end"
	done
	rm -rf "$dir/run" "$dir/etcd" "$dir/pki" "$dir/kubeconfig" "$dir/env"
}

full_name() {
	case $1 in
	etcd | kwok | agent-sandbox | kube-apiserver | kube-scheduler | \
		kube-controller-manager) echo "$1" ;;
	apiserver | scheduler | controller-manager) echo "kube-$1" ;;
	*) fail "no component is called $1; they are: etcd kube-apiserver" \
		"${all//,/ }" ;;
	esac
}

load_ports() {
	read -r etcd_port peer_port api_port metrics_port health_port \
		<"$dir/run/ports"
}

[ $# -ge 2 ] || usage
verb=$1
[ "$verb" != up ] || mkdir -p "$2"
[ -d "$2" ] || fail "there is no directory $2"
dir=$(cd "$2" && pwd -P)
shift 2

case $verb in
watch)
	watch "$@"
	;;
up)
	with='' crds='' owner=none
	while [ $# -gt 0 ]; do
		[ $# -ge 2 ] || usage
		case $1 in
		--with) with=$2 ;;
		--crds) crds=$2 ;;
		--tied) owner=$2 ;;
		*) usage ;;
		esac
		shift 2
	done
	[ "$with" != all ] || with=$all
	with=$(for name in ${with//,/ }; do full_name "$name"; done)
	case $with in *agent-sandbox*) crds=${crds:-v1.0.3} ;; esac
	crds=${crds:-none}
	servers=$("$here/servers.sh")
	up
	;;
down)
	down
	;;
stop | start)
	[ $# -eq 1 ] || usage
	name=$(full_name "$1")
	[ -e "$dir/run/up" ] || fail "no cluster is up in $dir"
	if [ "$verb" = stop ]; then
		kill_and_wait "$name" TERM 40 || kill_and_wait "$name" KILL 200
	else
		servers=$("$here/servers.sh")
		load_ports
		"start_${name//-/_}"
		"ready_${name//-/_}"
	fi
	;;
*)
	usage
	;;
esac
