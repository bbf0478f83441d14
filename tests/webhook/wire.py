#!/usr/bin/env python3
"""Every rule of the wire, over real TLS. Last line: "N passed, M failed"."""
import glob
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(__file__))
from client import (Connection, Load, ROOT, SLOW, Server, context_for,
                    make_certificate, post)

with open(os.path.join(ROOT, "examples", "review.json")) as f:
    REVIEW = json.load(f)
TIERS = os.path.join(ROOT, "policies", "tiers")
TESTS = []


def test(f):
    TESTS.append(f)
    return f


def server(folder, *args, **more):
    return Server(folder, *args, **more)


def expect(got, wanted, about=""):
    if got != wanted:
        raise AssertionError(f"{about} got {got!r}, wanted {wanted!r}")


# ---- the contract ----

@test
def a_review_is_answered_with_its_uid(folder):
    s = server(folder)
    for path in ("/mutate", "/validate", "/validate?timeout=5s",
                 "/mutate?x=1&timeout=nonsense"):
        status, headers, body = post(s, path, REVIEW)
        expect((status, headers["content-type"]), (200, "application/json"))
        answer = json.loads(body)
        expect(answer["kind"], "AdmissionReview")
        expect(answer["apiVersion"], "admission.k8s.io/v1")
        response = answer["response"]
        expect(response["uid"], REVIEW["request"]["uid"])
        expect("patch" in response, "patchType" in response)
        expect(response["allowed"], path.startswith("/mutate"), path)
    expect(s.stop(), 0)


@test
def a_connection_is_kept_alive(folder):
    s = server(folder)
    with Connection(s) as c:
        for _ in range(200):
            expect(c.post("/validate", REVIEW)[0], 200)
        expect(c.post("/nowhere", b"{}")[0], 404)
        expect(c.post("/validate", b"{}", "text/plain")[0], 415)
        expect(c.post("/validate", b"{}")[0], 400)
        expect(c.post("/validate", REVIEW)[0], 200)
    expect(s.metric("bulkhead_http_accepted_total"), 1)
    expect(s.stop(), 0)


@test
def what_is_no_review_is_400(folder):
    s = server(folder)
    for body in (b"", b"{", b"\xff\xfe", b"[]", b"null", b"{}",
                 b'{"kind":"AdmissionReview"}',
                 json.dumps({**REVIEW, "apiVersion":
                             "admission.k8s.io/v1beta1"}).encode(),
                 json.dumps({**REVIEW, "request": {}}).encode(),
                 b"[" * 100000):
        status, headers, text = post(s, "/validate", body)
        if status not in (400, 413) or headers["content-type"].split(";")[0] \
                != "text/plain" or not text.strip():
            raise AssertionError((status, body[:40], text))
    expect(s.stop(), 0)


@test
def path_method_and_type_are_checked(folder):
    s = server(folder)
    expect(post(s, "/", REVIEW)[0], 404)
    expect(post(s, "/validate/", REVIEW)[0], 404)
    expect(post(s, "/metrics", REVIEW)[0], 404)
    for kind in ("text/plain", "application/yaml", "application/jsonx", None):
        expect(post(s, "/validate", REVIEW, content_type=kind)[0], 415, kind)
    for kind in ("application/json; charset=utf-8", "Application/JSON"):
        expect(post(s, "/validate", REVIEW, content_type=kind)[0], 200, kind)
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        with Connection(s) as c:
            c.send(f"{method} /validate HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            while b"\r\n\r\n" not in c.buffer:
                c._fill()
            head = c.buffer.split(b"\r\n\r\n")[0].decode()
            if " 405 " not in head.split("\r\n")[0] or \
                    "Allow: POST" not in head:
                raise AssertionError((method, head))
    expect(s.stop(), 0)


@test
def large_bodies_are_413(folder):
    s = server(folder)
    with Connection(s) as c:
        c.send(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: "
               b"application/json\r\nContent-Length: 8388609\r\n\r\n")
        expect(c.receive()[0], 413, "announced")
    with Connection(s) as c:
        c.send(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: "
               b"application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(9):
            c.send(b"100000\r\n" + b"x" * (1 << 20) + b"\r\n")
        c.send(b"0\r\n\r\n")
        expect(c.receive()[0], 413, "chunked")
    big = json.dumps({**REVIEW, "padding": "x" * (6 << 20)}).encode()
    expect(post(s, "/validate", big)[0], 200, "6 MiB")
    expect(s.stop(), 0)


@test
def a_chunked_review_is_answered(folder):
    s = server(folder)
    body = json.dumps(REVIEW).encode()
    with Connection(s) as c:
        c.send(b"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: "
               b"application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        for i in range(0, len(body), 100):
            part = body[i:i + 100]
            c.send(b"%x\r\n%s\r\n" % (len(part), part))
        c.send(b"0\r\n\r\n")
        expect(c.receive()[0], 200)
    expect(s.stop(), 0)


@test
def large_headers_are_431(folder):
    s = server(folder)
    with Connection(s) as c:
        c.send(b"POST /validate HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 60000 +
               b"\r\n\r\n")
        expect(c.receive()[0], 431)
    expect(s.stop(), 0)


@test
def a_length_that_can_be_read_in_two_ways_is_400(folder):
    s = server(folder)
    for headers in ("Content-Length: 4\r\nContent-Length: 5\r\n",
                    "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
                    "Content-Length: -1\r\n", "Content-Length: 1e3\r\n"):
        with Connection(s) as c:
            c.send(f"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: "
                   f"application/json\r\n{headers}\r\n0\r\n\r\n".encode())
            expect(c.receive()[0], 400, headers)
    expect(s.stop(), 0)


@test
def http11_is_chosen_and_old_tls_refused(folder):
    s = server(folder)
    with Connection(s, alpn=True) as c:
        expect(c.socket.selected_alpn_protocol(), "http/1.1")
        expect(c.socket.version(), "TLSv1.3")
    context = context_for()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Connection(s, context) as c:
        expect(c.socket.version(), "TLSv1.2")
        expect(c.post("/validate", REVIEW)[0], 200)
    for version in ("-tls1_1", "-tls1"):
        done = subprocess.run(
            ["openssl", "s_client", version, "-cipher", "ALL:@SECLEVEL=0",
             "-connect", f"127.0.0.1:{s.reviews}"],
            input=b"", capture_output=True, timeout=20)
        if done.returncode == 0:
            raise AssertionError(version + " was accepted")
    expect(s.stop(), 0)


@test
def a_request_after_its_timeout_is_504(folder):
    s = server(folder)
    body = json.dumps(REVIEW).encode()
    with Connection(s) as c:
        c.send(b"POST /validate?timeout=1s HTTP/1.1\r\nHost: x\r\n"
               b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
               % len(body) + body[:10])
        time.sleep(1.3)
        c.send(body[10:])
        expect(c.receive()[0], 504)
    expect(s.stop(), 0)


@test
def answers_are_whole_however_slowly_they_are_read(folder):
    s = server(folder, "--now", "2026-11-21T06:00:00Z")
    big = json.loads(json.dumps(REVIEW))
    pod = big["request"]["object"]["spec"]["podTemplate"]["spec"]
    pod["containers"] = [{"name": f"c{i}", "image": "i"}
                         for i in range(800)]
    with Connection(s, timeout=60) as c:
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        wanted = c.post("/mutate", big)
        expect(wanted[0], 200)
        body = json.dumps(big).encode()
        request = (f"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: "
                   f"application/json\r\nContent-Length: {len(body)}"
                   f"\r\n\r\n").encode() + body
        small = json.dumps(REVIEW).encode()
        more = (f"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: "
                f"application/json\r\nContent-Length: {len(small)}"
                f"\r\n\r\n").encode() + small
        c.send(request + more * 20)
        time.sleep(1)
        if c.receive()[2] != wanted[2]:
            raise AssertionError("the large answer is another one")
        for _ in range(20):
            status, _, text = c.receive()
            expect((status, json.loads(text)["response"]["uid"]),
                   (200, REVIEW["request"]["uid"]))
    print(f"  {len(wanted[2]) >> 10} KiB", flush=True)
    expect(s.stop(), 0)


# ---- slow, many, too many ----

def closed_after(s, act, limit):
    """Seconds until the server closes; act(socket) drips, or returns."""
    raw = socket.create_connection(("127.0.0.1", s.reviews), 20)
    start = time.time()
    try:
        act(raw)
        raw.settimeout(limit)
        while raw.recv(4096):
            pass
    except socket.timeout:
        raise AssertionError(f"open after {time.time() - start:.1f} s")
    except OSError:
        pass
    finally:
        raw.close()
    return time.time() - start


def drip(s, text, limit=8):
    start = time.time()
    with Connection(s) as c:
        try:
            for i in range(len(text)):
                c.send(text[i:i + 1])
                time.sleep(0.1)
                if time.time() - start > limit:
                    raise AssertionError("still open")
            c.receive()
        except (ConnectionError, ssl.SSLError, OSError):
            pass
    return time.time() - start


@test
def slow_senders_are_closed(folder):
    s = server(folder, "--request-timeout", "2s")
    head = (b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: "
            b"application/json\r\nContent-Length: 5000\r\n\r\n")
    took = {}

    def measure(name, f):
        try:
            took[name] = f()
        except AssertionError as e:
            took[name] = e

    def hello_drip(raw):
        for b in b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + b"\x03" * 200:
            raw.send(bytes([b]))
            time.sleep(0.1)

    acts = {
        "header": lambda: drip(s, b"POST /validate HTTP/1.1\r\nX: " +
                               b"y" * 200),
        "body": lambda: slow_body(),
        "silent": lambda: closed_after(s, lambda raw: None, 8),
        "hello": lambda: closed_after(s, hello_drip, 8),
    }

    def slow_body():
        start = time.time()
        with Connection(s) as c:
            c.send(head)
            try:
                while time.time() - start < 8:
                    c.send(b"x")
                    time.sleep(0.1)
            except OSError:
                pass
        return time.time() - start

    threads = [threading.Thread(target=measure, args=a) for a in acts.items()]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for name, seconds in took.items():
        if not isinstance(seconds, float) or not 1.5 < seconds < 5 + SLOW:
            raise AssertionError((name, seconds))
    if s.metric("bulkhead_http_timed_out_total") < 4:
        raise AssertionError("not counted")
    with Connection(s) as c:
        time.sleep(3)
        expect(c.post("/validate", REVIEW)[0], 200, "idle after handshake")
        time.sleep(3)
        expect(c.post("/validate", REVIEW)[0], 200, "idle after a request")
    expect(s.stop(), 0)


@test
def two_hundred_connections_are_served_at_once(folder):
    s = server(folder, "--max-per-address", "0")
    many = []
    try:
        for _ in range(200):
            many.append(Connection(s))
        for _ in range(3):
            for c in many:
                c.send(b"POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: "
                       b"application/json\r\nContent-Length: 2\r\n\r\n{}")
            for c in many:
                expect(c.receive()[0], 400)
        for c in many:
            expect(c.post("/validate", REVIEW)[0], 200)
        expect(s.metric("bulkhead_http_connections"), 200)
    finally:
        for c in many:
            c.close()
    expect(s.stop(), 0)


@test
def too_many_reviews_at_once_are_503(folder):
    s = server(folder, "--max-in-flight", "3")
    slow = []
    for _ in range(3):
        c = Connection(s)
        c.send(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: "
               b"application/json\r\nContent-Length: 2\r\n\r\n{")
        slow.append(c)
    s.wait(lambda: s.metric("bulkhead_http_in_flight") == 3, "in flight")
    with Connection(s) as c:
        status, headers, _ = c.post("/validate", REVIEW)
        expect((status, headers.get("retry-after")), (503, "1"))
        slow[0].send(b"}")
        expect(slow[0].receive()[0], 400)
        s.wait(lambda: s.metric("bulkhead_http_in_flight") == 2, "in flight")
        expect(c.post("/validate", REVIEW)[0], 200, "after one has ended")
    for c in slow:
        c.close()
    s.wait(lambda: s.metric("bulkhead_http_in_flight") == 0, "leaked")
    expect(s.metric('bulkhead_http_refused_total{reason="busy"}'), 1)
    expect(s.stop(), 0)


@test
def one_address_has_a_limit(folder):
    s = server(folder, "--max-per-address", "5")
    many = [Connection(s) for _ in range(5)]
    try:
        Connection(s, timeout=5)
        raise AssertionError("a sixth was accepted")
    except (OSError, ssl.SSLError):
        pass
    many.pop().close()
    s.wait(lambda: s.metric("bulkhead_http_connections") == 4, "not closed")
    many.append(Connection(s))
    for c in many:
        expect(c.post("/validate", REVIEW)[0], 200)
        c.close()
    expect(s.stop(), 0)


@test
def memory_is_bounded_under_slow_large_bodies(folder):
    s = server(folder, "--max-per-address", "0", "--max-connections", "600",
               "--max-in-flight", "600", "--request-timeout", "30s",
               "--body-budget", "64Mi")
    before = s.rss_mib()
    size = 8 << 20
    head = (f"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: "
            f"application/json\r\nContent-Length: {size}\r\n\r\n").encode()
    many, statuses, lock = [], {}, threading.Lock()
    peak = [0.0]

    def feed(own):
        part = b" " * 65536
        for c in own:
            c.send(head)
        for _ in range(24):  # 1.5 MiB of each, 750 MiB in all
            for c in list(own):
                try:
                    c.send(part)
                except OSError:
                    own.remove(c)
            with lock:
                peak[0] = max(peak[0], s.rss_mib())
        with lock:
            for c in own:
                statuses["open"] = statuses.get("open", 0) + 1

    for _ in range(500):
        many.append(Connection(s))
    with_tls = s.rss_mib()
    threads = [threading.Thread(target=feed, args=(many[i::4],))
               for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print(f"  RSS: {before:.1f} MiB idle, {with_tls:.1f} with 500 "
          f"connections, {peak[0]:.1f} at most under 500 bodies, peak "
          f"{s.rss_mib('VmHWM'):.1f}", flush=True)
    # 64 MiB budget, 64 KiB free of each, the connections, the rest.
    bound = 64 + 500 * 64 / 1024 + with_tls + 24
    if SLOW == 1 and s.rss_mib("VmHWM") > bound:
        raise AssertionError(f"{s.rss_mib('VmHWM')} MiB, wanted {bound}")
    expect(post(s, "/validate", REVIEW)[0], 200, "a small one meanwhile")
    for c in many:
        c.close()
    s.wait(lambda: s.metric("bulkhead_http_body_bytes") == 0, "leaked")
    # What they held goes back to the system, but for the arenas kept ready.
    s.wait(lambda: SLOW > 1 or s.rss_mib() < before + 12, "memory is kept")
    print(f"  RSS: {s.rss_mib():.1f} MiB after they left", flush=True)
    expect(s.stop(), 0)


@test
def large_reviews_at_once_hold_memory_by_thread(folder):
    s = server(folder, "--threads", "4")
    many = {f"a{i}": "" for i in range(99000)}
    review = {**REVIEW, "request": {**REVIEW["request"], "object": {
        **REVIEW["request"]["object"], "spec": {"podTemplate": {"spec": {
            "containers": [{"name": "a", "image": "b", "resources": {
                "limits": many}}]}}}}}}
    body = json.dumps(review).encode()
    before, statuses = s.rss_mib("VmHWM"), []
    threads = [threading.Thread(
        target=lambda: statuses.append(post(s, "/validate", body)[0]))
        for _ in range(60)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    expect([x for x in statuses if x not in (200, 503)], [])
    if statuses.count(200) < 20:
        raise AssertionError(statuses)
    more = s.rss_mib("VmHWM") - before
    print(f"  60 reviews of {len(body) >> 10} KiB: {more:.0f} MiB more, "
          f"{s.rss_mib():.0f} MiB afterwards", flush=True)
    # A review at the caps in each thread, and the budget of the bodies.
    if SLOW == 1 and more > 4 * 70 + 64:
        raise AssertionError(f"{more} MiB")
    expect(s.stop(), 0)


@test
def what_grows_by_what_is_filled_in_is_bounded(folder):
    s = server(folder)
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        for n, wanted in ((99000, 200), (110000, 413)):
            review = {**REVIEW, "request": {**REVIEW["request"], "object": {
                **REVIEW["request"]["object"], "spec": {"podTemplate": {
                    "spec": {"containers": [], kind: [{}] * n}}}}}}
            status, _, body = post(s, "/mutate", review)
            expect((status, len(body) < 10000), (wanted, True), (kind, n))
            status, _, body = post(s, "/validate", review)
            expect(status, wanted, (kind, n))
            if status == 200:
                response = json.loads(body)["response"]
                expect(response["allowed"], False, (kind, n))
    if SLOW == 1 and s.rss_mib("VmHWM") > 200:
        raise AssertionError(s.rss_mib("VmHWM"))
    expect(s.stop(), 0)


@test
def one_container_too_many_is_refused_on_the_way_in(folder):
    """Whatever was let in before it, and is as it was."""
    s = server(folder)
    many = [{"name": f"c{i}", "image": "b"} for i in range(256)]
    more = [{"name": "debug", "image": "b"}]

    def told(operation, subresource, **lists):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {
            "name": "p", "namespace": "team", "ownerReferences": [{
                "apiVersion": "agents.x-k8s.io/v1beta1", "kind": "Sandbox",
                "name": "s", "uid": "u", "controller": True}]}}
        request = {**REVIEW["request"], "operation": operation, "name": "p",
                   "kind": {"group": "", "version": "v1", "kind": "Pod"},
                   "resource": {"group": "", "version": "v1",
                                "resource": "pods"},
                   "subResource": subresource,
                   "object": {**pod, "spec": {"containers": many, **lists}}}
        if operation == "UPDATE":
            request["oldObject"] = {**pod, "spec": {"containers": many}}
        response = json.loads(post(s, "/validate", {
            **REVIEW, "request": request})[2])["response"]
        return [c["field"] for c in response["status"]["details"]["causes"]
                if "[pod.maxContainers]" in c["message"]] \
            if not response["allowed"] else None

    expect(told("CREATE", ""), [])
    expect(told("CREATE", "", initContainers=more),
           ["spec.containers", "spec.initContainers"])
    expect(told("UPDATE", "ephemeralcontainers", ephemeralContainers=more),
           ["spec.ephemeralContainers"])
    expect(s.stop(), 0)


# ---- certificates ----

def serial_of(s):
    with Connection(s) as c:
        return c.socket.getpeercert(binary_form=True)


def mount(folder, name, files):
    """As the kubelet does: ..data turns to a new folder."""
    data = os.path.join(folder, f"..{name}")
    os.mkdir(data)
    for target, source in files.items():
        shutil.copy(source, os.path.join(data, target))
        link = os.path.join(folder, target)
        if not os.path.islink(link):
            os.symlink(os.path.join("..data", target), link)
    os.symlink(f"..{name}", os.path.join(folder, "..new"))
    os.rename(os.path.join(folder, "..new"), os.path.join(folder, "..data"))


def mount_pair(folder, name, cert, key=None):
    mount(folder, name, {"tls.crt": cert + ".crt",
                         "tls.key": (key or cert) + ".key"})


@test
def a_certificate_is_swapped_under_load(folder):
    a, b = (make_certificate(folder, n) for n in ("a", "b"))
    secret = os.path.join(folder, "secret")
    os.mkdir(secret)
    mount_pair(secret, "1", a)
    s = server(folder, pair=os.path.join(secret, "tls"))
    load = Load(s, REVIEW)
    old = serial_of(s)
    time.sleep(0.5)
    for n, pair in enumerate((b, a, b)):
        mount_pair(secret, f"swap{n}", pair)
        s.wait_log('"msg":"certificate in use"', n + 2)
    s.wait(lambda: serial_of(s) != old, "the old one is still shown")
    mount_pair(secret, "mismatch", a, b)
    line = s.wait_log('"msg":"certificate refused"')
    if "does not belong" not in line["error"] or not line["old_in_use"]:
        raise AssertionError(line)
    status, text = s.get("/readyz")
    expect(status, 200)
    if "the one before is in use" not in text:
        raise AssertionError(text)
    expect(serial_of(s) != old, True, "the pair before stays")
    expect(s.metric('bulkhead_certificate_loads_total{result="refused"}'), 1)
    print(f"  {load.stop()} requests, no failure", flush=True)
    expect(s.stop(), 0)


@test
def bad_certificates_make_it_not_ready_until_a_good_one_comes(folder):
    good = make_certificate(folder, "good")
    bare = make_certificate(folder, "bare", san=None)
    ca = make_certificate(folder, "ca")
    expired = make_certificate(folder, "expired", days=-1, issuer=ca)
    live = os.path.join(folder, "live")
    s = server(folder, pair=live, wait=False)

    def put(pair, key=None):
        shutil.copy(pair + ".crt", live + ".crt")
        shutil.copy((key or pair) + ".key", live + ".key")

    def says(words):
        status, text = s.get("/readyz")
        return status == 503 and words in text

    expect(says("cannot"), True, s.get("/readyz"))
    expect(s.metric("bulkhead_ready"), 0)
    try:
        post(s, "/validate", REVIEW)
        raise AssertionError("a handshake without certificate")
    except (OSError, ssl.SSLError):
        pass
    put(bare)
    s.wait(lambda: says("subject alternative name"), "no SAN")
    put(expired)
    s.wait(lambda: says("expired"), "expired")
    put(good, bare)
    s.wait(lambda: says("does not belong"), "mismatch")
    with open(live + ".crt", "w") as f:
        f.write("nonsense")
    s.wait(lambda: says("holds no certificate"), "nonsense")
    put(good)
    s.wait(lambda: s.get("/readyz")[0] == 200, "a good one")
    expect(post(s, "/validate", REVIEW)[0], 200)
    if not s.metric("bulkhead_certificate_expiry_timestamp_seconds") > \
            time.time():
        raise AssertionError("no expiry")
    expect(s.stop(), 0)


@test
def clients_are_checked_where_a_ca_is_given(folder):
    ca = make_certificate(folder, "ca")
    other = make_certificate(folder, "other")

    def client(name, issuer=ca, usage="clientAuth"):
        return make_certificate(folder, name, issuer=issuer, san=None,
                                usage=usage)

    s = server(folder, "--client-ca-file", ca + ".crt", "--allowed-names",
               "apiserver,second")

    def refused(pair, why):
        try:
            with Connection(s, context_for(pair)) as c:
                c.post("/validate", REVIEW)
        except (OSError, ssl.SSLError):
            return
        raise AssertionError(why + " was let in")

    for name in ("apiserver", "second"):
        expect(post(s, "/validate", REVIEW, context_for(client(name)))[0], 200)
    refused(None, "no certificate")
    refused(client("stranger"), "another name")
    refused(client("apiserver", issuer=other), "another CA")
    refused(client("apiserver", usage="serverAuth"), "a server's certificate")
    expect(s.get("/readyz")[0], 200, "probes need none")
    expect(s.stop(), 0)


# ---- policy ----

def tiers_in(folder, name="tiers"):
    path = os.path.join(folder, name)
    shutil.copytree(TIERS, path)
    return path


@test
def a_policy_is_reloaded_and_a_bad_one_refused(folder):
    tiers = tiers_in(folder)
    s = server(folder, "--tiers", tiers)
    digest = s.logs()[0]
    load = Load(s, REVIEW, threads=2)
    one = sorted(glob.glob(tiers + "/*.yaml"))[0]
    with open(one) as f:
        text = f.read()
    with open(one, "w") as f:
        f.write(text.replace("strength:", "stregth:", 1))
    s.signal(signal.SIGHUP)
    line = s.wait_log('"msg":"policy refused"')
    where = f"{one}:"
    if where not in line["error"] or not line["old_in_use"] or \
            "strength" not in line["error"]:
        raise AssertionError(line)
    status, text_ready = s.get("/readyz")
    expect(status, 200)
    if "[+]policy: the one before is in use" not in text_ready:
        raise AssertionError(text_ready)
    expect(s.metric("bulkhead_policy_generation"), 1)
    with open(one, "w") as f:
        f.write(text + "\n# changed\n")
    s.signal(signal.SIGHUP)
    s.wait(lambda: s.metric("bulkhead_policy_generation") >= 2, "reload")
    os.remove(one)  # without a signal
    s.wait(lambda: (s.metric("bulkhead_policy_loads_total{result=\"ok\"}") +
                    s.metric("bulkhead_policy_loads_total"
                             "{result=\"refused\"}")) >= 4, "no reload")
    load.stop()
    assert digest
    expect(s.stop(), 0)


@test
def without_a_policy_reviews_are_503(folder):
    tiers = os.path.join(folder, "tiers")
    os.mkdir(tiers)
    with open(tiers + "/bad.yaml", "w") as f:
        f.write("apiVersion: bulkhead.dev/v1alpha1\nkind: IsolationTier\n"
                "metadata: {name: x}\nspec: {nonsense: 1}\n")
    s = server(folder, "--tiers", tiers, wait=False)
    status, text = s.get("/readyz")
    expect(status, 503)
    if "[-]policy: " not in text or "bad.yaml" not in text:
        raise AssertionError(text)
    status, headers, _ = post(s, "/validate", REVIEW)
    expect((status, headers.get("retry-after")), (503, "1"))
    shutil.copy(sorted(glob.glob(TIERS + "/gvisor.yaml"))[0], tiers)
    os.remove(tiers + "/bad.yaml")
    s.wait(lambda: s.get("/readyz")[0] == 200, "a good one")
    expect(post(s, "/validate", REVIEW)[0], 200)
    expect(s.stop(), 0)


@test
def objects_of_the_cluster_are_reloaded(folder):
    objects = os.path.join(folder, "objects")
    os.mkdir(objects)
    shutil.copy(os.path.join(ROOT, "examples/cluster/cluster.yaml"), objects)
    s = server(folder, "--cluster-objects", objects)
    with open(objects + "/more.yaml", "w") as f:
        f.write("apiVersion: v1\nkind: Namespace\nmetadata: {name: more}\n")
    s.wait(lambda: "[+]objects: 6" in s.get("/readyz")[1], "one more")
    with open(objects + "/more.yaml", "w") as f:
        f.write("a: b: c\n")
    s.wait(lambda: "more.yaml:1" in s.get("/readyz")[1], "refused")
    os.remove(objects + "/more.yaml")
    s.wait(lambda: "[+]objects: 5" in s.get("/readyz")[1], "one less")
    expect(s.stop(), 0)


# ---- the end ----

@test
def draining_fails_no_request(folder):
    s = server(folder, "--grace", "3s")
    load = Load(s, REVIEW)
    idle = Connection(s)
    expect(idle.post("/validate", REVIEW)[0], 200)
    slow = Connection(s)
    body = json.dumps(REVIEW).encode()
    slow.send(b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: "
              b"application/json\r\nContent-Length: %d\r\n\r\n" % len(body) +
              body[:100])
    time.sleep(1)
    s.signal(signal.SIGTERM)
    s.wait(lambda: s.get("/readyz")[0] == 503, "still ready", 2)
    if "[-]serving: draining" not in s.get("/readyz")[1]:
        raise AssertionError(s.get("/readyz"))
    status, headers, _ = post(s, "/validate", REVIEW)
    expect((status, headers.get("connection", "").lower()), (200, "close"))
    status, headers, _ = idle.post("/validate", REVIEW)
    expect((status, headers.get("connection", "").lower()), (200, "close"))
    time.sleep(1)
    load.may_connect = False  # the endpoint is gone by now
    for t in load.threads:
        t.join()
    time.sleep(2.5)  # the grace is over
    slow.send(body[100:])
    expect(slow.receive()[0], 200, "in flight")
    slow.close()
    expect(s.stop(), 0)
    print(f"  {load.stop()} requests, no failure", flush=True)


@test
def a_second_signal_cuts_the_grace_short(folder):
    s = server(folder, "--grace", "60s")
    s.signal(signal.SIGTERM)
    s.wait_log('"msg":"draining"')
    start = time.time()
    s.signal(signal.SIGTERM)
    expect(s.process.wait(20), 0)
    if time.time() - start > 5 * SLOW:
        raise AssertionError("too slow")
    s.stop()


# ---- what is told ----

def parse_metrics(text):
    types, seen = {}, set()
    for line in text.splitlines():
        if line.startswith("# HELP ") or line.startswith("# TYPE "):
            _, word, name, rest = line.split(" ", 3)
            if word == "TYPE":
                expect(name in types, False, line)
                types[name] = rest
            continue
        series, value = line.rsplit(" ", 1)
        float(value)
        expect(series in seen, False, line)
        seen.add(series)
        name = series.split("{")[0]
        for suffix in ("_bucket", "_sum", "_count"):
            if name.endswith(suffix) and name[:-len(suffix)] in types:
                name = name[:-len(suffix)]
                break
        expect(name in types, True, line)
        expect(name.startswith("bulkhead_"), True, line)
    return types


@test
def metrics_parse(folder):
    s = server(folder)
    for path in ("/mutate", "/validate"):
        post(s, path, REVIEW)
    post(s, "/validate", b"{")
    status, text = s.get("/metrics")
    expect(status, 200)
    types = parse_metrics(text)
    if len(types) < 15 or 'verdict="patched"} 1' not in text or \
            'verdict="denied"} 1' not in text or \
            'reason="undecodable"} 1' not in text:
        raise AssertionError(text)
    expect(s.get("/healthz")[0], 200)
    expect(s.get("/nothing")[0], 404)
    expect(s.stop(), 0)


@test
def denials_are_logged_once_and_bodies_never(folder):
    s = server(folder)
    secret = json.loads(json.dumps(REVIEW))
    pod = secret["request"]["object"]["spec"]["podTemplate"]["spec"]
    pod["containers"][0]["env"] = [{"name": "TOKEN",
                                    "value": "s3cr3t-v4lue"}]
    for _ in range(3):
        post(s, "/validate", secret)
    for _ in range(150):
        post(s, "/mutate", secret) if _ < 3 else None
    post(s, "/validate", b'{"s3cr3t-v4lue": ')
    logs = s.logs()
    expect(len([x for x in logs if x["msg"] == "denied"]), 3)
    expect(len([x for x in logs if x["msg"] == "allowed"]), 1, "sampled")
    denied = [x for x in logs if x["msg"] == "denied"][0]
    expect((denied["uid"], denied["kind"], denied["tier"]),
           (REVIEW["request"]["uid"], "Sandbox", "gvisor"))
    if "s3cr3t" in s.log_text():
        raise AssertionError("a body was logged")
    expect(s.stop(), 0)


# ---- the cases of the engine ----

@test
def the_cases_of_the_engine_get_the_same_bytes(folder):
    replay = os.path.join(ROOT, "tests", "cases", "review")
    if not os.path.isdir(replay):
        print("  no case folders", flush=True)
        return
    from cases import replay_all
    n = replay_all(folder, replay, server)
    print(f"  {n} answers", flush=True)


def main(names):
    passed = failed = 0
    for f in TESTS:
        if names and not any(n in f.__name__ for n in names):
            continue
        folder = tempfile.mkdtemp(prefix="webhook-")
        start = time.time()
        try:
            f(folder)
            passed += 1
            print(f"ok    {f.__name__} {time.time() - start:.1f}s", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL  {f.__name__}\n{traceback.format_exc()}", flush=True)
        finally:
            for process in Server.started:
                process.kill()  # nothing where it has been waited for
            Server.started.clear()
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
