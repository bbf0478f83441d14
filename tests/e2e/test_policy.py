"""Labels of namespaces, tiers, policies and exceptions, changed with kubectl:
what holds changes at once, and never to something broken."""
import datetime
import json
import os
import time

from environment import (AGENTS, SANDBOX_SPEC, SLOW, TIERS, Tests, at, expect,
                         expect_in, main, metric, poll, readyz, sandbox,
                         shared)

test = Tests()
C = shared()
STATUS = os.environ["E2E_STATUS"]
TIER = "policy-tier"


def filled(ns, pointer):
    """What a Sandbox that says nothing gets there now."""
    answer = C.api("POST", f"{AGENTS}/namespaces/{ns}/sandboxes?dryRun=All",
                   sandbox(ns, "asks"))
    return at(answer.body, SANDBOX_SPEC + pointer) \
        if answer.status == 201 else repr(answer)


def runtime(ns):
    return filled(ns, "/runtimeClassName")


def takes_effect(what, change, seen, rounds=3):
    """Each change is seen; the fastest within a second."""
    times = []
    for i in range(rounds):
        change(i)
        start = time.monotonic()
        poll(what, lambda n=i: seen(n), 20)
        times.append(time.monotonic() - start)
    print(f"  {what}: {', '.join(f'{t * 1000:.0f} ms' for t in times)}",
          flush=True)
    if min(times) > 1 * SLOW:
        raise AssertionError(f"{what}: {times}")


def tier(**more):
    return {"apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationTier",
            "metadata": {"name": TIER}, "spec": {
                "description": "of the tests", "strength": 250,
                "enforcement": "Enforce",
                "runtime": {"classNames": ["gvisor"], "onMissing": "Deny"},
                "pod": {"level": "Restricted"},
                "resources": {"defaults": {"limits": {"cpu": "111m"}}},
                "network": {"egress": {"mode": "None", "dns": "None"},
                            "ingress": {"mode": "None"}}, **more}}


@test
def a_label_of_a_namespace_changes_the_next_apply():
    ns = C.namespace("policy-flips")
    floors = [("kata-vm", "kata-qemu"), ("kata-fc", "kata-fc"),
              ("gvisor", "gvisor")]
    takes_effect("a flipped label", lambda i: C.kubectl(
        "label", "namespace", ns, "--overwrite",
        "bulkhead.dev/enforce=" + floors[i % 3][0]).ok(),
        lambda i: runtime(ns) == floors[i % 3][1], 6)


@test
def a_namespace_is_known_as_soon_as_it_is_made():
    for i in range(20):
        ns = C.namespace(f"policy-new-{i}", enforce="kata-fc")
        expect(runtime(ns), "kata-fc", ns)


@test
def a_tier_is_edited_with_kubectl():
    C.kubectl("apply", "-f", "-", stdin=tier()).ok()
    ns = "policy-edits"
    poll("the tier is known", lambda: C.api(
        "POST", "/api/v1/namespaces", {"metadata": {
            "name": ns, "labels": {"bulkhead.dev/enforce": TIER}}}).ok())
    expect(filled(ns, "/containers/0/resources/limits/cpu"), "111m")
    takes_effect("an edited tier", lambda i: C.kubectl(
        "patch", "isolationtier", TIER, "--type", "merge", "-p",
        '{"spec":{"resources":{"defaults":{"limits":{"cpu":"%dm"}}}}}'
        % (200 + i)).ok(), lambda i: filled(
            ns, "/containers/0/resources/limits/cpu") == f"{200 + i}m")


@test
def a_new_maximum_holds_for_what_is_there_already():
    ns = "policy-edits"
    C.kubectl("apply", "-f", "-", stdin=sandbox(ns, "small")).ok()
    C.kubectl("patch", "isolationtier", TIER, "--type", "merge", "-p",
              '{"spec":{"resources":{"max":{"cpu":"50m"},"defaults":'
              '{"limits":{"cpu":"50m"}}}}}').ok()
    poll("the new maximum", lambda: filled(
        ns, "/containers/0/resources/limits/cpu") == "50m")
    done = C.kubectl("annotate", "sandbox", "small", "-n", ns, "a=b")
    expect(done.code, 0, "what was there may still be annotated: " +
           repr(done))
    done = C.kubectl("patch", "sandbox", "small", "-n", ns, "--type", "merge",
                     "-p", '{"spec":{"service":true}}')
    expect(done.code, 1, repr(done))
    expect_in("[resources.max]", done.err)


@test
def a_broken_tier_is_refused_and_the_old_one_holds():
    generation = metric(STATUS, "bulkhead_policy_generation")
    for spec, words in (
            ({"strength": 200}, "[own.config]"),
            ({"rules": [{"id": "x", "path": "a..b", "exists": True,
                         "message": "m"}]}, "[own.config]"),
            ({"rules": [{"id": "x", "path": "a", "matches": "(",
                         "message": "m"}]}, "[own.config]"),
            ({"strength": "much"}, "spec.strength")):
        done = C.kubectl("patch", "isolationtier", TIER, "--type", "merge",
                         "-p", json.dumps({"spec": spec}))
        expect(done.code, 1, repr(done))
        expect_in(words, done.err)
    expect(metric(STATUS, "bulkhead_policy_generation"), generation)
    expect(filled("policy-edits", "/containers/0/resources/limits/cpu"),
           "50m")
    expect(readyz(STATUS)[0], 200)


@test
def a_tier_in_use_is_not_deleted():
    done = C.kubectl("delete", "isolationtier", TIER)
    expect(done.code, 1, repr(done))
    expect_in("[own.config]", done.err)
    expect_in("policy-edits", done.err)
    done = C.kubectl("delete", "isolationtier", "gvisor")
    expect_in("IsolationPolicy default", done.err)


@test
def a_policy_gives_namespaces_a_floor():
    ns = C.namespace("policy-floor", **{"example.com/team": "blue"})
    document = {"apiVersion": "bulkhead.dev/v1alpha1",
                "kind": "IsolationPolicy",
                "metadata": {"name": "policy-blue"},
                "spec": {"rules": [{
                    "name": "blue", "floor": "kata-fc",
                    "namespaceSelector": {"matchLabels": {
                        "kubernetes.io/metadata.name": ns}}}]}}
    expect(runtime(ns), "gvisor")
    C.kubectl("apply", "-f", "-", stdin=document).ok()
    poll("the floor holds", lambda: runtime(ns) == "kata-fc")
    C.kubectl("delete", "isolationpolicy", "policy-blue").ok()
    poll("the floor is gone", lambda: runtime(ns) == "gvisor")


@test
def an_exception_lifts_one_rule_until_it_ends():
    ns, name = C.namespace("policy-lifted", enforce="gvisor"), "policy-lift"
    path = f"{AGENTS}/namespaces/{ns}/sandboxes?dryRun=All"
    asks = sandbox(ns, "asks", {"hostNetwork": True, "hostPID": True})
    end = datetime.datetime.now(datetime.timezone.utc) + \
        datetime.timedelta(seconds=6)
    C.kubectl("apply", "-f", "-", stdin={
        "apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationException",
        "metadata": {"name": name}, "spec": {
            "target": {"namespace": ns},
            "rules": ["pss.hostNamespaces", "runtime.compatibility"],
            "reason": "measures the network of the node",
            "expiresAt": end.strftime("%Y-%m-%dT%H:%M:%SZ")}}).ok()
    poll("the rule is lifted", lambda: C.api("POST", path, asks).status == 201)
    asks["spec"]["podTemplate"]["spec"]["automountServiceAccountToken"] = True
    answer = C.api("POST", path, asks)
    expect_in("[pod.serviceAccountToken]", repr(answer))
    asks["spec"]["podTemplate"]["spec"].pop("automountServiceAccountToken")
    poll("the exception has ended",
         lambda: "[pss.hostNamespaces]" in repr(C.api("POST", path, asks)))
    C.kubectl("delete", "isolationexception", name).ok()


@test
def what_was_made_is_deleted():
    C.kubectl("delete", "sandbox", "small", "-n", "policy-edits").ok()
    C.label_namespace("policy-edits", enforce="gvisor")
    poll("the tier is deleted", lambda: C.kubectl(
        "delete", "isolationtier", TIER).ok())
    expect(C.api("GET", f"{TIERS}/{TIER}").status, 404)


if __name__ == "__main__":
    main(test)
