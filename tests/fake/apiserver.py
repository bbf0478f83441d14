#!/usr/bin/env python3
"""A fake Kubernetes API server with state and with faults, for tests only.

    tests/fake/apiserver.py [--port N]

Plain HTTP on 127.0.0.1; prints "api PORT control PORT" and serves until it is
ended. No authentication, no schemas, no defaults. What it has: discovery, the
kinds of store.TABLE, lists in pages, watches with bookmarks and selectors,
PartialObjectMetadata, create, replace, JSON patch, merge patch, server-side
apply with managedFields (fields.py), delete with preconditions, garbage
collection by ownerReferences, one resourceVersion for all.

A path may begin with /via/NAME: it is left out, and the log says via NAME, so
that clients with a kubeconfig each can be told apart.

Control, on its own port, JSON in and out:

    POST   /seed      {"objects": [...]}  stored as they are, garbage included
    POST   /erase     {"objects": [{apiVersion, kind, metadata}]}
    GET    /objects   all objects
    GET    /log?from=N      all writes since number N: n, verb, path, query,
                      agent, via, at and done (seconds), status, cut, rv, body
    GET    /history?from=RV all changes: rv, type, kind, ns, name, at, object
    GET    /counts    requests by "VERB plural"
    POST   /rules     {"rules": [...]}    added; answers their numbers
    GET    /rules     how often each was applied
    DELETE /rules
    POST   /refuse    {"seconds": S}  port closed, connections cut
    POST   /freeze    {"seconds": S}  everything stands still, control too
    POST   /cut       {"path": RE}    watches of such paths end at once
    POST   /forget    {"plural": P}   old versions of P (or all) are gone: 410
    POST   /serve     {"group": G, "plural": P, "served": BOOL}

A rule: which requests, which of those, and what then happens.

    verb      regular expression: get list watch create update patch apply
              delete (of objects; "discover" is all else)
    path      regular expression, searched in path?query
    agent     regular expression, searched in the User-Agent
    skip, every, count    leave the first skip alone; of the rest each every-th
              (default 1); at most count of them (default 1, 0: no end)
    answer    this status instead of acting; with retryAfter: S, reason: R
    acted     true: act, then answer that status
    hang      seconds before acting; with acted: after it
    cut       "before", "after" acting, or in the "middle" of the answer
    kill      pid: SIGKILL after acting, before answering (signal: N instead)
    Of watches: error: 410 (an ERROR event), end: true (at once, cleanly),
    cutAfter: bytes of events, cutCharacter: true (inside the first character
    of several bytes), noBookmarks: true, silent: true (nothing is sent).
"""
import argparse
import asyncio
import json
import os
import re
import socket
import sys
import time
from urllib.parse import parse_qsl, unquote

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import store as storage
from store import Refusal, encode

BOOKMARK_SECONDS = 2
WORDS = {200: "OK", 201: "Created", 400: "Bad Request", 403: "Forbidden",
         404: "Not Found", 409: "Conflict", 410: "Gone",
         422: "Unprocessable Entity", 429: "Too Many Requests",
         500: "Internal Server Error", 503: "Service Unavailable"}


class Cut(Exception):
    """The connection is closed here."""


class Rule:
    def __init__(self, text):
        self.text = text
        self.seen = self.applied = 0
        self.verb = re.compile(text.get("verb", ".*"))
        self.path = re.compile(text.get("path", ""))
        self.agent = re.compile(text.get("agent", ""))

    def applies(self, request):
        if not self.verb.fullmatch(request.verb) or \
                not self.path.search(request.target) or \
                not self.agent.search(request.agent):
            return False
        count = self.text.get("count", 1)
        if count and self.applied >= count:
            return False
        self.seen += 1
        after = self.seen - self.text.get("skip", 0) - 1
        if after < 0 or after % self.text.get("every", 1):
            return False
        self.applied += 1
        return True


class Request:
    def __init__(self, method, target, headers, body):
        self.method, self.target = method, target
        self.headers, self.body = headers, body
        self.via = ""
        if target.startswith("/via/"):
            self.via, _, rest = target[5:].partition("/")
            self.target = target = "/" + rest
        path, _, query = target.partition("?")
        self.steps = [unquote(s) for s in path.split("/")[1:]]
        self.path = path
        self.query = dict(parse_qsl(query))
        self.agent = headers.get("user-agent", "")
        self.kind = self.ns = None
        self.name = self.sub = ""
        self.verb = "discover"

    def resolve(self, store):
        """Sets kind, ns, name, sub and verb when the path is of a kind."""
        steps = self.steps
        if steps[0] == "api" and len(steps) > 2:
            group, version, rest = "", steps[1], steps[2:]
        elif steps[0] == "apis" and len(steps) > 3:
            group, version, rest = steps[1], steps[2], steps[3:]
        else:
            return
        ns = ""
        if rest[0] == "namespaces" and len(rest) > 2 and \
                rest[2] not in ("status", "finalize"):
            ns, rest = rest[1], rest[2:]
        self.kind = store.find(group, version, rest[0])
        if not self.kind:
            if group == "authorization.k8s.io":
                return
            raise Refusal(404, "the server could not find the requested "
                          "resource")
        self.ns = ns
        self.name = rest[1] if len(rest) > 1 else ""
        self.sub = rest[2] if len(rest) > 2 else ""
        self._set_verb()

    def _set_verb(self):
        kind = self.headers.get("content-type", "")
        self.verb = {"POST": "create", "PUT": "update", "DELETE": "delete",
                     "PATCH": "apply" if "apply-patch" in kind else "patch",
                     "GET": "get" if self.name else "list"}.get(self.method,
                                                               "other")
        if self.method == "GET" and self.query.get("watch") in ("true", "1"):
            self.verb = "watch"

    def writes(self):
        return self.verb in ("create", "update", "patch", "apply", "delete")

    def wants_metadata(self):
        return "as=PartialObjectMetadata" in self.headers.get("accept", "")


def partial(doc):
    return {"kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1", "metadata": doc["metadata"]}


class Api:
    def __init__(self):
        self.store = storage.Store()
        self.store.later = self._later
        self.rules, self.log, self.counts = [], [], {}
        self.watches = set()

    @staticmethod
    def _later(f):
        asyncio.get_running_loop().call_later(0.005, f)

    def rule(self, request):
        for rule in self.rules:
            if rule.applies(request):
                return rule.text
        return {}

    # ---- answers ----

    def discover(self, request):
        steps = request.steps
        if request.path == "/version":
            return {"major": "1", "minor": "36", "gitVersion": "v1.36.3"}
        if request.path in ("/healthz", "/readyz", "/livez"):
            return {}
        if steps[-1] in ("selfsubjectaccessreviews", "subjectaccessreviews",
                         "selfsubjectrulesreviews"):
            review = json.loads(request.body)
            return {**review, "status": {"allowed": True}}
        kinds = [k for k in self.store.kinds if k.served]
        if request.path == "/api":
            return {"kind": "APIVersions", "versions": ["v1"]}
        if request.path == "/apis":
            groups = {}
            for k in kinds:
                if k.group:
                    groups.setdefault(k.group, k.version)
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
                {"name": g, "versions": [self._version(g, v)],
                 "preferredVersion": self._version(g, v)}
                for g, v in groups.items()]}
        wanted = "/".join(steps[1:])
        rows = [k for k in kinds if k.api_version == wanted]
        if not rows:
            raise Refusal(404, "the server could not find the requested "
                          "resource")
        return {"kind": "APIResourceList", "apiVersion": "v1",
                "groupVersion": wanted,
                "resources": [r for k in rows for r in self._resources(k)]}

    @staticmethod
    def _version(group, version):
        return {"groupVersion": f"{group}/{version}", "version": version}

    @staticmethod
    def _resources(kind):
        row = {"name": kind.plural, "singularName": kind.kind.lower(),
               "namespaced": kind.namespaced, "kind": kind.kind,
               "verbs": ["create", "delete", "get", "list", "patch",
                         "update", "watch"]}
        yield row
        if kind.has_status:
            yield {**row, "name": kind.plural + "/status"}

    def list(self, request):
        kind = request.kind
        match = self._match(request)
        meta, docs = self.store.list(
            kind, request.ns, match, int(request.query.get("limit") or 0),
            request.query.get("continue"))
        if request.wants_metadata():
            return {"kind": "PartialObjectMetadataList",
                    "apiVersion": "meta.k8s.io/v1", "metadata": meta,
                    "items": [partial(d) for d in docs] or None}
        if not kind.custom:
            docs = [{k: v for k, v in d.items()
                     if k not in ("apiVersion", "kind")} for d in docs]
        return {"kind": kind.kind + "List", "apiVersion": kind.api_version,
                "metadata": meta, "items": docs}

    @staticmethod
    def _match(request):
        match = storage.matcher(request.query.get("labelSelector"))
        by_field = request.query.get("fieldSelector")
        if not by_field:
            return match
        wanted = dict(p.replace("==", "=").split("=", 1)
                      for p in by_field.split(","))

        def both(doc):
            for path, value in wanted.items():
                at = doc
                for step in path.split("."):
                    at = at.get(step, "") if isinstance(at, dict) else ""
                if at != value:
                    return False
            return not match or match(doc)
        return both

    @staticmethod
    def _body(request):
        try:
            return json.loads(request.body) if request.body else {}
        except ValueError as e:
            raise Refusal(400, f"the body is no JSON: {e}") from None

    def write(self, request):
        """(status, object)"""
        s, r, body = self.store, request, self._body(request)
        manager = r.query.get("fieldManager") or r.agent.split("/")[0]
        dry = r.query.get("dryRun") == "All"
        if r.verb == "create":
            return 201, s.create(r.kind, r.ns, body, manager, dry)
        if not r.name:
            raise Refusal(405, "the server does not allow this method on the "
                          "requested resource")
        if r.sub not in ("", "status") or (r.sub and not r.kind.has_status):
            raise Refusal(404, "the server could not find the requested "
                          "resource")
        if r.verb == "delete":
            doc = s.delete(r.kind, r.ns, r.name, body, dry)
            return 200, {"kind": "Status", "apiVersion": "v1",
                         "metadata": {}, "status": "Success",
                         "details": r.kind.details(
                             r.name, uid=doc["metadata"].get("uid"))}
        if r.verb == "apply":
            doc, created = s.apply(r.kind, r.ns, r.name, body, manager,
                                   r.query.get("force") == "true", r.sub, dry)
            return 201 if created else 200, doc
        if r.verb == "update":
            return 200, s.update(r.kind, r.ns, r.name, lambda old: body,
                                 manager, r.sub, dry)
        how = storage.json_patch if isinstance(body, list) \
            else storage.merge_patch
        return 200, s.update(r.kind, r.ns, r.name,
                             lambda old: how(old, body), manager, r.sub, dry)

    def act(self, request):
        """(status, answer)"""
        try:
            if request.verb == "discover":
                status = 201 if request.method == "POST" else 200
                return status, self.discover(request)
            if request.writes():
                return self.write(request)
            if request.verb == "list":
                return 200, self.list(request)
            doc = self.store.get(request.kind, request.ns, request.name)
            return 200, partial(doc) if request.wants_metadata() else doc
        except Refusal as e:
            return e.code, e.status

    @staticmethod
    def fault(rule):
        more = {}
        if "retryAfter" in rule:
            more["retryAfterSeconds"] = rule["retryAfter"]
        return rule["answer"], Refusal(
            rule["answer"], rule.get("message", "a fault that was asked for"),
            rule.get("reason"), more).status

    async def answer(self, request):
        """(status, answer, rule), by the rules; Cut to close."""
        rule = self.rule(request)
        entry = {}
        if request.writes():
            entry = {"n": len(self.log), "verb": request.verb,
                     "path": request.path, "query": request.query,
                     "agent": request.agent, "via": request.via,
                     "at": time.time(),
                     "status": 0, "cut": rule.get("cut"),
                     "body": request.body.decode("utf-8", "replace")}
            self.log.append(entry)
        acted = rule.get("acted")
        if "hang" in rule and not acted:
            await asyncio.sleep(rule["hang"])
        if rule.get("cut") == "before":
            raise Cut
        if "answer" in rule and not acted:
            status, answer = self.fault(rule)
        else:
            status, answer = self.act(request)
        entry.update(status=status, done=time.time(), rv=self.store.rv)
        if "kill" in rule:
            os.kill(rule["kill"], rule.get("signal", 9))
        if "hang" in rule and acted:
            await asyncio.sleep(rule["hang"])
        if "answer" in rule and acted:
            status, answer = self.fault(rule)
        if rule.get("cut") == "after":
            raise Cut
        return status, answer, rule


class Watch:
    """One stream. Pulls from the history of its kind."""

    def __init__(self, api, request, writer, rule):
        self.kind, self.ns = request.kind, request.ns
        self.match = api._match(request)
        self.metadata = request.wants_metadata()
        self.query, self.target = request.query, request.target
        self.writer, self.rule = writer, rule
        self.wake = asyncio.Event()
        self.store = api.store
        self.sent = 0
        self.over = False

    def line(self, what, doc):
        if self.metadata and what != "ERROR":
            doc = partial(doc)
        return encode({"type": what, "object": doc}) + b"\n"

    def send(self, data):
        """Cuts where the rule says."""
        end = len(data)
        limit = self.rule.get("cutAfter")
        if limit is not None:
            end = max(0, min(end, limit - self.sent))
        if self.rule.get("cutCharacter"):
            wide = next((i for i, b in enumerate(data) if b >= 0xc0), None)
            if wide is not None:
                end = min(end, wide + 1)
        part = data[:end]
        self.sent += len(part)
        if part:
            self.writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        if end < len(data):
            raise Cut

    def event(self, what, doc, old):
        """As a watch with a selector sees it."""
        if self.ns and doc["metadata"].get("namespace") != self.ns:
            return b""
        if self.match:
            was = old is not None and self.match(old)
            now = what != "DELETED" and self.match(doc)
            if not was and not now:
                return b""
            if was and not now:
                what = "DELETED"
                doc = {**old, "metadata":
                       {**old["metadata"], "resourceVersion":
                        doc["metadata"]["resourceVersion"]}}
            else:
                what = "MODIFIED" if was else "ADDED"
        return self.line(what, doc)

    def begin(self):
        """The version to begin after; sends what there is where it is 0."""
        version = self.query.get("resourceVersion", "")
        if version in ("", "0"):
            for doc in list(self.kind.objects.values()):
                self.send(self.event("ADDED", doc, None))
            return self.store.rv
        if int(version) < self.kind.forgotten:
            self.expired()
        return int(version)

    def expired(self):
        self.send(self.line("ERROR", Refusal(
            410, "too old resource version", "Expired").status))
        raise asyncio.CancelledError

    def bookmark(self, version):
        if self.query.get("allowWatchBookmarks") != "true" or \
                self.rule.get("noBookmarks"):
            return
        self.send(self.line("BOOKMARK", {
            "kind": self.kind.kind, "apiVersion": self.kind.api_version,
            "metadata": {"resourceVersion": str(version),
                         "creationTimestamp": None}}))

    def news(self, version):
        """Events after the version, by bisection."""
        history = self.kind.history
        low, high = 0, len(history)
        while low < high:
            middle = (low + high) // 2
            if history[middle][0] <= version:
                low = middle + 1
            else:
                high = middle
        return history[low:]

    async def run(self):
        end = time.monotonic() + float(
            self.query.get("timeoutSeconds") or 1800)
        if self.rule.get("error"):
            self.expired()
        version = self.begin()
        while not self.rule.get("end"):
            self.wake.clear()
            if self.over:
                raise Cut
            if version < self.kind.lost:
                self.expired()
            for rv, what, doc, old, _ in self.news(version):
                if not self.rule.get("silent"):
                    self.send(self.event(what, doc, old))
                version = rv
            await self.writer.drain()
            left = end - time.monotonic()
            if left <= 0:
                self.bookmark(version)
                return
            try:
                await asyncio.wait_for(self.wake.wait(),
                                       min(left, BOOKMARK_SECONDS))
            except asyncio.TimeoutError:
                # All of its kind is sent, so that any version will do.
                version = self.store.rv
                if not self.rule.get("silent"):
                    self.bookmark(version)


class Server:
    def __init__(self, port):
        self.api = Api()
        self.port = port
        self.listener = None
        self.writers = set()

    # ---- HTTP ----

    async def read(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        headers = {}
        for line in lines[1:]:
            if line:
                name, value = line.split(":", 1)
                headers[name.lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        size = int(headers.get("content-length") or 0)
        body = await reader.readexactly(size) if size else b""
        return Request(method, target, headers, body)

    @staticmethod
    def reply(writer, status, answer, cut=False):
        body = encode(answer)
        more = ""
        if status == 429 or "retryAfterSeconds" in str(
                answer.get("details") if isinstance(answer, dict) else ""):
            more = "Retry-After: %s\r\n" % (
                (answer.get("details") or {}).get("retryAfterSeconds", 1))
        head = (f"HTTP/1.1 {status} {WORDS.get(status, 'Status')}\r\n"
                f"Content-Type: application/json\r\n{more}"
                f"Content-Length: {len(body)}\r\n\r\n").encode()
        if cut:
            writer.write(head + body[:len(body) // 2])
            raise Cut
        writer.write(head + body)

    async def watch(self, request, writer):
        rule = self.api.rule(request)
        if "hang" in rule:
            await asyncio.sleep(rule["hang"])
        if rule.get("cut"):
            raise Cut
        if "answer" in rule:
            self.reply(writer, *self.api.fault(rule))
            return True
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                     b"Transfer-Encoding: chunked\r\n\r\n")
        w = Watch(self.api, request, writer, rule)
        w.kind.wake.append(w.wake.set)
        self.api.watches.add(w)
        try:
            await w.run()
        except asyncio.CancelledError:
            pass
        finally:
            w.kind.wake.remove(w.wake.set)
            self.api.watches.discard(w)
        writer.write(b"0\r\n\r\n")
        return True

    async def serve(self, request, writer):
        api = self.api
        try:
            request.resolve(api.store)
        except Refusal as e:
            self.reply(writer, e.code, e.status)
            return
        counted = request.verb + " " + (request.kind.plural if request.kind
                                        else request.path)
        api.counts[counted] = api.counts.get(counted, 0) + 1
        if request.verb == "watch":
            await self.watch(request, writer)
            return
        status, answer, rule = await api.answer(request)
        self.reply(writer, status, answer, rule.get("cut") == "middle")

    async def talk(self, reader, writer, serve):
        self.writers.add(writer)
        writer.get_extra_info("socket").setsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            while True:
                await serve(await self.read(reader, writer), writer)
                await writer.drain()
        except (Cut, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()

    async def on_api(self, reader, writer):
        await self.talk(reader, writer, self.serve)

    async def listen(self):
        self.listener = await asyncio.start_server(
            self.on_api, "127.0.0.1", self.port, limit=1 << 20,
            reuse_address=True, backlog=256)
        self.port = self.listener.sockets[0].getsockname()[1]

    # ---- control ----

    async def refuse(self, seconds):
        self.listener.close()
        for writer in list(self.writers):
            writer.transport.abort()
        await asyncio.sleep(seconds)
        await self.listen()

    def cut(self, path):
        for w in list(self.api.watches):
            if re.search(path, w.target):
                w.over = True
                w.wake.set()

    def forget(self, plural):
        for kind in self.api.store.kinds:
            if plural in ("", kind.plural):
                self.api.store.forget(kind)

    def post(self, path, body):
        api, s = self.api, self.api.store
        if path == "/seed":
            for doc in body["objects"]:
                s.seed(doc)
            return {"rv": s.rv}
        if path == "/erase":
            for doc in body["objects"]:
                kind, meta = s.kind_of(doc), doc["metadata"]
                key = (meta.get("namespace", ""), meta["name"])
                if key in kind.objects:
                    s.commit(kind, key, None)
        elif path == "/rules":
            api.rules += [Rule(r) for r in body["rules"]]
        elif path == "/refuse":
            asyncio.get_running_loop().create_task(
                self.refuse(body["seconds"]))
        elif path == "/freeze":
            asyncio.get_running_loop().call_later(
                0.01, time.sleep, body["seconds"])
        elif path == "/cut":
            self.cut(body.get("path", ""))
        elif path == "/forget":
            self.forget(body.get("plural", ""))
        elif path == "/serve":
            for kind in s.kinds:
                if kind.group == body["group"] and \
                        body.get("plural") in (None, kind.plural):
                    kind.served = body["served"]
        else:
            raise Refusal(404, "no such control")
        return {}

    def control(self, r):
        api, s = self.api, self.api.store
        since = int(r.query.get("from") or 0)
        if r.method == "POST":
            return self.post(r.path, json.loads(r.body or b"{}"))
        if r.method == "DELETE" and r.path == "/rules":
            api.rules = []
            return {}
        if r.path == "/objects":
            return {"objects": [d for k in s.kinds
                                for d in k.objects.values()]}
        if r.path == "/log":
            return {"log": api.log[since:]}
        if r.path == "/counts":
            return api.counts
        if r.path == "/rules":
            return {"applied": [x.applied for x in api.rules]}
        if r.path == "/history":
            rows = [{"rv": rv, "type": what, "kind": k.kind, "at": at,
                     "ns": d["metadata"].get("namespace", ""),
                     "name": d["metadata"]["name"], "object": d}
                    for k in s.kinds
                    for rv, what, d, _, at in k.history if rv > since]
            return {"history": sorted(rows, key=lambda x: x["rv"])}
        raise Refusal(404, "no such control")

    async def serve_control(self, request, writer):
        try:
            self.reply(writer, 200, self.control(request))
        except Refusal as e:
            self.reply(writer, e.code, e.status)

    async def on_control(self, reader, writer):
        await self.talk(reader, writer, self.serve_control)

    async def run(self):
        await self.listen()
        control = await asyncio.start_server(
            self.on_control, "127.0.0.1", 0, limit=1 << 20)
        print("api", self.port, "control",
              control.sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    try:
        asyncio.run(Server(parser.parse_args().port).run())
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
