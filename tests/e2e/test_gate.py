"""No Pod of a tier may be scheduled before its NetworkPolicy is there: in any
order of creation, while policies are deleted, with the controller down,
restarted and racing with a second one.

A watch of all Pods and one of all policies write down what happened; the order
of two events is that of their resource versions."""
import bisect
import collections
import json
import threading
import time

import reconciler
from environment import (SLOW, Tests, at, expect, expect_in, poll, sandbox)
from reconciler import (CONTAINERS, Delays, POLICIES, Watch, World,
                        as_controller, bare_pod, create, events_about,
                        in_parallel, is_gated, policy_of, policy_path)

test = Tests()
W = World("gate", replicas=2)
C = W.cluster
FIRST, SECOND = W.controllers
TIER = "/metadata/labels/bulkhead.dev~1tier"
MARK = "/metadata/annotations/bulkhead.dev~1unneeded"
ALL_POLICIES = f"{POLICIES}/networkpolicies"
ALL_PODS = "/api/v1/pods"


class Judge:
    """Watches; says of every Pod that was let go whether it might be."""

    def __init__(self):
        self.policies = Watch(C, ALL_POLICIES)
        self.pods = Watch(C, ALL_PODS)
        self.latest = 0

    def timelines(self):
        """By namespace and tier: versions, and whether a policy was there
        from then on, unmarked."""
        lines = collections.defaultdict(list)
        for e in self.policies.events:
            tier = at(e.object, TIER)
            good = e.type != "DELETED" and not at(e.object, MARK) and \
                at(e.object, "/spec/podSelector/matchLabels") == {
                    "bulkhead.dev/tier": tier} and \
                not at(e.object, "/metadata/deletionTimestamp")
            lines[e.meta["namespace"], e.meta["name"]].append(
                (e.version, good, e.wall))
        return {k: sorted(v) for k, v in lines.items()}

    def let_go(self):
        """(event, Pod was gated before): the first event of each Pod without
        the gate."""
        seen, gated = {}, set()
        for e in self.pods.events:
            uid = e.meta["uid"]
            if e.type == "DELETED" or not at(e.object, TIER):
                continue
            if is_gated(e.object):
                gated.add(uid)
            elif uid not in seen:
                seen[uid] = (e, uid in gated)
        return list(seen.values())

    def judge(self, after_deletion=0):
        """after_deletion: seconds for which a deleted policy may still be
        believed to be there. Returns counts."""
        lines, counts = self.timelines(), collections.Counter()
        for e, was_gated in self.let_go():
            ns, tier = e.meta["namespace"], at(e.object, TIER)
            line = lines.get((ns, f"bulkhead-{tier}"), [])
            at_that = bisect.bisect_left(line, (e.version,)) - 1
            who = f"Pod {ns}/{e.meta['name']} at {e.version}: "
            if not was_gated:
                raise AssertionError(who + "it never had the gate")
            if at_that < 0:
                raise AssertionError(who + "there was no policy yet")
            version, good, wall = line[at_that]
            if good:
                counts["under a policy"] += 1
                continue
            late = e.wall - wall
            self.latest = max(self.latest, late)
            if late > after_deletion * SLOW:
                raise AssertionError(f"{who} the policy was gone or marked "
                                     f"since {version}, {late:.3f} s")
            counts["deleted meanwhile"] += 1
        return counts

    def close(self):
        self.pods.close()
        self.policies.close()


JUDGE = Judge()


def gated(ns):
    return [p for p in C.pods(ns) if is_gated(p)]


def wait_free(ns, n, seconds=60):
    return poll(f"{n} Pods of {ns} are let go", lambda: (
        lambda pods: len(pods) >= n and not any(map(is_gated, pods)) and
        pods)(C.pods(ns)), seconds)


@test
def while_no_controller_runs_all_wait():
    """Pods first, then the label of their namespace; and by a Sandbox."""
    ns = C.namespace("down")
    create(C, bare_pod(ns, "untiered"))
    create(C, sandbox(ns, "agent"))
    poll("its Pod is there", lambda: len(C.pods(ns)) == 2)
    C.label_namespace(ns, enforce="kata-vm").ok()
    strict = C.namespace("down-enforced", enforce="gvisor")
    create(C, bare_pod(strict, "plain"))
    time.sleep(2)
    expect(is_gated(C.pod(ns, "agent")), True)
    expect(is_gated(C.pod(strict, "plain")), True)
    expect(at(C.pod(strict, "plain"), "/spec/nodeName"), None)
    # What no tier governed when it was made is none of ours.
    expect(is_gated(C.pod(ns, "untiered")), False)


@test
def when_it_comes_they_are_let_go():
    FIRST.start().wait_leads()
    for ns in ("down", "down-enforced"):
        wait_free(ns, 1)
    poll("it runs", lambda: at(C.pod("down-enforced", "plain"),
                               "/status/phase") == "Running")
    poll("they were seen", lambda: JUDGE.judge()["under a policy"] >= 2)


@test
def the_airgapped_tiers_too():
    for tier in ("gvisor-airgapped", "kata-fc-airgapped"):
        ns = C.namespace(f"air-{tier}", enforce=tier)
        image = f"python@sha256:{'0' * 64}"
        create(C, sandbox(ns, "agent", {"containers": [
            {**CONTAINERS[0], "image": image}]}))
        wait_free(ns, 1, 15)


@test
def in_any_order():
    for i, steps in enumerate(("label sandbox", "sandbox label",
                               "sandbox policy label", "label policy sandbox")):
        ns = C.namespace(f"order-{i}")
        for step in steps.split():
            if step == "label":
                C.label_namespace(ns, enforce="kata-fc").ok()
            elif step == "policy":
                # Somebody else's of that name, which opens all.
                create(C, {"apiVersion": "networking.k8s.io/v1",
                           "kind": "NetworkPolicy",
                           "metadata": {"name": "bulkhead-kata-vm",
                                        "namespace": ns},
                           "spec": {"podSelector": {"matchLabels": {
                               "a": "b"}}, "policyTypes": ["Egress"]}})
            else:
                create(C, sandbox(ns, "agent", labels={
                    "bulkhead.dev/tier": "kata-fc"}))
        wait_free(ns, 1)
    JUDGE.judge()


def burst(prefix, count, made=None):
    """count Sandboxes at once, ten to each fresh namespace."""
    spaces = [C.namespace(f"{prefix}-{i}", enforce="gvisor")
              for i in range(count // 10)]
    if made:
        made(spaces)
    in_parallel(lambda k: create(C, bare_pod(spaces[k % len(spaces)],
                                             f"p{k}")), range(count))
    return spaces


@test
def while_policies_are_deleted_in_a_loop():
    stop, deleted = threading.Event(), collections.Counter()

    def delete(ns):
        while not stop.is_set():
            answer = as_controller(C, "DELETE", policy_path(ns, "gvisor"))
            deleted[answer.status] += 1
            stop.wait(0.1)
    threads = []

    def begin(spaces):
        for ns in spaces:
            threads.append(threading.Thread(target=delete, args=(ns,)))
            threads[-1].start()
    try:
        spaces = burst("storm", 100, begin)
        for ns in spaces:
            wait_free(ns, 10)
    finally:
        stop.set()
        for t in threads:
            t.join()
    # The controller learns of a deletion from its watch.
    poll("they were seen", lambda: len(JUDGE.let_go()) >= 100)
    counts = JUDGE.judge(after_deletion=5)
    print(f"  {deleted[200]} deletions; Pods let go: {dict(counts)}, "
          f"{JUDGE.latest:.3f} s after a deletion at most", flush=True)
    if deleted[200] < 20:
        raise AssertionError(f"too few deletions: {deleted}")
    for ns in spaces:
        poll("it is there in the end", lambda: policy_of(C, ns, "gvisor"))


@test
def what_waits_says_why():
    """The controller may not write policies for a while."""
    path = "/apis/rbac.authorization.k8s.io/v1/clusterroles/" \
        "bulkhead-controller"
    role = C.get(path)
    less = json.loads(json.dumps(role["rules"]))
    for rule in less:
        if "networkpolicies" in rule["resources"]:
            rule["verbs"] = ["get", "list", "watch"]
    C.patch(path, {"rules": less}).ok()
    poll("the right is gone", lambda: as_controller(
        C, "DELETE", policy_path("no-such", "gvisor")).status == 403)
    try:
        ns = C.namespace("waits", enforce="gvisor")
        pod = create(C, bare_pod(ns, "waits"))
        event = poll("it says why", lambda: events_about(
            C, pod, "WaitingForNetworkPolicy"), 20)[0]
        expect(event["type"], "Warning")
        expect_in("bulkhead-gvisor is not in place", event["note"])
        expect(is_gated(C.pod(ns, "waits")), True)
    finally:
        C.patch(path, {"rules": role["rules"]}).ok()
    wait_free(ns, 1, 90)


@test
def nobody_else_lifts_it():
    ns = C.namespace("alices", enforce="gvisor")
    role = {"apiVersion": "rbac.authorization.k8s.io/v1",
            "metadata": {"name": "patch-pods", "namespace": ns},
            "kind": "Role", "rules": [
                {"apiGroups": [""], "resources": ["pods"],
                 "verbs": ["get", "patch", "update"]}]}
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1",
               "kind": "RoleBinding", "metadata": role["metadata"],
               "roleRef": {"apiGroup": "rbac.authorization.k8s.io",
                           "kind": "Role", "name": "patch-pods"},
               "subjects": [{"kind": "User", "name": "alice",
                             "apiGroup": "rbac.authorization.k8s.io"}]}
    C.kubectl("apply", "-f", "-", stdin=[role, binding]).ok()
    FIRST.stop()
    create(C, bare_pod(ns, "mine"))
    path = f"/api/v1/namespaces/{ns}/pods/mine"
    with open(C.env["ALICE_TOKEN_FILE"], encoding="utf-8") as f:
        token = f.read().strip()
    label = {"metadata": {"labels": {"team": "a"}}}
    poll("alice may patch", lambda: C.api(
        "PATCH", path, label, kind="application/merge-patch+json",
        token=token).status == 200)
    for body, kind in (
            ([{"op": "remove", "path": "/spec/schedulingGates/0"}], "json"),
            ({"spec": {"schedulingGates": None}}, "merge"),
            ({"spec": {"schedulingGates": [
                {"name": "bulkhead.dev/egress", "$patch": "delete"}]}},
             "strategic-merge")):
        answer = C.api("PATCH", path, body, token=token,
                       kind=f"application/{kind}-patch+json")
        expect(answer.status, 403, kind)
        expect_in("[network.gate]", repr(answer))
    expect(is_gated(C.pod(ns, "mine")), True)


@test
def restarted_and_racing():
    """Two without a lease, which both believe that they lead; one of them is
    killed now and then."""
    FIRST.more = SECOND.more = ("--no-leader-elect",)
    for c in W.controllers:
        c.start().wait_leads()
    wait_free("alices", 1)
    delays, since = Delays("Pod created -> let go, two racing"), time.time()
    before = len(JUDGE.let_go())
    spaces = burst("race", 100)
    for _ in range(3):
        SECOND.process.kill()
        SECOND.process.wait()
        in_parallel(lambda ns: create(
            C, bare_pod(ns, f"more-{time.monotonic_ns()}")), spaces)
        SECOND.start().wait_leads()
    for ns in spaces:
        wait_free(ns, 13)
    poll("they were seen", lambda: len(JUDGE.let_go()) - before >= 130)
    counts = JUDGE.judge(after_deletion=5)
    print(f"  all in all: {dict(counts)}", flush=True)
    born = {e.meta["uid"]: e.wall for e in JUDGE.pods.of("ADDED")}
    for e, _ in JUDGE.let_go():
        if e.wall > since and e.meta["namespace"].startswith("race"):
            delays.add(e.wall - born[e.meta["uid"]])
    delays.check(usual=2, worst=20)
    time.sleep(3)
    before = [p["metadata"]["resourceVersion"]
              for p in C.get(ALL_POLICIES)["items"]]
    time.sleep(2)
    expect([p["metadata"]["resourceVersion"]
            for p in C.get(ALL_POLICIES)["items"]], before,
           "two in a fight")


@test
def the_watches_saw_it_all():
    for watch in (JUDGE.pods, JUDGE.policies):
        expect(watch.error, None)
    JUDGE.close()


if __name__ == "__main__":
    reconciler.main(test, W)
