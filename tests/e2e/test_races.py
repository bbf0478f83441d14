"""Nothing slips through while the webhook's view of the cluster is behind:
what it does not know yet it asks for, and has the request wait or come again.
"""
import concurrent.futures
import os

from environment import (AGENTS, Tests, at, expect, fetch, main, poll,
                         sandbox, shared)
from reconciler import Watch

test = Tests()
C = shared()
COUNT = 200
CLASSES = {"gvisor": "gvisor", "gvisor-airgapped": "gvisor",
           "kata-vm": "kata-qemu", "kata-fc": "kata-fc",
           "kata-fc-airgapped": "kata-fc"}
GATE = [{"name": "bulkhead.dev/egress"}]


def watch_pods(ns):
    return Watch(C, f"/api/v1/namespaces/{ns}/pods")


def created(watch):
    """Every Pod as it was created."""
    return {e.meta["name"]: e.object for e in watch.of("ADDED")}


def at_once(f, count, threads=16):
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return list(pool.map(f, range(count)))


def error_of(pod, tier):
    """What a Pod of this tier lacks as it was created."""
    got = (at(pod, "/metadata/labels/bulkhead.dev~1tier"),
           at(pod, "/spec/runtimeClassName"), at(pod, "/spec/schedulingGates"),
           at(pod, "/spec/automountServiceAccountToken"))
    wanted = tier, CLASSES[tier], GATE, False
    return f"{got}, wanted {wanted}" if got != wanted else None


def count(what):
    """Of the metrics whose lines hold this, together."""
    status = fetch(os.environ["E2E_STATUS"] + "/metrics")[1]
    return sum(float(line.rsplit(" ", 1)[1]) for line in status.splitlines()
               if line.startswith("bulkhead_") and what in line)


def clean_up(ns):
    C.kubectl("delete", "namespace", ns, "--wait=false").ok()


@test
def every_pod_of_two_hundred_sandboxes_has_its_tier():
    """Their tier is in their Sandbox, which the webhook has seen only just,
    or not at all."""
    ns = C.namespace("races-wishes")
    watch, tiers = watch_pods(ns), list(CLASSES)
    waited, sent_away = count("review_waits_total"), count("not_ready")

    def create(i):
        image = "registry.example/agent@sha256:" + "0" * 64
        C.api("POST", f"{AGENTS}/namespaces/{ns}/sandboxes", sandbox(
            ns, f"s{i}", {"containers": [{"name": "agent", "image": image}]},
            {"bulkhead.dev/tier": tiers[i % len(tiers)]})).ok()
    at_once(create, COUNT)
    poll("all Pods are created", lambda: len(created(watch)) == COUNT, 120)
    watch.close()
    wrong = [f"{name}: {error}" for name, pod in created(watch).items()
             if (error := error_of(pod, tiers[int(name[1:]) % len(tiers)]))]
    expect(wrong, [])
    print(f"  {COUNT} Pods; {count('review_waits_total') - waited:.0f} waits, "
          f"{count('not_ready') - sent_away:.0f} sent away", flush=True)
    clean_up(ns)


@test
def every_pod_of_fresh_namespaces_has_their_tier():
    """Namespace, Sandbox and Pod in one breath."""
    tiers, watches = list(CLASSES), {}
    image = "registry.example/agent@sha256:" + "0" * 64

    def create(i):
        ns = f"races-fresh-{i}"
        watches[ns] = watch_pods(ns)
        C.namespace(ns, enforce=tiers[i % len(tiers)])
        C.api("POST", f"{AGENTS}/namespaces/{ns}/sandboxes", sandbox(
            ns, "s", {"containers": [{"name": "agent", "image": image}]})
        ).ok()
    at_once(create, 40)
    poll("all Pods are created",
         lambda: all(created(w) for w in watches.values()), 120)
    wrong = []
    for i in range(40):
        ns = f"races-fresh-{i}"
        watches[ns].close()
        error = error_of(created(watches[ns])["s"], tiers[i % len(tiers)])
        if error:
            wrong.append(f"{ns}: {error}")
        clean_up(ns)
    expect(wrong, [])


@test
def a_pod_by_hand_in_a_fresh_namespace_is_judged():
    refused = []

    def create(i):
        ns = C.namespace(f"races-hand-{i}", enforce="gvisor")
        answer = C.api("POST", f"/api/v1/namespaces/{ns}/pods", {
            "metadata": {"name": "p"}, "spec": {
                "hostNetwork": True,
                "containers": [{"name": "a", "image": "b"}]}})
        refused.append("[pss.hostNamespaces]" in repr(answer))
        clean_up(ns)
    at_once(create, 40)
    expect(refused, [True] * 40)


if __name__ == "__main__":
    main(test)
