"""How late claims end whose due times are spread over one minute, and what that
costs: bulkhead-controller alone, then upstream's controller alone. The pool
that they name is not there, so that neither has Sandboxes to make or to end."""
import time

import stage
from environment import EXTENSIONS, FOLDER, poll
from reconciler import Controller, Watch, claim, rfc3339
from stage import Neighbours, Process, figure

CLAIMS = stage.option("CLAIMS", 10000)
UPSTREAM_CLAIMS = stage.option("UPSTREAM_CLAIMS", 10000)
MINUTE = 60
NAMESPACES = 20
# For fewer there are none.
LAG_GOAL, MEMORY_GOAL = (1, 64) if CLAIMS >= 10000 else (None, None)
ALL_CLAIMS = f"{EXTENSIONS}/sandboxclaims"


def path(ns):
    return f"{EXTENSIONS}/namespaces/{ns}/sandboxclaims"


def rate_of_creation(cluster):
    rate = stage.create_all(cluster, (
        (path("team-0"), claim("team-0", f"probe-{i}", {})) for i in range(400)))
    cluster.api("DELETE", path("team-0")).ok()
    poll("the probes are gone", lambda: not cluster.get(
        path("team-0"))["items"], 60)
    return rate


def documents(dues, prefix):
    for i, due in enumerate(dues):
        ns = f"team-{i % NAMESPACES}"
        yield path(ns), claim(ns, f"{prefix}-{i}", {
            "shutdownTime": rfc3339(due), "shutdownPolicy": "Delete"})


class Bulkhead:
    label, settling = "expiry", 0

    def __init__(self, cluster):
        self.program = Controller(cluster, f"{FOLDER}/expiry/controller")

    def start(self):
        self.program.start().wait_leads()
        return Process(self.program.process.pid)

    def requests(self):
        return stage.series(self.program.status_address,
                            "bulkhead_api_requests_total", "verb")

    def stop(self):
        stage.stop(self.program)


class Upstream:
    """It writes to every claim before it is due, too."""
    label, settling = "expiry_upstream", 5

    def __init__(self, cluster):
        self.cluster = cluster

    def start(self):
        self.cluster.verb("start", "agent-sandbox")
        return Process(stage.pid_of(self.cluster, "agent-sandbox"))

    def requests(self):
        with open(f"{self.cluster.folder}/run/ports", encoding="ascii") as f:
            port = f.read().split()[3]
        return stage.series(f"http://127.0.0.1:{port}",
                            "rest_client_requests_total", "method")

    def stop(self):
        self.cluster.verb("stop", "agent-sandbox")


def wait_deleted(watch, wanted, until):
    """(seen when, event), the first of each name."""
    ends, at = {}, 0
    while len(ends) < wanted:
        if watch.error or time.time() > until:
            raise RuntimeError(f"{wanted - len(ends)} of {wanted} claims are "
                               f"left; the watch: {watch.error}")
        time.sleep(0.2)
        until_here = len(watch.events)
        for event in watch.events[at:until_here]:
            if event.type == "DELETED":
                if event.meta["name"] in ends:
                    raise RuntimeError(f"{event.meta['name']} ended twice")
                ends[event.meta["name"]] = event.wall
        at = until_here
    return ends


def measure(cluster, side, count, rate):
    """From the program's start until no claim is left."""
    label = side.label
    needed = count / rate * (1.5 + side.settling) + 10
    first = int(time.time() + needed) + 1
    dues = [first + i * MINUTE // count for i in range(count)]
    figure(f"{label}_claims", count, "claims")
    figure(f"{label}_created", stage.create_all(
        cluster, documents(dues, "claim")), "1/s")
    watch = Watch(cluster, ALL_CLAIMS)
    process = side.start()
    try:
        if time.time() > first - 2:
            raise RuntimeError("the first claim was due before all was ready: "
                               "try again, or fewer by CLAIMS, "
                               "UPSTREAM_CLAIMS")
        neighbours = Neighbours(cluster, process.pid)
        ends = wait_deleted(watch, count, dues[-1] + 120)
        tell(label, side, process, count)
        neighbours.figure(label)
    finally:
        side.stop()
        watch.close()
    return [ends[f"claim-{i}"] - due for i, due in enumerate(dues)]


def tell(label, side, process, count):
    """Since its start: both list and look at every claim before it is due."""
    requests = side.requests()
    figure(f"{label}_cpu", process.cpu_seconds(), "s")
    process.memory_figures(label, MEMORY_GOAL if label == "expiry" else None)
    figure(f"{label}_requests_per_claim",
           sum(requests.values()) / count, "calls")
    for verb, n in sorted(requests.items()):
        if n >= count / 20:
            figure(f"{label}_requests_{verb.lower()}", n / count, "calls")


def tell_lag(label, lags, goal=None):
    if min(lags) < 0:
        raise RuntimeError(f"{label}: a claim ended {-min(lags):.3f} s early")
    stage.spread(f"{label}_lag", lags, "s", goal)
    figure(f"{label}_lag_max", max(lags), "s")


def main():
    stage.begin("expiry")
    with stage.cluster_for("expiry", "--crds", "v1.0.3") as cluster:
        cluster.install()
        stage.remove_webhooks(cluster)
        for i in range(NAMESPACES):
            cluster.namespace(f"team-{i}", enforce="gvisor")
        rate = rate_of_creation(cluster)
        tell_lag("expiry", measure(cluster, Bulkhead(cluster), CLAIMS, rate),
                 LAG_GOAL)
        tell_lag("expiry_upstream", measure(cluster, Upstream(cluster),
                                            UPSTREAM_CLAIMS, rate))


main()
