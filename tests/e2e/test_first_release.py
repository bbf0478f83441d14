"""The first release of upstream's API: its claims have no field for an end,
and the API server drops what is filled in there. The webhook stamps them, the
controller ends them."""
import time

from environment import (EXTENSIONS, FOLDER, Cluster, Tests, Webhook, at,
                         expect, expect_in, main, poll)
from reconciler import Controller, events_about, rfc3339, seconds_of, tier

test = Tests()
DIR = f"{FOLDER}/first-release"
STAMP = "/metadata/annotations/bulkhead.dev~1expires-at"
CLAIMS = (EXTENSIONS.replace("v1beta1", "v1alpha1") +
          "/namespaces/{}/sandboxclaims")
C = W = R = None


def claim(ns, name, stamp=None, **annotations):
    annotations = {f"bulkhead.dev/{k}": v for k, v in annotations.items()}
    if stamp:
        annotations["bulkhead.dev/expires-at"] = stamp
    return {"apiVersion": "extensions.agents.x-k8s.io/v1alpha1",
            "kind": "SandboxClaim",
            "metadata": {"name": name, "namespace": ns,
                         "annotations": annotations},
            "spec": {"sandboxTemplateRef": {"name": "t"}}}


def make(document):
    return C.api("POST", CLAIMS.format(document["metadata"]["namespace"]),
                 document)


def exists(ns, name):
    return C.api("GET", CLAIMS.format(ns) + "/" + name).status == 200


@test
def a_cluster_of_v0_1_is_up():
    global C, W, R
    C = Cluster.up(DIR, "--crds", "v0.1.0", "--with", "controller-manager")
    for ns in ("old", "old-retain"):
        C.namespace(ns)
        make(claim(ns, "forever")).ok()
    C.install()
    W = Webhook(C, f"{DIR}-webhook")
    W.become_service_account()
    W.start()
    W.wait_ready()
    C.register(W)
    poll("the webhooks are asked", lambda: "[lifecycle.ttl]" in repr(
        make(claim("default", "x", ttl="9h"))))
    R = Controller(C, f"{DIR}-controller").start().wait_leads()


@test
def the_end_is_stamped_and_outlives_the_field():
    made = make(claim("default", "stamped")).ok()
    expect(at(made, "/spec/lifecycle"), None, "the field")
    late = seconds_of(at(made, STAMP)) - seconds_of(
        made["metadata"]["creationTimestamp"])
    if not 3595 <= late <= 3605:
        raise AssertionError(late)


@test
def a_second_apply_changes_nothing():
    document = claim("default", "applied")
    C.kubectl("apply", "-f", "-", stdin=document).ok()
    before = C.get(CLAIMS.format("default") + "/applied")
    C.kubectl("apply", "-f", "-", stdin=document).ok()
    after = C.get(CLAIMS.format("default") + "/applied")
    expect(after["metadata"], before["metadata"])
    same = C.kubectl("diff", "-f", "-", stdin=document)
    expect((same.code, same.out), (0, ""), repr(same))


@test
def a_stamp_that_is_removed_comes_back():
    path = CLAIMS.format("default") + "/stamped"
    before = at(C.get(path), STAMP)
    C.patch(path, {"metadata": {"annotations": {
        "bulkhead.dev/expires-at": None}}}).ok()
    expect(at(C.get(path), STAMP), before)


@test
def a_stamp_beyond_the_maximum_is_refused():
    path = CLAIMS.format("default")
    wrong = make(claim("default", "late", rfc3339(time.time() + 9 * 3600)))
    expect(wrong.status, 403, repr(wrong))
    expect_in("metadata.annotations[bulkhead.dev/expires-at]", repr(wrong))
    wrong = C.patch(path + "/stamped", {"metadata": {"annotations": {
        "bulkhead.dev/expires-at": "2099-01-01T00:00:00Z"}}})
    expect(wrong.status, 403, repr(wrong))


@test
def it_ends_when_it_is_due_and_not_before():
    due = int(time.time()) + 4
    made = make(claim("default", "due", rfc3339(due))).ok()
    time.sleep(max(0, due - 0.3 - time.time()))
    expect(exists("default", "due") or time.time() >= due, True)
    poll("it is gone", lambda: not exists("default", "due"), 20)
    late = time.time() - due
    print(f"  due -> gone: {late:.2f} s", flush=True)
    if late < 0:
        raise AssertionError(late)
    note = poll("it is told", lambda: events_about(C, made, "Expired"), 20)[0]
    expect_in("(metadata.annotations[bulkhead.dev/expires-at])", note["note"])
    expect(exists("default", "stamped"), True)


@test
def what_is_older_ends_at_the_tiers_maximum():
    """Retain has no field either: what is retained is stamped, then ended."""
    for ns, policy, strength in (("old", "Delete", 721),
                                 ("old-retain", "Retain", 722)):
        document = tier(ns, strength, lifecycle={
            "ttl": {"default": "1s", "max": "2s"}, "overdue": "End",
            "shutdownPolicy": policy})
        C.kubectl("apply", "-f", "-", stdin=document).ok()
        poll("the tier is known", lambda: C.label_namespace(
            ns, enforce=ns).status == 200)
        poll("it is gone", lambda: not exists(ns, "forever"), 30)


@test
def it_ends_when_told():
    expect(R.stop(), 0)
    expect(W.stop(), 0)
    C.verb("down")


if __name__ == "__main__":
    main(test)
