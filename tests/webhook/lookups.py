#!/usr/bin/env python3
"""bulkhead-webhook beside an API server whose watches say nothing: what decides
about a request is asked for singly, and the request waits for it.

    tests/webhook/lookups.py [PART OF A NAME]...

Last line: "N passed, M failed".
"""
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import traceback

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "controller")]
# pylint: disable=wrong-import-position
from client import SLOW, Connection, Server
from harness import AGENTS, TIER, Fake, basis, namespace, sandbox

TESTS = []


class Bench:
    """A cluster with a namespace "team" of tier gvisor; from when the webhook
    knows it, the watches of namespaces and Sandboxes are silent."""

    def __init__(self, folder):
        self.fake = Fake(folder)
        self.fake.seed(*basis("gvisor", "kata-fc"))
        self.fake.rules({"verb": "watch", "count": 0, "silent": True,
                         "path": "/(namespaces|sandboxes)[?]"})
        self.server = Server(folder, "--kubeconfig",
                             self.fake.kubeconfig("webhook"))

    def waits(self):
        return self.server.metric("bulkhead_review_waits_total") or 0

    def sent_away(self):
        return self.server.metric(
            'bulkhead_review_errors_total{reason="not_ready"}') or 0

    def slow_answers(self, seconds):
        self.fake.rules({"verb": "get", "path": "/sandboxes/", "count": 0,
                         "hang": seconds})

    def close(self):
        if self.server.process.poll() is None:
            expect(self.server.stop(), 0, "exit status")
        self.fake.stop()


def test(f):
    TESTS.append(f)
    return f


def expect(got, wanted, about=""):
    if got != wanted:
        raise AssertionError(f"{about}: got {got!r}, wanted {wanted!r}")


def review(owner, ns="team", name="p"):
    """A Pod that a Sandbox of this name controls."""
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": {
                "uid": "u-" + name,
                "kind": {"group": "", "version": "v1", "kind": "Pod"},
                "resource": {"group": "", "version": "v1",
                             "resource": "pods"},
                "name": name, "namespace": ns, "operation": "CREATE",
                "userInfo": {"username": "upstream"},
                "object": {
                    "apiVersion": "v1", "kind": "Pod",
                    "metadata": {"name": name, "namespace": ns,
                                 "ownerReferences": [{
                                     "apiVersion": AGENTS, "kind": "Sandbox",
                                     "name": owner, "uid": "u",
                                     "controller": True}]},
                    "spec": {"containers": [{"name": "a", "image": "b"}]}}}}


def strong(name, ns="team"):
    return sandbox(name, ns=ns, labels={TIER: "kata-fc"})


def ask_with(s, body):
    """(status, headers, body)"""
    with Connection(s) as c:
        return c.post("/mutate?timeout=10s", body)


def ask(s, *args, **more):
    """(status, Retry-After, what the Pod's tier becomes)"""
    return tier_of(ask_with(s, review(*args, **more)))


def tier_of(answer):
    status, headers, body = answer
    if status != 200:
        return status, headers.get("retry-after"), None
    notes = json.loads(body)["response"]["auditAnnotations"]
    return status, headers.get("retry-after"), notes["tier"]


def at_once(n, f):
    """The answers of f(0) to f(n - 1), each from a thread."""
    got = [None] * n

    def run(i):
        got[i] = f(i)
    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return got


@test
def a_pod_waits_for_its_sandbox(b):
    b.fake.seed(strong("s"))
    expect(ask(b.server, "s"), (200, None, "kata-fc"))
    expect(b.waits(), 1, "waits")
    expect(ask(b.server, "s"), (200, None, "kata-fc"))
    expect(b.waits(), 1, "known now")
    expect(b.sent_away(), 0, "sent away")


@test
def one_after_the_other_is_waited_for(b):
    b.fake.seed(namespace("fresh", bulkhead_dev__enforce="gvisor"),
                strong("s", "fresh"))
    expect(ask(b.server, "s", "fresh"), (200, None, "kata-fc"))
    if b.waits() < 1:
        raise AssertionError("nothing was waited for")


@test
def what_is_not_there_is_not_waited_for_twice(b):
    expect(ask(b.server, "nobody"), (200, None, "gvisor"))
    expect(b.waits(), 1, "waits")
    expect(ask(b.server, "nobody"), (200, None, "gvisor"))
    expect(b.waits(), 1, "it is known to be absent")


@test
def a_hundred_wait_at_once(b):
    """Some wait, others wait too long and are sent away; none is judged by
    less than there is."""
    b.fake.seed(*[strong(f"s{i}") for i in range(100)])
    b.slow_answers(0.02)
    got = at_once(100, lambda i: ask(b.server, f"s{i}", name=f"p{i}"))
    wrong = [x for x in got
             if x not in ((200, None, "kata-fc"), (503, "1", None))]
    expect(wrong, [])
    print(f"  {sum(x[0] == 200 for x in got)} waited", flush=True)
    if not any(x[0] == 200 for x in got):
        raise AssertionError("none waited")
    # Whoever comes again finds all of them.
    def known():
        return all(x == (200, None, "kata-fc") for x in at_once(
            100, lambda i: ask(b.server, f"s{i}", name=f"p{i}")))
    b.server.wait(known, "some are never known", 20)


@test
def nobody_waits_for_an_api_server_that_hangs(b):
    b.fake.seed(strong("s"))
    b.slow_answers(60)  # longer than our connection would wait
    expect(ask(b.server, "s"), (503, "1", None))
    expect(b.sent_away(), 1, "sent away")


@test
def an_error_is_no_absence(b):
    b.fake.seed(strong("s"))
    b.fake.rules({"verb": "get", "path": "/sandboxes/", "count": 0,
                  "answer": 403})
    expect(ask(b.server, "s"), (503, "1", None))
    expect(ask(b.server, "s"), (503, "1", None))
    b.fake.no_rules()
    b.server.wait(lambda: ask(b.server, "s") == (200, None, "kata-fc"),
                  "it is not asked for again")


@test
def waiting_holds_little_memory(b):
    """What a review becomes when it is read is many times its text: that is
    held by as many as there are threads, not by all that wait."""
    large = review("s")
    large["request"]["object"]["spec"]["x"] = [0] * 60000  # 13 MiB as read
    body = json.dumps(large, separators=(",", ":")).encode()
    expect(ask_with(b.server, b"{}")[0], 400)
    before = b.server.rss_mib("VmHWM")
    b.slow_answers(60)
    got = at_once(40, lambda i: ask_with(b.server, body)[0])
    grown = b.server.rss_mib("VmHWM") - before
    print(f"  40 of {len(body) >> 10} KiB, {b.waits():.0f} waited: "
          f"{grown:.0f} MiB more", flush=True)
    expect([x for x in got if x != 503], [])
    if b.waits() < 10:
        raise AssertionError("they did not wait")
    if SLOW == 1 and grown > 100:
        raise AssertionError("it is held")


@test
def whoever_hangs_up_leaves_nothing_behind(b):
    b.fake.seed(strong("s"))
    b.slow_answers(0.3)
    body = json.dumps(review("s")).encode()
    for _ in range(20):
        with Connection(b.server) as c:
            c.send(b"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: "
                   b"application/json\r\nContent-Length: %d\r\n\r\n"
                   % len(body) + body)
    b.server.wait(lambda: b.waits() >= 1, "nothing waits")
    b.server.wait(
        lambda: b.server.metric("bulkhead_http_connections") == 0 and
        b.server.metric("bulkhead_http_in_flight") == 0, "left behind")
    expect(ask(b.server, "s"), (200, None, "kata-fc"))


@test
def a_server_that_stops_answers_who_waits(b):
    b.fake.seed(strong("s"))
    b.slow_answers(30)
    with Connection(b.server) as c:
        body = json.dumps(review("s")).encode()
        c.send(b"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: "
               b"application/json\r\nContent-Length: %d\r\n\r\n" % len(body) +
               body)
        b.server.wait(lambda: b.waits() == 1, "it does not wait")
        b.server.signal(15)
        expect(tier_of(c.receive()), (503, "1", None))
    expect(b.server.stop(), 0, "exit status")


def run(f):
    folder = tempfile.mkdtemp(prefix="webhook-lookups-")
    start, bench = time.time(), None
    try:
        bench = Bench(folder)
        f(bench)
        bench.close()
        print(f"ok    {f.__name__} {time.time() - start:.1f}s", flush=True)
        return True
    except Exception:  # pylint: disable=broad-except
        print(f"FAIL  {f.__name__}\n{traceback.format_exc()}", flush=True)
        if bench:
            print(bench.server.log_text()[-2000:], flush=True)
            bench.server.process.kill()
            bench.fake.process.kill()
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(names):
    results = [run(f) for f in TESTS
               if not names or any(n in f.__name__ for n in names)]
    passed = sum(results)
    print(f"{passed} passed, {len(results) - passed} failed")
    return 1 if passed < len(results) or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
