"""What a webhook adds to the creation of a 4 KiB Sandbox: paired, over one
connection, in three namespaces of one API server. Dry runs: everything but the
write to etcd, which is the same for all."""
import base64
import copy
import json
import os
import re
import statistics
import subprocess

import stage
from environment import FOLDER, Webhook, die_with_parent, poll
from reconciler import WEBHOOKS, free_port
from stage import Client, Neighbours, figure

CREATES = stage.option("CREATES", 400)
WARM_UP = 50
NAMESPACE = "bench-{}"
ENTRY = {"mutating": "sandboxes.mutate.{}", "validating":
         "sandboxes.validate.{}"}


class Peer:
    """bench/webhook/peer, where Go has built it."""

    def __init__(self, tls):
        self.port = free_port()
        self.process = subprocess.Popen(
            [f"{FOLDER}/peer", f"127.0.0.1:{self.port}", f"{tls}/tls.crt",
             f"{tls}/tls.key"], stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=die_with_parent)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def register(self, cluster, ca):
        """Asked as Bulkhead is, about the Sandboxes of its namespace only."""
        for kind, name in ENTRY.items():
            path = f"{WEBHOOKS}/{kind}webhookconfigurations"
            ours = cluster.get(f"{path}/bulkhead")
            entry = copy.deepcopy(next(
                e for e in ours["webhooks"]
                if e["name"] == name.format("bulkhead.dev")))
            entry["name"] = name.format("peer.example")
            entry["namespaceSelector"] = {"matchLabels": {
                "kubernetes.io/metadata.name": NAMESPACE.format("go")}}
            entry["clientConfig"] = {
                "url": f"https://127.0.0.1:{self.port}/",
                "caBundle": base64.b64encode(ca.encode()).decode()}
            cluster.api("POST", path, {
                "apiVersion": ours["apiVersion"], "kind": ours["kind"],
                "metadata": {"name": "peer"}, "webhooks": [entry]}).ok()


def asked(cluster, domain):
    """How often the API server has asked either entry, the lesser of both."""
    text = repr(cluster.api("GET", "/metrics"))
    counts = []
    for name in ENTRY.values():
        name = re.escape(name.format(domain))
        counts.append(sum(float(n) for n in re.findall(
            r'^apiserver_admission_webhook_request_total\{[^}]*code="200"'
            rf'[^}}]*name="{name}"[^}}]*\}} (\S+)$', text, re.MULTILINE)))
    return min(counts)


def measure(cluster, variants):
    """Seconds of every round, by variant."""
    client, rounds = Client(cluster), []
    bodies = {v: json.dumps(stage.sandbox(NAMESPACE.format(v), "bench"))
              .encode() for v in variants}
    paths = {v: stage.sandboxes(NAMESPACE.format(v)) + "?dryRun=All"
             for v in variants}
    for i in range(WARM_UP + CREATES):
        turn = i % len(variants)
        rounds.append({v: client.create(paths[v], bodies[v])[1]
                       for v in variants[turn:] + variants[:turn]})
    return rounds[WARM_UP:]


def tell(rounds, variants):
    for v in variants:
        stage.spread(f"admission_{v}", [r[v] for r in rounds])
    for v in variants[1:]:
        figure(f"admission_{v}_added_p50", 1000 * statistics.median(
            r[v] - r["none"] for r in rounds), "ms")
    if "go" in variants:
        figure("admission_bulkhead_over_go_p50", 1000 * statistics.median(
            r["bulkhead"] - r["go"] for r in rounds), "ms")


def main():
    stage.begin("admission")
    variants = ["none", "bulkhead"]
    if os.access(f"{FOLDER}/peer", os.X_OK):
        variants.insert(1, "go")
    else:
        print("SKIP admission_go: there is no go")
    with stage.cluster_for("admission", "--crds", "v1.0.3") as cluster:
        for v in variants:
            cluster.namespace(NAMESPACE.format(v), enforce="gvisor")
        cluster.install()
        webhook = Webhook(cluster, f"{FOLDER}/admission/webhook")
        webhook.become_service_account()
        webhook.start().wait_ready()
        programs = [webhook]
        try:
            cluster.register(webhook)
            cluster.wait_judged()
            stage.exclude(cluster, *(NAMESPACE.format(v) for v in variants
                                     if v != "bulkhead"))
            if "go" in variants:
                programs.append(Peer(webhook.tls))
                programs[1].register(cluster, webhook.ca())
                poll("the peer is asked", lambda: stage.probe(
                    cluster, "bench-go") and asked(cluster, "peer.example"))
            neighbours = Neighbours(cluster,
                                    *(p.process.pid for p in programs))
            tell(measure(cluster, variants), variants)
            neighbours.figure("admission")
            for domain in ("bulkhead.dev", "peer.example")[:len(programs)]:
                if asked(cluster, domain) < CREATES:
                    raise AssertionError(f"{domain} was not asked")
        finally:
            stage.stop(*programs)


main()
