"""What is over ends, within a second and never before it is due: claims and
bare Sandboxes, whatever their shutdownPolicy, beside upstream's controller and
without it, after a restart and after the API server was away."""
import contextlib
import time

import reconciler
from environment import (AGENTS, EXTENSIONS, SANDBOX_SPEC, SLOW, Skip, Tests,
                         at, expect, expect_in, poll, sandbox)
from reconciler import (Delays, Watch, World, claim, create,
                        due_in, events_about, in_parallel, path_of, pool_of,
                        rfc3339, seconds_of, tier)

test = Tests()
ALL_CLAIMS = f"{EXTENSIONS}/sandboxclaims"
ALL_SANDBOXES = f"{AGENTS}/sandboxes"
ALL_PODS = "/api/v1/pods"
TRACKED = {
    "argo": {"annotations": {
        "argocd.argoproj.io/tracking-id": "app:agents/Sandbox:ns/x"}},
    "flux": {"labels": {"kustomize.toolkit.fluxcd.io/name": "agents"}},
    "helm": {"labels": {"app.kubernetes.io/managed-by": "Helm"}},
}
# All policies are accepted, so that each can be tried.
LAX = {"ttl": {"default": "1h", "max": "8h"}, "shutdownPolicy": "Retain"}
OLD = {}


def pods_of(cluster, ns):
    return {p["metadata"]["name"] for p in cluster.pods(ns)}


def before_there_was_a_tier(cluster):
    """Objects that no webhook has seen."""
    for name in ("old-report", "old-end", "old-retain"):
        cluster.namespace(name)
        OLD[name] = create(
            cluster, sandbox(name, "forever"), *pool_of(name),
            claim(name, "forever-claim"))
    # Made later, what the claim leads to would be refused.
    poll("both have Pods", lambda: pods_of(cluster, "old-retain") ==
         {"forever", "forever-claim"})


W = World("lifetime", replicas=1, before=before_there_was_a_tier)
C = W.cluster


def when(seconds, policy=None):
    lifecycle = {"shutdownTime": rfc3339(seconds)}
    if policy:
        lifecycle["shutdownPolicy"] = policy
    return lifecycle


def with_metadata(document, more):
    for key, values in more.items():
        document["metadata"].setdefault(key, {}).update(values)
    return document


def exists(document):
    return C.api("GET", f"{path_of(document)}/"
                        f"{document['metadata']['name']}").status == 200


def going(watch, name):
    """When it was first seen to go: in the foreground that takes a while."""
    return [e for e in list(watch.events) if e.meta["name"] == name and (
        e.type == "DELETED" or at(e.object, "/metadata/deletionTimestamp"))]


def gone(delays, watch, dues, seconds=30):
    """dues: name -> due. Each ends once, late by what is noted down."""
    poll("all are gone", lambda: {
        e.meta["name"] for e in watch.of("DELETED")} >= set(dues), seconds)
    for name, due in dues.items():
        expect(len(watch.of("DELETED", name)), 1, name)
        delays.add(going(watch, name)[0].wall - due)


@test
def prepare():
    create(C, tier("lax", 710, lifecycle=LAX),
           tier("lax-tracked", 711, lifecycle={**LAX, "tracked": "End"}))
    for ns, label in (("claims", "lax"), ("bare", "lax"), ("tracked", "lax"),
                      ("tracked-ends", "lax-tracked"), ("warned", "lax"),
                      ("alone", "lax"), ("restarted", "lax"),
                      ("away", "lax"), ("moved", "lax")):
        def made(ns=ns, label=label):
            with contextlib.suppress(AssertionError):
                return C.namespace(ns, enforce=label)
        poll("the tier is known", made)
    for ns in ("claims", "alone", "restarted", "away", "moved"):
        create(C, *pool_of(ns))
    W.controller.start().wait_leads()


def ends(ns, upstream):
    """Claims and Sandboxes of every policy, two of each."""
    claims, boxes, pods = (Watch(C, p) for p in (ALL_CLAIMS, ALL_SANDBOXES,
                                                 ALL_PODS))
    due = due_in(10 if upstream else 4)
    kinds = {f"{ns}-{policy or 'unset'}-{i}".lower(): policy
             for policy in ("Delete", "DeleteForeground", "Retain")
             for i in range(3)}
    in_parallel(lambda k: create(C, claim(ns, k, when(due, kinds[k]))), kinds)
    bare = {f"bare-{k}": p for k, p in kinds.items()
            if p != "DeleteForeground"}
    in_parallel(lambda k: create(C, sandbox(
        ns, k, shutdownTime=rfc3339(due), shutdownPolicy=bare[k])), bare)
    if upstream:
        poll("they have Pods", lambda: len(C.pods(ns)) ==
             len(kinds) + len(bare), due - time.time())
    delays = Delays(f"{ns}: claim due -> deleted")
    gone(delays, claims, {k: due for k, p in kinds.items() if p != "Retain"})
    delays.check()
    delays = Delays(f"{ns}: Sandbox due -> deleted")
    gone(delays, boxes, {k: due for k, p in bare.items() if p == "Delete"})
    delays.check()
    outdated = W.controller.count('bulkhead_reconciles_total{reconciler='
                                  '"claim",outcome="conflict"}')
    print(f"  plans that were out of date: {outdated:.0f}", flush=True)
    retained = [k for k, p in kinds.items() if p == "Retain"]
    if upstream:
        delays = Delays(f"{ns}: retained claim due -> its Sandbox deleted")
        gone(delays, boxes, {k: due for k in retained})
        delays.check()
        delays = Delays(f"{ns}: retained Sandbox due -> its Pod going")
        for k in (k for k, p in bare.items() if p == "Retain"):
            first = poll("its Pod goes", lambda: going(pods, k))[0]
            delays.add(first.wall - due)
        delays.check()
    time.sleep(1)
    for k in retained:
        expect(exists(claim(ns, k)), True, k)
        expect(exists(sandbox(ns, f"bare-{k}")), True, k)
        expect(claims.of("DELETED", k), [])
        expect(boxes.of("DELETED", f"bare-{k}"), [])
    for watch in (claims, boxes, pods):
        watch.close()


@test
def all_policies_end_beside_upstreams_controller():
    ends("claims", True)


@test
def a_deletion_in_the_foreground_keeps_the_name_until_all_is_gone():
    ns, due = "claims", due_in(3)
    claims, boxes = Watch(C, ALL_CLAIMS), Watch(C, ALL_SANDBOXES)
    create(C, claim(ns, "front", when(due, "DeleteForeground")))
    poll("it has a Sandbox", lambda: boxes.of("ADDED", "front"))
    last = claims.wait("it is gone", "DELETED", "front")
    expect(at(last.object, "/metadata/finalizers"), ["foregroundDeletion"])
    late = going(claims, "front")[0].wall - due
    if not 0 <= late <= 15 * SLOW:
        raise AssertionError(late)
    expect(boxes.wait("so is its Sandbox", "DELETED", "front").version <
           last.version, True)
    claims.close()
    boxes.close()


@test
def one_that_is_moved_just_before_is_not_ended():
    ns, due = "moved", due_in(3)
    later = due + 3600
    bare = sandbox(ns, "later", shutdownTime=rfc3339(due),
                   shutdownPolicy="Delete")
    create(C, bare, claim(ns, "later-claim", when(due, "Delete")))
    time.sleep(max(0, due - 0.4 - time.time()))
    C.patch(f"{path_of(bare)}/later",
            {"spec": {"shutdownTime": rfc3339(later)}}).ok()
    C.patch(f"{EXTENSIONS}/namespaces/{ns}/sandboxclaims/later-claim",
            {"spec": {"lifecycle": {"shutdownTime": rfc3339(later)}}}).ok()
    if time.time() > due:
        raise Skip("this machine was too slow to move them in time")
    time.sleep(max(0, due + 2 - time.time()))
    expect(exists(bare), True)
    expect(exists(claim(ns, "later-claim")), True)


@test
def warnings_come_before():
    """10 minutes and 1 minute before; who is made with less knows it."""
    ns, now = "warned", time.time()
    soon = create(C, sandbox(ns, "minute", shutdownTime=rfc3339(now + 64),
                             shutdownPolicy="Delete"))
    ten = create(C, sandbox(ns, "ten", shutdownTime=rfc3339(now + 604),
                            shutdownPolicy="Delete"))
    hour = create(C, sandbox(ns, "hour", shutdownTime=rfc3339(now + 3600),
                             shutdownPolicy="Delete"))
    brief = create(C, sandbox(ns, "brief", shutdownTime=rfc3339(now + 50),
                              shutdownPolicy="Delete"))
    note = poll("the minute", lambda: events_about(C, soon, "ExpiresSoon"),
                20)[0]
    expect(note["type"], "Warning")
    expect_in("in less than a minute: then it is deleted", note["note"])
    expect_in("(spec.shutdownTime)", note["note"])
    if time.time() < now + 3:
        raise AssertionError("it came before there was a minute left")
    note = poll("ten minutes", lambda: events_about(C, ten, "ExpiresSoon"),
                20)[0]
    expect_in("in less than 10 minutes", note["note"])
    expect([events_about(C, o, "ExpiresSoon") for o in (hour, brief)],
           [[], []])


@test
def what_git_tracks_is_kept_and_told():
    # Upstream's controller would delete them itself.
    C.verb("stop", "agent-sandbox")
    watch = Watch(C, f"{AGENTS}/namespaces/tracked-ends/sandboxes")
    due = due_in(3)
    made = {}
    for ns in ("tracked", "tracked-ends"):
        for who, more in TRACKED.items():
            made[ns, who] = create(C, with_metadata(sandbox(
                ns, who, shutdownTime=rfc3339(due), shutdownPolicy="Delete"),
                more))
    delays = Delays("tracked, tier says End: due -> deleted")
    gone(delays, watch, {who: due for who in TRACKED})
    delays.check()
    watch.close()
    names = {"argo": "Argo CD", "flux": "Flux", "helm": "Helm"}
    for who, name in names.items():
        note = poll("it is told", lambda: events_about(
            C, made["tracked", who], "KeptThoughExpired"), 20)[0]
        expect_in(f"because {name} would undo that", note["note"])
        expect(exists(sandbox("tracked", who)), True)


@test
def all_policies_end_without_upstreams_controller():
    ends("alone", False)


@test
def what_is_older_than_the_tier_is_reported_or_ended():
    """Their webhook came later; the tiers come now."""
    bare, claims = (Watch(C, f"{path}/namespaces/old-end/{plural}")
                    for path, plural in ((AGENTS, "sandboxes"),
                                         (EXTENSIONS, "sandboxclaims")))
    life = {"ttl": {"default": "1s", "max": "5s"}, "shutdownPolicy": "Delete"}
    create(C, tier("report", 720, lifecycle=life),
           tier("end", 721, lifecycle={**life, "overdue": "End"}))
    for ns, label in (("old-report", "report"), ("old-end", "end")):
        poll("the tier is known", lambda: C.label_namespace(
            ns, enforce=label).status == 200)
    for watch, name in ((bare, "forever"), (claims, "forever-claim")):
        watch.wait(f"{name} is ended", "DELETED", name)
        watch.close()
    for document in (OLD["old-report"][0], OLD["old-report"][3]):
        note = poll("it is told", lambda: events_about(
            C, document, "Overdue"), 20)[0]
        expect_in('tier "report" lets nothing live longer than 5s',
                  note["note"])
        expect(exists(document), True)


@test
def what_is_retained_past_the_tiers_maximum_stays_ended():
    """Upstream's controller sees the end, too, and makes nothing again."""
    ns = "old-retain"
    box, task = f"{AGENTS}/namespaces/{ns}/sandboxes", "forever-claim"
    C.verb("start", "agent-sandbox")
    expect(pods_of(C, ns), {"forever", task})
    create(C, tier("retain", 722, lifecycle={
        "ttl": {"default": "1s", "max": "5s"}, "shutdownPolicy": "Retain",
        "overdue": "End"}))
    poll("the tier is known", lambda: C.label_namespace(
        ns, enforce="retain").status == 200)
    poll("their Pods are gone", lambda: not pods_of(C, ns), 60)
    made = at(C.get(f"{box}/forever"), "/metadata/creationTimestamp")
    end = at(C.get(f"{box}/forever"), "/spec/shutdownTime")
    # The Sandbox keeps what it was given by nobody: it is older than the tier.
    expect(end, rfc3339(seconds_of(made) + 5))
    expect(at(C.get(f"{box}/forever"), SANDBOX_SPEC + "/runtimeClassName"),
           None)
    claim_path = f"{EXTENSIONS}/namespaces/{ns}/sandboxclaims/{task}"
    expect(bool(at(C.get(claim_path), "/spec/lifecycle/shutdownTime")), True)
    expect(events_about(C, OLD[ns][0], "EndWritten") != [], True)
    since = W.controller.actions("sandbox", "delete")
    time.sleep(5)
    expect(pods_of(C, ns), set())
    expect(C.api("GET", f"{box}/{task}").status, 404)
    expect(W.controller.actions("sandbox", "delete"), since)
    C.verb("stop", "agent-sandbox")


@test
def what_ended_meanwhile_ends_after_a_restart():
    ns, due = "restarted", due_in(3)
    later = due + 8
    dues = {f"r{i}": due if i < 5 else later for i in range(10)}
    in_parallel(lambda k: create(C, claim(ns, k, when(dues[k], "Delete"))),
                dues)
    W.controller.stop()
    watch = Watch(C, f"{EXTENSIONS}/namespaces/{ns}/sandboxclaims")
    time.sleep(max(0, due + 1 - time.time()))
    expect(watch.of("DELETED"), [])
    began = time.time()
    W.controller.start()
    delays = Delays("started -> what was overdue is deleted")
    gone(delays, watch, {k: began for k, d in dues.items() if d == due})
    delays.check(usual=5, worst=30)
    delays = Delays("after the restart: due -> deleted")
    gone(delays, watch, {k: d for k, d in dues.items() if d == later})
    delays.check(usual=1 if began < later - 4 else 15)
    watch.close()


@test
def after_an_outage_of_the_api_server():
    """Ten seconds, over the time at which half of them are due."""
    ns = "away"
    due = due_in(6)
    later = due + 30
    dues = {f"a{i}": due if i % 2 else later for i in range(20)}
    in_parallel(lambda k: create(C, claim(ns, k, when(dues[k], "Delete"))),
                dues)
    if time.time() > due - 1:
        raise AssertionError("this machine is too slow: set SLOW")
    down = time.time()
    C.verb("stop", "kube-apiserver")
    time.sleep(10)
    C.verb("start", "kube-apiserver")
    back = time.time()
    print(f"  away for {back - down:.1f} s", flush=True)
    if W.controller.process.poll() is not None:
        # It could not keep its lease; a kubelet starts it again.
        W.controller.start()
    path = f"{EXTENSIONS}/namespaces/{ns}/sandboxclaims"
    poll("claims are served again", lambda: C.api("GET", path).status == 200)
    watch = Watch(C, path)
    left = {e.meta["name"] for e in watch.events if e.type == "ADDED"}
    if time.time() < later:
        expect({k for k, d in dues.items() if d == later} - left, set(),
               "ended too early")
    poll("all have ended", lambda: C.get(path)["items"] == [], 90)
    delays = Delays("API server back -> what was overdue is deleted")
    for name in (k for k, d in dues.items() if d == due):
        ends = watch.of("DELETED", name)
        # Before the watch could begin, else.
        delays.add(ends[0].wall - back if ends else 0)
    delays.check(usual=5, worst=60)
    delays = Delays("after the outage: due -> deleted")
    for name in (k for k, d in dues.items() if d == later):
        ends = watch.of("DELETED", name)
        delays.add(ends[0].wall - max(later, back) if ends else 0)
    delays.check(usual=1 if back < later - 20 else 5, worst=60)
    watch.close()


if __name__ == "__main__":
    reconciler.main(test, W)
