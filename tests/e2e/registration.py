#!/usr/bin/env python3
"""Which requests reach which entry of deploy/base's webhook configurations.

Stands in for the webhook: every entry is pointed at a recorder that allows all
and writes down by which entry it was asked. Wants APISERVER, CA_FILE,
TOKEN_FILE and KUBECTL, upstream's CRDs and deploy/crds.
Last line: "N passed, M failed".
"""
import base64
import http.client
import http.server
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.parse

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
AGENTS = "/apis/agents.x-k8s.io/v1beta1/namespaces/"
EXTENSIONS = "/apis/extensions.agents.x-k8s.io/v1beta1/namespaces/"
OWN = "/apis/bulkhead.dev/v1alpha1/isolationtiers"
MERGE = "application/merge-patch+json"


class Api:
    def __init__(self):
        url = urllib.parse.urlsplit(os.environ["APISERVER"])
        self.address = url.hostname, url.port
        self.context = ssl.create_default_context(
            cafile=os.environ["CA_FILE"])
        with open(os.environ["TOKEN_FILE"], encoding="ascii") as f:
            self.token = f.read().strip()

    def __call__(self, method, path, body=None, user=None,
                 content="application/json"):
        connection = http.client.HTTPSConnection(
            *self.address, context=self.context, timeout=30)
        headers = {"Authorization": "Bearer " + self.token}
        if user:
            headers["Impersonate-User"] = user
            headers["Impersonate-Group"] = "system:masters"
        if body is not None:
            headers["Content-Type"] = content
            body = json.dumps(body)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response.status, text.decode(errors="replace")


class Recorder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = []

    def do_POST(self):
        review = json.loads(self.rfile.read(
            int(self.headers["Content-Length"])))
        self.seen.append(urllib.parse.urlsplit(self.path).path[1:])
        answer = json.dumps({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "response": {"uid": review["request"]["uid"],
                         "allowed": True}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format, *args):
        pass


def serve(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=r",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
         folder + "/key.pem", "-out", folder + "/cert.pem"],
        check=True, capture_output=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/cert.pem", folder + "/key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def register(api, folder, port):
    """The shipped configurations, with every entry's address replaced."""
    with open(folder + "/cert.pem", "rb") as f:
        ca = base64.b64encode(f.read()).decode()
    for name, plural in (("mutating", "mutatingwebhookconfigurations"),
                         ("validating", "validatingwebhookconfigurations")):
        shown = subprocess.run(
            [os.environ["KUBECTL"], "create", "--dry-run=client", "-o", "json",
             "-f", f"{ROOT}/deploy/base/{name}.yaml"],
            check=True, capture_output=True, text=True).stdout
        config = json.loads(shown)
        for hook in config["webhooks"]:
            hook["clientConfig"] = {
                "url": f"https://127.0.0.1:{port}/{hook['name']}",
                "caBundle": ca}
        status, text = api("POST", "/apis/admissionregistration.k8s.io/v1/"
                           + plural, config)
        assert status == 201, text


# ---- objects ----

def meta(name, **more):
    return {"metadata": {"name": name, **more}}


def pod(name, **more):
    return {**meta(name, **more), "spec": {"containers": [{
        "name": "a", "image": "a",
        "resources": {"requests": {"cpu": "1m"}}}]}}


def owned_by(api_version, kind):
    return {"ownerReferences": [{
        "apiVersion": api_version, "kind": kind, "name": "o", "uid": "u",
        "controller": True}]}


def policy(name):
    return {**meta(name), "spec": {"podSelector": {}}}


def sandbox(name):
    return {**meta(name), "apiVersion": "agents.x-k8s.io/v1beta1",
            "kind": "Sandbox",
            "spec": {"podTemplate": {"spec": {
                "containers": [{"name": "a", "image": "a"}]}}}}


def pool(name):
    return {**meta(name), "kind": "SandboxWarmPool",
            "apiVersion": "extensions.agents.x-k8s.io/v1beta1",
            "spec": {"replicas": 0, "sandboxTemplateRef": {"name": "t"}}}


BOTH = ["mutate", "validate"]
CHECK = ["validate"]
PODS = "/api/v1/namespaces/%s/pods"
POLICIES = "/apis/networking.k8s.io/v1/namespaces/%s/networkpolicies"
EPHEMERAL = {"spec": {"ephemeralContainers": [{"name": "e", "image": "e"}]}}
SIZE = {"spec": {"containers": [{"name": "a", "resources": {
    "requests": {"cpu": "2m"}}}]}}


def label(key, value):
    return {"metadata": {"labels": {key: value}}}


def note(key, value):
    return {"metadata": {"annotations": {key: value}}}


# A request, and the entry that must be asked with its paths, or none; then the
# user, where it matters.
STEPS = [
    # Namespaces: only our keys, and only when they change.
    ("POST", "/api/v1/namespaces", meta("plain"), None),
    ("POST", "/api/v1/namespaces",
     meta("enforced", labels={"bulkhead.dev/enforce": "gvisor"}),
     ("namespaces", CHECK)),
    ("POST", "/api/v1/namespaces",
     meta("warned", labels={"bulkhead.dev/warn": "gvisor"}),
     ("namespaces", CHECK)),
    ("POST", "/api/v1/namespaces",
     meta("audited", labels={"bulkhead.dev/audit": "gvisor"}),
     ("namespaces", CHECK)),
    ("PATCH", "/api/v1/namespaces/plain", note("a", "b"), None),
    ("PATCH", "/api/v1/namespaces/enforced",
     label("bulkhead.dev/enforce", "kata-vm"), ("namespaces", CHECK)),
    ("PATCH", "/api/v1/namespaces/enforced",
     label("bulkhead.dev/enforce", "kata-vm"), None),
    ("PATCH", "/api/v1/namespaces/audited",
     label("bulkhead.dev/warn", "gvisor"), ("namespaces", CHECK)),
    ("PATCH", "/api/v1/namespaces/audited",
     label("bulkhead.dev/warn", None), ("namespaces", CHECK)),
    ("PATCH", "/api/v1/namespaces/kube-system",
     label("bulkhead.dev/enforce", "gvisor"), None),
    # Pods: where a namespace has a tier, by one entry.
    ("POST", PODS % "plain", pod("a"), None),
    ("POST", PODS % "enforced", pod("a"), ("pods-enforced", BOTH)),
    ("POST", PODS % "warned", pod("a"), ("pods-warned", BOTH)),
    ("POST", PODS % "audited", pod("a"), ("pods-audited", BOTH)),
    ("POST", PODS % "kube-system", pod("a"), None),
    ("PATCH", PODS % "enforced" + "/a", {"metadata": {"finalizers": ["a/b"]}},
     None),
    ("PATCH", PODS % "enforced" + "/a", label("a", "b"),
     ("pods-enforced", CHECK)),
    ("PATCH", PODS % "enforced" + "/a/ephemeralcontainers", EPHEMERAL,
     ("pods-enforced", CHECK)),
    ("PATCH", PODS % "enforced" + "/a/resize", SIZE,
     ("pods-enforced", CHECK)),
    ("PATCH", PODS % "plain" + "/a/ephemeralcontainers", EPHEMERAL, None),
    ("PATCH", PODS % "warned" + "/a/status", {"status": {"phase": "Running"}},
     None),
    # One that is being deleted may still be changed, and is still judged.
    ("DELETE", PODS % "enforced" + "/a", None, None),
    ("PATCH", PODS % "enforced" + "/a", label("a", "c"),
     ("pods-enforced", CHECK)),
    # Elsewhere: the Pods of Sandboxes, and what poses as one.
    ("POST", PODS % "plain",
     pod("s", **owned_by("agents.x-k8s.io/v1beta1", "Sandbox")),
     ("pods-of-sandboxes", BOTH)),
    ("PATCH", PODS % "plain" + "/s/ephemeralcontainers", EPHEMERAL,
     ("pods-of-sandboxes", CHECK)),
    ("POST", PODS % "plain",
     pod("s2", **owned_by("extensions.agents.x-k8s.io/v1", "SandboxClaim")),
     ("pods-of-sandboxes", BOTH)),
    ("POST", PODS % "plain", pod("j", **owned_by("batch/v1", "Job")), None),
    ("POST", PODS % "plain",
     pod("x", **owned_by("agents-x-k8s.io/v1", "Sandbox")), None),
    ("POST", PODS % "plain", pod("l", labels={"bulkhead.dev/tier": "gvisor"}),
     ("pods-of-sandboxes", BOTH)),
    ("PATCH", PODS % "plain" + "/l", label("bulkhead.dev/tier", None),
     ("pods-of-sandboxes", CHECK)),
    ("PATCH", PODS % "plain" + "/l", label("a", "b"), None),
    ("PATCH", PODS % "plain" + "/l", label("bulkhead.dev/tier", "gvisor"),
     ("pods-of-sandboxes", CHECK)),
    ("POST", PODS % "plain",
     pod("h", labels={"agents.x-k8s.io/sandbox-name-hash": "1"}),
     ("pods-of-sandboxes", BOTH)),
    ("POST", PODS % "plain", pod("n", annotations={"sub.bulkhead.dev/a": "b"}),
     ("pods-of-sandboxes", BOTH)),
    ("PATCH", PODS % "plain" + "/a", {"metadata": owned_by(
        "agents.x-k8s.io/v1beta1", "Sandbox")}, ("pods-of-sandboxes", CHECK)),
    # Ways into a Pod: the request does not show whose it is.
    ("POST", PODS % "plain" + "/a/exec?command=id&container=a", None,
     ("connect", CHECK)),
    ("POST", PODS % "enforced" + "/a/attach?container=a", None,
     ("connect", CHECK)),
    ("POST", PODS % "enforced" + "/a/portforward", None, ("connect", CHECK)),
    ("GET", PODS % "enforced" + "/a/proxy/", None, ("connect", CHECK)),
    ("POST", PODS % "kube-system" + "/a/exec?command=id", None, None),
    # Network policies: anywhere but in the system's own namespaces.
    ("POST", POLICIES % "plain", policy("a"), ("networkpolicies", CHECK)),
    ("PATCH", POLICIES % "plain" + "/a", {"spec": {"policyTypes": ["Ingress"]}},
     None),
    ("PATCH", POLICIES % "plain" + "/a",
     {"spec": {"policyTypes": ["Ingress", "Egress"]}},
     ("networkpolicies", CHECK)),
    ("DELETE", POLICIES % "plain" + "/a", None, ("networkpolicies", CHECK)),
    ("POST", POLICIES % "kube-system", policy("a"), None),
    ("POST", POLICIES % "enforced", policy("b"), ("networkpolicies", CHECK)),
    ("DELETE", POLICIES % "enforced" + "/b", None, None,
     "system:serviceaccount:kube-system:namespace-controller"),
    ("POST", POLICIES % "enforced", policy("b"), ("networkpolicies", CHECK)),
    ("DELETE", POLICIES % "enforced" + "/b", None, ("networkpolicies", CHECK),
     "system:serviceaccount:kube-system-2:namespace-controller"),
    # Agent objects: anywhere but there.
    ("POST", AGENTS + "plain/sandboxes", sandbox("a"), ("sandboxes", BOTH)),
    ("PATCH", AGENTS + "plain/sandboxes/a",
     {"metadata": {"finalizers": ["a/b"]}}, None),
    ("PATCH", AGENTS + "plain/sandboxes/a", label("a", "b"),
     ("sandboxes", CHECK)),
    ("PATCH", AGENTS + "plain/sandboxes/a",
     label("bulkhead.dev/tier", "gvisor"), ("sandboxes", BOTH)),
    ("PATCH", AGENTS + "plain/sandboxes/a", note("bulkhead.dev/ttl", "1h"),
     ("sandboxes", BOTH)),
    ("PATCH", AGENTS + "plain/sandboxes/a", {"spec": {"podTemplate": {"spec": {
        "runtimeClassName": "a"}}}}, ("sandboxes", BOTH)),
    ("PATCH", AGENTS + "plain/sandboxes/a/status",
     {"status": {"conditions": []}}, None),
    ("DELETE", AGENTS + "plain/sandboxes/a", None, None),
    ("PATCH", AGENTS + "plain/sandboxes/a", {"spec": {"podTemplate": {"spec": {
        "runtimeClassName": "b"}}}}, ("sandboxes", CHECK)),
    ("PATCH", AGENTS + "plain/sandboxes/a", {"metadata": {"finalizers": None}},
     None),
    ("POST", AGENTS + "kube-public/sandboxes", sandbox("a"), None),
    ("POST", EXTENSIONS + "plain/sandboxwarmpools", pool("p"),
     ("sandboxes", BOTH)),
    ("PATCH", EXTENSIONS + "plain/sandboxwarmpools/p/scale",
     {"spec": {"replicas": 1}}, ("sandboxes", CHECK)),
    # Our own kinds.
    ("POST", OWN, {"apiVersion": "bulkhead.dev/v1alpha1",
                   "kind": "IsolationTier", **meta("t"),
                   "spec": {"strength": 1}}, ("tiers", CHECK)),
    ("PATCH", OWN + "/t", {"spec": {"strength": 1}}, None),
    ("PATCH", OWN + "/t", {"spec": {"strength": 2}}, ("tiers", CHECK)),
    ("PATCH", OWN + "/t/status", {"status": {"observedGeneration": 1}}, None),
    ("DELETE", OWN + "/t", None, ("tiers", CHECK)),
    # Everything else is none of ours.
    ("POST", "/api/v1/namespaces/enforced/configmaps", meta("a"), None),
    ("POST", "/api/v1/namespaces/enforced/secrets", meta("a"), None),
]


def run(api, step):
    method, path, body, wanted = step[:4]
    Recorder.seen.clear()
    # Merge patches of a Pod's subresources replace whole lists.
    content = MERGE if method == "PATCH" else "application/json"
    if method == "PATCH" and path.startswith("/api/v1"):
        content = "application/strategic-merge-patch+json"
    status, text = api(method, path, body, step[4] if len(step) > 4 else None,
                       content)
    entries = [f"{wanted[0]}.{kind}.bulkhead.dev" for kind in wanted[1]] \
        if wanted else []
    seen = list(dict.fromkeys(Recorder.seen))
    # What needs a kubelet fails behind admission.
    reaches = "/exec?" in path or "/attach?" in path or \
        path.endswith(("/portforward", "/proxy/"))
    if seen != entries or (status >= 300 and not reaches):
        return (f"{method} {path} {json.dumps(body)}\n  asked {seen}, wanted "
                f"{entries}; {status} {text[:300] if status >= 300 else ''}")
    return None


def main():
    api = Api()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        register(api, folder, serve(folder))
        wait = {**meta("probe", labels={"bulkhead.dev/warn": "x"})}
        for _ in range(200):
            # Configurations take a moment to reach the admission chain.
            Recorder.seen.clear()
            api("POST", "/api/v1/namespaces?dryRun=All", wait)
            api("POST", AGENTS + "default/sandboxes?dryRun=All", sandbox("a"))
            if len(set(Recorder.seen)) == 3:
                break
        for step in STEPS:
            wrong = run(api, step)
            passed += not wrong
            failed += bool(wrong)
            if wrong:
                print("FAIL", wrong)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
