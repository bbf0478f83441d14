"""Each class of denial as kubectl prints it, in the words of "bulkhead check",
and what only warns."""
import json
import os
import shutil
import tempfile

from environment import (FOLDER, OBJECTS, ROOT, Tests, bulkhead, expect,
                         expect_in, extension, main, poll, sandbox, shared)

test = Tests()
C = shared()
GVISOR, STRICT, BASELINE, AIRGAPPED = (
    "denials-gvisor", "denials-strict", "denials-baseline",
    "denials-airgapped")
FLOORS = {GVISOR: "gvisor", STRICT: "denials-strict",
          BASELINE: "denials-baseline", AIRGAPPED: "gvisor-airgapped",
          "denials-warn": "denials-warn"}
LIMITS = {"cpu": "100m", "memory": "64Mi", "ephemeral-storage": "64Mi"}


def pod(ns=GVISOR, **spec):
    return sandbox(ns, "denied", spec)


def container(ns=GVISOR, **fields):
    return pod(ns, containers=[{"name": "agent", "image": "python:3.12-slim",
                                **fields}])


def security(ns=GVISOR, **context):
    return container(ns, securityContext=context)


def annotated(ns, **metadata):
    document = sandbox(ns, "denied")
    document["spec"]["podTemplate"]["metadata"] = metadata
    return document


def template(ns, **spec):
    return extension("SandboxTemplate", ns, "denied", {"podTemplate": sandbox(
        ns, "x")["spec"]["podTemplate"], **spec})


def claim(ns, pool="pool", **spec):
    return extension("SandboxClaim", ns, "denied",
                     {"warmPoolRef": {"name": pool}, **spec})


def policy(labels=None, **spec):
    metadata = {"name": "denied", "namespace": GVISOR}
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": metadata, "spec": {"podSelector": {}, **spec}}


def tier(**spec):
    return {"apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationTier",
            "metadata": {"name": "denied"},
            "spec": {"description": "x", "strength": 777, **spec}}


VOLUME_CLAIM = {"metadata": {"name": "w"}, "spec": {
    "accessModes": ["ReadWriteOnce"],
    "resources": {"requests": {"storage": "11Gi"}}}}
OWNER = {"apiVersion": "extensions.agents.x-k8s.io/v1beta1",
         "kind": "SandboxWarmPool", "name": "p", "uid": "1-2-3",
         "controller": True}

DENIED = [
    ("tier.wish", sandbox(GVISOR, "denied",
                          labels={"bulkhead.dev/tier": "no-such-tier"})),
    ("tier.wish", sandbox(GVISOR, "denied",
                          labels={"bulkhead.dev/tier": "runc-hardened"})),
    ("label.reserved", sandbox(GVISOR, "denied",
                               labels={"bulkhead.dev/exempt": "yes"})),
    ("owner.forged", sandbox(GVISOR, "denied", labels={
        "agents.x-k8s.io/warm-pool-sandbox": "11ea0998"})),
    ("owner.forged", {**(lambda s: {**s, "metadata": {
        **s["metadata"], "ownerReferences": [OWNER]}})(
            sandbox(GVISOR, "denied"))}),
    ("runtime.class", pod(runtimeClassName="unlisted")),
    ("runtime.missing", pod(STRICT, runtimeClassName="nowhere")),
    ("runtime.annotations", annotated(GVISOR, annotations={
        "io.katacontainers.config.hypervisor.kernel_params": "x"})),
    ("runtime.compatibility", pod(hostUsers=False)),
    ("pss.hostProcess", security(
        windowsOptions={"hostProcess": True})),
    ("pss.hostNamespaces", pod(hostNetwork=True)),
    ("pss.privileged", security(privileged=True)),
    ("pss.capabilities", security(
        BASELINE, capabilities={"add": ["SYS_ADMIN"]})),
    ("pss.hostPathVolumes", pod(BASELINE, volumes=[
        {"name": "h", "hostPath": {"path": "/"}}])),
    ("pss.hostPorts", container(ports=[
        {"containerPort": 80, "hostPort": 80}])),
    ("pss.hostProbes", container(livenessProbe={
        "httpGet": {"host": "169.254.169.254", "port": 80}})),
    ("pss.appArmor", security(appArmorProfile={"type": "Unconfined"})),
    ("pss.seLinux", security(seLinuxOptions={"type": "spc_t"})),
    ("pss.procMount", security(procMount="Unmasked")),
    ("pss.seccomp", security(BASELINE,
                             seccompProfile={"type": "Unconfined"})),
    ("pss.sysctls", pod(securityContext={"sysctls": [
        {"name": "kernel.msgmax", "value": "1"}]})),
    ("pss.volumeTypes", pod(volumes=[
        {"name": "n", "nfs": {"server": "10.0.0.1", "path": "/"}}])),
    ("pss.allowPrivilegeEscalation", security(
        allowPrivilegeEscalation=True)),
    ("pss.runAsNonRoot", security(runAsNonRoot=False)),
    ("pss.runAsUser", security(runAsUser=0)),
    ("pss.seccompRequired", security(
        seccompProfile={"type": "Unconfined"})),
    ("pss.capabilitiesRestricted", security(
        capabilities={"drop": ["ALL"], "add": ["NET_RAW"]})),
    ("pod.serviceAccountToken", pod(automountServiceAccountToken=True)),
    ("pod.volumes", pod(AIRGAPPED, volumes=[
        {"name": "s", "secret": {"secretName": "s"}}])),
    ("pod.images", pod(STRICT)),
    ("pod.maxContainers", pod(AIRGAPPED, containers=[
        {"name": n, "image": "python"} for n in ("a", "b")])),
    ("pod.nodeName", pod(nodeName="node-1")),
    ("pod.schedulerName", pod(schedulerName="mine")),
    ("pod.readOnlyRootFilesystem", security(
        AIRGAPPED, readOnlyRootFilesystem=False)),
    ("resources.defaults", container(resources={
        "limits": LIMITS, "requests": {"cpu": "200m"}})),
    ("resources.max", container(resources={
        "limits": {**LIMITS, "cpu": "3"}})),
    ("resources.max", sandbox(GVISOR, "denied",
                              volumeClaimTemplates=[VOLUME_CLAIM])),
    ("resources.max", extension(
        "SandboxWarmPool", GVISOR, "denied",
        {"replicas": 101, "sandboxTemplateRef": {"name": "t"}})),
    ("network.template", template(GVISOR, networkPolicy={
        "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]})),
    ("network.dns", pod(dnsPolicy="Default")),
    ("lifecycle.ttl", sandbox(GVISOR, "denied",
                              shutdownTime="2099-01-01T00:00:00Z")),
    ("lifecycle.shutdownPolicy", claim(STRICT, lifecycle={
        "shutdownPolicy": "Delete"})),
    ("access.ephemeralContainers", pod(ephemeralContainers=[
        {"name": "debug", "image": "busybox"}])),
    ("network.policy", policy(policyTypes=["Egress"], egress=[{}])),
    ("network.owned", policy({"app.kubernetes.io/managed-by": "bulkhead"},
                             policyTypes=["Ingress"])),
    ("namespace.tier", {"apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": "denied", "labels": {"bulkhead.dev/enforce": "nowhere"}}}),
    ("own.config", tier(strength=200)),
    ("own.config", {
        "apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationException",
        "metadata": {"name": "denied"},
        "spec": {"reason": "x", "expiresAt": "2020-01-01T00:00:00Z",
                 "rules": ["pod.images"], "target": {"namespace": "x"}}}),
    ("owner-label", pod(STRICT)),
]
# Told where a person meets them: test_access.py, and by files alone.
ELSEWHERE = {"access.exec", "access.attach", "access.portForward",
             "network.gate", "api.unknownField"}
WARNED = {"api.spelling", "claim.injection"}


def objects_of_cluster(kinds):
    folder = tempfile.mkdtemp(dir=FOLDER)
    for kind in kinds.split(","):
        with open(f"{folder}/{kind}.json", "w", encoding="utf-8") as f:
            f.write(C.kubectl("get", kind, "-A", "-o", "json").ok().out)
    return folder


@test
def tiers_are_created_with_kubectl():
    done = C.kubectl("apply", "-f", f"{OBJECTS}/tiers/strict.yaml").ok()
    expect_in("denials-strict created", done.out)
    poll("the tiers are in use", lambda: C.api(
        "POST", "/api/v1/namespaces?dryRun=All",
        {"metadata": {"name": "x", "labels": {
            "bulkhead.dev/enforce": "denials-warn"}}}).status == 201)
    for name, floor in FLOORS.items():
        C.namespace(name, enforce=floor)


@test
def each_class_of_denial_reads_as_bulkhead_check_says():
    objects = objects_of_cluster("namespaces,runtimeclasses")
    tiers = tempfile.mkdtemp(dir=FOLDER)
    for name in os.listdir(f"{ROOT}/policies/tiers"):
        if name.endswith(".yaml"):
            shutil.copy(f"{ROOT}/policies/tiers/{name}", tiers)
    shutil.copy(f"{OBJECTS}/tiers/strict.yaml", tiers)
    wrong = []
    for rule, document in DENIED:
        try:
            judge(rule, document, objects, tiers)
        except AssertionError as e:
            wrong.append(f"{rule}: {e}")
    if wrong:
        raise AssertionError("\n".join(wrong))
    print(f"  {len(DENIED)} denials", flush=True)


def judge(rule, document, objects, tiers):
    done = C.kubectl("create", "-f", "-", stdin=document)
    expect(done.code, 1, repr(done))
    expect_in('admission webhook "', done.err)
    expect_in('.validate.bulkhead.dev" denied the request: ', done.err)
    expect_in("Error from server (", done.err)
    expect_in(f"[{rule}] ", done.err)
    if rule in ("own.config", "namespace.tier"):
        return
    report = bulkhead("check", "-o", "json", "--tiers", tiers,
                      "--cluster-objects", objects, "-", stdin=document)
    expect(report.code, 1, repr(report))
    denials = [f["message"] for f in
               json.loads(report.out)["objects"][0]["findings"]
               if f["action"] == "deny"]
    if len(denials) > 10:
        expect_in(f"- and {len(denials) - 10} more\n", done.err)
    expect_in("".join(f"- {d}\n" for d in denials[:10]), done.err)


@test
def no_rule_is_left_out():
    rules = {r["id"] for r in bulkhead("rules", "-o", "json").json()}
    shown = {"team.rules" if r == "owner-label" else r for r, _ in DENIED}
    expect(rules - shown - ELSEWHERE - WARNED, set())


@test
def a_denial_reads_like_this():
    done = C.kubectl("apply", "-f", "-", stdin=pod(hostNetwork=True))
    expect(done.err.split("STDIN\": ")[-1], (
        'admission webhook "sandboxes.validate.bulkhead.dev" denied the '
        'request: 1 violation:\n- [pss.hostNamespaces] '
        'spec.podTemplate.spec.hostNetwork: is true, wanted false or nothing '
        '(tier "gvisor" by defaultTier of IsolationPolicy default); fix: '
        'remove it\n'))


@test
def an_update_is_denied_too():
    C.kubectl("apply", "-f", "-", stdin=sandbox(GVISOR, "updated")).ok()
    done = C.kubectl("patch", "sandbox", "updated", "-n", GVISOR, "--type",
                     "json", "-p", json.dumps([{
                         "op": "replace", "value": "unlisted", "path":
                         "/spec/podTemplate/spec/runtimeClassName"}]))
    expect(done.code, 1)
    expect_in("[runtime.class]", done.err)
    # What the server does not take away, the validating side refuses.
    done = C.kubectl("patch", "sandbox", "updated", "-n", GVISOR, "--type",
                     "merge", "-p", '{"spec":{"shutdownTime":null,'
                     '"podTemplate":{"spec":{"hostPID":true}}}}')
    expect_in("[pss.hostNamespaces]", done.err)


@test
def pods_of_a_governed_namespace_are_judged_whoever_makes_them():
    name = "by-hand"
    document = {"apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": name, "namespace": GVISOR},
                "spec": {"hostPID": True, "containers": [
                    {"name": "a", "image": "b"}]}}
    done = C.kubectl("create", "-f", "-", stdin=document)
    expect(done.code, 1, repr(done))
    expect_in('"pods-enforced.validate.bulkhead.dev" denied the request: ',
              done.err)
    expect_in("[pss.hostNamespaces] spec.hostPID: is true", done.err)


# ---- warnings ----

def warnings(*args, stdin=None):
    done = C.kubectl(*args, stdin=stdin).ok()
    return [line[len("Warning: "):] for line in done.err.splitlines()
            if line.startswith("Warning: ")]


def expect_warning(part, got):
    if not any(part in line for line in got):
        raise AssertionError(f"no warning says {part!r}: {got}")


@test
def a_tier_on_trial_warns_and_lets_pass():
    got = warnings("create", "-f", "-", stdin=pod("denials-warn",
                                                   hostPID=True))
    expect_warning("[pss.hostNamespaces]", got)
    expect(len(got), len(set(got)), "told twice")
    C.sandbox("denials-warn", "denied")


@test
def a_team_rule_may_only_warn():
    got = warnings("apply", "-f", "-", stdin=sandbox(GVISOR, "tagged"))
    expect_warning("[image-digest]", got)
    expect(len(got), len(set(got)), "told twice")


@test
def labels_of_a_namespace_can_warn_of_a_tier_to_come():
    ns = C.namespace("denials-to-come", enforce="runc-hardened",
                     warn="kata-fc-airgapped")
    got = warnings("apply", "-f", "-", stdin=sandbox(ns, "soon"))
    expect_warning("kata-fc-airgapped", got)


@test
def weakening_a_namespace_is_warned_of():
    ns = C.namespace("denials-weaker", enforce="kata-vm")
    got = warnings("label", "namespace", ns, "--overwrite",
                   "bulkhead.dev/enforce=runc-hardened")
    expect_warning("[namespace.tier]", got)


@test
def a_claim_that_its_template_does_not_take_is_warned_of():
    C.kubectl("apply", "-f", "-", stdin=[
        template(GVISOR) | {"metadata": {"name": "t", "namespace": GVISOR}},
        extension("SandboxWarmPool", GVISOR, "pool",
                  {"replicas": 0, "sandboxTemplateRef": {"name": "t"}})]).ok()
    got = warnings("create", "-f", "-", stdin=claim(
        GVISOR, env=[{"name": "A", "value": "b"}]))
    expect_warning("[claim.injection]", got)


@test
def tiers_are_deleted_once_nothing_names_them():
    name = "denials-baseline"
    done = C.kubectl("delete", "isolationtier", name)
    expect(done.code, 1, repr(done))
    expect_in("[own.config]", done.err)
    expect_in("denials-baseline", done.err)
    for ns in (STRICT, BASELINE, "denials-warn"):
        C.label_namespace(ns, enforce="gvisor")
    # Nor while a Pod has it: its network policy is the tier's.
    done = C.kubectl("delete", "isolationtier", "denials-warn")
    expect_in("of Pod denials-warn/denied", done.err)
    C.kubectl("delete", "sandbox", "denied", "-n", "denials-warn").ok()
    for name in ("denials-strict", "denials-baseline", "denials-warn"):
        poll(f"{name} can be deleted", lambda n=name: C.kubectl(
            "delete", "isolationtier", n).ok())


if __name__ == "__main__":
    main(test)
