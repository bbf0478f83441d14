"""Policies before Pods, and what waiting for them costs: beside upstream's
controller, the scheduler and kwok's nodes."""
import time

import stage
from environment import at, poll
from reconciler import (POLICIES, Watch, World, bare_pod, claim, create,
                        is_gated, pool_of)
from stage import Neighbours, figure, percentile

NAMESPACES, PODS, RATE = 50, 200, 20
CLAIMS = stage.option("COLD_CLAIMS", 100)
ALL_PODS = "/api/v1/pods"


def policies(cluster):
    """From the request that labels a namespace, one after the other."""
    names = [f"labelled-{i}" for i in range(NAMESPACES)]
    for ns in names:
        cluster.namespace(ns)
    watch, delays = Watch(cluster, f"{POLICIES}/networkpolicies"), []
    for ns in names:
        began = time.time()
        cluster.label_namespace(ns, enforce="gvisor").ok()
        delays.append(wait_event(watch, ns, lambda o: True) - began)
    watch.close()
    stage.spread("network_label_to_policy", delays)


def wait_event(watch, ns, is_it, seconds=30):
    """When the first such object of this namespace was seen."""
    for event in following(watch, seconds):
        if event.meta["namespace"] == ns and event.type != "DELETED" and \
                is_it(event.object):
            return event.wall
    raise RuntimeError(f"not in {seconds} s in {ns}")


def following(watch, seconds, since=0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if since < len(watch.events):
            yield watch.events[since]
            since += 1
        else:
            time.sleep(0.0005)


def gates(cluster):
    """From a Pod's creation to its gate's removal, by one watch."""
    ns = cluster.namespace("gated", enforce="gvisor")
    watch = Watch(cluster, f"/api/v1/namespaces/{ns}/pods")
    begin = time.monotonic()
    for i in range(PODS):
        time.sleep(max(0, begin + i / RATE - time.monotonic()))
        create(cluster, bare_pod(ns, f"pod-{i}"))
    poll("all gates are lifted", lambda: len(free_since(watch)) == PODS, 60)
    made = {e.meta["name"]: e for e in watch.of("ADDED")}
    free = free_since(watch)
    watch.close()
    if not all(is_gated(e.object) for e in made.values()):
        raise RuntimeError("a Pod was created without its gate")
    stage.spread("network_gate_wait",
                 [free[name] - made[name].wall for name in made])


def free_since(watch):
    free = {}
    for e in watch.events:
        if e.type != "DELETED" and not is_gated(e.object):
            free.setdefault(e.meta["name"], e.wall)
    return free


def started(cluster, watch, ns, name):
    """One claim: seconds to its Pod, to its Pod without gate, to Running."""
    since, began, seen = len(watch.events), time.time(), {}
    create(cluster, claim(ns, name))
    for e in following(watch, 30, since):
        if e.meta["namespace"] != ns or e.type == "DELETED":
            continue
        seen.setdefault("pod", e.wall - began)
        if not is_gated(e.object):
            seen.setdefault("free", e.wall - began)
        if at(e.object, "/status/phase") == "Running":
            return {**seen, "running": e.wall - began}
    raise RuntimeError(f"the claim {ns}/{name} does not run in 30 s")


def claims(cluster):
    """Cold: their pool keeps none warm. In turns, with Bulkhead and without."""
    sides = ["with", "without"]
    cluster.namespace("without")
    stage.exclude(cluster, "without")
    cluster.namespace("with", enforce="gvisor")
    for ns in sides:
        create(cluster, *pool_of(ns))
    watch, times = Watch(cluster, ALL_PODS), {ns: [] for ns in sides}
    for i in range(CLAIMS):
        for ns in sides if i % 2 else reversed(sides):
            times[ns].append(started(cluster, watch, ns, f"claim-{i}"))
    watch.close()
    for ns in sides:
        stage.spread(f"network_claim_{ns}",
                     [t["running"] for t in times[ns]])
        figure(f"network_claim_{ns}_to_pod_p50", 1000 * percentile(
            [t["pod"] for t in times[ns]], 50), "ms")
    stage.spread("network_claim_with_gate_wait",
                 [t["free"] - t["pod"] for t in times["with"]])
    figure("network_claim_added_p50", 1000 * percentile(
        [a["running"] - b["running"]
         for a, b in zip(times["with"], times["without"])], 50), "ms")


def main():
    stage.begin("network")
    world = World("network")
    try:
        world.cluster.give_disks()
        world.controller.start().wait_leads()
        neighbours = Neighbours(world.cluster, world.webhook.process.pid,
                                world.controller.process.pid)
        policies(world.cluster)
        gates(world.cluster)
        claims(world.cluster)
        neighbours.figure("network")
    finally:
        world.close()


main()
