"""What the parts share: a cluster, many objects made fast, what processes and
the machine spend, and lines of figures."""
import contextlib
import glob
import http.client
import json
import os
import shutil
import signal
import ssl
import sys
import threading
import time

from environment import FOLDER, HERE, ROOT, Cluster, fetch, poll, run
from reconciler import WEBHOOKS, rfc3339

TICK = 1 / os.sysconf("SC_CLK_TCK")
KINDS = ("mutating", "validating")
with open(f"{ROOT}/bench/data/sandbox-4k.json", encoding="utf-8") as sample:
    SAMPLE = json.load(sample)


def option(name, default):
    return int(os.environ.get(name) or default)


def figure(name, value, unit, goal=None):
    line = f"{name:<34} {value:8.3f} {unit:<6}"
    if goal is not None:
        fate = "met" if value <= goal else "missed"
        line += f" goal <= {goal:.2f} {fate}"
    print(line, flush=True)


def percentile(values, percent):
    """The smallest value that at least so many do not exceed."""
    values = sorted(values)
    return values[max(0, -(-len(values) * percent // 100) - 1)]


def spread(name, seconds, unit="ms", goal_p99=None):
    factor = {"ms": 1000, "s": 1}[unit]
    for percent, goal in ((50, None), (99, goal_p99)):
        figure(f"{name}_p{percent}", percentile(seconds, percent) * factor,
               unit, goal)


# ---- processes ----

class Process:
    def __init__(self, pid):
        self.pid = pid

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK

    def mebibytes(self, field):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            return sum(int(line.split()[1]) for line in f
                       if line.startswith(field + ":")) / 1024

    def memory_figures(self, name, goal=None):
        figure(f"{name}_rss", self.mebibytes("VmRSS"), "MiB", goal)
        figure(f"{name}_rss_peak", self.mebibytes("VmHWM"), "MiB", goal)


def pid_of(cluster, component):
    with open(f"{cluster.folder}/run/{component}.pid", encoding="ascii") as f:
        return int(f.read())


def machine_cpu_seconds():
    """user, nice, system, irq, softirq and steal of all CPUs"""
    with open("/proc/stat", encoding="ascii") as f:
        fields = [int(n) for n in f.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) * TICK


class Neighbours:
    """CPUs that others used while this was measured. pids: our programs,
    which must all live until figure()."""

    def __init__(self, cluster, *pids):
        components = [os.path.basename(path)[:-4] for path in
                      glob.glob(f"{cluster.folder}/run/*.pid")]
        self.all = [Process(pid) for pid in
                    [*pids, *(pid_of(cluster, c) for c in components)]]
        self.began, self.wall = self._others(), time.monotonic()

    def _others(self):
        return (machine_cpu_seconds() - sum(os.times()[:4]) -
                sum(p.cpu_seconds() for p in self.all))

    def figure(self, name):
        figure(f"{name}_others", max(0, self._others() - self.began) /
               (time.monotonic() - self.wall), "CPUs")


# ---- clusters ----

def begin(part):
    """So that every way to end runs what ends the programs."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(130))
    figure(f"{part}_cpus", len(os.sched_getaffinity(0)), "CPUs")


@contextlib.contextmanager
def cluster_for(part, *args):
    folder = f"{FOLDER}/{part}"
    if os.path.isdir(f"{folder}/cluster"):
        run(f"{HERE}/cluster.sh", "down", f"{folder}/cluster").ok()
    shutil.rmtree(folder, ignore_errors=True)
    cluster = Cluster.up(f"{folder}/cluster", *args)
    try:
        yield cluster
    finally:
        cluster.verb("down")


def wait_quiet(cluster):
    """The API server and etcd are done with what was asked of them before."""
    servers = [Process(pid_of(cluster, name))
               for name in ("kube-apiserver", "etcd")]
    for _ in range(30):
        before = sum(p.cpu_seconds() for p in servers)
        time.sleep(1)
        if sum(p.cpu_seconds() for p in servers) - before < 0.25:
            return


def stop(*programs):
    for program in programs:
        if program.process and program.process.poll() is None:
            program.stop()


def probe(cluster, ns):
    """What Bulkhead would refuse."""
    document = sandbox(ns, "probe")
    document["metadata"]["labels"]["bulkhead.dev/tier"] = "no-such-tier"
    return cluster.api("POST", f"{sandboxes(ns)}?dryRun=All", document)


def remove_webhooks(cluster):
    for kind in KINDS:
        cluster.api("DELETE", f"{WEBHOOKS}/{kind}webhookconfigurations/"
                              "bulkhead").ok()
    poll("no webhook is asked",
         lambda: probe(cluster, "default").status == 201)


def exclude(cluster, *namespaces):
    """From our copy of the configurations; the namespaces are there."""
    for kind in KINDS:
        path = f"{WEBHOOKS}/{kind}webhookconfigurations/bulkhead"
        configuration = cluster.get(path)
        for entry in configuration["webhooks"]:
            for term in entry.get("namespaceSelector", {}).get(
                    "matchExpressions", []):
                if term["operator"] == "NotIn":
                    term["values"] += namespaces
        cluster.api("PUT", path, configuration).ok()
    for ns in namespaces:
        poll(f"no webhook is asked about {ns}",
             lambda ns=ns: probe(cluster, ns).status == 201)


# ---- objects ----

def sandboxes(ns):
    return f"/apis/agents.x-k8s.io/v1beta1/namespaces/{ns}/sandboxes"


def sandbox(ns, name):
    """The sample of 4 KiB, due in half an hour."""
    document = json.loads(json.dumps(SAMPLE))
    document["metadata"].update(name=name, namespace=ns)
    document["spec"]["shutdownTime"] = rfc3339(time.time() + 1800)
    return document


class Client:
    """One connection that is kept alive."""

    def __init__(self, cluster):
        with open(cluster.env["TOKEN_FILE"], encoding="utf-8") as f:
            self.headers = {"Authorization": f"Bearer {f.read().strip()}",
                            "Content-Type": "application/json"}
        self.connection = http.client.HTTPSConnection(
            *cluster.address, timeout=60,
            context=ssl.create_default_context(cafile=cluster.env["CA_FILE"]))

    def create(self, path, body):
        """The answer, and the seconds that it took."""
        start = time.perf_counter()
        self.connection.request("POST", path, body, self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        seconds = time.perf_counter() - start
        if answer.status != 201:
            raise RuntimeError(f"{path}: {answer.status} {text[:500]!r}")
        return text, seconds


def create_all(cluster, requests, connections=16):
    """requests: (path, document). The rate of creation."""
    start, count, failures = time.monotonic(), 0, []
    requests, lock = iter(requests), threading.Lock()

    def work():
        nonlocal count
        client = Client(cluster)
        while not failures:
            with lock:
                path, document = next(requests, (None, None))
                count += path is not None
            if path is None:
                return
            try:
                client.create(path, json.dumps(document).encode())
            except Exception as e:  # pylint: disable=broad-except
                failures.append(e)
    threads = [threading.Thread(target=work, daemon=True)
               for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return count / (time.monotonic() - start)


def series(address, name, label):
    """Sums of a metric's values by one of its labels."""
    sums, wanted = {}, f'{label}="'
    for line in fetch(address + "/metrics")[1].splitlines():
        if line.startswith(name + "{"):
            key = line.partition(wanted)[2].partition('"')[0]
            sums[key] = sums.get(key, 0) + float(line.rsplit(" ", 1)[1])
    return sums
