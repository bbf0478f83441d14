"""What the end-to-end tests stand on: clusters, kubectl, our programs.

Variables: BULKHEAD and BULKHEAD_WEBHOOK (the programs, default those in
build/), E2E_DIR (where everything is kept, default build/e2e), SLOW (a factor
for every time limit, default 1). run.py adds E2E_STATUS, the address of
/readyz and /metrics of the webhook that all tests share.
"""
import base64
import contextlib
import ctypes
import http.client
import json
import os
import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))
OBJECTS = os.path.join(HERE, "objects")
FOLDER = os.path.abspath(os.environ.get("E2E_DIR",
                                        os.path.join(ROOT, "build", "e2e")))
SLOW = int(os.environ.get("SLOW", "1"))
SYSTEM = "bulkhead-system"
CONTROLLER = f"system:serviceaccount:{SYSTEM}:bulkhead-controller"
UPSTREAM = "system:serviceaccount:agent-sandbox-system:agent-sandbox-controller"
AGENTS = "/apis/agents.x-k8s.io/v1beta1"
EXTENSIONS = "/apis/extensions.agents.x-k8s.io/v1beta1"
TIERS = "/apis/bulkhead.dev/v1alpha1/isolationtiers"
SANDBOX_SPEC = "/spec/podTemplate/spec"


def program(name):
    variable = name.upper().replace("-", "_")
    return os.path.abspath(os.environ.get(variable) or
                           os.path.join(ROOT, "build", name))


def die_with_parent():
    """In the child: also kill -9 of the parent ends it."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def poll(what, f, seconds=30):
    """The first true value of f, or a failure that tells the last one."""
    end = time.monotonic() + seconds * SLOW
    while True:
        try:
            got = f()
        except AssertionError as e:
            got, last = None, e
        else:
            last = got
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError(f"not in {seconds * SLOW} s: {what}; "
                                 f"last: {last!r}")
        time.sleep(0.02)


def expect(got, wanted, about=""):
    if got != wanted:
        raise AssertionError(f"{about} got {got!r}, wanted {wanted!r}")


def expect_in(part, text, about=""):
    if part not in text:
        raise AssertionError(f"{about} wanted {part!r} in {text!r}")


def at(document, pointer, default=None):
    """The value at "/a/b/0"; no escapes but the two of JSON Pointer."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        try:
            document = document[int(part) if isinstance(document, list)
                                else part]
        except (KeyError, IndexError, TypeError):
            return default
    return document


class Done:
    """How a program ended."""

    def __init__(self, args, process):
        self.args, self.code = args, process.returncode
        self.out, self.err = process.stdout, process.stderr

    def __repr__(self):
        return (f"{shlex.join(self.args)}: status {self.code}\n"
                f"{self.out}{self.err}")

    def ok(self):
        if self.code:
            raise AssertionError(repr(self))
        return self

    def json(self):
        return json.loads(self.ok().out)


def run(*args, stdin=None, env=None, timeout=120):
    if stdin is not None and not isinstance(stdin, str):
        stdin = as_list(stdin)
    done = subprocess.run(args, input=stdin, capture_output=True, text=True,
                          env=env, timeout=timeout * SLOW,
                          stdin=subprocess.DEVNULL if stdin is None else None)
    return Done(args, done)


def as_list(documents):
    if isinstance(documents, dict):
        return json.dumps(documents)
    return json.dumps({"apiVersion": "v1", "kind": "List",
                       "items": documents})


def bulkhead(*args, stdin=None):
    return run(program("bulkhead"), *args, stdin=stdin)


class Answer:
    """What the API server said. Warnings are its Warning headers."""

    def __init__(self, status, body, warnings):
        self.status, self.warnings = status, warnings
        try:
            self.body = json.loads(body)
        except ValueError:
            self.body = {"message": body.decode(errors="replace")}

    def __repr__(self):
        return f"{self.status} {self.body.get('message', '')}"

    def ok(self):
        if self.status >= 300:
            raise AssertionError(repr(self))
        return self.body


class Cluster:
    """A control plane that cluster.sh has brought up in a folder."""

    def __init__(self, folder):
        self.folder = os.path.realpath(folder)
        with open(os.path.join(self.folder, "env"), encoding="utf-8") as f:
            self.env = dict(re.findall(r"^export (\w+)='(.*)'$", f.read(),
                                       re.MULTILINE))
        address = urllib.parse.urlsplit(self.env["APISERVER"])
        self.address = address.hostname, address.port
        self.local = threading.local()

    @classmethod
    def up(cls, folder, *args):
        """Ends with this process, however it ends."""
        run(f"{HERE}/cluster.sh", "up", folder, "--tied", str(os.getpid()),
            *args).ok()
        return cls(folder)

    def verb(self, verb, *args):
        self.local = threading.local()  # connections do not outlive it
        return run(f"{HERE}/cluster.sh", verb, self.folder, *args).ok()

    def kubectl(self, *args, stdin=None, timeout=120):
        env = dict(os.environ, KUBECONFIG=self.env["KUBECONFIG"],
                   PATH=f"{self.env['BIN']}:{os.environ['PATH']}",
                   HOME=self.folder)
        return run(self.env["KUBECTL"], *args, stdin=stdin, env=env,
                   timeout=timeout)

    def _connection(self):
        connection = getattr(self.local, "connection", None)
        if not connection:
            context = ssl.create_default_context(cafile=self.env["CA_FILE"])
            connection = self.local.connection = http.client.HTTPSConnection(
                *self.address, context=context, timeout=60 * SLOW)
        return connection

    def api(self, method, path, body=None, user=None, kind=None, token=None):
        if not token:
            with open(self.env["TOKEN_FILE"], encoding="utf-8") as f:
                token = f.read().strip()
        headers = {"Authorization": f"Bearer {token}",
                   "Content-Type": kind or "application/json"}
        if user:
            headers["Impersonate-User"] = user
        connection = self._connection()
        try:
            connection.request(method, path, json.dumps(body)
                               if body is not None else None, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(),
                          answer.headers.get_all("Warning", []))
        except (OSError, http.client.HTTPException):
            connection.close()
            self.local.connection = None
            raise

    def get(self, path):
        return self.api("GET", path).ok()

    def patch(self, path, body, user=None):
        kind = "json-patch" if isinstance(body, list) else "merge-patch"
        return self.api("PATCH", path, body, user, f"application/{kind}+json")

    # ---- what tests start from ----

    def namespace(self, name, **labels):
        """Labels by their last part: enforce="gvisor", or by full key."""
        labels = {k if "/" in k or k == "tenancy" else f"bulkhead.dev/{k}": v
                  for k, v in labels.items()}
        self.api("POST", "/api/v1/namespaces",
                 {"metadata": {"name": name, "labels": labels}}).ok()
        return name

    def label_namespace(self, name, **labels):
        labels = {f"bulkhead.dev/{k}": v for k, v in labels.items()}
        return self.patch(f"/api/v1/namespaces/{name}",
                          {"metadata": {"labels": labels}})

    def sandbox(self, ns, name):
        return self.get(f"{AGENTS}/namespaces/{ns}/sandboxes/{name}")

    def pods(self, ns):
        return self.get(f"/api/v1/namespaces/{ns}/pods")["items"]

    def pod(self, ns, name):
        return self.get(f"/api/v1/namespaces/{ns}/pods/{name}")

    def lift_gate(self, pod):
        """What bulkhead-controller does once the network policy is there."""
        gates = at(pod, "/spec/schedulingGates", [])
        for i, gate in enumerate(gates):
            if gate["name"] == "bulkhead.dev/egress":
                path = f"/spec/schedulingGates/{i}"
                meta = pod["metadata"]
                self.patch(
                    f"/api/v1/namespaces/{meta['namespace']}/pods/"
                    f"{meta['name']}",
                    [{"op": "test", "path": path, "value": gate},
                     {"op": "remove", "path": path}], CONTROLLER).ok()

    def wait_running(self, ns, name):
        def running():
            pod = self.pod(ns, name)
            self.lift_gate(pod)
            return at(pod, "/status/phase") == "Running" and pod
        return poll(f"Pod {ns}/{name} runs", running, 60)

    # ---- installation ----

    def give_disks(self):
        """kwok's nodes have none, and tiers bound ephemeral storage."""
        for node in self.get("/api/v1/nodes")["items"]:
            name = node["metadata"]["name"]
            size = {"ephemeral-storage": "10Ti"}
            self.patch(f"/api/v1/nodes/{name}/status", {"status": {
                "capacity": size, "allocatable": size}}).ok()

    def install(self):
        """As a user would, but for where the webhooks are."""
        self.kubectl("apply", "-k", f"{ROOT}/deploy/crds").ok()
        # kubectl does not wait for a CRD that has no conditions yet.
        poll("the CRDs are established", lambda: self.kubectl(
            "wait", "crd", "--all", "--for", "condition=Established",
            "--timeout", "10s").ok())
        self.kubectl("apply", "-k", f"{ROOT}/deploy/base").ok()
        self.kubectl("apply", "-f", f"{OBJECTS}/runtimeclasses.yaml").ok()

    def register(self, webhook):
        """No Service leads out of the cluster: url and caBundle do."""
        bundle = base64.b64encode(webhook.ca().encode()).decode()
        for kind in ("mutating", "validating"):
            path = ("/apis/admissionregistration.k8s.io/v1/"
                    f"{kind}webhookconfigurations/bulkhead")
            configuration = self.get(path)
            for entry in configuration["webhooks"]:
                service = entry["clientConfig"].get("service")
                if service:
                    entry["clientConfig"] = {
                        "url": webhook.url + service["path"],
                        "caBundle": bundle}
            self.api("PUT", path, configuration).ok()

    def wait_judged(self):
        """The API server has taken over the configurations."""
        sandbox = {"apiVersion": "agents.x-k8s.io/v1beta1", "kind": "Sandbox",
                   "metadata": {"name": "probe", "labels":
                                {"bulkhead.dev/tier": "no-such-tier"}},
                   "spec": {"podTemplate": {"spec": {"containers": []}}}}
        path = f"{AGENTS}/namespaces/default/sandboxes?dryRun=All"
        poll("the webhooks are asked", lambda: "[tier.wish]" in repr(
            self.api("POST", path, sandbox)))


def free_port():
    """Below the range of outgoing connections, so that nobody takes it while
    the server that owns it is stopped."""
    port = 12000 + os.getpid() * 7 % 7000
    while True:
        with socket.socket() as s:
            with contextlib.suppress(OSError):
                s.bind(("127.0.0.1", port))
                return port
        port = 12000 + (port - 12000 + 1) % 7000


class Webhook:
    """bulkhead-webhook outside of the cluster, as the user that deploy/
    gives it."""

    def __init__(self, cluster, folder):
        os.makedirs(folder, exist_ok=True)
        self.cluster, self.folder, self.process = cluster, folder, None
        self.kubeconfig = os.path.join(folder, "kubeconfig")
        self.log_file = os.path.join(folder, "webhook.log")
        self.tls = os.path.join(folder, "tls")
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.status_address = None
        bulkhead("certs", "make", "--out", self.tls, "--ip", "127.0.0.1").ok()

    def ca(self):
        with open(f"{self.tls}/ca-bundle.crt", encoding="utf-8") as f:
            return f.read()

    def become(self, token):
        with open(self.cluster.env["CA_FILE"], "rb") as f:
            ca = base64.b64encode(f.read()).decode()
        document = {
            "apiVersion": "v1", "kind": "Config", "current-context": "e2e",
            "clusters": [{"name": "e2e", "cluster": {
                "server": self.cluster.env["APISERVER"],
                "certificate-authority-data": ca}}],
            "users": [{"name": "webhook", "user": {"token": token}}],
            "contexts": [{"name": "e2e", "context": {"cluster": "e2e",
                                                     "user": "webhook"}}]}
        with open(self.kubeconfig, "w", encoding="utf-8") as f:
            json.dump(document, f)

    def become_service_account(self):
        done = self.cluster.kubectl("create", "token", "bulkhead-webhook",
                                    "--namespace", SYSTEM)
        self.become(done.ok().out.strip())

    def start(self):
        size = os.path.getsize(self.log_file) \
            if os.path.exists(self.log_file) else 0
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [program("bulkhead-webhook"), "--kubeconfig", self.kubeconfig,
                 "--listen", f"127.0.0.1:{self.port}", "--metrics-listen",
                 "127.0.0.1:0", "--grace", "0s", "--cert-file",
                 f"{self.tls}/tls.crt", "--key-file", f"{self.tls}/tls.key"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent)
        line = poll("the webhook serves", lambda: self._serving(size))
        self.status_address = "http://" + line["status"]
        return self

    def _serving(self, offset):
        if self.process.poll() is not None:
            raise RuntimeError(f"the webhook ended with status "
                               f"{self.process.returncode}: {self.log_file}")
        with open(self.log_file, encoding="utf-8") as f:
            f.seek(offset)
            for line in f:
                if '"msg":"serving"' in line and line.endswith("\n"):
                    return json.loads(line)
        return None

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(60 * SLOW)

    def readyz(self):
        return readyz(self.status_address)

    def wait_ready(self, seconds=30):
        poll("the webhook is ready", lambda: self.readyz()[0] == 200 or
             expect(self.readyz(), "ready"), seconds)


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=20 * SLOW) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()


def readyz(status_address):
    return fetch(status_address + "/readyz")


def metric(status_address, series):
    for line in fetch(status_address + "/metrics")[1].splitlines():
        if line.startswith(series + " "):
            return float(line.rsplit(" ", 1)[1])
    return 0


def shared():
    return Cluster(os.path.join(FOLDER, "cluster"))


# ---- objects ----

def sandbox(ns, name, pod=None, labels=None, annotations=None, **spec):
    """A Sandbox of one container; pod: more of its Pod spec."""
    pod = {"containers": [{"name": "agent", "image": "python:3.12-slim"}],
           **(pod or {})}
    metadata = {"name": name, "namespace": ns}
    if labels:
        metadata["labels"] = labels
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": "agents.x-k8s.io/v1beta1", "kind": "Sandbox",
            "metadata": metadata,
            "spec": {"podTemplate": {"spec": pod}, **spec}}


def extension(kind, ns, name, spec, labels=None):
    metadata = {"name": name, "namespace": ns}
    if labels:
        metadata["labels"] = labels
    return {"apiVersion": "extensions.agents.x-k8s.io/v1beta1", "kind": kind,
            "metadata": metadata, "spec": spec}


# ---- tests ----

class Skip(Exception):
    """A test could not be tried, and this is why."""


class Tests(list):
    """Decorates functions; they run in this order."""

    def __call__(self, function):
        self.append(function)
        return function

    def main(self, names):
        """Last line: "N passed, M failed[, K skipped]"; the exit status."""
        passed = failed = skipped = 0
        for function in self:
            if names and not any(n in function.__name__ for n in names):
                continue
            start = time.monotonic()
            try:
                function()
                passed += 1
                print(f"ok    {function.__name__} "
                      f"{time.monotonic() - start:.1f}s", flush=True)
            except Skip as e:
                skipped += 1
                print(f"SKIP  {function.__name__}: {e}", flush=True)
            except Exception:
                failed += 1
                print(f"FAIL  {function.__name__}\n{traceback.format_exc()}",
                      flush=True)
        print(f"{passed} passed, {failed} failed" +
              (f", {skipped} skipped" if skipped else ""), flush=True)
        return 1 if failed or not passed else 0


def main(tests):
    sys.exit(tests.main(sys.argv[1:]))
