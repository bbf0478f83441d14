"""The ways into a running Pod: exec, attach, port-forward, proxy, debug,
resize; and the scale of a pool."""
import datetime
import json

from environment import (EXTENSIONS, Tests, at, expect, expect_in, extension,
                         main, poll, sandbox, shared)

test = Tests()
C = shared()
OPEN, SHUT = "access-open", "access-shut"


def denied(rule, *args):
    done = C.kubectl(*args, timeout=30)
    expect(done.code, 1, repr(done))
    expect_in('.validate.bulkhead.dev" denied the request: ', done.err)
    expect_in(f"[{rule}] ", done.err)
    return done


def passes(*args):
    """Admission lets it; kwok's kubelet may not be able to."""
    done = C.kubectl(*args, timeout=60)
    for line in done.err.splitlines():
        if "denied the request" in line or "[access." in line:
            raise AssertionError(repr(done))
    return done


def of(ns):
    return "-n", ns, "agent"


@test
def two_pods_run():
    C.namespace(OPEN, enforce="gvisor")
    C.namespace(SHUT, enforce="gvisor-airgapped")
    for ns in (OPEN, SHUT):
        C.kubectl("apply", "-f", "-", stdin=sandbox(ns, "agent")).ok()
    for ns in (OPEN, SHUT):
        C.wait_running(ns, "agent")


@test
def exec_is_refused_by_the_pods_tier():
    done = denied("access.exec", "exec", *of(SHUT), "--", "id")
    expect_in('"connect.validate.bulkhead.dev"', done.err)
    expect_in("gvisor-airgapped", done.err)
    passes("exec", *of(OPEN), "--", "id")


@test
def attach_is_refused_by_the_pods_tier():
    denied("access.attach", "attach", *of(SHUT))
    passes("attach", *of(OPEN))


@test
def port_forward_and_proxy_are_refused():
    for ns in (SHUT, OPEN):
        denied("access.portForward", "port-forward", *of(ns), ":8080")
        denied("access.portForward", "get", "--raw",
               f"/api/v1/namespaces/{ns}/pods/agent/proxy/")


@test
def debug_is_refused():
    for ns in (SHUT, OPEN):
        denied("access.ephemeralContainers", "debug", *of(ns), "--image",
               "busybox", "--", "true")


@test
def debug_is_held_to_the_tier_where_it_is_let_in():
    ns = C.namespace("access-debug")
    C.kubectl("apply", "-f", "-", stdin={
        "apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationTier",
        "metadata": {"name": "access-debug"}, "spec": {
            "description": "debug containers", "strength": 240,
            "enforcement": "Enforce",
            "runtime": {"classNames": ["gvisor"], "onMissing": "Deny"},
            "pod": {"level": "Baseline", "serviceAccountToken": "Deny"},
            "network": {"egress": {"mode": "Unrestricted"},
                        "ingress": {"mode": "Namespace"}},
            "access": {"ephemeralContainers": "Allow"}}}).ok()
    C.kubectl("apply", "-f", "-", stdin=sandbox(ns, "agent", labels={
        "bulkhead.dev/tier": "access-debug"})).ok()
    C.wait_running(ns, "agent")
    denied("pss.capabilities", "debug", *of(ns), "--image", "busybox",
           "--profile", "netadmin", "--", "true")
    passes("debug", *of(ns), "--image", "busybox", "--profile", "baseline",
           "--", "true").ok()
    names = [c["image"] for c in at(C.pod(ns, "agent"),
                                    "/spec/ephemeralContainers", [])]
    expect(names, ["busybox"])
    C.kubectl("delete", "sandbox", "agent", "-n", ns).ok()


@test
def a_copy_of_a_pod_for_debugging_is_judged():
    done = C.kubectl("debug", *of(SHUT), "--image", "busybox", "--copy-to",
                     "copy", "--", "true")
    expect(done.code, 1, repr(done))
    expect_in("denied the request", done.err)


@test
def logs_stay_readable():
    passes("logs", *of(SHUT))


@test
def resize_stays_within_the_maximum():
    def resize(cpu):
        return ["patch", "pod", *of(OPEN), "--subresource", "resize",
                "--type", "strategic", "-p", json.dumps({"spec": {
                    "containers": [{"name": "agent", "resources": {
                        "limits": {"cpu": cpu}}}]}})]
    # Without it the server takes the node for one that cannot resize.
    resources = at(C.pod(OPEN, "agent"), "/spec/containers/0/resources")
    C.patch(f"/api/v1/namespaces/{OPEN}/pods/agent/status", [
        {"op": "add", "path": "/status/containerStatuses/0/resources",
         "value": resources}]).ok()
    denied("resources.max", *resize("3"))
    passes(*resize("2")).ok()
    expect(at(C.pod(OPEN, "agent"),
              "/spec/containers/0/resources/limits/cpu"), "2")


@test
def scale_of_a_pool_stays_within_the_maximum():
    ns = C.namespace("access-scale", enforce="gvisor")
    pod = {"containers": [{"name": "agent", "image": "python:3.12-slim"}]}
    C.kubectl("apply", "-f", "-", stdin=[
        extension("SandboxTemplate", ns, "python",
                  {"podTemplate": {"spec": pod}}),
        extension("SandboxWarmPool", ns, "pool",
                  {"replicas": 0, "sandboxTemplateRef": {"name": "python"}})
    ]).ok()
    scale = "scale", "sandboxwarmpool", "pool", "-n", ns, "--replicas"
    denied("resources.max", *scale, "101")
    passes(*scale, "1").ok()
    path = f"{EXTENSIONS}/namespaces/{ns}/sandboxwarmpools/pool"
    expect(at(C.get(path), "/spec/replicas"), 1)
    passes(*scale, "0").ok()


@test
def an_exception_opens_one_way_for_a_while():
    name = "access-incident"
    end = datetime.datetime.now(datetime.timezone.utc) + \
        datetime.timedelta(hours=1)
    C.kubectl("apply", "-f", "-", stdin={
        "apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationException",
        "metadata": {"name": name}, "spec": {
            "target": {"namespace": SHUT, "kinds": ["Pod"]},
            "rules": ["access.exec"], "reason": "an incident",
            "expiresAt": end.strftime("%Y-%m-%dT%H:%M:%SZ")}}).ok()
    poll("exec is let in", lambda: passes("exec", *of(SHUT), "--", "id"))
    denied("access.attach", "attach", *of(SHUT))
    C.kubectl("delete", "isolationexception", name).ok()
    poll("and not any more", lambda: denied("access.exec", "exec", *of(SHUT),
                                            "--", "id"))


@test
def tiers_of_no_pod_are_deleted():
    poll("the tier is deleted", lambda: C.kubectl(
        "delete", "isolationtier", "access-debug").ok())


if __name__ == "__main__":
    main(test)
