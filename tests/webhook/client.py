"""A server under test, and an HTTP client that may misbehave."""
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time

ROOT = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("WEBHOOK") or os.path.join(
    os.environ.get("BUILD", os.path.join(ROOT, "build")), "bulkhead-webhook")
# Sanitizers make everything slower and larger.
SLOW = int(os.environ.get("SLOW", "1"))


def run(*args, **more):
    return subprocess.run(args, check=True, capture_output=True, **more)


def make_certificate(folder, name="tls", days=30, issuer=None, subject=None,
                     san="DNS:localhost,IP:127.0.0.1", extra=(), usage=None):
    """A P-256 pair folder/name.crt, .key; self-signed without an issuer."""
    base = os.path.join(folder, name)
    request = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:P-256", "-nodes", "-subj",
               "/CN=" + (subject or name), "-keyout", base + ".key"]
    extensions = []
    if san:
        extensions.append("subjectAltName=" + san)
    if usage:
        extensions.append("extendedKeyUsage=" + usage)
    if not issuer:
        args = request + ["-x509", "-days", str(days), "-out", base + ".crt"]
        for extension in extensions:
            args += ["-addext", extension]
        run(*args, *extra)
        return base
    run(*request, "-out", base + ".csr")
    with open(base + ".ext", "w") as f:
        f.write("\n".join(extensions) + "\n")
    run("openssl", "x509", "-req", "-in", base + ".csr", "-CA",
        issuer + ".crt", "-CAkey", issuer + ".key", "-days", str(days),
        "-set_serial", str(time.time_ns()), "-extfile", base + ".ext",
        "-out", base + ".crt", *extra)
    return base


class Server:
    started = []  # all of them, also of tests that failed

    def __init__(self, folder, *args, pair=None, wait=True):
        self.pair = pair or make_certificate(folder)
        self.log_path = os.path.join(folder, "log")
        self.log = open(self.log_path, "wb")
        self.process = subprocess.Popen(
            [PROGRAM, "--listen", "127.0.0.1:0", "--metrics-listen",
             "127.0.0.1:0", "--cert-file", self.pair + ".crt", "--key-file",
             self.pair + ".key", "--grace", "0s", *args],
            stderr=self.log, stdout=self.log)
        Server.started.append(self.process)
        self.reviews = self.status = None
        line = self.wait_log('"msg":"serving"')
        self.reviews = int(line["reviews"].rsplit(":", 1)[1])
        self.status = int(line["status"].rsplit(":", 1)[1])
        if wait:
            self.wait(lambda: self.get("/readyz")[0] == 200, "not ready")

    def logs(self):
        with open(self.log_path, encoding="utf-8") as f:
            return [json.loads(x) for x in f if x.startswith("{")]

    def log_text(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait(self, done, what, seconds=10):
        end = time.time() + seconds * SLOW
        while time.time() < end:
            got = done()
            if got:
                return got
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(what + "\n" + self.log_text()[-3000:])

    def wait_log(self, needle, n=1):
        def found():
            text = [x for x in self.log_text().splitlines() if needle in x]
            return json.loads(text[n - 1]) if len(text) >= n else None
        return self.wait(found, "no log line with " + needle)

    def get(self, path):
        try:
            c = http.client.HTTPConnection("127.0.0.1", self.status, timeout=5)
            c.request("GET", path)
            r = c.getresponse()
            return r.status, r.read().decode()
        except OSError:
            return 0, ""
        finally:
            c.close()

    def metric(self, name):
        for line in self.get("/metrics")[1].splitlines():
            if line.startswith(name + " "):
                return float(line.split()[-1])
        return None

    def rss_mib(self, field="VmRSS"):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(field + r":\s+(\d+)", f.read()).group(1)) / 1024

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            code = self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("does not stop\n" + self.log_text()[-2000:])
        self.log.close()
        text = self.log_text()
        assert "Sanitizer" not in text, text[-6000:]
        return code


def context_for(client=None):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if client:
        context.load_cert_chain(client + ".crt", client + ".key")
    return context


CONTEXT = context_for()


class Connection:
    """One TLS connection; answers as (status, headers, body)."""

    def __init__(self, server, context=CONTEXT, timeout=20, alpn=False):
        if alpn:
            context = context_for()
            context.set_alpn_protocols(["h2", "http/1.1"])
        raw = socket.create_connection(("127.0.0.1", server.reviews), timeout)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket = context.wrap_socket(raw, server_hostname="localhost")
        except BaseException:
            raw.close()
            raise
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _fill(self):
        got = self.socket.recv(65536)
        if not got:
            raise ConnectionError("closed")
        self.buffer += got

    def receive(self):
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, value = line.split(":", 1)
            headers[name.strip().lower()] = value.strip()
        size = int(headers.get("content-length", "0"))
        while len(self.buffer) < size:
            self._fill()
        body, self.buffer = self.buffer[:size], self.buffer[size:]
        return int(lines[0].split()[1]), headers, body

    def post(self, path, body, content_type="application/json", more=""):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        kind = f"Content-Type: {content_type}\r\n" if content_type else ""
        self.send((f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{kind}{more}"
                   f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
        return self.receive()


def post(server, path, body, context=CONTEXT, **more):
    with Connection(server, context) as c:
        return c.post(path, body, **more)


class Load:
    """Threads that send reviews until told otherwise; counts failures."""

    def __init__(self, server, review, threads=8):
        self.server, self.review = server, json.dumps(review).encode()
        self.sent, self.failures = 0, []
        self.may_connect, self.going = True, True
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._work)
                        for _ in range(threads)]
        for t in self.threads:
            t.start()

    def _request(self, connection):
        status, headers, body = connection.post("/validate", self.review)
        if status != 200 or b'"uid"' not in body:
            raise AssertionError(f"status {status}")
        with self.lock:
            self.sent += 1
        return headers.get("connection", "").lower() != "close"

    def _work(self):
        connection = None
        while self.going:
            try:
                if not connection:
                    if not self.may_connect:
                        return
                    connection = Connection(self.server)
                if not self._request(connection):
                    connection.close()
                    connection = None
            except (OSError, AssertionError) as e:
                with self.lock:
                    self.failures.append(repr(e))
                connection = None
                time.sleep(0.01)
        if connection:
            connection.close()

    def stop(self):
        self.going = False
        for t in self.threads:
            t.join()
        assert not self.failures, (len(self.failures), self.failures[:5])
        assert self.sent > 50, self.sent
        return self.sent
