"""JSON Patch: what the API server makes of our patches is our working copy, and
patches of any kind are applied, or refused, as by our own code."""
import json
import random
import re

from environment import Tests, main, poll
from oracle import Comparison, Server, digest, probe
from oracle_pods import mixed, pods, unreadable_pods

test = Tests()
SERVER = Server()
PATH = "/apis/oracle.example.com/v1/documents"
KEYS = ["a", "b", "c", "a/b", "a~b", "~1", "~0", "", "0", "1", "-", "é", "a b",
        '"', "\\", "metadata", "x.y", "%41"]
BEFORE, AFTERS = 40, 15


def scalar(r):
    return r.choice([None, True, False, 0, 1, -7, 1.5, 2**53, 2**63 - 1, "",
                     "a", "b/c", "é\u2028", "a\u0000b", "<&>", "~1"])


def tree(r, depth=0):
    roll = r.random()
    if depth > 3 or roll < 0.35 and depth:
        return scalar(r)
    if roll < 0.6 and depth:
        return [tree(r, depth + 1) for _ in range(r.randint(0, 4))]
    return {r.choice(KEYS): tree(r, depth + 1)
            for _ in range(r.randint(0, 5))}


def changed(r, v, depth=0):
    if depth and r.random() < 0.1:
        return tree(r, depth)
    if isinstance(v, dict):
        out = {k: changed(r, w, depth + 1) for k, w in v.items()
               if r.random() > 0.12}
        while r.random() < 0.3:
            out[r.choice(KEYS)] = tree(r, depth + 1)
        return out
    if isinstance(v, list):
        out = [changed(r, w, depth + 1) for w in v if r.random() > 0.12]
        while r.random() < 0.3:
            out.insert(r.randint(0, len(out)), tree(r, depth + 1))
        return out
    return scalar(r) if r.random() < 0.1 else v


def escaped(key):
    return key.replace("~", "~0").replace("/", "~1")


def places(v, at=""):
    yield at
    if isinstance(v, dict):
        for k, w in v.items():
            yield from places(w, f"{at}/{escaped(k)}")
    if isinstance(v, list):
        for i, w in enumerate(v):
            yield from places(w, f"{at}/{i}")


def pointer(r, doc):
    """Half of them to what is there."""
    at = r.choice(list(places(doc))[1:] or ["/a"])
    roll = r.random()
    if roll < 0.5:
        return at
    if roll < 0.7:
        return at.rsplit("/", 1)[0] + "/" + escaped(r.choice(KEYS))
    return at + "/" + r.choice(["-", "0", "1", "2", "9", "00", "01", "1e0",
                                "a", "", "~", "~2", "a~b", "4294967296"])


def at_path(v, at):
    for key in at.split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        v = v[int(key)] if isinstance(v, list) else v[key]
    return v


def operation(r, doc):
    op = r.choice(["add", "remove", "replace", "move", "copy", "test"])
    out = {"op": op, "path": "/doc" + pointer(r, doc)}
    if op in ("move", "copy"):
        out["from"] = "/doc" + pointer(r, doc)
    if op in ("add", "replace"):
        out["value"] = tree(r, 2)
    if op == "test":
        out["value"] = scalar(r)
        try:
            if r.random() < 0.8:
                out["value"] = at_path(doc, out["path"][4:])
        except (KeyError, IndexError, TypeError, ValueError):
            pass
    return out


def set_up():
    schema = {"type": "object", "properties": {
        "doc": {"type": "object",
                "x-kubernetes-preserve-unknown-fields": True}}}
    SERVER.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
        "metadata": {"name": "documents.oracle.example.com"}, "spec": {
            "group": "oracle.example.com", "scope": "Cluster",
            "names": {"plural": "documents", "singular": "document",
                      "kind": "Document"},
            "versions": [{"name": "v1", "served": True, "storage": True,
                          "schema": {"openAPIV3Schema": schema}}]}})
    poll("documents are served",
         lambda: SERVER.ask("GET", PATH)[0] == 200)


def store(docs):
    """Under the name that is returned, with -0, -1 and so on behind it."""
    name = "d" + digest(docs)
    for status, body, _ in SERVER.ask_all(("POST", PATH, json.dumps({
            "apiVersion": "oracle.example.com/v1", "kind": "Document",
            "metadata": {"name": f"{name}-{i}"}, "doc": doc}))
            for i, doc in enumerate(docs)):
        assert status in (201, 409), body
    return name


def patch(name, operations):
    return ("PATCH", f"{PATH}/{name}?dryRun=All", json.dumps(operations),
            "application/json-patch+json")


def patched(answer):
    status, body, _ = answer
    if status == 200:
        return body.get("doc")
    return "refused" if status in (400, 422) else f"{status} {body}"


def befores():
    r = random.Random(20261121)
    return [tree(r) for _ in range(BEFORE)]


@test
def differences_of_documents():
    set_up()
    r = random.Random(1)
    docs = befores()
    name = store(docs)
    asked = [(i, d, changed(r, d)) for i, d in enumerate(docs)
             for _ in range(AFTERS)]
    ours = probe("patch", (json.dumps({
        "before": {"doc": b}, "after": {"doc": a}}) for _, b, a in asked))
    c = Comparison("patches of two documents, applied")
    answers = SERVER.ask_all(patch(f"{name}-{i}", one["patch"])
                             for (i, _, _), one in zip(asked, ours))
    for (_, before, after), one, answer in zip(asked, ours, answers):
        assert one["result"] == {"doc": after}, (before, after, one)
        c.add((before, one["patch"]), patched(answer), after,
              "changed" if before != after else "equal")
    c.finish()


def says(part):
    """Our reason to refuse what the server applies."""
    return lambda given, theirs, mine: mine == "refused" and \
        re.search(part, given[2])


def tests_escaped_text(given, theirs, mine):
    return theirs == "refused" and any(
        one["op"] == "test" and re.search("[<>&\u2028]", json.dumps(
            one["value"], ensure_ascii=False)) for one in given[1])


# Our own patches add, remove and replace what is there, and test nothing.
LENIENT = [
    ("the server replaces a member that is not there",
     says("replace: .* is not there")),
    ("the server copies null from what is not there",
     says("copy: .* is not there")),
    ("the server reads ~ before any other character as itself",
     says('has a "~" that is neither')),
    ("the server reads an index with leading zeros",
     says("has no array index")),
    ("the server tests bytes, its own with <, > and & escaped",
     tests_escaped_text),
]


@test
def any_patch():
    set_up()
    r = random.Random(2)
    docs = befores()
    name = store(docs)
    asked = []
    for i, doc in enumerate(docs):
        for _ in range(AFTERS):
            asked.append((i, doc, [operation(r, doc) for _ in range(
                r.choice([1, 1, 1, 2, 3]))]))
    ours = probe("patch", (json.dumps({"doc": {"doc": d}, "patch": p})
                           for _, d, p in asked))
    c = Comparison("patches of all operations", LENIENT)
    answers = SERVER.ask_all(patch(f"{name}-{i}", p) for i, _, p in asked)
    for (_, doc, operations), one, answer in zip(asked, ours, answers):
        mine = "refused" if "error" in one else one["result"].get("doc")
        c.add((doc, operations, one.get("error"), answer[1].get("message")),
              patched(answer), mine,
              "refused" if mine == "refused" else "applied")
    c.finish()


def review(document):
    return json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "1", "operation": "CREATE", "namespace": "a", "name": "s",
            "kind": {"group": "agents.x-k8s.io", "version": "v1beta1",
                     "kind": "Sandbox"},
            "resource": {"group": "agents.x-k8s.io", "version": "v1beta1",
                         "resource": "sandboxes"},
            "userInfo": {"username": "somebody"}, "object": document}})


def sandboxes():
    """Of Pods of every kind, unreadable ones, too."""
    r = random.Random(3)
    chosen = r.sample(pods(), 250) + r.sample(unreadable_pods(), 60) + \
        [mixed(r) for _ in range(200)]
    for pod in chosen:
        template = {"metadata": pod["metadata"], "spec": pod["spec"]}
        yield {"apiVersion": "agents.x-k8s.io/v1beta1", "kind": "Sandbox",
               "metadata": {"name": "s", "namespace": "a"},
               "spec": {"podTemplate": template}}


@test
def what_fills_sandboxes():
    set_up()
    asked = list(sandboxes())
    ours = probe("fill", map(review, asked), "")
    # They need not be stored: each patch starts with its own.
    name = store([{}])
    c = Comparison("Sandboxes filled by the server with our patch")
    answers = SERVER.ask_all(patch(f"{name}-0", [
        {"op": "add", "path": "/doc", "value": one}] + [
            {**step, "path": "/doc" + step["path"]}
            for step in mine["patch"]]) for one, mine in zip(asked, ours))
    for one, mine, answer in zip(asked, ours, answers):
        c.add((json.dumps(one), mine["patch"]), patched(answer),
              mine["filled"], f"{min(9, len(mine['patch']))} operations")
    c.finish()


if __name__ == "__main__":
    main(test)
