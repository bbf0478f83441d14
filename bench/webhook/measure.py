"""measure.py BUILD FOLDER: starts the servers on CPU 0, loads them in turn
from CPU 1, and prints a line for each figure. See bench/README.md."""
import dataclasses
import os
import socket
import statistics
import subprocess
import sys
import time

BUILD, FOLDER = sys.argv[1:3]
HERE = os.path.dirname(os.path.abspath(__file__))
RUNS, SECONDS, CONNECTIONS, OPEN_LOAD = 3, 3, 16, 0.80
TICK = 1 / os.sysconf("SC_CLK_TCK")
CPUS = sorted(os.sched_getaffinity(0))


@dataclasses.dataclass
class Server:
    name: str
    port: int
    process: subprocess.Popen

    def pids(self):
        """nginx serves in a child."""
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [pid, *map(int, f.read().split())]

    def cpu_seconds(self):
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat", encoding="ascii") as f:
                fields = f.read().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total * TICK

    def waited_seconds(self):
        total = 0
        for pid in self.pids():
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat",
                          encoding="ascii") as f:
                    total += int(f.read().split()[1])
        return total / 1e9

    def mebibytes(self, field="VmRSS"):
        total = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/status", encoding="ascii") as f:
                total += sum(int(line.split()[1]) for line in f
                             if line.startswith(field + ":"))
        return total / 1024


@dataclasses.dataclass
class Run:
    rate: float  # requests in a second
    cpu_us: float  # of the server, for a request
    busy: float  # of its core
    p50: float
    p99: float
    p999: float
    errors: int
    others: float  # CPUs that neither the server nor the load used
    waited_ms: float  # the server, ready to run, for its CPU, in a second
    stalled_ms: float  # the load did not run, in a second; open loop only


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(name, command):
    """command takes the port; None where the program is not there."""
    port = free_port()
    argv = command(port)
    with open(f"{FOLDER}/{name}.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            ["taskset", "-c", str(CPUS[0]), *argv], stdout=log, stderr=log)
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return Server(name, port, process)
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                sys.exit(f"{name} does not start, see {FOLDER}/{name}.log")
            time.sleep(0.05)


def machine_cpu_seconds():
    """user, nice, system, irq, softirq and steal of all CPUs"""
    with open("/proc/stat", encoding="ascii") as f:
        fields = [int(n) for n in f.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) * TICK


def client_cpu_seconds():
    t = os.times()
    return t.children_user + t.children_system


def load(server, argv, environment=None):
    before, waited = server.cpu_seconds(), server.waited_seconds()
    all_before, client_before = machine_cpu_seconds(), client_cpu_seconds()
    began = time.monotonic()
    out = subprocess.run(
        ["taskset", "-c", str(CPUS[-1]), *argv], check=True, text=True,
        stdout=subprocess.PIPE, env={**os.environ, **(environment or {})},
        timeout=30).stdout
    wall = time.monotonic() - began
    spent = server.cpu_seconds() - before
    waited = server.waited_seconds() - waited
    others = (machine_cpu_seconds() - all_before - spent -
              client_cpu_seconds() + client_before)
    line = next(x for x in out.splitlines() if x.startswith("figures "))
    n, us, errors, p50, p99, p999, *stalled_us = map(int, line.split()[1:])
    return Run(n / us * 1e6, spent / max(n, 1) * 1e6, spent / wall,
               p50, p99, p999, errors, max(others, 0) / wall,
               waited / wall * 1e3, sum(stalled_us) / us * 1e3)


def closed(server, path, review, seconds=SECONDS):
    return load(server, ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s",
                         "--timeout", "5s", "-s", f"{HERE}/post.lua",
                         f"https://127.0.0.1:{server.port}{path}"],
                {"REVIEW": f"{FOLDER}/{review}.json"})


def opened(server, path, review, rate):
    return load(server, [f"{BUILD}/release/bench/open_loop", str(server.port),
                         path, f"{FOLDER}/{review}.json", str(rate),
                         str(SECONDS)])


def median(runs):
    return Run(*(statistics.median(getattr(run, field.name) for run in runs)
                 for field in dataclasses.fields(Run)))


def none_failed(run):
    if run.errors:
        sys.exit(f"{run.errors} requests failed")
    return run


def interleaved(cases):
    """cases: name -> (server, path, review). Neighbours in time are compared,
    so that what else the machine does falls on all of them."""
    runs = {name: [] for name in cases}
    for _ in range(RUNS):
        for name, case in cases.items():
            runs[name].append(none_failed(closed(*case)))
    return {name: median(of) for name, of in runs.items()}


def figure(name, value, unit, goal=None):
    line = f"{name:<34} {value:8.2f} {unit:<6}"
    if goal:
        op, limit = goal
        met = value >= limit if op == ">=" else value <= limit
        line += f" goal {op} {limit:.2f} {'met' if met else 'missed'}"
    print(line, flush=True)


def figures(name, run):
    figure(name + "_rate", run.rate, "req/s")
    figure(name + "_per_core", 1e6 / run.cpu_us, "req/s")
    figure(name + "_cpu", run.cpu_us, "us")
    figure(name + "_p50", run.p50, "us")
    figure(name + "_p99", run.p99, "us")
    figure(name + "_p999", run.p999, "us")


def ratio(name, ours, other, goal=None):
    figure(name, other.cpu_us / ours.cpu_us, "x", goal)


def start_all():
    pair = [f"{FOLDER}/tls.crt", f"{FOLDER}/tls.key"]

    def nginx(port):
        with open(f"{HERE}/nginx.conf", encoding="utf-8") as f:
            text = f.read()
        with open(f"{FOLDER}/nginx.conf", "w", encoding="utf-8") as f:
            f.write(text.replace("@PORT@", str(port))
                    .replace("@FOLDER@", FOLDER))
        return ["nginx", "-p", FOLDER, "-c", f"{FOLDER}/nginx.conf",
                "-e", f"{FOLDER}/nginx.log"]

    servers = {
        "webhook": start("webhook", lambda port: [
            f"{BUILD}/bulkhead-webhook", "--listen", f"127.0.0.1:{port}",
            "--metrics-listen", f"127.0.0.1:{free_port()}",
            "--cert-file", pair[0], "--key-file", pair[1],
            "--cluster-objects", f"{HERE}/../../examples/cluster",
            # the sample's shutdown time fits it
            "--now", "2026-11-21T06:00:00Z", "--grace", "0s",
            # two would take turns of milliseconds on the one core
            "--threads", "1"]),
        "nginx": start("nginx", nginx),
        "static": start("static", lambda port: [
            f"{BUILD}/release/bench/static_reply", str(port), *pair]),
    }
    if os.access(f"{FOLDER}/peer", os.X_OK):
        servers["go"] = start("go", lambda port: [
            f"{FOLDER}/peer", f"127.0.0.1:{port}", *pair])
    return servers


def four_kib(servers):
    webhook = servers["webhook"]
    cases = {name: (server, "/validate", "review-4k")
             for name, server in servers.items()}
    cases["mutate"] = (webhook, "/mutate", "review-4k")
    cases["fill"] = (webhook, "/mutate", "fill-4k")
    runs = interleaved(cases)
    goals = {"nginx": (">=", 0.50), "go": (">=", 4.00)}
    for name, label in (("webhook", "validate"), ("mutate", "mutate"),
                        ("fill", "fill")):
        figures(f"webhook_{label}_4k", runs[name])
        for other in ("nginx", "static", "go"):
            if other in runs:
                ratio(f"webhook_{label}_4k_to_{other}", runs[name],
                      runs[other], goals.get(other))
    for name in ("nginx", "static", "go"):
        if name in runs:
            figures(f"{name}_4k", runs[name])
    if "go" not in runs:
        print("SKIP figures next to Go: there is no go")
    figure("others_at_4k", max(run.others for run in runs.values()), "CPUs")


def other_sizes(servers):
    for kib in (2, 10, 30):
        cases = {name: (server, "/validate", f"review-{kib}k")
                 for name, server in servers.items() if name != "static"}
        runs = interleaved(cases)
        for name, run in runs.items():
            label = "webhook_validate" if name == "webhook" else name
            figures(f"{label}_{kib}k", run)
        for other in ("nginx", "go"):
            if other in runs:
                ratio(f"webhook_validate_{kib}k_to_{other}", runs["webhook"],
                      runs[other])


def open_loop(server, load_share, runs, seconds=SECONDS):
    """Of what was measured just before: neighbours come and go."""
    of = []
    for _ in range(runs):
        full = none_failed(closed(server, "/validate", "review-4k", seconds))
        of.append(opened(server, "/validate", "review-4k",
                         int(full.rate * load_share)))
    return of


def tell_open_loop(name, runs, goal=None):
    run = median(runs)
    figure(name + "_rate", run.rate, "req/s")
    figure(name + "_busy", run.busy, "CPUs")
    figure(name + "_p50", run.p50 / 1000, "ms")
    figure(name + "_p99", run.p99 / 1000, "ms", goal)
    figure(name + "_p999", run.p999 / 1000, "ms")
    figure(name + "_waited", run.waited_ms, "ms/s")
    figure(name + "_stalled", run.stalled_ms, "ms/s")
    figure(name + "_failed", sum(r.errors for r in runs), "req")


def at_80_percent(servers):
    """The others are the control: what the machine does to them as well."""
    tell_open_loop("webhook_open_loop",
                   open_loop(servers["webhook"], OPEN_LOAD, RUNS),
                   ("<=", 2.00))
    tell_open_loop("webhook_open_loop_half",
                   open_loop(servers["webhook"], 0.5, RUNS, 1))
    for name in ("nginx", "static"):
        tell_open_loop(f"{name}_open_loop",
                       open_loop(servers[name], OPEN_LOAD, RUNS, 1))


def main():
    if len(CPUS) < 2:
        print("SKIP webhook figures: they need two CPUs")
        return
    servers = {}
    try:
        servers = start_all()
        for server in servers.values():
            closed(server, "/validate", "review-4k", 1)
        four_kib(servers)
        at_80_percent(servers)
        if not os.environ.get("QUICK"):
            other_sizes(servers)
        figure("webhook_memory", servers["webhook"].mebibytes("VmHWM"), "MiB",
               ("<=", 16.00))
    finally:
        for server in servers.values():
            server.process.terminate()
        for server in servers.values():
            server.process.wait(10)


main()
