"""What the command line says of a live cluster: check, explain and diff by its
own tiers, and doctor."""
import json
import os
import tempfile

from environment import (AGENTS, FOLDER, Cluster, Tests, bulkhead,
                         expect, expect_in, extension, main, sandbox, shared)

test = Tests()
C = shared()
NS = "cli-live"


def live(*args, context="admin", cluster=None):
    return bulkhead(*args, "--kubeconfig", (cluster or C).env["KUBECONFIG"],
                    "--context", context)


def findings(cluster=None, context="admin", *checks):
    done = live("doctor", "-o", "json", *checks, context=context,
                cluster=cluster)
    reports = json.loads(done.out)
    return done.code, {c["id"]: c for r in reports for c in r["checks"]}


def a_file(document):
    path = tempfile.mkdtemp(dir=FOLDER) + "/object.json"
    with open(path, "w", encoding="utf-8") as f:
        json.dump(document, f)
    return path


@test
def objects_in_the_cluster_are_judged_as_they_are():
    C.namespace(NS, enforce="gvisor")
    C.kubectl("apply", "-f", "-", stdin=sandbox(NS, "good")).ok()
    done = live("check", "-n", NS, "-o", "json", "Sandbox/good")
    expect(done.code, 0, repr(done))
    expect_in(f"{NS}/Sandbox/good", done.out)
    expect_in('"gvisor"', done.out)


@test
def what_slipped_past_the_webhook_is_found():
    ns = C.namespace(NS + "-late")
    C.kubectl("apply", "-f", "-", stdin=[
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "root", "namespace": ns},
         "spec": {"hostNetwork": True,
                  "containers": [{"name": "a", "image": "a"}]}}]).ok()
    expect(live("check", "-n", ns).code, 0, "before it has a tier")
    C.label_namespace(ns, enforce="gvisor").ok()
    done = live("check", "-n", ns)
    expect(done.code, 1, repr(done))
    expect_in(f"{ns}/Pod/root: deny [pss.hostNamespaces]", done.out)
    expect_in("runtime.class", done.out)


@test
def files_are_judged_by_the_cluster():
    C.kubectl("apply", "-f", "-", stdin=extension(
        "SandboxTemplate", NS, "small", {"podTemplate": {"spec": {
            "containers": [{"name": "a", "image": "a"}]}}})).ok()
    C.kubectl("apply", "-f", "-", stdin=extension(
        "SandboxWarmPool", NS, "small",
        {"replicas": 0, "sandboxTemplateRef": {"name": "small"}})).ok()
    claim = a_file(extension("SandboxClaim", NS, "c", {
        "warmPoolRef": {"name": "small"}}))
    done = live("check", claim)
    expect(done.code, 0, repr(done))
    expect_in(f"SandboxTemplate {NS}/small: spec.podTemplate", done.out)
    weak = a_file(sandbox(NS, "weak", labels={
        "bulkhead.dev/tier": "runc-hardened"}))
    done = live("check", weak)
    expect(done.code, 1, repr(done))
    expect_in("tier.wish", done.out)
    done = live("diff", a_file(sandbox(NS, "new")))
    expect(done.code, 1, repr(done))
    expect_in("runtimeClassName", done.out)


@test
def explain_tells_which_tier_a_live_object_has():
    done = live("explain", "-n", NS, "Sandbox/good").ok()
    expect_in(f"label bulkhead.dev/enforce of Namespace {NS}", done.out)
    expect_in("tier     gvisor", done.out)


@test
def what_is_not_there_is_not_clean():
    done = live("check", "-n", NS, "Sandbox/nobody")
    expect(done.code, 3, repr(done))
    expect_in('there is no Sandbox "nobody"', done.out)


@test
def what_may_not_be_read_is_told():
    done = live("check", "-n", NS, context="alice")
    expect(done.code, 3, repr(done))
    expect_in("forbidden", done.out + done.err)
    code, checks = findings(None, "alice")
    expect(checks["server.access"]["status"], "warn")
    expect(checks["webhook.answers"]["status"], "skip")
    expect(code, 0, repr(checks))


@test
def bad_calls_are_usage_errors():
    expect(live("check", context="nobody").code, 2)
    expect(live("check", "--context", "alice").code, 2)
    expect(live("check", "--cluster-objects", FOLDER).code, 2)
    expect(live("check", "--in-cluster").code, 2)
    expect(live("doctor", "no.check").code, 2)


@test
def the_doctor_finds_an_installation_in_order():
    _, checks = findings()
    for name in ("server.version", "server.access", "agents.crds",
                 "bulkhead.crds", "tiers.load", "tiers.default",
                 "runtime.classes", "runtime.handlers", "runtime.nodes",
                 "webhook.registered", "webhook.failurePolicy",
                 "webhook.certificate", "webhook.answers"):
        expect(checks[name]["status"], "pass", repr(checks[name]))
    # Nobody runs the controller beside this test.
    expect(checks["controller.lease"]["status"], "fail")
    expect_in("Deployment bulkhead-controller",
              checks["controller.lease"]["fix"])


@test
def the_probe_leaves_nothing_behind():
    findings(None, "admin", "webhook.answers")
    names = [s["metadata"]["name"] for s in
             C.get(f"{AGENTS}/namespaces/default/sandboxes")["items"]]
    expect("bulkhead-doctor" in names, False)


@test
def the_doctor_finds_what_a_fresh_cluster_lacks():
    fresh = Cluster.up(f"{FOLDER}/cli-live", "--with", "controller-manager",
                       "--crds", "v0.4.6")
    try:
        code, checks = findings(fresh)
        expect(code, 1)
        for name, status, part in (
                ("agents.crds", "warn", "v1alpha1 only"),
                ("bulkhead.crds", "fail", "isolationtiers"),
                ("tiers.load", "skip", "not installed"),
                ("runtime.classes", "fail", "RuntimeClass not found"),
                ("webhook.registered", "fail", "nothing is refused"),
                ("agents.controller", "warn", "agent-sandbox-controller")):
            expect(checks[name]["status"], status, repr(checks[name]))
            expect_in(part, checks[name]["found"])
        done = live("check", cluster=fresh)
        expect(done.code, 2, repr(done))
        expect_in("Bulkhead is not installed", done.err)
        fresh.verb("stop", "kube-apiserver")
        for verb in ("check", "doctor"):
            expect(live(verb, cluster=fresh).code, 3)
    finally:
        fresh.verb("down")


@test
def a_refused_set_is_an_error_that_names_the_object():
    fresh = Cluster.up(f"{FOLDER}/cli-live-set")
    try:
        fresh.kubectl("apply", "-k",
                      os.path.join(os.path.dirname(__file__), "..", "..",
                                   "deploy", "crds")).ok()
        fresh.kubectl("wait", "crd", "--all", "--for",
                      "condition=Established", "--timeout", "60s").ok()
        fresh.kubectl("apply", "-f", "-", stdin=[
            {"apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationTier",
             "metadata": {"name": "one"}, "spec": {"strength": 100}},
            {"apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationTier",
             "metadata": {"name": "two"}, "spec": {"strength": 100}}]).ok()
        done = live("check", cluster=fresh)
        expect(done.code, 2, repr(done))
        expect_in("two", done.err)
        _, checks = findings(fresh)
        expect(checks["tiers.load"]["status"], "fail", repr(checks))
    finally:
        fresh.verb("down")


if __name__ == "__main__":
    main(test)
