"""With upstream's controller, the scheduler and kwok's nodes: what a person
applied ends as a running Pod of its tier, or is told why not."""
import datetime
import json

from environment import (AGENTS, CONTROLLER, EXTENSIONS, Tests, at, expect,
                         expect_in, extension, main, poll, sandbox, shared)

test = Tests()
C = shared()
GATE = [{"name": "bulkhead.dev/egress"}]


def apply(*documents):
    return C.kubectl("apply", "-f", "-", stdin=list(documents)).ok()


def condition(document, kind="Ready"):
    for c in at(document, "/status/conditions", []):
        if c["type"] == kind:
            return c
    return {}


def first_pod(ns):
    return poll(f"a Pod in {ns}", lambda: C.pods(ns))[0]


def expect_pod(pod, tier, runtime, cpu):
    """It carries what its tier demands; cpu: the limit of its container."""
    spec = pod["spec"]
    expect(at(pod, "/metadata/labels/bulkhead.dev~1tier"), tier)
    expect(spec["runtimeClassName"], runtime)
    expect(spec["automountServiceAccountToken"], False)
    expect(at(spec, "/securityContext/runAsNonRoot"), True)
    expect(at(spec, "/securityContext/seccompProfile/type"),
           "RuntimeDefault")
    agent = spec["containers"][0]
    expect(at(agent, "/securityContext/allowPrivilegeEscalation"), False)
    expect(at(agent, "/securityContext/capabilities/drop"), ["ALL"])
    expect(at(agent, "/resources/limits/cpu"), cpu)


@test
def a_sandbox_runs_in_the_default_tier():
    ns = C.namespace("running-default")
    apply(sandbox(ns, "plain"))
    pod = first_pod(ns)
    expect_pod(pod, "gvisor", "gvisor", "1")
    expect(at(pod, "/spec/schedulingGates"), GATE)
    expect(at(pod, "/status/phase"), "Pending")
    pod = C.wait_running(ns, "plain")
    expect_pod(pod, "gvisor", "gvisor", "1")
    poll("the Sandbox is ready", lambda: condition(
        C.sandbox(ns, "plain")).get("status") == "True")


@test
def a_virtual_machine_runs_on_a_node_that_has_it():
    ns = C.namespace("running-kata", enforce="kata-vm")
    apply(sandbox(ns, "vm"))
    pod = C.wait_running(ns, "vm")
    expect_pod(pod, "kata-vm", "kata-qemu", "2")
    expect(pod["spec"]["nodeName"], "node-2")
    expect(pod["spec"]["overhead"], {"cpu": "250m", "memory": "160Mi"})


@test
def a_policy_of_its_own_wish_runs_stronger():
    ns = C.namespace("running-wish")
    apply(sandbox(ns, "strong", labels={"bulkhead.dev/tier": "kata-fc"}))
    pod = C.wait_running(ns, "strong")
    expect_pod(pod, "kata-fc", "kata-fc", "500m")
    expect(at(pod, "/spec/containers/0/securityContext"
                   "/readOnlyRootFilesystem"), True)


@test
def a_policy_selects_namespaces():
    ns = C.namespace("running-tenants", tenancy="multi")
    apply(sandbox(ns, "shared"))
    expect_pod(C.wait_running(ns, "shared"), "kata-vm", "kata-qemu", "2")


@test
def a_claim_gets_a_sandbox_of_its_warm_pool():
    ns = C.namespace("running-claims", enforce="gvisor")
    template = {"podTemplate": {"spec": {"containers": [
        {"name": "agent", "image": "python:3.12-slim"}]}}}
    apply(extension("SandboxTemplate", ns, "python", template),
          extension("SandboxWarmPool", ns, "pool", {
              "replicas": 2, "sandboxTemplateRef": {"name": "python"}}))
    pool = f"{EXTENSIONS}/namespaces/{ns}/sandboxwarmpools/pool"

    def warm():
        for pod in C.pods(ns):
            C.lift_gate(pod)
        return at(C.get(pool), "/status/readyReplicas") == 2
    poll("two Sandboxes are warm", warm, 60)
    members = {p["metadata"]["name"] for p in C.pods(ns)}
    for pod in C.pods(ns):
        expect_pod(pod, "gvisor", "gvisor", "1")
        expect(at(pod, "/status/phase"), "Running")
    apply(extension("SandboxClaim", ns, "mine",
                    {"warmPoolRef": {"name": "pool"}}))
    path = f"{EXTENSIONS}/namespaces/{ns}/sandboxclaims/mine"
    claim = poll("the claim is ready", lambda: condition(
        C.get(path)).get("status") == "True" and C.get(path))
    name = at(claim, "/status/sandbox/name")
    if name not in members:
        raise AssertionError((name, members))
    pod = C.pod(ns, name)
    expect_pod(pod, "gvisor", "gvisor", "1")
    expect(at(C.sandbox(ns, name), "/metadata/ownerReferences/0/kind"),
           "SandboxClaim")
    life = datetime.datetime.fromisoformat(
        at(claim, "/spec/lifecycle/shutdownTime")) - \
        datetime.datetime.fromisoformat(claim["metadata"]["creationTimestamp"])
    if not 3595 <= life.total_seconds() <= 3601:
        raise AssertionError(life)


@test
def a_claim_gets_a_new_sandbox_where_none_is_warm():
    ns = C.namespace("running-cold", enforce="gvisor-airgapped")
    template = {"podTemplate": {"spec": {"containers": [
        {"name": "agent", "image": "python:3.12-slim"}]}}}
    apply(extension("SandboxTemplate", ns, "python", template),
          extension("SandboxWarmPool", ns, "pool", {
              "replicas": 0, "sandboxTemplateRef": {"name": "python"}}),
          extension("SandboxClaim", ns, "mine",
                    {"warmPoolRef": {"name": "pool"}}))
    first_pod(ns)
    pod = C.wait_running(ns, "mine")
    expect_pod(pod, "gvisor-airgapped", "gvisor", "500m")


@test
def a_claim_that_the_tier_refuses_is_told_where_it_is_written():
    ns = C.namespace("running-refused", enforce="gvisor")
    template = {"podTemplate": {"spec": {"runtimeClassName": "gvisor",
                                         "containers": [
        {"name": "agent", "image": "python:3.12-slim"}]}}}
    apply(extension("SandboxTemplate", ns, "python", template),
          extension("SandboxWarmPool", ns, "pool", {
              "replicas": 0, "sandboxTemplateRef": {"name": "python"}}))
    claim = extension("SandboxClaim", ns, "mine", {
        "warmPoolRef": {"name": "pool"},
        "lifecycle": {"shutdownTime": "2099-01-01T00:00:00Z"}})
    done = C.kubectl("apply", "-f", "-", stdin=claim)
    expect(done.code, 1)
    expect_in("[lifecycle.ttl]", done.err)
    claim["spec"].pop("lifecycle")
    claim["metadata"]["labels"] = {"bulkhead.dev/tier": "runc-hardened"}
    done = C.kubectl("apply", "-f", "-", stdin=claim)
    expect(done.code, 1)
    expect_in("[tier.wish]", done.err)
    claim["metadata"].pop("labels")
    # The template was right when it was written; then the floor rose.
    C.label_namespace(ns, enforce="kata-vm")
    claim["metadata"]["name"] = "late"

    def refused():
        done = C.kubectl("create", "--dry-run=server", "-f", "-", stdin=claim)
        return done if done.code else None
    done = poll("the claim is refused", refused)
    expect_in("[runtime.class]", done.err)
    expect_in("SandboxTemplate running-refused/python: spec.podTemplate",
              done.err)


@test
def a_sandbox_that_no_longer_fits_is_not_resumed():
    """The floor rises while it is suspended."""
    ns = C.namespace("running-late", enforce="gvisor")
    apply({**sandbox(ns, "late"), "spec": {
        **sandbox(ns, "late", {"runtimeClassName": "gvisor"})["spec"],
        "operatingMode": "Suspended"}})
    C.label_namespace(ns, enforce="kata-vm")
    poll("the new floor holds", lambda: C.api(
        "POST", f"{AGENTS}/namespaces/{ns}/sandboxes?dryRun=All",
        sandbox(ns, "x", {"runtimeClassName": "gvisor"})).status == 403)
    # Only the mode changes, but the object is judged as a whole.
    done = C.kubectl("patch", "sandbox", "late", "-n", ns, "--type", "merge",
                     "-p", '{"spec":{"operatingMode":"Running"}}')
    expect(done.code, 1)
    expect_in("[runtime.class]", done.err)
    expect(C.pods(ns), [])


@test
def nobody_else_lifts_the_gate():
    ns = C.namespace("running-gate")
    apply(sandbox(ns, "gated"))
    first_pod(ns)
    gone = json.dumps([{"op": "remove", "path": "/spec/schedulingGates"}])
    done = C.kubectl("patch", "pod", "gated", "-n", ns, "--type", "json",
                     "-p", gone)
    expect(done.code, 1, repr(done))
    expect_in("[network.gate]", done.err)
    expect(at(C.pod(ns, "gated"), "/spec/schedulingGates"), GATE)
    C.kubectl("patch", "pod", "gated", "-n", ns, "--type", "json", "-p", gone,
              "--as", CONTROLLER).ok()


@test
def the_stamp_is_never_changed():
    ns, pod = "running-default", "plain"
    for change in ("bulkhead.dev/tier=runc-hardened", "bulkhead.dev/tier-"):
        done = C.kubectl("label", "pod", pod, "-n", ns, "--overwrite", change)
        expect(done.code, 1, repr(done))
        expect_in("[label.reserved]", done.err)
    C.kubectl("label", "pod", pod, "-n", ns, "team=blue").ok()


@test
def a_pod_that_poses_as_one_of_a_sandbox_is_refused():
    ns = C.namespace("running-forged")
    owner = {"apiVersion": "agents.x-k8s.io/v1beta1", "kind": "Sandbox",
             "name": "plain", "uid": "1-2-3", "controller": True}
    pod = {"apiVersion": "v1", "kind": "Pod",
           "metadata": {"name": "forged", "namespace": ns,
                        "ownerReferences": [owner]},
           "spec": {"containers": [{"name": "a", "image": "b"}]}}
    done = C.kubectl("create", "-f", "-", stdin=pod)
    expect(done.code, 1, repr(done))
    expect_in('"pods-of-sandboxes.validate.bulkhead.dev" denied', done.err)
    expect_in("[owner.forged]", done.err)
    pod["metadata"].pop("ownerReferences")
    # Without any tie to agent-sandbox it is no concern of ours.
    C.kubectl("create", "-f", "-", stdin=pod).ok()
    expect(at(C.pod(ns, "forged"), "/metadata/labels"), None)


@test
def the_end_of_its_time_ends_a_sandbox():
    ns = C.namespace("running-ends")
    end = (datetime.datetime.now(datetime.timezone.utc) +
           datetime.timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    apply(sandbox(ns, "brief", shutdownTime=end))
    poll("the Sandbox is gone", lambda: C.api(
        "GET", f"{AGENTS}/namespaces/{ns}/sandboxes/brief").status == 404)
    poll("its Pod is gone", lambda: not C.pods(ns))


if __name__ == "__main__":
    main(test)
