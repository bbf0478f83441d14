"""What tiers, policies and exceptions say about themselves: true, of the
generation that is there, written only when something has changed."""
import time

import reconciler
from environment import (TIERS, Tests, at, expect, expect_in, poll)
from reconciler import (World, create, events_about, rfc3339, tier,
                        unregistered)

test = Tests()
W = World("statuses")
C = W.cluster
SHIPPED = ["runc-hardened", "gvisor", "gvisor-airgapped", "kata-vm",
           "kata-fc", "kata-fc-airgapped"]
OURS = [TIERS, TIERS.replace("tiers", "policies"),
        TIERS.replace("tiers", "exceptions")]
CLASSES = "/apis/node.k8s.io/v1/runtimeclasses"
KATA = "katacontainers.io/kata-runtime"


def conditions(document):
    return {c["type"]: c for c in at(document, "/status/conditions", [])}


def kstatus(document):
    """As sigs.k8s.io/cli-utils computes it for a kind that it does not know."""
    have = conditions(document)
    if at(document, "/metadata/deletionTimestamp"):
        return "Terminating"
    observed = at(document, "/status/observedGeneration")
    if observed is not None and \
            observed != at(document, "/metadata/generation"):
        return "InProgress"
    if have.get("Reconciling", {}).get("status") == "True":
        return "InProgress"
    if have.get("Stalled", {}).get("status") == "True":
        return "Failed"
    ready = have.get("Ready")
    if ready and ready["status"] in ("False", "Unknown"):
        return "InProgress"
    return "Current"


def get(name, path=TIERS):
    return C.get(f"{path}/{name}")


def says(name, kind, path=TIERS):
    """(status, reason) of a condition of the present generation."""
    document = get(name, path)
    condition = conditions(document).get(kind, {})
    generation = document["metadata"]["generation"]
    if condition and (condition["observedGeneration"],
                      at(document, "/status/observedGeneration")) != (
                          generation, generation):
        return None
    return condition.get("status"), condition.get("reason")


def await_says(name, kind, status, reason, path=TIERS, seconds=15):
    def it():
        expect(says(name, kind, path), (status, reason), f"{name} {kind}")
        return True
    poll(f"{name} says {kind}: {reason}", it, seconds)
    return conditions(get(name, path))[kind]


def versions():
    return {d["metadata"]["uid"]: d["metadata"]["resourceVersion"]
            for path in OURS for d in C.get(path)["items"]}


def exception(name, seconds):
    return {"apiVersion": "bulkhead.dev/v1alpha1",
            "kind": "IsolationException", "metadata": {"name": name},
            "spec": {"target": {"namespace": "default"},
                     "rules": ["pod.images"], "reason": "of a test",
                     "expiresAt": rfc3339(time.time() + seconds)}}


@test
def shipped_tiers_are_ready():
    since = time.time()
    W.controller.start().wait_leads()
    for name in SHIPPED:
        await_says(name, "Ready", "True", "InUse")
        expect(says(name, "EgressEnforceable"), ("Unknown", "NotRecognized"))
        expect(says(name, "RuntimeClassAvailable")[0], "True")
        document = get(name)
        expect(set(conditions(document)), {
            "Ready", "RuntimeClassAvailable", "EgressEnforceable",
            "Conflicted"})
        for c in conditions(document).values():
            if not (c["message"] and c["lastTransitionTime"] >=
                    rfc3339(since - 1)):
                raise AssertionError(c)
        expect(kstatus(document), "Current", name)
    expect(says("runc-hardened", "Conflicted"), ("False", "Ordered"))
    policy = "default"
    await_says(policy, "Ready", "True", "InUse", OURS[1])
    expect(kstatus(get(policy, OURS[1])), "Current")


@test
def nothing_is_written_without_a_change():
    time.sleep(1)
    before = versions()
    written = W.controller.actions("tier", "status")
    # A look at all of them, for a node and a label that change nothing.
    C.patch("/api/v1/nodes/node-1", {"metadata": {"labels": {"a": "b"}}}).ok()
    for name in SHIPPED:
        C.patch(f"{TIERS}/{name}",
                {"metadata": {"annotations": {"looked": "at"}}}).ok()
    before = versions()
    time.sleep(3)
    expect(versions(), before)
    expect(W.controller.actions("tier", "status"), written)


@test
def a_change_of_spec_is_observed():
    create(C, tier("edited", 800))
    moved = await_says("edited", "Ready", "True", "InUse")
    time.sleep(1.1)
    generation = get("edited")["metadata"]["generation"]
    C.patch(f"{TIERS}/edited", {"spec": {"description": "another"}}).ok()
    poll("its generation is observed", lambda: at(
        get("edited"), "/status/observedGeneration") == generation + 1)
    poll("it is current", lambda: kstatus(get("edited")) == "Current")
    expect(await_says("edited", "Ready", "True", "InUse")
           ["lastTransitionTime"], moved["lastTransitionTime"])


@test
def kstatus_is_never_current_too_early():
    """From creation on, what a waiting "kubectl apply" believes."""
    seen = []
    create(C, tier("waited-for", 801, runtime={"classNames": ["later"],
                                               "onMissing": "Warn"}))
    end = time.monotonic() + 2
    while time.monotonic() < end:
        document = get("waited-for")
        if at(document, "/status"):
            seen.append(kstatus(document))
    expect(set(seen), {"InProgress"})
    C.api("POST", CLASSES, {"metadata": {"name": "later"},
                            "handler": "later"}).ok()
    poll("it is current", lambda: kstatus(get("waited-for")) == "Current")


@test
def a_runtime_class_that_goes_and_comes():
    ready = conditions(get("gvisor"))["Ready"]["lastTransitionTime"]
    egress = conditions(get("gvisor"))["EgressEnforceable"]
    spec = C.get(f"{CLASSES}/gvisor")
    C.api("DELETE", f"{CLASSES}/gvisor").ok()
    for name in ("gvisor", "gvisor-airgapped"):
        gone = await_says(name, "RuntimeClassAvailable", "False",
                          "NoRuntimeClass")
        expect_in("install one of gvisor", gone["message"])
        expect(says(name, "Ready"), ("False", "NoRuntimeClass"))
        expect(says(name, "Reconciling")[0], "True")
        expect(kstatus(get(name)), "InProgress")
    if conditions(get("gvisor"))["Ready"]["lastTransitionTime"] <= ready:
        raise AssertionError("Ready has changed, its time has not")
    expect(conditions(get("gvisor"))["EgressEnforceable"], egress)
    expect(says("kata-vm", "Ready"), ("True", "InUse"))
    C.api("POST", CLASSES, {"metadata": {"name": "gvisor"},
                            "handler": spec["handler"]}).ok()
    for name in ("gvisor", "gvisor-airgapped"):
        await_says(name, "RuntimeClassAvailable", "True", "Available")
        await_says(name, "Ready", "True", "InUse")
        expect("Reconciling" in conditions(get(name)), False)
        expect(kstatus(get(name)), "Current")


@test
def nodes_decide_too():
    path = "/api/v1/nodes/node-2"
    C.patch(path, {"metadata": {"labels": {KATA: None}}}).ok()
    for name in ("kata-vm", "kata-fc"):
        gone = await_says(name, "RuntimeClassAvailable", "False", "NoNode")
        expect_in("no node has the labels", gone["message"])
        expect(says(name, "Ready"), ("False", "NoNode"))
    expect(says("gvisor", "Ready"), ("True", "InUse"))
    C.patch(path, {"metadata": {"labels": {KATA: "true"}}}).ok()
    for name in ("kata-vm", "kata-fc"):
        await_says(name, "RuntimeClassAvailable", "True", "Available")
        await_says(name, "Ready", "True", "InUse")


@test
def a_network_that_is_known_is_told():
    for ns, name, status, reason in (
            ("kube-system", "kube-flannel", "False", "NotEnforced"),
            ("kube-system", "cilium", "True", "Enforced")):
        C.api("POST", f"/apis/apps/v1/namespaces/{ns}/daemonsets", {
            "metadata": {"name": name}, "spec": {
                "selector": {"matchLabels": {"a": name}}, "template": {
                    "metadata": {"labels": {"a": name}},
                    "spec": {"containers": [{"name": "a", "image": "a"}]}}}
        }).ok()
        await_says("gvisor", "EgressEnforceable", status, reason)
    expect(says("gvisor", "Ready"), ("True", "InUse"))
    for name in ("kube-flannel", "cilium"):
        C.api("DELETE", "/apis/apps/v1/namespaces/kube-system/daemonsets/"
              + name).ok()
    await_says("gvisor", "EgressEnforceable", "Unknown", "NotRecognized")


@test
def a_stronger_tier_that_is_laxer_is_told():
    print("  " + conditions(get("gvisor"))["Conflicted"]["message"],
          flush=True)
    create(C, tier("laxer", 900, pod={"level": "Privileged"},
                   network={"egress": {"mode": "Unrestricted"}}))
    told = await_says("laxer", "Conflicted", "True", "Laxer")
    print(f"  {told['message'][:160]}", flush=True)
    expect(says("runc-hardened", "Conflicted"), ("False", "Ordered"))
    C.api("DELETE", f"{TIERS}/laxer").ok()


@test
def namespaces_are_counted():
    before = at(get("kata-fc"), "/status/matchedNamespaces")
    for i in range(3):
        C.namespace(f"counted-{i}", enforce="kata-fc")
    C.patch("/api/v1/nodes/node-1", {"metadata": {"labels": {"a": "c"}}}).ok()
    poll("they are counted", lambda: at(
        get("kata-fc"), "/status/matchedNamespaces") == before + 3)


@test
def a_broken_tier_is_told_and_the_set_before_it_stays():
    ready = conditions(get("gvisor"))["Ready"]
    time.sleep(1.1)
    with unregistered(C):
        create(C, tier("broken", 100))  # the strength of runc-hardened
        create(C, tier("broken-too", 810, pod={"images": {"allow": ["("]}}))
    blamed = []

    def told():
        blamed[:] = [n for n in ("broken", "broken-too", "runc-hardened")
                     if says(n, "Stalled") == ("True", "InvalidSpec")]
        return blamed
    poll("one of them is stalled", told)
    expect(len(blamed), 1, blamed)
    name = blamed[0]
    document = get(name)
    print(f"  {conditions(document)['Stalled']['message'][:160]}", flush=True)
    expect(says(name, "Ready"), ("False", "InvalidSpec"))
    expect(kstatus(document), "Failed")
    await_says("gvisor", "Ready", "False", "SetRefused")
    waits = conditions(get("gvisor"))
    expect_in("the set before it stays in use", waits["Ready"]["message"])
    expect("Stalled" in waits, False)
    expect(kstatus(get("gvisor")), "InProgress")
    await_says("default", "Ready", "False", "SetRefused", OURS[1])
    # It still keeps to the set before.
    ns = C.namespace("kept-meanwhile", enforce="kata-vm")
    poll("the policy comes", lambda: reconciler.policy_of(C, ns, "kata-vm"))
    with unregistered(C):
        for each in ("broken", "broken-too"):
            C.api("DELETE", f"{TIERS}/{each}").ok()
    for each in SHIPPED:
        await_says(each, "Ready", "True", "InUse")
        expect(kstatus(get(each)), "Current")
    await_says("default", "Ready", "True", "InUse", OURS[1])
    if conditions(get("gvisor"))["Ready"]["lastTransitionTime"] <= \
            ready["lastTransitionTime"]:
        raise AssertionError("Ready went and came, its time has not moved")


@test
def exceptions_expire():
    made = {}
    for name, seconds in (("month", 30 * 86400), ("week", 6 * 86400),
                          ("day", 3600), ("over", 4)):
        made[name] = create(C, exception(name, seconds))
    for name, status, reason in (("month", "False", "InForce"),
                                 ("week", "False", "ExpiresWithinWeek"),
                                 ("day", "False", "ExpiresWithinDay"),
                                 ("over", "True", "Expired")):
        await_says(name, "Expired", status, reason, OURS[2])
        await_says(name, "Ready", "True",
                   "Expired" if name == "over" else "InUse", OURS[2])
        expect(kstatus(get(name, OURS[2])), "Current")
        if name != "month":
            note = poll("an Event tells it", lambda: events_about(
                C, made[name], reason), 20)[0]
            expect_in('in namespace "default"', note["note"])
    expect(events_about(C, made["month"], "InForce"), [])


@test
def statuses_settle():
    time.sleep(1)
    before = versions()
    written = W.controller.actions("tier", "status")
    time.sleep(3)
    expect(versions(), before)
    expect(W.controller.actions("tier", "status"), written)


if __name__ == "__main__":
    reconciler.main(test, W)
