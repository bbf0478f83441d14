"""Certificates that never lapse: bulkhead-controller makes them under its
role's own token, with lives of about a minute, while bulkhead-webhook judges.
Has a cluster of its own; nothing but the API server is needed.

The kubelet is played: it brings the Secret to the files that the webhook
serves with, all at once, as it does with a volume.
"""
import base64
import json
import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time

from environment import (AGENTS, Cluster, FOLDER, SANDBOX_SPEC, SLOW, SYSTEM,
                         Tests, Webhook, at, die_with_parent, expect,
                         expect_in, main, metric, poll, program, sandbox)

CA_LIFE, LIFE, WAIT = 72 * SLOW, 36 * SLOW, 4 * SLOW
CALLERS, HANDSHAKERS = 8, 2
KINDS = ("mutating", "validating")
SECRETS = f"/api/v1/namespaces/{SYSTEM}/secrets"
NS = "certificates"
MANAGER = "bulkhead-ca-injector"

test = Tests()


def configuration_path(kind):
    return ("/apis/admissionregistration.k8s.io/v1/"
            f"{kind}webhookconfigurations/bulkhead")


def entries(kind):
    return C.get(configuration_path(kind))["webhooks"]


def bundles():
    """The caBundle of every entry, decoded."""
    return [base64.b64decode(at(e, "/clientConfig/caBundle", "")).decode()
            for kind in KINDS for e in entries(kind)]


def secret(name):
    """Its data, decoded."""
    answer = C.api("GET", f"{SECRETS}/{name}")
    data = answer.body.get("data") or {} if answer.status == 200 else {}
    return {k: base64.b64decode(v).decode() for k, v in data.items()}


class Controller:
    """bulkhead-controller as the user that deploy/ gives it."""

    def __init__(self, cluster, folder):
        os.makedirs(folder, exist_ok=True)
        self.cluster, self.process, self.status_address = cluster, None, None
        self.log_file = os.path.join(folder, "controller.log")
        self.kubeconfig = os.path.join(folder, "kubeconfig")
        token = cluster.kubectl("create", "token", "bulkhead-controller",
                                "--namespace", SYSTEM).ok().out.strip()
        with open(self.kubeconfig, "w", encoding="utf-8") as f:
            json.dump({
                "apiVersion": "v1", "kind": "Config", "current-context": "c",
                "clusters": [{"name": "c", "cluster": {
                    "server": cluster.env["APISERVER"],
                    "certificate-authority": cluster.env["CA_FILE"]}}],
                "users": [{"name": "c", "user": {"token": token}}],
                "contexts": [{"name": "c", "context": {
                    "cluster": "c", "user": "c"}}]}, f)

    def start(self):
        size = len(self.log())
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [program("bulkhead-controller"), "--kubeconfig",
                 self.kubeconfig, "--ca-life", f"{CA_LIFE}s",
                 "--certificate-life", f"{LIFE}s", "--certificate-wait",
                 f"{WAIT}s", "--certificate-name", "127.0.0.1",
                 "--metrics-listen", "127.0.0.1:0"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                preexec_fn=die_with_parent)
        line = poll("the controller starts", lambda: self.line(
            '"msg":"started"', size))
        self.status_address = "http://" + line["status"]

    def log(self):
        if not os.path.exists(self.log_file):
            return ""
        with open(self.log_file, encoding="utf-8") as f:
            return f.read()

    def line(self, part, offset=0):
        if self.process.poll() is not None:
            raise RuntimeError("the controller ended with status "
                               f"{self.process.returncode}: {self.log_file}")
        for line in self.log()[offset:].splitlines(keepends=True):
            if part in line and line.endswith("\n"):
                return json.loads(line)
        return None

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(60 * SLOW)


class Kubelet(threading.Thread):
    """Mounts the Secret: files are links through "..data", which is replaced
    at once (AtomicWriter of k8s.io/kubernetes)."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.written = folder, None
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(0.1):
            try:
                data = secret("bulkhead-webhook-tls")
            except OSError:
                continue
            if data and data != self.written:
                self.write(data)
                self.written = data

    def write(self, data):
        new = f"{self.folder}/..{time.monotonic_ns()}"
        os.mkdir(new)
        for name, text in data.items():
            with open(f"{new}/{name}", "w", encoding="utf-8") as f:
                f.write(text)
            if not os.path.islink(f"{self.folder}/{name}"):
                os.symlink(f"..data/{name}", f"{self.folder}/{name}")
        old = os.path.realpath(f"{self.folder}/..data")
        os.symlink(os.path.basename(new), f"{self.folder}/..data_tmp")
        os.rename(f"{self.folder}/..data_tmp", f"{self.folder}/..data")
        if os.path.basename(old) != "..data":
            shutil.rmtree(old)


class Load:
    """Admission without a pause, and whether every call is answered."""

    def __init__(self):
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.calls = self.handshakes = 0
        self.failures, self.served = [], []
        self.threads = [threading.Thread(target=self.keep, args=(f,),
                                         daemon=True)
                        for f in [self.call] * CALLERS +
                        [self.handshake] * HANDSHAKERS]
        for thread in self.threads:
            thread.start()

    def keep(self, what):
        while not self.over.is_set():
            try:
                what()
            except Exception as e:
                with self.lock:
                    self.failures.append(f"{time.time():.1f} {e!r}")

    def call(self):
        good = random.random() < 0.5
        labels = {} if good else {"bulkhead.dev/tier": "no-such-tier"}
        answer = C.api("POST", f"{AGENTS}/namespaces/{NS}/sandboxes?dryRun=All",
                       sandbox(NS, "s", labels=labels))
        if good:
            expect(answer.status, 201, repr(answer))
            # Mutation fails open: its mark shows that it was made.
            expect(bool(at(answer.body, f"{SANDBOX_SPEC}/runtimeClassName")),
                   True)
        else:
            expect_in("[tier.wish]", repr(answer))
        with self.lock:
            self.calls += 1

    def handshake(self):
        """As an API server that has just read the configuration: it keeps
        its connections, so calls alone hardly ever begin one."""
        bundle = random.choice(bundles())
        context = ssl.create_default_context(cadata=bundle)
        with socket.create_connection(("127.0.0.1", webhook.port), 30) as s, \
                context.wrap_socket(s, server_hostname="127.0.0.1") as tls:
            der = tls.getpeercert(binary_form=True)
        with self.lock:
            self.handshakes += 1
            if der not in self.served:
                self.served.append(der)

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def point_at(url):
    """No Service leads out of the cluster. And no caBundle, as shipped."""
    for kind in KINDS:
        path = configuration_path(kind)
        configuration = C.get(path)
        for entry in configuration["webhooks"]:
            service = entry["clientConfig"].get("service")
            if service:
                entry["clientConfig"] = {"url": url + service["path"]}
        C.api("PUT", path, configuration).ok()


def bring_up():
    # From then on namespaces are judged, and nobody judges yet.
    C.namespace(NS, enforce="gvisor")
    C.install()
    w = Webhook(C, f"{FOLDER}/certificates-webhook")
    k = Kubelet(w.tls)
    k.start()
    point_at(w.url)
    w.become_service_account()
    return w, k


@test
def nothing_is_served_before_there_is_a_certificate():
    webhook.start()
    expect(webhook.readyz()[0], 503)


@test
def the_first_pair_is_made_published_and_served():
    controller.start()
    webhook.wait_ready(60)
    C.wait_judged()
    expect(len(set(bundles())), 1)
    expect(bundles()[0], secret("bulkhead-webhook-tls")["ca.crt"])
    for name, kind in (("bulkhead-ca", "Opaque"),
                       ("bulkhead-webhook-tls", "kubernetes.io/tls")):
        got = C.get(f"{SECRETS}/{name}")
        expect(got["type"], kind)
        expect(got["metadata"]["labels"],
               {"app.kubernetes.io/managed-by": "bulkhead"})


@test
def only_the_caBundle_is_ours():
    for kind in KINDS:
        managed = C.get(configuration_path(kind))["metadata"]["managedFields"]
        ours = [m for m in managed if m["manager"] == MANAGER]
        expect(len(ours), 1)
        expect(ours[0]["operation"], "Apply")
        for key, fields in ours[0]["fieldsV1"]["f:webhooks"].items():
            expect(fields, {".": {}, "f:name": {},
                            "f:clientConfig": {"f:caBundle": {}}}, key)


@test
def rotation_under_load_loses_no_call():
    first = secret("bulkhead-ca")["ca.crt"]
    load = Load()
    try:
        poll("a CA was replaced and forgotten, and the serving certificate "
             "renewed twice",
             lambda: first not in bundles()[0] and len(load.served) > 2,
             CA_LIFE / SLOW * 3)
    finally:
        load.stop()
    cas = controller.log().count("took the CA") - 1
    print(f"      CA rotations {cas}, serving certificates "
          f"{len(load.served)}, calls {load.calls}, handshakes "
          f"{load.handshakes}, failures {len(load.failures)}", flush=True)
    expect(load.failures[:5], [])
    expect(cas >= 1, True, "CA rotations")
    expect(load.calls > 100 and load.handshakes > 100, True)


@test
def people_are_told():
    for what in ("ca", "serving"):
        ends = metric(controller.status_address,
                      "bulkhead_certificate_expiry_timestamp_seconds"
                      f'{{certificate="{what}"}}')
        expect(ends > time.time() - CA_LIFE, True, what)
    notes = poll("Events", lambda: C.kubectl(
        "get", "events", "-n", "default", "-o",
        "jsonpath={range .items[?(@.reason=='CertificatesChanged')]}"
        "{.involvedObject.kind}/{.involvedObject.name}: {.message}{'\\n'}"
        "{end}").ok().out)
    expect_in("MutatingWebhookConfiguration/bulkhead: took the CA", notes)
    for text in (controller.log(), notes):
        expect("PRIVATE" in text or "BEGIN" in text, False)


@test
def a_caBundle_that_is_removed_comes_back():
    C.patch(configuration_path("validating"), [
        {"op": "remove", "path": "/webhooks/0/clientConfig/caBundle"}]).ok()
    poll("it comes back", lambda: all(bundles()), 90)


@test
def a_configuration_that_is_removed_is_not_made_again():
    path = configuration_path("mutating")
    configuration = C.get(path)
    C.api("DELETE", path).ok()
    time.sleep(WAIT)
    expect(C.api("GET", path).status, 404)
    for key in ("uid", "resourceVersion", "managedFields"):
        del configuration["metadata"][key]
    for entry in configuration["webhooks"]:
        del entry["clientConfig"]["caBundle"]
    C.api("POST", path.rsplit("/", 1)[0], configuration).ok()
    poll("it is filled", lambda: all(bundles()), 90)


@test
def a_restart_by_kill_changes_nothing():
    before = secret("bulkhead-ca")["ca.crt"]
    controller.stop(signal.SIGKILL)
    controller.start()
    # Longer than the lease of the one that was killed.
    poll("it works again", lambda: metric(
        controller.status_address, "bulkhead_certificate_expiry_timestamp_"
        'seconds{certificate="ca"}'), 60)
    state = secret("bulkhead-ca")
    expect_in(before, state["ca.crt"] + state.get("previous.crt", ""))


@test
def what_another_manager_keeps_is_left_alone():
    path = configuration_path("validating")
    C.patch(path, [{"op": "replace",
                    "path": "/webhooks/0/clientConfig/caBundle",
                    "value": base64.b64encode(
                        secret("bulkhead-ca")["ca.crt"].encode() * 2
                    ).decode()}]).ok()
    theirs = bundles()[len(entries("mutating"))]
    size = len(controller.log())
    poll("it is told", lambda: controller.line(
        "caBundle of another manager", size), 90)
    expect(bundles()[len(entries("mutating"))], theirs)
    C.patch(path, [{"op": "remove",
                    "path": "/webhooks/0/clientConfig/caBundle"}]).ok()
    poll("given back, it is filled", lambda: len(set(bundles())) == 1, 90)


@test
def a_secret_that_is_lost_is_made_anew():
    C.api("DELETE", f"{SECRETS}/bulkhead-webhook-tls").ok()
    poll("it is there again", lambda: secret("bulkhead-webhook-tls"), 90)
    C.wait_judged()


@test
def all_end_well():
    expect(controller.stop(), 0)
    expect(webhook.stop(), 0)
    kubelet.over.set()


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    C = Cluster.up(f"{FOLDER}/certificates", "--crds", "v1.0.3")
    try:
        webhook, kubelet = bring_up()
        controller = Controller(C, f"{FOLDER}/certificates-controller")
        main(test)
    finally:
        C.verb("down")
