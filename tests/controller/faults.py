#!/usr/bin/env python3
"""bulkhead-controller as a whole against an API server that misbehaves.

    tests/controller/faults.py [PART OF A NAME]...

Each test has a fake API server of its own; JOBS (4) run at a time. Last line:
"N passed, M failed".
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
from harness import (AGENTS, EXTENSIONS, GATE, GROUP, ROOT, SLOW, TIER,
                     Controller, Fake, basis, claim, difference, lag_of_ends,
                     namespace, obj, order_of_gates, pod, poll, request,
                     sandbox, second_deletes, stale_policy, stamp, state,
                     story)

TESTS = []
SAYS = []  # what is measured


class Bench:
    """What a test gets; everything that it started ends with it."""

    def __init__(self, folder):
        self.folder = folder
        self.fake = Fake(folder)
        self.controllers = []

    def start(self, *args, **more):
        c = Controller.__new__(Controller)
        self.controllers.append(c)
        c.__init__(self.fake, *args, **more)
        return c

    def reports(self, served):
        for group in ("openreports.io", "wgpolicyk8s.io"):
            self.fake.call("POST", "/serve", {"group": group,
                                              "served": served})

    def close(self):
        for c in self.controllers:
            if getattr(c, "process", None) and c.alive():
                c.process.kill()
                c.process.wait()
        self.fake.stop()

    def logs(self):
        return "\n".join("--- " + c.log_path + "\n" +
                         "\n".join(c.text().splitlines()[-12:])
                         for c in self.controllers
                         if hasattr(c, "process"))

    # ---- polls ----

    def gone(self, kind, name, ns="team", seconds=20):
        poll(lambda: not self.fake.find(kind, name, ns),
             f"{kind} {ns}/{name} is still there", seconds)

    def lifted(self, name, ns="team", seconds=20):
        def look():
            gates = self.fake.find("Pod", name, ns)["spec"].get(
                "schedulingGates") or []
            return GATE not in [g["name"] for g in gates]
        poll(look, f"Pod {ns}/{name} is still gated", seconds)

    def ends_as(self, reference, seconds=20):
        have = {}

        def look():
            have.clear()
            have.update(state(self.fake.objects()))
            return have == reference
        poll(look, lambda: "another end:\n" + difference(have, reference),
             seconds)

    def quiet(self, seconds=0.7):
        """No more writes; a few tries, because what was begun may end."""
        for _ in range(10):
            n = len(self.fake.log())
            time.sleep(seconds)
            if len(self.fake.log()) == n:
                return
        raise AssertionError("it writes on and on: " + str(
            [(e["verb"], e["path"], e["status"])
             for e in self.fake.log()[-5:]]))


def test(f, *args, name=None, alone=False):
    TESTS.append((name or f.__name__, f, args, alone))
    return f


def expect(got, wanted, about=""):
    if got != wanted:
        raise AssertionError(f"{about}: got {got!r}, wanted {wanted!r}")


WRITES = "create|update|patch|apply|delete"
NO_NOISE = "^(?!.*/(events|leases))"
# Each kind of write that the story leads to.
KINDS_OF_WRITES = [
    ("apply", "/networkpolicies/"), ("delete", "/networkpolicies/"),
    ("patch", "/pods/"), ("delete", "/pods/"),
    ("apply", "/isolationtiers/.*/status"),
    ("apply", "/isolationpolicies/.*/status"),
    ("apply", "/isolationexceptions/.*/status"),
    ("delete", "/sandboxclaims/"), ("delete", "/sandboxes/"),
    ("create", "/secrets"), ("apply", "webhookconfigurations/"),
    ("create", "/events"),
]
REFERENCE = {}


# ---- the fake server itself ----

@test
def the_fake_server_pages_conflicts_and_collects(b):
    f = b.fake
    f.seed(namespace("team"), *[claim(f"c{i}") for i in range(5)],
           sandbox("s", owner=claim("c0")))
    path = "/apis/" + EXTENSIONS + "/namespaces/team/sandboxclaims"
    status, page = f.api("GET", path + "?limit=3")
    expect((status, len(page["items"])), (200, 3))
    token = page["metadata"]["continue"]
    f.erase(claim("c4"))
    status, rest = f.api("GET", path + "?limit=3&continue=" + token)
    expect([x["metadata"]["name"] for x in rest["items"]], ["c3", "c4"],
           "a list is of one version")
    f.call("POST", "/forget", {})
    expect(f.api("GET", path + "?limit=3&continue=" + token)[0], 410)
    body = {"preconditions": {"uid": "another"}}
    expect(f.api("DELETE", path + "/c0", body)[1]["reason"], "Conflict")
    expect(f.api("DELETE", path + "/c0", {})[0], 200)
    b.gone("Sandbox", "s")
    expect(f.api("DELETE", path + "/c0", {})[1]["reason"], "NotFound")
    c1 = f.find("SandboxClaim", "c1", "team")
    expect(f.api("PUT", path + "/c1", c1)[0], 200)
    f.seed(c1)
    expect(f.api("PUT", path + "/c1", c1)[0], 409, "an old version")
    expect(f.api("POST", path, c1)[1]["reason"], "BadRequest")
    expect(f.api("POST", "/apis/" + EXTENSIONS + "/namespaces/nowhere/"
                 "sandboxclaims", {"metadata": {"name": "x"}})[0], 404)


@test
def the_fake_server_shows_label_changes_as_a_watch_does(b):
    f = b.fake
    p = pod("p")
    f.seed(p)
    path = ("/api/v1/pods?watch=true&timeoutSeconds=1&resourceVersion=0"
            "&labelSelector=" + TIER)
    bare = json.loads(json.dumps(p))
    bare["metadata"]["labels"] = {}
    with ThreadPoolExecutor(1) as pool:
        stream = pool.submit(request, f.port, "GET", path)
        poll(lambda: f.call("GET", "/counts").get("watch pods"), "no watch")
        f.seed(bare)
        f.seed(p)
        f.erase(p)
        lines = stream.result()[1].decode().splitlines()
    got = [json.loads(x)["type"] for x in lines if x]
    expect(got, ["ADDED", "DELETED", "ADDED", "DELETED"], "events")


# ---- from nothing, and again ----

def from_nothing(b):
    """Also makes the reference for all that follows."""
    b.reports(False)
    b.fake.seed(*story())
    c = b.start(elect="one")
    for name in ("gated", "two-gates"):
        b.lifted(name)
    b.lifted("elsewhere", "free")
    for kind, name, ns in (
            ("SandboxClaim", "over", "team"), ("Sandbox", "over", "team"),
            ("SandboxClaim", "foreground", "team"),
            ("Sandbox", "bare", "team"), ("Sandbox", "held", "team"),
            ("Pod", "alone", "team"),
            ("NetworkPolicy", "bulkhead-runc-hardened", "free")):
        b.gone(kind, name, ns)
    poll(lambda: b.fake.find("Secret", "bulkhead-webhook-tls",
                             "bulkhead-system"), "no certificate")
    b.quiet()
    for kind, name, ns in (
            ("SandboxClaim", "held", "team"), ("Sandbox", "alone", "team"),
            ("SandboxClaim", "later", "team"), ("Sandbox", "soon", "team"),
            ("SandboxClaim", "never", "team"),
            ("SandboxClaim", "tracked", "team"),
            ("NetworkPolicy", "bulkhead-gvisor", "team"),
            ("NetworkPolicy", "bulkhead-gvisor", "free")):
        assert b.fake.find(kind, name, ns), (kind, name, "is gone")
    gates = b.fake.find("Pod", "unknown", "team")["spec"]["schedulingGates"]
    expect(gates, [{"name": GATE}], "a Pod of an unknown tier")
    for kind, name in (("IsolationTier", "gvisor"),
                       ("IsolationTier", "runc-hardened"),
                       ("IsolationPolicy", "default"),
                       ("IsolationException", "old")):
        status = b.fake.find(kind, name)["status"]
        expect(status["observedGeneration"], 1, kind)
        ready = [x for x in status["conditions"] if x["type"] == "Ready"]
        expect([x["status"] for x in ready], ["True"], name)
    for kind in ("MutatingWebhookConfiguration",
                 "ValidatingWebhookConfiguration"):
        for w in b.fake.find(kind, "bulkhead")["webhooks"]:
            assert w["clientConfig"]["caBundle"], w
    lease = b.fake.find("Lease", "bulkhead-controller", "bulkhead-system")
    expect(lease["spec"]["holderIdentity"], "one", "the lease")
    order_of_gates(b.fake.history())
    lag_of_ends(b.fake.history())
    expect(second_deletes(b.fake.log()), 0, "deleted twice")
    REFERENCE.update(state(b.fake.objects()))
    for k in range(1, len(b.fake.log()) + 1):
        test(crash_after_write, k, name=f"crash_after_write_{k}")
    c.stop()
    lease = b.fake.find("Lease", "bulkhead-controller", "bulkhead-system")
    expect(lease["spec"]["holderIdentity"], "", "the lease, given back")
    # The second start finds all as it is to be.
    n = len(b.fake.log(noise=True))
    c = b.start(elect="two")
    b.quiet(1.5)
    expect([(e["verb"], e["path"]) for e in b.fake.log(n)], [],
           "writes of the second start")
    c.stop()


@test
def reports_come_and_are_written_once(b):
    b.fake.seed(*basis("gvisor"), pod("gated"), sandbox("bare"))
    c = b.start()
    poll(lambda: b.fake.find("Report", "bulkhead", "team"), "no Report", 60)
    n = len(b.fake.log())
    c.stop()
    c = b.start()
    poll(lambda: c.metric("bulkhead_reconciles_total",
                          'reconciler="audit"') >= 5, "not audited", 60, 0.3)
    writes = [(e["verb"], e["path"]) for e in b.fake.log(n)
              if "reports" in e["path"]]
    expect(writes, [], "Reports written again")
    c.stop()


# ---- every fault in every write ----

def fault_in_each_kind_of_write(b, fault):
    b.reports(False)
    b.fake.seed(*story())
    b.fake.rules(*[{"verb": verb, "path": path, "count": 2, **fault}
                   for verb, path in KINDS_OF_WRITES])
    c = b.start()
    b.ends_as(REFERENCE, 40)

    def missed():
        return [k for k, n in zip(KINDS_OF_WRITES, b.fake.applied()) if not n]
    # Events come a little behind what they tell.
    poll(lambda: not missed(),
         lambda: f"writes that the fault did not meet: {missed()}", 20)
    order_of_gates(b.fake.history())
    lag_of_ends(b.fake.history())
    b.quiet()
    b.ends_as(REFERENCE, 1)
    c.stop()


for title, row in [
        ("409", {"answer": 409}), ("410", {"answer": 410}),
        ("422", {"answer": 422}), ("401", {"answer": 401}),
        ("403_for_a_while", {"answer": 403}),
        ("429_with_retry_after", {"answer": 429, "retryAfter": 1}),
        ("500", {"answer": 500}), ("503", {"answer": 503}),
        ("500_though_it_was_done", {"answer": 500, "acted": True}),
        ("504_though_it_was_done", {"answer": 504, "acted": True}),
        ("a_hang_before", {"hang": 1.5}),
        ("a_hang_after", {"hang": 1.5, "acted": True}),
        ("a_cut_before", {"cut": "before"}),
        ("a_cut_after", {"cut": "after"}),
        ("a_cut_in_the_answer", {"cut": "middle"})]:
    test(fault_in_each_kind_of_write, row, name=title + "_in_every_write")


@test
def a_hard_start(b):
    """Discovery, lists and watches fail before anything is known."""
    b.reports(False)
    b.fake.seed(*story())
    b.fake.rules(
        {"verb": "discover", "answer": 503, "count": 2},
        {"verb": "list", "path": "pods", "answer": 500},
        {"verb": "list", "path": "sandboxclaims", "cut": "middle"},
        {"verb": "list", "path": "networkpolicies", "answer": 410},
        {"verb": "list", "path": "nodes", "cut": "before"},
        {"verb": "list", "path": "namespaces", "answer": 429,
         "retryAfter": 1},
        {"verb": "watch", "path": "sandboxes", "answer": 503},
        {"verb": "watch", "path": "isolationtiers", "error": 410},
        {"verb": "get", "path": "secrets", "answer": 500},
        {"verb": "get", "path": "webhookconfigurations", "cut": "after"})
    c = b.start()
    b.ends_as(REFERENCE, 30)
    expect([n for n in b.fake.applied() if not n], [], "rules not met")
    order_of_gates(b.fake.history())
    c.stop()


# ---- crashes ----

def crash_after_write(b, k):
    b.reports(False)
    b.fake.seed(*story())
    c = b.start("--workers", "1", wait=None, begin=lambda pid: b.fake.rules(
        {"verb": WRITES, "path": NO_NOISE, "skip": k - 1, "kill": pid}))
    poll(lambda: not c.alive() or state(b.fake.objects()) == REFERENCE,
         "neither killed nor done", 25, 0.1)
    if c.alive():
        # One worker writes less than eight: nothing twice.
        assert len(b.fake.log()) < k, "not killed at its write"
        c.stop()
        return
    c.wait()
    n = len(b.fake.log())
    b.start("--workers", "2")
    b.ends_as(REFERENCE, 25)
    order_of_gates(b.fake.history())
    lag_of_ends(b.fake.history())
    again = second_deletes(b.fake.log(n))
    if again:
        SAYS.append(f"crash after write {k}: {again} deletions of what was "
                    "gone")


# ---- watches ----

def streams_that_break(b, fault, cut):
    b.fake.seed(*basis("gvisor"), claim("läter 🙂".replace(" ", "-"),
                                        time.time() + 900))
    b.reports(False)
    c = b.start()
    b.quiet(0.3)
    for plural in ("pods", "sandboxclaims", "networkpolicies",
                   "isolationtiers", "namespaces"):
        b.fake.rules({"verb": "watch", "path": f"/{plural}[?]", **fault})
    if cut:
        b.fake.call("POST", "/cut", {})
    for i in range(3):
        b.fake.seed(
            pod(f"p{i}", annotations={"argocd.argoproj.io/tracking-id":
                                      "größer 🙂 " * 9}),
            claim(f"c{i}", time.time() - 1, annotations={
                "bulkhead.dev/ttl": "größer 🙂"}))
        time.sleep(0.1)
    for i in range(3):
        b.lifted(f"p{i}", seconds=40)
        b.gone("SandboxClaim", f"c{i}", seconds=40)
    order_of_gates(b.fake.history())
    expect([e["path"] for e in b.fake.log() if e["verb"] == "delete"
            and e["status"] != 200], [], "deleted twice")
    c.stop()


for title, row in [
        ("cut_at_once", {"cut": "before"}),
        ("cut_after_one_byte", {"cutAfter": 1}),
        ("cut_after_300_bytes", {"cutAfter": 300}),
        ("cut_in_a_character", {"cutCharacter": True}),
        ("ended_at_once", {"end": True}),
        ("answered_410", {"answer": 410}),
        ("with_an_error_event_410", {"error": 410}),
        ("without_bookmarks", {"noBookmarks": True, "count": 0})]:
    test(streams_that_break, row, True, name="streams_" + title)


@test
def changes_while_nothing_is_watched(b):
    """The list that follows finds what came, changed and went."""
    f = b.fake
    b.reports(False)
    f.seed(*basis("gvisor"), claim("goes", time.time() + 900),
           claim("moves", time.time() + 900),
           claim("nearer", time.time() + 900),
           pod("gone-pod"))
    c = b.start()
    b.lifted("gone-pod")
    b.quiet(0.3)
    f.rules({"verb": "watch", "answer": 500, "count": 0})
    f.call("POST", "/cut", {})
    policy = f.find("NetworkPolicy", "bulkhead-gvisor", "team")
    policy["spec"]["egress"] = [{}]
    f.seed(policy)
    f.erase(claim("goes"), pod("gone-pod"))
    f.seed(claim("nearer", time.time() - 1), pod("new"),
           claim("new", time.time() - 1), claim("moves", time.time() + 1800),
           namespace("another", bulkhead_dev__enforce="gvisor"))
    f.call("POST", "/forget", {})
    f.no_rules()
    b.gone("SandboxClaim", "nearer")
    b.gone("SandboxClaim", "new")
    poll(lambda: f.find("NetworkPolicy", "bulkhead-gvisor", "team")
         ["spec"]["egress"] != [{}], "the policy is not repaired")
    poll(lambda: f.find("NetworkPolicy", "bulkhead-gvisor", "another"),
         "no policy in the new namespace")
    b.lifted("new")
    assert f.find("SandboxClaim", "moves", "team")
    c.stop()


@test
def drift_is_repaired(b):
    f = b.fake
    b.reports(False)
    f.seed(*basis("gvisor"))
    c = b.start()
    poll(lambda: f.find("NetworkPolicy", "bulkhead-gvisor", "team"), "none")
    b.quiet(0.3)
    want = state(f.objects())
    policy = f.find("NetworkPolicy", "bulkhead-gvisor", "team")
    for change in (
            {"spec": {"egress": [{}]}}, {"spec": {"ingress": [{}]}},
            {"spec": {"policyTypes": ["Ingress"]}},
            {"spec": {"podSelector": {"matchLabels": {"a": "b"}}}},
            {"metadata": {"labels": {TIER: "other"}}},
            {"metadata": {"ownerReferences": []}},
            {"metadata": {"annotations": {
                "bulkhead.dev/unneeded": stamp(time.time())}}}):
        status, _ = f.api("PATCH", "/apis/networking.k8s.io/v1/namespaces/"
                          "team/networkpolicies/bulkhead-gvisor", change)
        expect(status, 200)
        b.ends_as(want, 10)
    f.erase(policy)
    b.ends_as(want, 10)
    tier = f.find("IsolationTier", "gvisor")
    tier["spec"]["network"]["egress"] = {"mode": "None"}
    tier["metadata"]["generation"] = 2
    f.seed(tier)
    poll(lambda: f.find("NetworkPolicy", "bulkhead-gvisor", "team")
         ["spec"] != policy["spec"], "the tier's change does not arrive")
    poll(lambda: f.find("IsolationTier", "gvisor")["status"]
         ["observedGeneration"] == 2, "the status does not follow")
    c.stop()


@test
def what_nobody_needs_is_marked_then_deleted(b):
    f = b.fake
    b.reports(False)
    stale = stale_policy("free", "runc-hardened", 0)
    del stale["metadata"]["annotations"]
    f.seed(*basis("gvisor", "runc-hardened"), stale)
    c = b.start()
    poll(lambda: "bulkhead.dev/unneeded" in (f.find(
        "NetworkPolicy", "bulkhead-runc-hardened", "free")["metadata"]
        .get("annotations") or {}), "not marked")
    # Somebody comes before it goes.
    f.seed(pod("late", ns="free", tier="runc-hardened"))
    b.lifted("late", "free")
    order_of_gates(f.history())
    time.sleep(6)
    assert f.find("NetworkPolicy", "bulkhead-runc-hardened", "free")
    c.stop()


# ---- outages ----

@test
def what_falls_due_in_an_outage_ends_right_after(b):
    f = b.fake
    b.reports(False)
    now = time.time()
    f.seed(*basis("gvisor"), *[claim(f"c{i}", now + 2 + i / 20)
                               for i in range(40)])
    c = b.start()
    b.quiet(0.2)
    f.call("POST", "/refuse", {"seconds": max(0.1, now + 6 - time.time())})
    poll(lambda: not [o for o in f.objects() if o["kind"] == "SandboxClaim"],
         "claims are left", 30)
    late = max(e["at"] for e in f.history() if e["type"] == "DELETED") - \
        (now + 6)
    SAYS.append(f"40 claims due in an outage of 5 s: last gone {late:.1f} s "
                "after its end")
    lag_of_ends(f.history())
    expect(second_deletes(f.log()), 0, "deleted twice")
    c.stop()


@test
def a_server_that_stands_still(b):
    f = b.fake
    b.reports(False)
    f.seed(*basis("gvisor"), *[claim(f"c{i}", time.time() + 2)
                               for i in range(10)])
    c = b.start()
    f.call("POST", "/freeze", {"seconds": 4})
    poll(lambda: not [o for o in f.objects() if o["kind"] == "SandboxClaim"],
         "claims are left", 30)
    lag_of_ends(f.history())
    c.stop()


@test
def audits_that_hang_keep_no_deletion_waiting(b):
    """More namespaces than there are workers of either lane."""
    f = b.fake
    b.reports(False)
    spaces = [f"ns{i}" for i in range(30)]
    f.rules({"verb": "list", "path": "/namespaces/ns.*/pods",
             "hang": 25, "count": 0})
    f.seed(*basis("gvisor"),
           *[namespace(n, bulkhead_dev__enforce="gvisor") for n in spaces])
    c = b.start()
    poll(lambda: f.applied()[0] >= 2, "no audit has begun")
    f.seed(claim("soon", time.time() + 2), pod("waits"))
    b.gone("SandboxClaim", "soon", seconds=15)
    b.lifted("waits", seconds=15)
    f.no_rules()
    c.stop()


# ---- the lease ----

def holder(f):
    lease = f.find("Lease", "bulkhead-controller", "bulkhead-system")
    return (lease or {"spec": {}})["spec"].get("holderIdentity")


def leader_and_follower(b):
    b.reports(False)
    b.fake.seed(*basis("gvisor"))
    a = b.start(elect="a")
    poll(lambda: holder(b.fake) == "a", "a does not lead")
    z = b.start(elect="z", wait="cluster known")
    return a, z


@test
def one_replica_writes_and_hands_over_at_once(b):
    f = b.fake
    a, z = leader_and_follower(b)
    f.seed(claim("c1", time.time() - 1), pod("p1"))
    b.gone("SandboxClaim", "c1")
    b.lifted("p1")
    expect([e for e in f.log(noise=True) if e["via"] == "z"], [],
           "writes of the follower")
    expect(z.get("/readyz")[0], 200, "a follower is ready")
    expect(z.logged("working"), [], "the follower works")
    start = time.monotonic()
    a.stop()
    ended = time.monotonic()
    poll(lambda: holder(f) == "z", "not handed over")
    took = time.monotonic() - ended
    SAYS.append(f"SIGTERM: ended in {ended - start:.2f} s, handed over "
                f"{took:.2f} s after")
    assert took < 2 * SLOW, took
    f.seed(claim("c2", time.time() - 1), pod("p2"))
    b.gone("SandboxClaim", "c2")
    b.lifted("p2")
    z.stop()


@test
def a_killed_leader_is_replaced_after_its_lease(b):
    f = b.fake
    a, z = leader_and_follower(b)
    a.kill()
    f.seed(claim("c", time.time() - 1))
    b.gone("SandboxClaim", "c")
    leases = [e for e in f.log(noise=True) if "/leases" in e["path"]
              and e["status"] in (200, 201)]
    last = max(e["done"] for e in leases if e["via"] == "a")
    first = min(e["done"] for e in leases if e["via"] == "z")
    SAYS.append(f"kill -9: taken over {first - last:.2f} s after the last "
                "renewal, of 3 s")
    assert first - last >= 2.95, "taken over before the lease has run out"
    z.stop()


@test
def a_leader_that_stood_still_ends_without_writing(b):
    f = b.fake
    a, z = leader_and_follower(b)
    due = time.time() + 2
    f.seed(*[claim(f"c{i}", due) for i in range(100)], pod("p"))
    b.lifted("p")
    a.signal(signal.SIGSTOP)
    poll(lambda: holder(f) == "z", "nobody takes over", 15)
    poll(lambda: not [o for o in f.objects() if o["kind"] == "SandboxClaim"],
         "claims are left", 15)
    n = len(f.log(noise=True))
    a.signal(signal.SIGCONT)
    expect(a.wait(10) != 0, True, "it ends as one that failed")
    assert a.logged("the lease is lost: ending at once"), a.text()[-500:]
    expect([(e["verb"], e["path"]) for e in f.log(n, noise=True)
            if e["via"] == "a"], [], "writes after the lease was lost")
    expect(holder(f), "z", "the lease")
    z.stop()


@test
def a_leader_that_cannot_renew_ends(b):
    b.reports(False)
    b.fake.seed(*basis("gvisor"))
    a = b.start(elect="a")
    b.quiet(0.3)
    start = time.monotonic()
    b.fake.rules({"path": "/leases", "hang": 60, "count": 0})
    expect(a.wait(15) != 0, True, "exit status")
    took = time.monotonic() - start
    assert took < 3 * SLOW + 1, took


# ---- the clock ----

def clock_library(folder):
    path = os.path.join(folder, "clock.so")
    subprocess.run([os.environ.get("CC", "gcc"), "-shared", "-fPIC", "-O1",
                    "-D_GNU_SOURCE", "-o", path, os.path.join(
                        ROOT, "tests", "controller", "clock.c"), "-ldl"],
                   check=True)
    return path


@test
def a_clock_that_is_set_ends_nothing_early(b):
    f = b.fake
    b.reports(False)
    offset = os.path.join(b.folder, "offset")

    def turn(seconds):
        with open(offset + ".new", "w", encoding="utf-8") as o:
            o.write(str(seconds))
        os.rename(offset + ".new", offset)

    turn(0)
    now = time.time()
    f.seed(*basis("gvisor"), claim("in-50-min", now + 3000),
           claim("in-2-h", now + 7200), sandbox("box-in-50-min", now + 3000))
    options = os.environ.get("ASAN_OPTIONS", "")
    c = b.start(environment={
        "LD_PRELOAD": clock_library(b.folder), "CLOCK_OFFSET_FILE": offset,
        "ASAN_OPTIONS": options + ":verify_asan_link_order=0"})
    b.quiet(0.3)
    turn(3600)
    b.gone("SandboxClaim", "in-50-min")
    b.gone("Sandbox", "box-in-50-min")
    assert c.logged("the clock was set"), "it does not know"
    assert f.find("SandboxClaim", "in-2-h", "team")
    turn(-3600)
    poll(lambda: len(c.logged("the clock was set")) == 2, "not seen")
    f.seed(claim("soon", time.time() + 1), claim("long-ago", now - 4000))
    b.gone("SandboxClaim", "long-ago")
    time.sleep(2.5)
    assert f.find("SandboxClaim", "soon", "team"), "ended early by our clock"
    turn(0)
    b.gone("SandboxClaim", "soon")
    c.stop()


# ---- many ----

def a_thousand_claims(b):
    """Alone on the machine, so that the lag says something."""
    f = b.fake
    b.reports(False)
    f.seed(*basis("gvisor"))
    c = b.start()
    now = int(time.time()) + 4
    f.seed(*[claim(f"c{i}", now + i % 5) for i in range(1000)])
    poll(lambda: time.time() > now - 1 and not
         [e for e in f.objects() if e["kind"] == "SandboxClaim"] or
         time.sleep(0.3), "claims are left", 30)
    lags = sorted(lag_of_ends(f.history()))
    deletes = [e for e in f.log() if e["verb"] == "delete"]
    expect(len(lags), 1000, "ended")
    expect(len(deletes), 1000, "deletions asked for")
    expect(len({e["path"] for e in deletes}), 1000, "of different claims")
    SAYS.append(f"1000 claims due within 5 s: lag p50 {lags[500]:.3f} s, p99 "
                f"{lags[990]:.3f} s, max {lags[-1]:.3f} s")
    c.stop()


test(a_thousand_claims, name="a_thousand_claims", alone=True)


# ---- garbage ----

def nest(depth, seed=1):
    for _ in range(depth):
        seed = {"a": seed}
    return seed


WRONG = [None, True, 0, -1, 1e300, "", "x", "\x00", "a\x00b", [], [None],
         [[]], {}, {"x": None}, {"": ""}, {"name": 1}]


def garbage():
    rows = [
        (GROUP, "IsolationException", "", ("spec", "status")),
        ("node.k8s.io/v1", "RuntimeClass", "", ("handler", "scheduling")),
        ("v1", "Node", "", ("spec",)), ("v1", "Namespace", "", ("spec",)),
        ("apps/v1", "DaemonSet", "team", ("spec",)),
        ("networking.k8s.io/v1", "NetworkPolicy", "team", ("spec",)),
        (EXTENSIONS, "SandboxTemplate", "team", ("spec",)),
        (EXTENSIONS, "SandboxWarmPool", "team", ("spec",)),
        (EXTENSIONS, "SandboxClaim", "team", ("spec", "status")),
        (AGENTS, "Sandbox", "team", ("spec",)),
        ("v1", "Pod", "team", ("spec",)),
    ]
    out = []
    for version, kind, ns, where in rows:
        for i, wrong in enumerate(WRONG):
            name = f"{kind.lower()}-{i}"
            if kind != "IsolationException":
                for field in where:
                    out.append(obj(version, kind, f"{name}-{field}", ns,
                                   labels={TIER: "gvisor"}, **{field: wrong}))
            for field in ("labels", "annotations", "ownerReferences",
                          "creationTimestamp", "deletionTimestamp",
                          "generation", "finalizers"):
                if kind == "Namespace" and field == "deletionTimestamp":
                    continue
                o = obj(version, kind, f"{name}-{field}".lower(), ns,
                        labels={TIER: "gvisor"}, spec={})
                o["metadata"][field] = wrong
                if kind != "IsolationException":
                    out.append(o)
        out.append(obj(version, kind, f"{kind.lower()}-large", ns,
                       annotations={"x": "y" * (1 << 20)}, spec={}))
        out.append(obj(version, kind, f"{kind.lower()}-nul", ns,
                       labels={TIER: "gvisor\x00"},
                       annotations={"bulkhead.dev/ttl": "1\x00h",
                                    "bulkhead.dev/expires-at": "\x00"},
                       spec={}))
        out.append(obj(version, kind, f"{kind.lower()}-deep", ns,
                       spec=nest(80), status=nest(80)))
    for i, wrong in enumerate(WRONG + [
            "yesterday", "9999999999-01-01T00:00:00Z", "2026-13-01T00:00:00Z",
            "0000-00-00T00:00:00Z", "-1h", "1e9h", "9" * 400 + "h"]):
        out.append(obj(EXTENSIONS, "SandboxClaim", f"time-{i}", "team", spec={
            "lifecycle": {"shutdownTime": wrong, "shutdownPolicy": wrong},
            "shutdownTime": wrong, "ttl": wrong},
            annotations={"bulkhead.dev/expires-at": wrong}))
        out.append(obj(AGENTS, "Sandbox", f"time-{i}", "team", spec={
            "shutdownTime": wrong, "shutdownPolicy": wrong, "ttl": wrong}))
        p = pod(f"gates-{i}")
        p["spec"]["schedulingGates"] = wrong
        out.append(p)
        p = pod(f"gate-{i}")
        p["spec"]["schedulingGates"] = [wrong, {"name": wrong}]
        out.append(p)
    return [o for o in out if o["kind"] != "IsolationException"]


@test
def garbage_harms_nobody_else(b):
    f = b.fake
    good = [pod("good"), claim("good", time.time() - 1)]
    f.seed(*basis("gvisor"), *garbage(), *good)
    c = b.start()
    b.lifted("good", seconds=40)
    b.gone("SandboxClaim", "good")
    # And while it watches.
    f.seed(*garbage(), pod("later"), claim("later", time.time() - 1))
    b.lifted("later", seconds=40)
    b.gone("SandboxClaim", "later")
    kept = [o["metadata"]["name"] for o in f.objects()
            if o["kind"] == "SandboxClaim"]
    assert len(kept) > 100, "garbage is no end"
    order_of_gates(f.history())
    # The audit, too, has to get through.
    poll(lambda: f.find("Report", "bulkhead", "team"), "no Report", 60)
    assert c.alive()
    c.stop()


@test
def one_unreadable_object_hides_no_others(b):
    """Keys of maps are free in a structural schema; our reader takes no NUL."""
    f = b.fake
    b.reports(False)
    bad = sandbox("bad")
    bad["spec"]["podTemplate"]["spec"]["nodeSelector"] = {"\x00": "x"}
    f.seed(*basis("gvisor"), bad, sandbox("good", time.time() - 1))
    c = b.start(wait="started")
    b.gone("Sandbox", "good", seconds=10)
    f.seed({**bad, "metadata": {**bad["metadata"], "name": "worse"}},
           sandbox("better", time.time() - 1))
    b.gone("Sandbox", "better", seconds=10)
    c.stop()




@test
def no_good_set_ends_claims_all_the_same(b):
    """What an object says of itself needs no tier."""
    f = b.fake
    b.reports(False)
    f.seed(*basis("gvisor"), claim("c", time.time() - 1), pod("p"),
           obj(GROUP, "IsolationTier", "bad", spec={"strength": "much"}))
    c = b.start(wait="policy refused")
    poll(lambda: f.find("IsolationTier", "bad").get("status"),
         "the bad tier is not told", 10)
    b.gone("SandboxClaim", "c", seconds=10)
    gates = f.find("Pod", "p", "team")["spec"]["schedulingGates"]
    expect(gates, [{"name": GATE}], "the gate, without any set")
    f.erase(f.find("IsolationTier", "bad"))
    b.lifted("p")
    order_of_gates(f.history())
    c.stop()


@test
def a_refused_set_keeps_the_one_before(b):
    f = b.fake
    b.reports(False)
    f.seed(*basis("gvisor"))
    c = b.start()
    b.quiet(0.3)
    bad = obj(GROUP, "IsolationTier", "bad", spec={"strength": "much"})
    f.seed(bad)

    def stalled():
        status = f.find("IsolationTier", "bad").get("status") or {}
        return [x for x in status.get("conditions") or []
                if (x["type"], x["status"]) == ("Stalled", "True")]
    poll(stalled, "the bad tier is not told")
    assert "[-]policy" in c.get("/readyz")[1], c.get("/readyz")
    f.seed(pod("p"), claim("c", time.time() - 1))
    b.lifted("p")
    b.gone("SandboxClaim", "c")
    f.erase(bad)
    poll(lambda: "[+]policy" in c.get("/readyz")[1], "not taken back")
    c.stop()


# ---- forbidden ----

@test
def a_list_that_is_forbidden_is_told_and_waited_for(b):
    """Nothing may be judged while a kind is unknown, and somebody must know."""
    f = b.fake
    b.reports(False)
    f.seed(*basis("gvisor"), pod("p"), claim("c", time.time() - 1))
    f.rules({"verb": "list", "path": "networkpolicies", "answer": 403,
             "count": 0})
    c = b.start(wait="started")
    poll(lambda: "networkpolicies" in c.get("/readyz")[1] and
         "403" in c.get("/readyz")[1], lambda: c.get("/readyz")[1])
    expect(c.get("/readyz")[0], 503)
    poll(lambda: "networkpolicies" in c.text(), "the log says nothing of it",
         5)
    expect(f.log(), [], "writes meanwhile")
    f.no_rules()
    b.lifted("p", seconds=60)
    b.gone("SandboxClaim", "c")
    expect(c.get("/readyz")[0], 200)
    c.stop()


@test
def a_write_that_is_forbidden_hinders_nothing_else(b):
    f = b.fake
    b.reports(False)
    f.seed(*basis("gvisor"), pod("p"), claim("c", time.time() - 1))
    f.rules({"verb": "apply", "path": "networkpolicies", "answer": 403,
             "count": 0})
    c = b.start()
    b.gone("SandboxClaim", "c")
    poll(lambda: (f.find("IsolationTier", "gvisor") or {}).get("status"),
         "no status")
    poll(lambda: [x for x in c.logged("not done, trying again")
                  if "networkpolicies" in x["error"]], "not in the log")

    def told():
        return [o for o in f.objects() if o["kind"] == "Event" and
                o["reason"] == "WaitingForNetworkPolicy"]
    poll(told, "no Event on the Pod that waits", 20)
    gates = f.find("Pod", "p", "team")["spec"]["schedulingGates"]
    expect(gates, [{"name": GATE}], "the gate of a Pod without its policy")
    f.no_rules()
    b.lifted("p", seconds=40)
    order_of_gates(f.history())
    c.stop()


@test
def a_watch_that_is_forbidden_hinders_nothing_else(b):
    f = b.fake
    b.reports(False)
    f.seed(*basis("gvisor"))
    f.rules({"verb": "watch", "path": "daemonsets", "answer": 403,
             "count": 0})
    c = b.start()
    f.seed(pod("p"), claim("c", time.time() - 1))
    b.lifted("p")
    b.gone("SandboxClaim", "c")
    c.stop()


# ---- running ----

# Audits come half a minute after a change.
LONG = ("reports_come_and_are_written_once", "garbage_harms_nobody_else")


def run(row):
    name, f, args, _ = row
    folder = tempfile.mkdtemp(prefix="bulkhead-faults-")
    start = time.monotonic()
    b = None
    try:
        b = Bench(folder)
        f(b, *args)
        b.close()
        shutil.rmtree(folder)
        print(f"ok    {name} {time.monotonic() - start:.1f}s", flush=True)
        return True
    except Exception:  # pylint: disable=broad-except
        more = b.logs() if b else ""
        print(f"FAIL  {name} (logs in {folder})\n{traceback.format_exc()}\n"
              f"{more}", flush=True)
        try:
            if b:
                b.close()
        except Exception:  # pylint: disable=broad-except
            traceback.print_exc()
        return False


def main():
    names = sys.argv[1:]
    first = ("from_nothing_and_again", from_nothing, (), True)
    results = [run(first)]
    if not results[0]:
        print("0 passed, 1 failed")
        return 1
    rows = [t for t in TESTS
            if not names or any(n in t[0] for n in names)]
    # The longest first; they wait most of their time.
    rows.sort(key=lambda t: t[0] not in LONG)
    with ThreadPoolExecutor(int(os.environ.get("JOBS", "4"))) as pool:
        results += pool.map(run, [t for t in rows if not t[3]])
    results += [run(t) for t in rows if t[3]]
    for line in SAYS:
        print(line)
    failed = results.count(False)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
