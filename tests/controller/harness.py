"""A fake API server, the controller against it, and what both ended with."""
import calendar
import glob
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import yaml

ROOT = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("BULKHEAD_CONTROLLER") or os.path.join(
    os.environ.get("BUILD", os.path.join(ROOT, "build")),
    "bulkhead-controller")
# Sanitizers and loaded machines make everything slower.
SLOW = int(os.environ.get("SLOW", "1"))


def poll(done, what, seconds=20, step=0.02):
    """Waits until done() is true, or fails with what (text, or a function)."""
    end = time.monotonic() + seconds * SLOW
    while True:
        got = done()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError(what() if callable(what) else what)
        time.sleep(step)


def stamp(seconds):
    """Seconds since 1970 as RFC 3339, up to whole ones."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(-(-seconds // 1)))


def seconds_of(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def request(port, method, path, body=None, timeout=60):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        c.request(method, path, None if body is None else json.dumps(body))
        r = c.getresponse()
        return r.status, r.read()
    finally:
        c.close()


class Fake:
    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(ROOT, "tests", "fake",
                                          "apiserver.py")],
            stdout=subprocess.PIPE, text=True,
            stderr=open(os.path.join(folder, "fake.log"), "wb"))
        words = self.process.stdout.readline().split()
        self.port, self.control = int(words[1]), int(words[3])

    def kubeconfig(self, via):
        path = os.path.join(self.folder, "kubeconfig-" + via)
        with open(path, "w", encoding="utf-8") as f:
            json.dump({
                "apiVersion": "v1", "kind": "Config", "current-context": "x",
                "clusters": [{"name": "x", "cluster": {
                    "server": f"http://127.0.0.1:{self.port}/via/{via}"}}],
                "contexts": [{"name": "x", "context": {
                    "cluster": "x", "user": "x"}}],
                "users": [{"name": "x", "user": {}}]}, f)
        return path

    def call(self, method, path, body=None):
        status, text = request(self.control, method, path, body)
        answer = json.loads(text.decode("utf-8", "surrogatepass"))
        assert status == 200, answer
        return answer

    def seed(self, *objects):
        self.call("POST", "/seed", {"objects": objects})

    def erase(self, *objects):
        self.call("POST", "/erase", {"objects": objects})

    def rules(self, *rules):
        self.call("POST", "/rules", {"rules": rules})

    def no_rules(self):
        self.call("DELETE", "/rules")

    def applied(self):
        return self.call("GET", "/rules")["applied"]

    def objects(self):
        return self.call("GET", "/objects")["objects"]

    def log(self, since=0, noise=False):
        """The writes; without leases and Events unless noise."""
        log = self.call("GET", f"/log?from={since}")["log"]
        return [e for e in log
                if noise or not re.search("/(leases|events)", e["path"])]

    def history(self):
        return self.call("GET", "/history")["history"]

    def api(self, method, path, body=None):
        """As some other client of the API."""
        status, text = request(self.port, method, path, body)
        return status, json.loads(text)

    def find(self, kind, name, ns=""):
        for o in self.objects():
            meta = o["metadata"]
            if (o["kind"], meta["name"], meta.get("namespace", "")) == \
                    (kind, name, ns):
                return o
        return None

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        with open(os.path.join(self.folder, "fake.log"),
                  encoding="utf-8") as f:
            text = f.read()
        assert "Traceback" not in text, text[-3000:]


class Controller:
    """begin(pid) is called before the program begins."""

    def __init__(self, fake, *args, wait="working", environment=None,
                 elect=None, begin=None):
        self.fake = fake
        handle, self.log_path = tempfile.mkstemp(
            dir=fake.folder, suffix=".log", prefix="controller-")
        args = ["--kubeconfig", fake.kubeconfig(elect or "one"),
                "--metrics-listen", "127.0.0.1:0", "--log-level", "debug",
                "--certificate-wait", "1s", "--audit-delay", "1s", *args]
        args += ["--identity", elect, "--lease-duration", "3s"] if elect \
            else ["--no-leader-elect"]
        self.process = subprocess.Popen(
            ["sh", "-c", 'read _; exec "$0" "$@"', PROGRAM, *args],
            stdin=subprocess.PIPE, stdout=handle, stderr=handle,
            env={**os.environ, **(environment or {})})
        os.close(handle)
        self.pid = self.process.pid
        if begin:
            begin(self.pid)
        self.process.stdin.write(b"\n")
        self.process.stdin.close()
        if not wait:
            return
        line = self.wait_log("started")
        self.status = int(line["status"].rsplit(":", 1)[1])
        self.wait_log(wait)

    def text(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def logged(self, message):
        out = []
        for line in self.text().splitlines():
            if line.startswith("{") and f'"msg":"{message}"' in line:
                out.append(json.loads(line))
        return out

    def wait_log(self, message, seconds=20):
        def look():
            found = self.logged(message)
            if not found and self.process.poll() is not None:
                raise AssertionError("ended: " + self.text()[-3000:])
            return found
        return poll(look, lambda: f"no line \"{message}\":\n" +
                    self.text()[-3000:], seconds)[0]

    def get(self, path):
        try:
            status, text = request(self.status, "GET", path, timeout=5)
            return status, text.decode()
        except OSError:
            return 0, ""

    def metric(self, name, label=""):
        """Of all label values that hold this label, together."""
        total = 0
        for line in self.get("/metrics")[1].splitlines():
            if re.match(re.escape(name) + r"[ {]", line) and label in line:
                total += float(line.split()[-1])
        return total

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=20):
        code = self.process.wait(seconds * SLOW)
        text = self.text()
        assert "Sanitizer" not in text, text[-6000:]
        return code

    def kill(self):
        self.process.kill()
        return self.wait()

    def stop(self):
        if self.alive():
            self.signal(signal.SIGTERM)
        code = self.wait()
        assert code == 0, (code, self.text()[-3000:])


# ---- what is in the cluster ----

GROUP = "bulkhead.dev/v1alpha1"
AGENTS = "agents.x-k8s.io/v1beta1"
EXTENSIONS = "extensions.agents.x-k8s.io/v1beta1"
GATE = "bulkhead.dev/egress"
TIER = "bulkhead.dev/tier"


def obj(api_version, kind, name, ns="", labels=None, annotations=None,
        owner=None, age=0, **content):
    meta = {"name": name,
            "uid": f"uid-{kind}-{ns}-{name}".lower(),
            "creationTimestamp": stamp(time.time() - age)}
    if ns:
        meta["namespace"] = ns
    if labels:
        meta["labels"] = labels
    if annotations:
        meta["annotations"] = annotations
    if owner:
        meta["ownerReferences"] = [{
            "apiVersion": owner["apiVersion"], "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"], "controller": True}]
    return {"apiVersion": api_version, "kind": kind, "metadata": meta,
            **content}


def namespace(name, **labels):
    return obj("v1", "Namespace", name, labels={
        "kubernetes.io/metadata.name": name,
        **{k.replace("_", ".", 1).replace("__", "/"): v
           for k, v in labels.items()}})


def tiers(*names):
    out = []
    for path in sorted(glob.glob(os.path.join(ROOT, "policies", "tiers",
                                              "*.yaml"))):
        with open(path, encoding="utf-8") as f:
            for doc in yaml.safe_load_all(f):
                name = doc["metadata"]["name"]
                if doc["kind"] == "IsolationTier" and names and \
                        name not in names:
                    continue
                if doc["kind"] == "IsolationPolicy" and names:
                    doc["spec"] = {"defaultTier": names[0]}
                out.append(obj(GROUP, doc["kind"], name, spec=doc["spec"]))
    return out


def claim(name, due=None, ns="team", policy="Delete", **more):
    lifecycle = {"shutdownPolicy": policy}
    if due is not None:
        lifecycle["shutdownTime"] = stamp(due)
    return obj(EXTENSIONS, "SandboxClaim", name, ns, spec={
        "sandboxTemplateRef": {"name": "t"}, "lifecycle": lifecycle}, **more)


def sandbox(name, due=None, ns="team", policy="Delete", **more):
    spec = {"shutdownPolicy": policy, "podTemplate": {"spec": {
        "containers": [{"name": "a", "image": "registry.example.com/a@"
                        "sha256:" + "0" * 64}]}}}
    if due is not None:
        spec["shutdownTime"] = stamp(due)
    return obj(AGENTS, "Sandbox", name, ns, spec=spec, **more)


def pod(name, ns="team", tier="gvisor", gates=(GATE,), **more):
    return obj("v1", "Pod", name, ns, labels={TIER: tier}, spec={
        "schedulingGates": [{"name": g} for g in gates],
        "runtimeClassName": "gvisor", "nodeName": "",
        "containers": [{"name": "a", "image": "registry.example.com/a"}],
    }, **more)


def basis(*names):
    """A cluster with tiers, a class, a node, and a namespace of gvisor."""
    return tiers(*names) + [
        obj("node.k8s.io/v1", "RuntimeClass", "gvisor", handler="runsc"),
        obj("v1", "Node", "node-1", labels={"kubernetes.io/os": "linux"}),
        obj("apps/v1", "DaemonSet", "calico-node", "kube-system", spec={}),
        namespace("kube-system"), namespace("default"),
        namespace("bulkhead-system"), namespace("free"),
        namespace("team", bulkhead_dev__enforce="gvisor"),
    ]


def webhooks(kind):
    return obj("admissionregistration.k8s.io/v1", kind, "bulkhead", webhooks=[
        {"name": n + ".bulkhead.dev", "admissionReviewVersions": ["v1"],
         "clientConfig": {"service": {"name": "bulkhead-webhook",
                                      "namespace": "bulkhead-system"}}}
        for n in ("sandboxes", "pods")])


def stale_policy(ns, tier, since):
    return obj("networking.k8s.io/v1", "NetworkPolicy", "bulkhead-" + tier,
               ns, labels={"app.kubernetes.io/managed-by": "bulkhead",
                           TIER: tier},
               annotations={"bulkhead.dev/unneeded": stamp(since)},
               spec={"podSelector": {"matchLabels": {TIER: tier}},
                     "policyTypes": ["Ingress", "Egress"]})


def story(now=None):
    """Some of everything that leads to a write, all of it due at once."""
    now = now or time.time()
    held = claim("held", now - 60, policy="Retain")
    alone = sandbox("alone", now - 60, policy="Retain")
    over = claim("over", now - 60)
    return basis("gvisor", "runc-hardened") + [
        webhooks("MutatingWebhookConfiguration"),
        webhooks("ValidatingWebhookConfiguration"),
        obj(GROUP, "IsolationException", "old", spec={
            "target": {"namespace": "team", "kinds": ["Sandbox"]},
            "rules": ["pod.seccomp"], "reason": "a test", "ticket": "T-1",
            "expiresAt": stamp(now + 30 * 86400)}),
        over, sandbox("over", owner=over), held, sandbox("held", owner=held),
        alone, pod("alone", owner=alone, gates=()),
        claim("foreground", now - 5, policy="DeleteForeground"),
        sandbox("bare", now - 1), claim("later", now + 3000),
        claim("never"), sandbox("soon", now + 300),
        claim("tracked", now - 60, annotations={
            "argocd.argoproj.io/tracking-id": "app:x/Claim:team/tracked"}),
        pod("gated"), pod("two-gates", gates=("example.com/mine", GATE)),
        pod("elsewhere", ns="free"), pod("unknown", tier="nowhere"),
        stale_policy("free", "runc-hardened", now - 100),
    ]


TIMES = {"resourceVersion", "creationTimestamp", "uid", "managedFields",
         "lastTransitionTime", "time", "timestamp", "seconds", "nanos"}
DATES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def plain(value, key=""):
    if isinstance(value, dict):
        return {k: plain(v, k) for k, v in value.items() if k not in TIMES}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if key == "caBundle":
        return "some CA" if value else value
    return DATES.sub("DATE", value) if isinstance(value, str) else value


def state(objects):
    """What must be the same at the end, whatever went wrong on the way."""
    out = {}
    for o in objects:
        meta = o["metadata"]
        if o["kind"] in ("Event", "Lease"):
            continue
        o = plain(o)
        o["metadata"].pop("generation", None)
        # A real API server stores no empty maps there.
        for key in ("annotations", "labels"):
            if not o["metadata"].get(key, True):
                del o["metadata"][key]
        if o["kind"] == "Secret":
            o["data"] = sorted(o.get("data") or {})
        out["/".join((o["kind"], meta.get("namespace", ""),
                      meta["name"]))] = o
    return out


def difference(have, want):
    lines = []
    for k in sorted(set(have) | set(want)):
        if have.get(k) != want.get(k):
            lines += [k, "  have " + json.dumps(have.get(k), sort_keys=True),
                      "  want " + json.dumps(want.get(k), sort_keys=True)]
    return "\n".join(lines)[:6000]


def order_of_gates(history):
    """A gate is lifted only while its policy is there, and not marked."""
    def members(value):
        return value if isinstance(value, dict) else {}

    policies, gates = {}, {}
    for e in history:
        o, at = e["object"], (e["ns"], e["name"])
        if e["kind"] == "NetworkPolicy":
            marked = "bulkhead.dev/unneeded" in members(
                o["metadata"].get("annotations"))
            policies[at] = e["type"] != "DELETED" and not marked
        if e["kind"] != "Pod":
            continue
        tier = str(members(o["metadata"].get("labels")).get(TIER, ""))
        listed = members(o.get("spec")).get("schedulingGates")
        now = GATE in [members(g).get("name") for g in (
            listed if isinstance(listed, list) else ())]
        if gates.get(at) and not now and e["type"] == "MODIFIED":
            assert policies.get((e["ns"], "bulkhead-" + tier)), (
                "lifted before its policy was there", at, e["rv"])
        gates[at] = now and e["type"] != "DELETED"


def due_of(o):
    spec = o["spec"]
    text = (spec.get("lifecycle") or {}).get("shutdownTime") or \
        spec.get("shutdownTime")
    return seconds_of(text) if text else None


def lag_of_ends(history):
    """How late each claim and Sandbox went that had a time; none early."""
    lags = []
    for e in history:
        if e["type"] != "DELETED" or \
                e["kind"] not in ("SandboxClaim", "Sandbox"):
            continue
        due = due_of(e["object"])
        if due is None:
            continue
        lag = e["at"] - due
        assert lag >= 0, ("ended early", e["ns"], e["name"], lag)
        lags.append(lag)
    return lags


def second_deletes(log):
    """How many objects were asked to go that had gone already."""
    return sum(e["verb"] == "delete" and e["status"] in (404, 409)
               for e in log)
