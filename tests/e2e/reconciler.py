"""What the tests of bulkhead-controller share: a cluster of their own with the
webhook and one or more controllers beside it, watches that write down what they
see, and the figures of delays.

Variable: BULKHEAD_CONTROLLER, the program, default that in build/.
"""
import collections
import concurrent.futures
import contextlib
import datetime
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

from environment import (AGENTS, CONTROLLER, Cluster, EXTENSIONS, FOLDER, HERE,
                         SLOW, SYSTEM, TIERS, Webhook, at, die_with_parent,
                         extension, metric, poll, program, readyz, run)

POLICIES = "/apis/networking.k8s.io/v1"
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1"
GATE = "bulkhead.dev/egress"
CONTAINERS = [{"name": "agent", "image": "python:3.12-slim"}]


class Controller:
    """bulkhead-controller outside of the cluster, as the account that deploy/
    gives it. Certificates are left alone."""

    def __init__(self, cluster, folder, *more):
        os.makedirs(folder, exist_ok=True)
        self.cluster, self.folder, self.more = cluster, folder, more
        self.name, self.lease = os.path.basename(folder), "15s"
        self.kubeconfig = os.path.join(folder, "kubeconfig")
        self.log_file = os.path.join(folder, "controller.log")
        self.port, self.process = free_port(), None
        self.status_address = f"http://127.0.0.1:{self.port}"
        token = cluster.kubectl("create", "token", "bulkhead-controller",
                                "--namespace", SYSTEM).ok().out.strip()
        Webhook.become(self, token)

    def start(self):
        """Again under the same name, as the next container of a Pod."""
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [program("bulkhead-controller"), "--kubeconfig",
                 self.kubeconfig, "--lease-duration", self.lease,
                 "--no-certificates", "--identity", self.name,
                 "--audit-delay", "1s",
                 "--metrics-listen", f"127.0.0.1:{self.port}", *self.more],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent)
        return self

    def alive(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the controller ended with status "
                               f"{self.process.returncode}: {self.log_file}")
        return True

    def revive(self):
        """As a kubelet would, but only one that could not keep its lease: on
        a machine that is too busy for it."""
        if self.process.poll() is not None:
            with open(self.log_file, encoding="utf-8") as f:
                if "the lease is lost" not in f.read().splitlines()[-1]:
                    self.alive()
            print(f"  {self.name} lost its lease, and begins again",
                  flush=True)
            self.start().wait_synced()
        return self

    def wait_synced(self):
        def synced():
            self.alive()
            with contextlib.suppress(OSError):
                return readyz(self.status_address)[0] == 200
        poll("the controller knows the cluster", synced)
        return self

    def leads(self):
        with contextlib.suppress(OSError):
            return metric(self.status_address, "bulkhead_leader") == 1
        return False

    def wait_leads(self):
        self.wait_synced()
        poll("the controller leads", lambda: self.alive() and self.leads())
        return self

    def count(self, series):
        return metric(self.status_address, series)

    def actions(self, reconciler, action):
        return self.count(f'bulkhead_actions_total{{reconciler="{reconciler}"'
                          f',action="{action}"}}')

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(30 * SLOW)


def free_port():
    """From the kernel: nobody connects out from a port that listens soon."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Event(collections.namedtuple("Event", "wall type object")):
    @property
    def meta(self):
        return self.object["metadata"]

    @property
    def version(self):
        return int(self.meta["resourceVersion"])


class Watch:
    """All events of a collection from now on, in a list that only grows. What
    is there already comes first, as ADDED."""

    def __init__(self, cluster, path):
        self.cluster, self.path, self.events = cluster, path, []
        self.error, self.closed = None, False
        listed = cluster.get(path)
        self.version = listed["metadata"]["resourceVersion"]
        for item in listed["items"]:
            self.events.append(Event(time.time(), "ADDED", item))
        self._open()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _open(self):
        context = ssl.create_default_context(
            cafile=self.cluster.env["CA_FILE"])
        self.connection = http.client.HTTPSConnection(
            *self.cluster.address, context=context)
        with open(self.cluster.env["TOKEN_FILE"], encoding="utf-8") as f:
            token = f.read().strip()
        self.connection.request(
            "GET", f"{self.path}?watch=1&resourceVersion={self.version}"
            "&timeoutSeconds=3600",
            headers={"Authorization": f"Bearer {token}"})
        self.answer = self.connection.getresponse()

    def _read(self):
        """The server drops who reads too slowly: on from where that was."""
        try:
            while not self.closed:
                while line := self.answer.readline():
                    self._note(json.loads(line))
                if not self.closed:
                    self._open()
        except (OSError, ValueError, http.client.HTTPException,
                AttributeError) as e:
            self.error = None if self.closed else e

    def _note(self, event):
        if event["type"] == "ERROR":
            raise ValueError(event["object"].get("message"))
        self.version = event["object"]["metadata"]["resourceVersion"]
        self.events.append(Event(time.time(), event["type"],
                                 event["object"]))

    def close(self):
        self.closed = True
        with contextlib.suppress(OSError, AttributeError):
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)

    def of(self, kind, name=None):
        return [e for e in list(self.events) if e.type == kind and
                (name is None or e.meta["name"] == name)]

    def wait(self, what, kind, name, seconds=30):
        return poll(what, lambda: self.of(kind, name), seconds)[0]


class Delays:
    """How late each of several things came; by what they are measured is told
    with the figures."""

    def __init__(self, what):
        self.what, self.seconds = what, []

    def add(self, seconds):
        self.seconds.append(seconds)

    def check(self, usual=1, worst=15):
        """Half of them within usual seconds, all within worst; none early.
        worst leaves room for a machine that does other things."""
        values = sorted(self.seconds)
        half = values[(len(values) - 1) // 2]
        print(f"  {self.what}: n={len(values)} p50={half:.3f} s "
              f"p99={values[(len(values) - 1) * 99 // 100]:.3f} s "
              f"max={values[-1]:.3f} s", flush=True)
        if values[0] < 0 or half > usual * SLOW or values[-1] > worst * SLOW:
            raise AssertionError(f"{self.what}: {values[:3]} ... "
                                 f"{values[-3:]}")


class World:
    """One cluster with all that belongs to it."""

    def __init__(self, name, replicas=1, before=None):
        """before: called with the cluster when our kinds are installed, and
        the webhook is not registered yet."""
        self.folder = f"{FOLDER}/{name}"
        self.clear()
        self.cluster = Cluster.up(f"{self.folder}/cluster", "--with", "all")
        self.cluster.install()
        self.cluster.give_disks()
        if before:
            with unregistered(self.cluster, judged=False):
                before(self.cluster)
        self.webhook = Webhook(self.cluster, f"{self.folder}/webhook")
        self.webhook.become_service_account()
        self.webhook.start()
        self.webhook.wait_ready()
        self.cluster.register(self.webhook)
        self.cluster.wait_judged()
        self.controllers = [
            Controller(self.cluster, f"{self.folder}/controller-{i}")
            for i in range(replicas)]

    def clear(self):
        """What an earlier run has left, whose cluster may still be up."""
        if os.path.isdir(f"{self.folder}/cluster"):
            run(f"{HERE}/cluster.sh", "down", f"{self.folder}/cluster").ok()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def controller(self):
        return self.controllers[0]

    def close(self):
        """True when all programs ended well."""
        ended = [p.stop() for p in [self.webhook, *self.controllers]
                 if p.process and p.process.poll() is None]
        self.cluster.verb("down")
        if any(ended):
            print(f"FAIL  a program did not end well: {ended}; logs: "
                  f"{self.folder}/*/*.log", flush=True)
        return not any(ended)


def main(tests, world):
    """As Tests.main; the world's programs count as one more test."""
    failed = tests.main(sys.argv[1:])
    ended = world.close()
    sys.exit(1 if failed or not ended else 0)


# ---- objects ----

def rfc3339(seconds):
    """A wall clock time, cut to seconds."""
    return datetime.datetime.fromtimestamp(
        int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(text):
    return datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")).timestamp()


def due_in(seconds):
    """A whole second at least so far away."""
    return int(time.time()) + 1 + seconds


def tier(name, strength, **spec):
    return {"apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationTier",
            "metadata": {"name": name},
            "spec": {"description": "of a test", "strength": strength,
                     "enforcement": "Enforce",
                     "runtime": {"classNames": ["gvisor"],
                                 "onMissing": "Deny"},
                     "pod": {"level": "Restricted"}, **spec}}


def claim(ns, name, lifecycle=None, pool="pool", labels=None):
    spec = {"warmPoolRef": {"name": pool}}
    if lifecycle:
        spec["lifecycle"] = lifecycle
    return extension("SandboxClaim", ns, name, spec, labels)


def bare_pod(ns, name):
    """Of a namespace with a tier; no Sandbox stands behind it."""
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": ns},
            "spec": {"runtimeClassName": "gvisor",
                     "automountServiceAccountToken": False,
                     "securityContext": {
                         "runAsNonRoot": True, "runAsUser": 1000,
                         "seccompProfile": {"type": "RuntimeDefault"}},
                     "containers": [{**CONTAINERS[0], "resources": {
                         "limits": {"cpu": "100m", "memory": "64Mi",
                                    "ephemeral-storage": "1Gi"}},
                         "securityContext": {
                             "allowPrivilegeEscalation": False,
                             "capabilities": {"drop": ["ALL"]}}}]}}


def pool_of(ns, replicas=0):
    """A template, and a pool of it that keeps none warm."""
    return [extension("SandboxTemplate", ns, "template",
                      {"podTemplate": {"spec": {"containers": CONTAINERS}}}),
            extension("SandboxWarmPool", ns, "pool", {
                "replicas": replicas,
                "sandboxTemplateRef": {"name": "template"}})]


PLURALS = {
    "Sandbox": f"{AGENTS}/namespaces/{{}}/sandboxes",
    "SandboxTemplate": f"{EXTENSIONS}/namespaces/{{}}/sandboxtemplates",
    "SandboxWarmPool": f"{EXTENSIONS}/namespaces/{{}}/sandboxwarmpools",
    "SandboxClaim": f"{EXTENSIONS}/namespaces/{{}}/sandboxclaims",
    "Pod": "/api/v1/namespaces/{}/pods",
    "NetworkPolicy": f"{POLICIES}/namespaces/{{}}/networkpolicies",
    "IsolationTier": TIERS,
    "IsolationPolicy": TIERS.replace("tiers", "policies"),
    "IsolationException": TIERS.replace("tiers", "exceptions"),
}


def path_of(document):
    meta = document["metadata"]
    return PLURALS[document["kind"]].format(meta.get("namespace"))


def create(cluster, *documents):
    """Answers; a webhook that does not know a namespace yet asks again."""
    done = []
    for document in documents:
        def once(document=document):
            answer = cluster.api("POST", path_of(document), document)
            return None if answer.status in (500, 503) else answer
        done.append(poll("an answer", once).ok())
    return done[0] if len(done) == 1 else done


def in_parallel(function, items, threads=8):
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return list(pool.map(function, items))


def events_about(cluster, document, reason):
    """Events of our controller."""
    uid = document["metadata"]["uid"]
    ns = document["metadata"].get("namespace", "default")
    listed = cluster.get(f"/apis/events.k8s.io/v1/namespaces/{ns}/events")
    return [e for e in listed["items"] if e.get("reason") == reason and
            at(e, "/regarding/uid") == uid]


def policy_path(ns, tier_name):
    return f"{POLICIES}/namespaces/{ns}/networkpolicies/bulkhead-{tier_name}"


def policy_of(cluster, ns, tier_name):
    answer = cluster.api("GET", policy_path(ns, tier_name))
    return answer.body if answer.status == 200 else None


def is_gated(pod):
    return any(g["name"] == GATE
               for g in at(pod, "/spec/schedulingGates", []))


@contextlib.contextmanager
def unregistered(cluster, judged=True):
    """Admission is bypassed meanwhile, as by an admin who breaks the glass.
    judged: wait until it is not afterwards."""
    kept = {}
    for kind in ("mutating", "validating"):
        path = f"{WEBHOOKS}/{kind}webhookconfigurations"
        kept[path] = cluster.get(f"{path}/bulkhead")
        cluster.api("DELETE", f"{path}/bulkhead").ok()
    probe = {"apiVersion": "agents.x-k8s.io/v1beta1", "kind": "Sandbox",
             "metadata": {"name": "probe", "labels":
                          {"bulkhead.dev/tier": "no-such-tier"}},
             "spec": {"podTemplate": {"spec": {"containers": []}}}}
    poll("the webhooks are asked no more", lambda: cluster.api(
        "POST", f"{AGENTS}/namespaces/default/sandboxes?dryRun=All",
        probe).status == 201)
    try:
        yield
    finally:
        for path, document in kept.items():
            for key in ("uid", "resourceVersion", "managedFields",
                        "creationTimestamp", "generation"):
                document["metadata"].pop(key, None)
            cluster.api("POST", path, document).ok()
        if judged:
            cluster.wait_judged()


def as_controller(cluster, method, path, body=None, kind=None):
    """Whom admission lets write what is ours."""
    return cluster.api(method, path, body, CONTROLLER, kind)

