#!/bin/bash
# The verbs end to end: what they print, where, and their exit status.
#
#   tests/cli/verbs.sh [PROGRAM]
set -u
cd "$(dirname "$0")/../.." || exit 1
bulkhead=$(realpath "${1:-${BUILD:-build}/bulkhead}")
rules_page=$PWD/docs/rules.md
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0

pass() {
	passed=$((passed + 1))
}

skip() { # REASON
	skipped=$((skipped + 1))
	echo "SKIP $1"
}

fail() { # NAME [DETAIL...]
	failed=$((failed + 1))
	echo "FAIL $1"
	shift
	printf '  %s\n' "$@"
}

# try STATUS NAME ARGUMENT...: runs it; stdout and stderr to $tmp/out, $tmp/err.
# Input is $tmp/in when that is there, and used once.
try() {
	want=$1 name=$2
	shift 2
	if [ -e "$tmp/in" ]; then
		mv "$tmp/in" "$tmp/input"
	else
		: >"$tmp/input"
	fi
	(cd "$tmp/work" && "$bulkhead" "$@" <"$tmp/input" >"$tmp/out" 2>"$tmp/err")
	got=$?
	if [ $got -eq "$want" ]; then
		pass
	else
		fail "$name: exit $got, wanted $want" "$(head -n 5 "$tmp/err")"
	fi
}

has() { # out|err TEXT
	if grep -qF -- "$2" "$tmp/$1"; then
		pass
	else
		fail "$name: no \"$2\" in std$1" "$(head -n 5 "$tmp/$1")"
	fi
}

lacks() { # out|err TEXT
	if grep -qF -- "$2" "$tmp/$1"; then
		fail "$name: \"$2\" in std$1"
	else
		pass
	fi
}

empty() { # out|err
	if [ -s "$tmp/$1" ]; then
		fail "$name: std$1 is not empty" "$(head -n 5 "$tmp/$1")"
	else
		pass
	fi
}

same() { # NAME FILE FILE
	if cmp -s "$2" "$3"; then
		pass
	else
		fail "$1" "$(diff "$2" "$3" | head -n 8)"
	fi
}

# expect NAME WANTED GOT
expect() {
	if [ "$2" = "$3" ]; then
		pass
	else
		fail "$1" "got:    $3" "wanted: $2"
	fi
}

# ---- the objects ----

mkdir "$tmp/work" && cd "$tmp/work" || exit 1
digest=sha256:0123456789012345678901234567890123456789012345678901234567890123
now=2026-11-21T06:00:00Z
mkdir good bad policy
cat >good/sandbox.yaml <<END
apiVersion: agents.x-k8s.io/v1beta1
kind: Sandbox
metadata: {name: agent-1, namespace: team-a}
spec:
  podTemplate:
    spec:
      containers:
      - {name: main, image: "registry.example.com/agent@$digest"}
END
cat >bad/sandbox.yaml <<END
apiVersion: agents.x-k8s.io/v1beta1
kind: Sandbox
metadata: {name: agent-2, namespace: team-a}
spec:
  podTemplate:
    spec:
      hostNetwork: true
      containers:
      - {name: main, image: "registry.example.com/agent@$digest"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: team-a}
END
cat >policy/tier.yaml <<'END'
apiVersion: bulkhead.dev/v1alpha1
kind: IsolationTier
metadata: {name: house}
spec:
  strength: 50
  runtime: {classNames: [runsc]}
  pod: {level: Baseline}
---
apiVersion: bulkhead.dev/v1alpha1
kind: IsolationPolicy
metadata: {name: house}
spec: {defaultTier: house}
END
mkdir wrong both
cp good/sandbox.yaml both/good.yaml
cp bad/sandbox.yaml both/bad.yaml
cat >wrong/tier.yaml <<'END'
apiVersion: bulkhead.dev/v1alpha1
kind: IsolationTier
metadata: {name: house}
spec:
  strength: 50
  runtim: {classNames: [runsc]}
END
printf 'a: [1\n' >broken.yaml

# ---- the program ----

try 2 'no verb'
empty out
try 2 'an unknown verb' chek
has err 'did you mean "check"?'
empty out
try 0 'the version' --version
has out 'bulkhead '
for verb in $("$bulkhead" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	try 0 "help of $verb" "$verb" --help
	has out "Usage: bulkhead $verb"
	empty err
	try 2 "an unknown option of $verb" "$verb" --frobnicate
	has err 'unknown option --frobnicate'
	empty out
done
if [ -e /dev/full ]; then
	(cd "$tmp/work" && "$bulkhead" rules >/dev/full 2>"$tmp/err")
	expect 'a full disk is an internal error' 4 $?
fi

# ---- what is read ----

mkdir twice labelled local
sed 's/hostNetwork: true/hostNetwork: false/' bad/sandbox.yaml >twice/a.yaml
cp bad/sandbox.yaml twice/b.yaml
try 1 'the same name twice' check --now $now twice
expect 'each repetition is one line' 1 "$(wc -l <"$tmp/err")"
has err 'twice/b.yaml:1:1: warning: Sandbox team-a/agent-2 stands at twice/a.yaml:1:1 too'
lacks err 'ConfigMap team-a/settings stands at'
has out 'b.yaml:7:20: deny [pss.hostNamespaces]'
lacks out 'a.yaml:7'
cp "$tmp/out" "$tmp/first"
try 1 'the same name twice again' check --now $now twice
same 'repeated names are judged alike' "$tmp/first" "$tmp/out"
try 0 'one of each name' check --now $now good
empty err
cp good/sandbox.yaml labelled
cat >labelled/namespace.yaml <<'END'
apiVersion: v1
kind: Namespace
metadata:
  name: team-a
  labels: {bulkhead.dev/enforce: kata-fc, bulkhead.dev/warn: gvisor}
END
try 0 'labels of a namespace among the files' explain --now $now labelled
has out 'tier     kata-fc'
has out 'label bulkhead.dev/enforce of Namespace team-a'
try 0 'labels of a namespace twice' explain --now $now labelled \
	--namespace-labels team-a:bulkhead.dev/enforce=kata-vm
has out 'tier     kata-vm'
has out 'label bulkhead.dev/warn of Namespace team-a'
try 0 'labels of a namespace in two options' explain --now $now good \
	--namespace-labels team-a:bulkhead.dev/enforce=kata-vm \
	--namespace-labels team-a:bulkhead.dev/warn=kata-fc
has out 'tier     kata-vm'
has out 'label bulkhead.dev/warn of Namespace team-a'
try 2 'labels of a namespace without a value' check good --namespace-labels x
has err 'wanted KEY=VALUE'
sed 's/namespace: team-a}/namespace: team-a, annotations: {config.kubernetes.io\/local-config: "true"}}/' \
	bad/sandbox.yaml >local/bad.yaml
try 0 'what is never applied' check --now $now local
has out '0 objects judged; 2 other objects not judged'
cp local/bad.yaml "$tmp/first"
try 0 'what is never applied is not filled' render --now $now local/bad.yaml
same 'what is never applied stays' "$tmp/first" "$tmp/out"
sed -i 's/"true"/"false"/' local/bad.yaml
try 1 'what is applied after all' check --now $now local
sed -i 's/local-config: "false"/local-config: True/' local/bad.yaml
try 1 'what is marked by something else' check --now $now local

# ---- a terminal ----

at_width() { # COLUMNS
	(cd "$tmp/work" && script -qec "stty cols $1 && '$bulkhead' check \
		--color never --now $now bad" /dev/null) >"$tmp/out"
}
if command -v script >/dev/null; then
	name='a narrow terminal'
	at_width 60
	has out '      wanted false'
	name='a wide terminal'
	at_width 400
	has out ', wanted false'
else
	skip 'the width of terminals: there is no script(1)'
fi

# ---- explain ----

try 2 'explain without a path' explain
empty out
try 0 'explain all' explain --now $now both
has out 'Sandbox team-a/agent-1 (both/good.yaml:1)'
has out 'Sandbox team-a/agent-2 (both/bad.yaml:1)'
lacks out ConfigMap
has out 'defaultTier of IsolationPolicy default'
has out '/spec/podTemplate/spec/runtimeClassName = "gvisor"'
has out '/spec/shutdownTime = "2026-11-21T07:00:00Z"'
has out 'deny: [pss.hostNamespaces] spec.podTemplate.spec.hostNetwork: is true'
empty err
cp "$tmp/out" "$tmp/first"
try 0 'explain again' explain --now $now both
same 'explain is deterministic' "$tmp/first" "$tmp/out"
lines=$(grep -cE '^  (runtime.class|lifecycle.ttl|team.rules) ' "$tmp/out")
expect 'explain has every rule' 6 "$lines"
try 0 'explain one by name' explain bad agent-2
lacks out agent-1
try 0 'explain one by namespace' explain good team-a/agent-1
try 0 'explain one by kind' explain good Sandbox/agent-1
try 0 'explain what no tier governs' explain bad settings
has out 'no tier governs it'
has out 'does not apply'
try 2 'explain an unknown name' explain bad agnt-2
has err 'the nearest: agent-2'
empty out
try 2 'explain in the wrong namespace' explain bad team-b/agent-2
try 3 'explain with a broken file' explain broken.yaml
has err 'broken.yaml:'
try 3 'explain a path that is not there' explain nowhere
try 2 'explain with broken tiers' explain --tiers wrong good
has err 'did you mean "runtime"?'
try 0 'explain as JSON' explain -o json --now $now both
if python3 -m json.tool <"$tmp/out" >/dev/null 2>&1; then pass; else fail 'explain -o json is JSON'; fi
printf '%s\n' 'apiVersion: agents.x-k8s.io/v1beta1' 'kind: Sandbox' \
	'metadata: {name: "a\e[31mb", namespace: team-a, labels: {bulkhead.dev/tier: "x\ny"}}' >"$tmp/in"
try 0 'explain a name with control characters' explain -
if grep -q $'\e' "$tmp/out"; then fail 'explain prints an escape'; else pass; fi

# ---- tiers ----

try 0 'tiers' tiers
has out gvisor-airgapped
has out shared-namespaces
try 0 'tiers list' tiers list --tiers policy
has out 'house  50 '
try 2 'tiers of an unknown word' tiers lst
try 2 'tiers show without a name' tiers show
try 2 'tiers list with an operand' tiers list gvisor
try 2 'tiers show of an unknown tier' tiers show gvisr
has err 'did you mean "gvisor"?'
empty out
for tier in $("$bulkhead" tiers -o json | sed -n 's/^    "name": "\(.*\)",$/\1/p') house; do
	from=()
	[ "$tier" = house ] && from=(--tiers policy)
	try 0 "tiers show $tier" tiers show "$tier" "${from[@]}"
	rm -rf shown && mkdir shown && cp "$tmp/out" shown/tier.yaml
	try 0 "load what tiers show $tier printed" tiers show "$tier" --tiers shown
	same "tiers show $tier is a fixed point" "$tmp/out" shown/tier.yaml
done
has out 'level: Baseline'
try 0 'tiers show with the NetworkPolicy' tiers show gvisor --network-policy
has out 'bulkhead.dev/tier: gvisor'
has out '- Egress'
try 0 'tiers lint of the shipped set' tiers lint
has out 'warnings: '
try 1 'tiers lint that fails on warnings' tiers lint --fail-on warning
try 0 'tiers lint of a clean set' tiers lint --tiers policy --fail-on warning
has out 'tiers: 1, policies: 1, exceptions: 0, warnings: 0'
try 3 'tiers lint of a broken set' tiers lint --tiers wrong
has err 'wrong/tier.yaml:6:3: '
empty out
try 2 'tiers list of a broken set' tiers list --tiers wrong
try 3 'tiers lint of a folder that is not there' tiers lint --tiers nowhere

# ---- rules ----

try 0 'rules' rules
has out 'runtime.class '
try 0 'rules of one' rules runtime.class
has out 'Fields: spec.runtimeClassName'
try 2 'rules of an unknown one' rules runtime.clas
has err 'did you mean "runtime.class"?'
try 2 'rules of two' rules runtime.class pod.images
try 0 'rules as JSON' rules -o json
if python3 -m json.tool <"$tmp/out" >/dev/null 2>&1; then pass; else fail 'rules -o json is JSON'; fi
try 0 'rules as Markdown' rules -o markdown
same 'docs/rules.md is current (make docs)' "$rules_page" "$tmp/out"

# ---- review ----

review() { # OPERATION HOST_NETWORK
	cat <<END
{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
 "uid": "7", "operation": "$1", "namespace": "team-a", "name": "agent-1",
 "kind": {"group": "agents.x-k8s.io", "version": "v1beta1", "kind": "Sandbox"},
 "resource": {"group": "agents.x-k8s.io", "version": "v1beta1", "resource": "sandboxes"},
 "userInfo": {"username": "jane"},
 "object": {"apiVersion": "agents.x-k8s.io/v1beta1", "kind": "Sandbox",
  "metadata": {"name": "agent-1", "namespace": "team-a"},
  "spec": {"podTemplate": {"spec": {"hostNetwork": $2,
   "containers": [{"name": "main", "image": "x@$digest"}]}}}}}}
END
}
review CREATE false >"$tmp/in"
try 0 'review of a good object' review --now $now
has out '"patchType":"JSONPatch"'
expect 'a review is one line' 1 "$(wc -l <"$tmp/out")"
empty err
review CREATE true >"$tmp/in"
try 1 'review of a bad object' review --now $now
has out '"code":403'
lacks out patch
review CREATE true >"$tmp/in"
try 0 'mutation never refuses' review --phase mutate --now $now
has out patch
review CREATE false >"$tmp/in"
try 1 'validation does not fill' review --phase validate --now $now
lacks out patch
review CREATE false >"$tmp/in"
try 0 'review in a namespace with a tier' review --now $now \
	--namespace-labels team-a:bulkhead.dev/enforce=kata-vm
has out '"tier":"kata-vm"'
for bad in '' '{' '[]' '{"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1"}' \
	'apiVersion: admission.k8s.io/v1'; do
	printf '%s' "$bad" >"$tmp/in"
	try 3 "review of '$bad'" review
	empty out
	has err 'bulkhead: '
done
review FROBNICATE false >"$tmp/in"
try 3 'review of an unknown operation' review
try 2 'review with an operand' review file.json
try 2 'review with an unknown phase' review --phase mutat
try 2 'review with a bad time' review --now yesterday
empty out
review CREATE false >"$tmp/in"
try 3 'review with broken cluster objects' review --cluster-objects broken.yaml
empty out

# ---- test ----

mkdir tests
cat >tests/agents.test.yaml <<END
apiVersion: bulkhead.dev/v1alpha1
kind: PolicyTest
metadata: {name: agents}
spec:
  now: $now
  namespaceLabels: ["vm:bulkhead.dev/enforce=kata-vm"]
  cases:
  - name: a plain sandbox is filled
    objects: [../good/sandbox.yaml]
    expect:
      verdict: pass
      tier: gvisor
      rules: []
      filled:
      - {path: spec.podTemplate.spec.runtimeClassName, value: gvisor}
      - {path: 'spec.podTemplate.spec.containers[0].resources.limits.cpu'}
      - {path: spec.shutdownTime, value: "2026-11-21T07:00:00Z"}
  - name: the host's network is refused
    objects: [../bad]
    expect: {verdict: deny, rules: [pss.hostNamespaces], message: 'hostNetwork.*is true'}
  - name: another namespace, another tier
    objects:
    - apiVersion: agents.x-k8s.io/v1beta1
      kind: Sandbox
      metadata: {name: inline, namespace: vm}
      spec: {podTemplate: {spec: {containers: [{name: main, image: "x@$digest"}]}}}
    expect: {verdict: pass, tier: kata-vm}
END
try 0 'test' test tests
has out '--- PASS: tests/agents.test.yaml: a plain sandbox is filled'
expect 'test closes with the count' '3 passed, 0 failed' "$(tail -n 1 "$tmp/out")"
empty err
try 0 'test as TAP' test -o tap tests/agents.test.yaml
expect 'TAP begins with its version' 'TAP version 13' "$(head -n 1 "$tmp/out")"
has out '1..3'
cat >tests/house.test.yaml <<'END'
apiVersion: bulkhead.dev/v1alpha1
kind: PolicyTest
spec:
  tiers: ../policy
  clusterObjects:
  - {apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: runsc}, handler: runsc}
  cases:
  - name: right
    objects: [../good/sandbox.yaml]
    expect: {verdict: pass, tier: house, filled: [{path: spec.podTemplate.spec.runtimeClassName, value: runsc}]}
  - name: wrong
    objects: [../good/sandbox.yaml]
    expect:
      verdict: deny
      tier: gvisor
      rules: [pod.images]
      filled: [{path: spec.podTemplate.spec.runtimeClassName, value: gvisor}]
      message: nobody says this
END
try 1 'test that fails' test tests/house.test.yaml
has out '--- FAIL: tests/house.test.yaml: wrong'
has out 'verdict is pass, wanted deny'
has out 'tier of Sandbox team-a/agent-1 is house'
has out 'rule pod.images found nothing'
has out 'is filled with "runsc", wanted "gvisor"'
has out 'no message matches "nobody says this"'
expect 'test counts failures' '1 passed, 1 failed' "$(tail -n 1 "$tmp/out")"
rm tests/house.test.yaml
try 1 'test of a folder without tests' test policy
has err 'no tests'
try 2 'test without a path' test
try 3 'test of a folder that is not there' test nowhere
bad_test() { # NAME TEXT MESSAGE
	printf '%s\n' "$2" >tests/bad.test.yaml
	try 3 "a test file with $1" test tests
	has err "$3"
	has out '3 passed, 0 failed'
}
head='{apiVersion: bulkhead.dev/v1alpha1, kind: PolicyTest, spec: '
bad_test 'broken YAML' 'a: [' 'tests/bad.test.yaml:'
bad_test 'another kind' '{apiVersion: v1, kind: Pod}' 'wanted kind PolicyTest'
bad_test 'an unknown field' "$head{casse: []}}" 'did you mean "cases"?'
bad_test 'no verdict' "$head{cases: [{name: a, objects: [x], expect: {}}]}}" \
	'spec.cases[0].expect.verdict: is missing'
bad_test 'a bad verdict' "$head{cases: [{name: a, objects: [x], expect: {verdict: fail}}]}}" \
	'pass, warn or deny'
bad_test 'no objects' "$head{cases: [{name: a, objects: [], expect: {verdict: pass}}]}}" \
	'one at least'
bad_test 'a name twice' "$head{cases: [{name: a, objects: [x], expect: {verdict: pass}}, {name: a, objects: [x], expect: {verdict: pass}}]}}" \
	'another name'
bad_test 'a bad pattern' "$head{cases: [{name: a, objects: [x], expect: {verdict: pass, message: '('}}]}}" \
	'expect.message'
bad_test 'a bad path' "$head{cases: [{name: a, objects: [x], expect: {verdict: pass, filled: [{path: 'a..b'}]}}]}}" \
	'filled[0].path'
bad_test 'an object that is not there' "$head{cases: [{name: a, objects: [x.yaml], expect: {verdict: pass}}]}}" \
	'x.yaml'
bad_test 'tiers that are wrong' "$head{tiers: ../wrong, cases: [{name: a, objects: [../good], expect: {verdict: pass}}]}}" \
	'spec.tiers'
bad_test 'a bad time' "$head{now: soon, cases: [{name: a, objects: [../good], expect: {verdict: pass}}]}}" \
	'now'

# ---- fn ----

list() { # FUNCTION_CONFIG HOST_NETWORK
	cat <<END
apiVersion: config.kubernetes.io/v1
kind: ResourceList
$1
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: first}}
- apiVersion: agents.x-k8s.io/v1beta1
  kind: Sandbox
  metadata:
    name: agent-1
    namespace: team-a
    annotations:
      internal.config.kubernetes.io/path: agents/one.yaml
      internal.config.kubernetes.io/index: "3"
  spec: {podTemplate: {spec: {hostNetwork: $2, containers: [{name: main, image: "x@$digest"}]}}}
- apiVersion: agents.x-k8s.io/v1beta1
  kind: Sandbox
  metadata: {name: local, annotations: {config.kubernetes.io/local-config: "true"}}
  spec: {podTemplate: {spec: {hostNetwork: true, containers: []}}}
END
}
list '' false >"$tmp/in"
try 0 'fn' fn
has out 'runtimeClassName: gvisor'
has out 'internal.config.kubernetes.io/path: agents/one.yaml'
has out 'severity: info'
has out 'proposedValue: gvisor'
has out 'index: 3'
lacks out shutdownTime
lacks out 'severity: error'
expect 'fn keeps the order' 'first agent-1 local' \
	"$(sed -n '/^results/q; s/^    name: //p' "$tmp/out" | xargs)"
cp "$tmp/out" "$tmp/first"
sed '/^results:/,$d' "$tmp/first" >"$tmp/in"
try 0 'fn on its own result' fn
lacks out 'results:'
list '' true >"$tmp/in"
try 1 'fn with a violation' fn
has out 'severity: error'
has out 'rule: pss.hostNamespaces'
list 'functionConfig: {kind: ConfigMap, apiVersion: v1, data: {mode: fill}}' true >"$tmp/in"
try 0 'fn that only fills' fn
lacks out 'severity: error'
list 'functionConfig: {kind: ConfigMap, apiVersion: v1, data: {mode: validate}}' true >"$tmp/in"
try 1 'fn that only validates' fn
lacks out runtimeClassName
list "functionConfig: {kind: ConfigMap, apiVersion: v1, data: {now: '$now', namespaceLabels: 'team-a:bulkhead.dev/enforce=kata-vm'}}" false >"$tmp/in"
try 0 'fn with a time and labels' fn
has out '2026-11-21T07:00:00Z'
has out 'runtimeClassName: kata-qemu'
list "functionConfig: {kind: BulkheadConfig, apiVersion: bulkhead.dev/v1alpha1, spec: {tiers: policy}}" false >"$tmp/in"
try 0 'fn with tiers in a folder' fn
has out 'runtimeClassName: runsc'
list "functionConfig:
  kind: BulkheadConfig
  apiVersion: bulkhead.dev/v1alpha1
  spec:
    tiers:
    - {apiVersion: bulkhead.dev/v1alpha1, kind: IsolationTier, metadata: {name: t}, spec: {strength: 1, runtime: {classNames: [inline]}}}
    - {apiVersion: bulkhead.dev/v1alpha1, kind: IsolationPolicy, metadata: {name: p}, spec: {defaultTier: t}}" false >"$tmp/in"
try 0 'fn with tiers inline' fn
has out 'runtimeClassName: inline'
list 'functionConfig: {kind: ConfigMap, apiVersion: v1, data: {mod: fill}}' false >"$tmp/in"
try 3 'fn with an unknown setting' fn
has err 'did you mean "mode"?'
empty out
list 'functionConfig: {kind: Secret, apiVersion: v1}' false >"$tmp/in"
try 3 'fn with another config' fn
list 'functionConfig: {kind: ConfigMap, apiVersion: v1, data: {tiers: wrong}}' false >"$tmp/in"
try 2 'fn with broken tiers' fn
empty out
for bad in '' 'a: [' 'kind: List' 'apiVersion: config.kubernetes.io/v1
kind: ResourceList
items: {}' 'apiVersion: config.kubernetes.io/v1
kind: ResourceList
items: [1]'; do
	printf '%s\n' "$bad" >"$tmp/in"
	try 3 "fn of '$bad'" fn
	empty out
done
printf '%s\n' 'apiVersion: config.kubernetes.io/v1' 'kind: ResourceList' >"$tmp/in"
try 0 'fn of an empty list' fn

# ---- completion ----

try 2 'completion without a shell' completion
try 2 'completion for an unknown shell' completion fish
try 0 'completion for bash' completion bash
cp "$tmp/out" "$tmp/bulkhead.bash"
complete_bash() { # WORD...: the last one is to be completed
	bash --norc -c 'source "$1"; shift
		COMP_WORDS=(bulkhead "$@") COMP_CWORD=$#
		_bulkhead
		printf "%s\n" "${COMPREPLY[@]}" | sort | paste -sd " "' \
		bash "$tmp/bulkhead.bash" "$@"
}
expect 'bash completes a verb' 'explain' "$(complete_bash ex)"
expect 'bash completes verbs with one start' 'render review rules' "$(complete_bash r)"
expect 'bash completes options' '--namespace --namespace-labels --now' "$(complete_bash check --n)"
expect 'bash completes options before a verb' '--help' "$(complete_bash --h)"
expect 'bash completes choices' 'deny never warn' "$(complete_bash check --fail-on '')"
expect 'bash completes choices behind =' 'never' "$(complete_bash check --fail-on = n)"
expect 'bash completes choices right at =' 'deny never warn' "$(complete_bash check --fail-on =)"
expect 'bash completes choices of letters' 'json' "$(complete_bash rules -o j)"
expect 'bash completes formats' 'json junit' "$(complete_bash check -o j)"
expect 'bash completes paths' 'good' "$(complete_bash check go)"
expect 'bash completes paths of options' 'policy' "$(complete_bash check --tiers po)"
expect 'bash completes words' 'lint list' "$(complete_bash tiers l)"
expect 'bash completes rules' 'runtime.class' "$(complete_bash rules runtime.cl)"
expect 'bash completes shells' 'bash zsh' "$(complete_bash completion '')"
expect 'bash completes no free text' '' "$(complete_bash check --now '')"
expect 'bash completes nothing for an unknown verb' '' "$(complete_bash nothing '')"
mkdir 'with blank'
expect 'bash completes a path with a blank' 'with blank' "$(complete_bash check with)"
try 0 'completion for zsh' completion zsh
cp "$tmp/out" "$tmp/_bulkhead"
if command -v zsh >/dev/null; then
	if zsh -n "$tmp/_bulkhead"; then pass; else fail 'zsh reads its script'; fi
	cat >"$tmp/ask.zsh" <<'END'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1='' PS2='' RPS1=''; unsetopt zle_bracketed_paste; cd $2; fpath=($1 \$fpath)"
zpty -w shell "autoload -Uz compinit && compinit -u -D; bindkey '^I' complete-word"
zpty -w shell "zstyle ':completion:*' menu no; print -r ready''now"
zpty -r -m shell dropped '*readynow*'
zpty -w -n shell "${(j: :)@[3,-1]}"$'\t'
sleep 1
zpty -w -n shell $'\C-ax \C-e\n'
zpty -r -m shell answer '*not found*'
zpty -d shell
print -r -- $answer
END
	complete_zsh() { # WORD...
		timeout 20 zsh -f "$tmp/ask.zsh" "$tmp" "$tmp/work" bulkhead "$@" | tr -d '\r\a' |
			sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g'
	}
	while read -r wanted words; do
		# shellcheck disable=SC2086 # words on purpose
		case $(complete_zsh $words) in
		*"$wanted"*) pass ;;
		*) fail "zsh completes '$words' to $wanted" "$(complete_zsh $words | head -n 5)" ;;
		esac
	done <<'END'
explain exp
--require-match check --req
never check --fail-on ne
good/ check go
lint tiers lin
runtime.class rules runtime.cl
END
else
	skip 'the completion for zsh: there is no zsh'
fi

# ---- man ----

try 0 'man' man
has out '.Sh EXIT STATUS'
if command -v mandoc >/dev/null; then
	if mandoc -T lint -W warning <"$tmp/out" >"$tmp/lint" 2>&1; then
		pass
	else
		fail 'the manual page is clean' "$(head -n 5 "$tmp/lint")"
	fi
else
	skip 'the lint of the manual page: there is no mandoc'
fi
try 2 'man with an operand' man check

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
