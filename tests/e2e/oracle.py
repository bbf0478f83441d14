"""Two judges of the same inputs, the API server and our engine, and what the
comparison of their verdicts counts, prints and fails on.

PROBE names the program made of probe.c, default build/release/e2e/probe.
"""
import collections
import concurrent.futures
import hashlib
import http.client
import json
import os
import ssl
import subprocess
import threading
import time

from environment import ROOT, SLOW, shared

PROBE = os.path.abspath(os.environ.get("PROBE") or
                        os.path.join(ROOT, "build", "release", "e2e", "probe"))
# Bulkhead's webhooks leave this namespace alone.
BYSTANDER = "kube-public"
THREADS = 4
SHOWN = 10


def digest(v):
    """For names of what is stored: another seed has other objects."""
    return hashlib.sha256(json.dumps(v).encode()).hexdigest()[:12]


def probe(question, lines, *args):
    """Our answers, one for each line that is a question."""
    done = subprocess.run([PROBE, question, *args], text=True, check=False,
                          input="".join(line + "\n" for line in lines),
                          capture_output=True, timeout=120 * SLOW)
    if done.returncode:
        raise AssertionError(f"probe {question}: status {done.returncode}: "
                             f"{done.stderr[:2000]}")
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


class Server:
    """The API server, asked from several threads over open connections."""

    def __init__(self):
        self.cluster = shared()
        with open(self.cluster.env["TOKEN_FILE"], encoding="ascii") as f:
            self.token = f.read().strip()
        self.context = ssl.create_default_context(
            cafile=self.cluster.env["CA_FILE"])
        self.local = threading.local()

    def ask(self, method, path, text=None, kind="application/json"):
        """Status, document and warnings. text is sent as it is."""
        text = text and text.encode()
        connection = getattr(self.local, "connection", None)
        if not connection:
            connection = self.local.connection = http.client.HTTPSConnection(
                *self.cluster.address, context=self.context,
                timeout=60 * SLOW)
        connection.request(method, path, text, {
            "Authorization": "Bearer " + self.token, "Content-Type": kind})
        answer = connection.getresponse()
        body = answer.read()
        is_json = answer.headers.get_content_type() == "application/json"
        return (answer.status, json.loads(body) if is_json else {},
                answer.headers.get_all("Warning", []))

    def ask_all(self, requests):
        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(lambda request: self.ask(*request), requests))

    def create(self, path, document):
        status, body, _ = self.ask("POST", path, json.dumps(document))
        if status not in (201, 409):
            raise AssertionError(f"{path}: {status} {body.get('message')}")
        return body


class Comparison:
    """exceptions: (reason, applies(input, theirs, ours)), each of which must
    apply at least once."""

    def __init__(self, what, exceptions=(), least=500):
        self.what, self.exceptions, self.least = what, exceptions, least
        self.kinds, self.excepted = collections.Counter(), \
            collections.Counter()
        self.differences, self.n = [], 0
        self.start = time.monotonic()

    def add(self, given, theirs, ours, kind="same"):
        self.n += 1
        if theirs == ours:
            self.kinds[kind] += 1
            return
        for reason, applies in self.exceptions:
            if applies(given, theirs, ours):
                self.excepted[reason] += 1
                return
        self.differences.append((given, theirs, ours))

    def finish(self):
        tally = ", ".join(f"{n} {kind}" for kind, n in
                          sorted(self.kinds.items()))
        print(f"{self.what}: {self.n} compared in "
              f"{time.monotonic() - self.start:.1f} s: {tally}")
        for reason, n in self.excepted.items():
            print(f"  {n} excepted: {reason}")
        for given, theirs, ours in self.differences[:SHOWN]:
            print(f"  DIFFERENCE {given!r}\n    server: {theirs!r}\n"
                  f"    ours:   {ours!r}")
        if self.differences:
            raise AssertionError(f"{len(self.differences)} differences")
        for reason, _ in self.exceptions:
            if not self.excepted[reason]:
                raise AssertionError(f"no longer so: {reason}")
        if self.n < self.least:
            raise AssertionError(f"only {self.n} compared, wanted "
                                 f"{self.least}")
