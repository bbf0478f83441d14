#!/usr/bin/env python3
"""The API server as oracle for deploy/crds/: documents from a fixed seed, sound
and broken, must get the same verdict from the schemas and from the decoder.

  crd_oracle.py PROGRAM [COUNT]

What the server refuses, the decoder refuses. What it takes, the decoder takes
as the server stored it; LAXER lists what no schema can say. The rows of
STRICTER are where the schema bounds what the decoder does not.
Wants APISERVER, CA_FILE and TOKEN_FILE. Last line: "N passed, M failed".
"""
import collections
import concurrent.futures
import copy
import http.client
import json
import os
import random
import ssl
import subprocess
import sys
import tempfile
import urllib.parse

PLURALS = {"IsolationTier": "isolationtiers",
           "IsolationPolicy": "isolationpolicies",
           "IsolationException": "isolationexceptions"}

# The server takes these: only the engine can tell that they are wrong.
LAXER = {
    "pattern": "compiling PCRE2",
    "path": "the syntax of a team rule's path",
    "label key": "keys of maps have no schema",
    "special block": "the table of private, special and metadata addresses",
    "exponent": "how far a quantity's exponent goes",
}

R = random.Random(20261121)


class Broken:
    """A value that must be refused, and the class it belongs to."""

    def __init__(self, value, laxer=None):
        self.value, self.laxer = value, laxer


# ---- values: each maker returns a sound value, or one that is Broken ----

def one_of(sound, broken, laxer=()):
    """laxer: pairs of a class and a value that only the decoder refuses."""
    def plain(breaking):
        if not breaking:
            return copy.deepcopy(R.choice(sound))
        if laxer and R.random() < 0.25:
            which, value = R.choice(laxer)
            return Broken(value, which)
        return Broken(copy.deepcopy(R.choice(broken)))
    return plain


NOT_TEXT = [3, True, [], {}, ["x"], 1.5]
NOT_A_LIST = ["x", 3, {}, {"a": 1}, True]

text = one_of(["", "x", "two words", "ein Wort: \u00e4", "a" * 200], NOT_TEXT)
name = one_of(["base", "other"], NOT_TEXT + [""])
boolean = one_of([True, False], ["true", 0, 1, "yes", [], {}])


def enum(*names):
    return one_of(list(names),
                  [names[0].lower(), names[-1] + " ", "", "Bogus", 1, True,
                   [names[0]], {"a": names[0]}])


def integer(low, high):
    return one_of([low, high, low + 1, high - 1, float(low + 1)],
                  [low - 1, high + 1, "1", 1.5, True, [1], {}, 2 ** 63])


quantity = one_of(
    ["500m", "1", "1.5", ".5", "5.", "1Gi", "512Mi", "1e3", "2E", "1E3",
     "+1", "100k", 0, 7, 4096, "1e-3", "3n", "-0", "0.000"],
    ["-1", "1.5.2", "Ki", "", " 1", "1 Gi", "1gi", "0x1", "1e", "1e+",
     "--1", "1mi", "1_000", "\u0661", "NaN", "inf", "-1m", True, [], {}, 1.5,
     -3, "1\n", "1e1.5", "1KI", "-0.1"],
    [("exponent", "1e99999999")])

duration = one_of(
    ["1h", "90m", "1h30m", "1.5h", "300ms", "0", "0s", "+1h", "1us",
     "1\u00b5s", "1\u03bcs", "10ns", ".5h", "5.m", "-0", "-0s", "2562047h"],
    ["1", "1d", "", "h", "1h ", " 1h", "-1h", "1hm", "1H", "3000000h", "-",
     "+", ".h", "1h-1m", "1:30", 5, True, [], {}, "1s\n"])

timestamp = one_of(
    ["2026-11-21T06:00:00Z", "2026-11-21T06:00:00+01:00",
     "2024-02-29T23:59:59Z", "2026-11-21T06:00:00.123Z",
     "2026-11-21T6:00:00Z", "2026-11-21T06:00:00,5Z", "9999-12-31T23:59:59Z"],
    ["2026-11-21", "2026-11-21 06:00:00Z", "2026-11-21T06:00:00",
     "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z",
     "2026-11-21T06:60:00Z", "tomorrow", "", 1763704800, True, [],
     "2026-11-21t06:00:00z", "2026-11-21T06:00:00Z ", "26-11-21T06:00:00Z",
     "2026-11-21T06:00:60Z"])

pattern = one_of(["", "^a+$", r"^[a-z]{1,3}\.x$", "a|b", r"\d+"], NOT_TEXT,
                 [("pattern", "("), ("pattern", "["), ("pattern", "a{2,1}"),
                  ("pattern", "*"), ("pattern", r"\p{Nope}")])

path = one_of(["metadata.labels.team", "spec.containers[*].image", "a[0].b",
               "a['b.c/d'].e", "*"], NOT_TEXT + [""],
              [("path", "a..b"), ("path", "a["), ("path", "a[x]"),
               ("path", ".a"), ("path", "a b"), ("path", "$")])

LABEL_VALUES = ["", "a", "A-b_c.d", "x" * 63]
NO_LABEL_VALUES = ["-a", "a-", "a b", "x" * 64, "a/b", ".", 1, True, [], {}]


def labels(breaking, least=0):
    keys = ["app", "example.com/app", "a-b", "kubernetes.io/metadata.name"]
    out = {k: R.choice(LABEL_VALUES)
           for k in R.sample(keys, R.randint(max(least, 0), 2))}
    if not breaking:
        return out or ({"app": "x"} if least else {})
    if R.random() < 0.3:
        return Broken(R.choice(["x", ["a"], 3, True]))
    if R.random() < 0.3:
        key = R.choice(["-a", "a b", "/a", "Upper.Case/a", "x" * 64, "a/"])
        return Broken({**out, key: "v"}, "label key")
    out["app"] = R.choice(NO_LABEL_VALUES)
    return Broken(out)


def requirement(breaking):
    operator = R.choice(["In", "NotIn", "Exists", "DoesNotExist"])
    out = {"key": R.choice(["app", "example.com/app"]), "operator": operator}
    if operator.endswith("In"):
        out["values"] = R.sample(["a", "b", "c"], R.randint(1, 3))
    if not breaking:
        return out
    slip = R.randrange(6)
    if slip == 0:
        out["operator"] = R.choice(["in", "Equals", "", 1])
    elif slip == 1:
        out["key"] = R.choice(["", "-a", "a b", "a/b/c", "x" * 64, 3,
                               "x" * 254 + "/a", "A.b/c"])
    elif slip == 2:
        out["values"] = [] if "values" in out else ["a"]
    elif slip == 3:
        out["values"] = R.choice([["-"], [1], "a", {"a": 1}])
    elif slip == 4:
        del out[R.choice(["key", "operator"])]
    else:
        out["valeus"] = ["a"]
    return Broken(out)


def selector(breaking):
    if not breaking:
        out = {}
        if R.random() < 0.6:
            out["matchLabels"] = labels(False)
        if R.random() < 0.5:
            out["matchExpressions"] = [requirement(False)
                                       for _ in range(R.randint(0, 2))]
        return out
    slip = R.randrange(4)
    if slip == 0:
        return Broken(R.choice(["x", 3, [], True]))
    if slip == 1:
        return Broken({"matchlabels": {"a": "b"}})
    if slip == 2:
        bad = labels(True)
        return Broken({"matchLabels": bad.value}, bad.laxer)
    return Broken({"matchExpressions": [requirement(True).value]})


def listed(maker, least=0, most=3):
    def make(breaking):
        out = [maker(False) for _ in range(R.randint(least, most))]
        if not breaking:
            return out
        if R.random() < 0.3:
            return Broken(R.choice(NOT_A_LIST + ([[]] if least else [])))
        bad = maker(True)
        out.insert(R.randint(0, len(out)), bad.value)
        return Broken(out, bad.laxer)
    return make


words = listed(one_of(["a", "b", "", "kata-fc"], NOT_TEXT))
some_words = listed(one_of(["base", "other"], NOT_TEXT), 1)
patterns = listed(pattern)


def quantities(breaking):
    keys = ["cpu", "memory", "ephemeral-storage", "nvidia.com/gpu"]
    out = {k: R.choice(["1", 1, None]) for k in R.sample(keys, 2)}
    if not breaking:
        return out
    if R.random() < 0.1:
        return Broken(R.choice(["x", 3, [], True, ["cpu"]]))
    bad = quantity(True)
    out[R.choice(keys)] = bad.value
    return Broken(out, bad.laxer)


def port(breaking):
    out = {}
    if R.random() < 0.7:
        out["protocol"] = R.choice(["TCP", "UDP", "SCTP"])
    if R.random() < 0.8:
        out["port"] = R.choice([1, 80, 65535, "http", "a-1", "x2"])
        if isinstance(out["port"], int) and R.random() < 0.4:
            out["endPort"] = R.choice([out["port"], 65535])
    if not breaking:
        return out
    slip = R.randrange(4)
    if slip == 0:
        out["protocol"] = R.choice(["tcp", "ICMP", "", 6])
    elif slip == 1:
        out["port"] = R.choice([0, -1, 65536, "", "HTTP", "a--b", "-a", "80",
                                "x" * 16, "a_b", True, 1.5, [], "a\n"])
        out.pop("endPort", None)
    elif slip == 2:
        out.update(R.choice([{"port": 80, "endPort": 79}, {"endPort": 0},
                             {"port": "http", "endPort": 90},
                             {"port": 80, "endPort": 65536},
                             {"port": 80, "endPort": "81"}]))
        if list(out) and "port" not in out:
            out["endPort"] = 90
    else:
        out["ports"] = 3
    return Broken(out)


CIDRS = ["8.8.8.0/24", "1.1.1.1/32", "2606:4700::/32", "8.8.8.8/24"]
SMALLER = {"8.8.8.0/24": ["8.8.8.0/25", "8.8.8.200/32"], "1.1.1.1/32": [],
           "2606:4700::/32": ["2606:4700:1::/48", "2606:4700::1/128"],
           "8.8.8.8/24": ["8.8.8.128/25"]}
NO_CIDRS = ["", "8.8.8.8", "8.8.8.0/33", "8.8.8.0/-1", "300.1.1.1/8",
            "8.8.8/24", "08.8.8.0/24", "2606::/129", "2606:::/32", "a/8",
            "8.8.8.0/24 ", "fe80::1%eth0/64", "::ffff:8.8.8.0/120", 3, True,
            [], {}, "8.8.8.0/2 4"]
SPECIAL = ["10.0.0.0/8", "169.254.169.254/32", "fd00::/8", "127.0.0.0/16",
           "192.168.0.0/24"]


def destination(breaking):
    cidr = R.choice(CIDRS)
    out = {"cidr": cidr}
    if R.random() < 0.5:
        out["except"] = R.sample(SMALLER[cidr],
                                 R.randint(0, len(SMALLER[cidr])))
    if R.random() < 0.4:
        out = {k: selector(False)
               for k in R.choice([["podSelector"], ["namespaceSelector"],
                                  ["podSelector", "namespaceSelector"]])}
    if R.random() < 0.5:
        out["ports"] = [port(False) for _ in range(R.randint(0, 2))]
    if not breaking:
        return out
    slip = R.randrange(7)
    if slip == 0:
        return Broken({"cidr": R.choice(NO_CIDRS)})
    if slip == 1:
        return Broken({"cidr": "8.8.8.0/24", "except": [R.choice(
            NO_CIDRS + ["8.8.8.0/24", "9.9.9.0/25", "8.8.0.0/16"])]})
    if slip == 2:
        return Broken({"cidr": R.choice(SPECIAL)}, "special block")
    if slip == 3:
        return Broken({"cidr": cidr, "podSelector": {}})
    if slip == 4:
        return Broken(R.choice([{}, {"except": []}, {"ports": []},
                                {"podSelector": {}, "except": []}, 3, "x"]))
    if slip == 5:
        key = R.choice(["podSelector", "namespaceSelector"])
        bad = selector(True)
        return Broken({key: bad.value}, bad.laxer)
    return Broken({"cidr": cidr, "ports": [port(True).value]})


def obj(fields, required=(), also=None):
    """fields: makers by name; also: slips of the whole, each a function that
    spoils a sound value and returns its class or None."""
    def make(breaking):
        names = [n for n in fields if n in required or R.random() < 0.6]
        out = {n: fields[n](False) for n in names}
        if not breaking:
            # The server drops null: it counts as absent.
            for n in names:
                if n not in required and R.random() < 0.03:
                    out[n] = None
            return out
        slip = R.random()
        if slip < 0.04:
            return Broken(R.choice(["x", 3, [], True, ["a"]]))
        if slip < 0.1:
            key = R.choice(list(fields))
            return Broken({**out, R.choice([key + "s", key.upper(), "x",
                                            key[:-1] + "_"]): True})
        if required and slip < 0.15:
            missing = R.choice(required)
            del out[missing]
            if R.random() < 0.3:
                out[missing] = None
            return Broken(out)
        if also and slip < 0.35:
            return Broken({**out, **copy.deepcopy(R.choice(also))})
        # Most fields of a tier lie deep: go down rather than stay.
        deep = [n for n in fields if fields[n].__name__ != "plain"]
        key = R.choice(deep if deep and R.random() < 0.7 else list(fields))
        bad = fields[key](True)
        return Broken({**out, key: bad.value}, bad.laxer)
    return make


ENFORCEMENT = enum("Audit", "Warn", "Enforce")
PERMISSION = enum("Deny", "Allow")
POLICIES = ["Retain", "Delete", "DeleteForeground"]

level = one_of(
    ["Privileged", "Baseline", "Restricted", {"level": "Baseline"},
     {"level": "Restricted", "version": "latest"},
     {"level": "Privileged", "version": "v1.0"},
     {"level": "Restricted", "version": "v1.29"}],
    ["restricted", "", 1, 1.5, True, False, [], ["Restricted"], {},
     {"version": "latest"}, {"level": "Restricted", "x": 1},
     {"level": "Restricted", "version": "1.29"},
     {"level": "Restricted", "version": "v1"},
     {"level": "Restricted", "version": "v1.1000"},
     {"level": "Restricted", "version": 1.29}, {"level": ["Restricted"]},
     {"level": "Restricted", "version": "v1.29", "x": 1}])

_asserting = obj({
    "from": enum("Object", "Pod"), "enforcement": ENFORCEMENT,
    "message": text, "matches": pattern, "notMatches": pattern, "in": words,
    "notIn": words, "exists": boolean, "min": quantity, "max": quantity,
    "path": path, "id": text}, ["path", "id", "exists"])


def team_rules(breaking):
    out = []
    for i in range(R.randint(0, 3)):
        out.append({**_asserting(False), "id": f"rule-{i}"})
    if not breaking:
        return out
    slip = R.randrange(4)
    if slip == 0:
        return Broken(R.choice(NOT_A_LIST))
    if slip == 1:
        empty = {"id": "e", "path": "a", "message": "m"}
        return Broken(out + [R.choice([empty, {**empty, "in": []},
                                       {**empty, "notIn": [], "in": []}])])
    if slip == 2:
        return Broken([{"id": "a", "path": "b", "exists": True}] * 2)
    bad = _asserting(True)
    # Without "exists" it may assert something all the same.
    if bad.laxer is None and isinstance(bad.value, dict) \
            and "exists" not in bad.value:
        bad.value["x"] = 1
    return Broken([bad.value], bad.laxer)


TTL = obj({"default": one_of(["1h", "90m", "0s"], ["1d", "-1h", "", 3]),
           "max": one_of(["8h", "2h", "0"], ["1d", "-1h", "", [3]])},
          also=[{"default": "3h", "max": "2h"},
                {"default": "61m", "max": "1h"},
                {"default": "1000001us", "max": "1s"}])

EGRESS = obj({"mode": enum("AllowList", "Internet"),
              "dns": enum("None", "Cluster", "NodeLocal", "External"),
              "blockPrivate": one_of([True], ["true", 0, {}]),
              "allow": listed(destination)},
             also=[{"mode": "None", "dns": "Cluster", "allow": []},
                   {"mode": "None", "dns": "None",
                    "allow": [{"cidr": "8.8.8.0/24"}]},
                   {"mode": "Unrestricted",
                    "allow": [{"cidr": "8.8.8.0/24"}]}])

SPEC = {
    "IsolationTier": obj({
        "description": text, "strength": integer(0, 1000),
        "enforcement": ENFORCEMENT,
        "runtime": obj({"classNames": words, "onMissing": enum("Deny", "Warn"),
                        "allowAnnotations": patterns}),
        "pod": obj({"level": level, "readOnlyRootFilesystem": boolean,
                    "serviceAccountToken": PERMISSION, "volumes": words,
                    "images": obj({"allow": patterns, "deny": patterns,
                                   "requireDigest": boolean}),
                    "maxContainers": integer(0, 100000),
                    "schedulerNames": words}),
        "resources": obj({
            "defaults": obj({"requests": quantities, "limits": quantities}),
            "max": quantities}, also=[
                {"defaults": {"limits": {"cpu": "3"}}, "max": {"cpu": 2}},
                {"defaults": {"requests": {"cpu": 3}}, "max": {"cpu": "2.9"}},
                {"defaults": {"requests": {"memory": "1025Mi"},
                              "limits": {"memory": "1Gi"}}},
                {"defaults": {"limits": {"a": "1001m"}}, "max": {"a": "1"}}]),
        "network": obj({
            "egress": EGRESS,
            "ingress": obj({
                "mode": enum("None", "Router", "Namespace", "Unrestricted"),
                "routerNamespace": one_of(
                    ["a", "agent-sandbox-system", "x" * 63],
                    NOT_TEXT + ["", "-a", "a b", "x" * 64, "a/b"]),
                "routerLabels": lambda b: Broken({}) if b and R.random() < .2
                else labels(b, 1)})}),
        "lifecycle": obj({"ttl": TTL, "shutdownPolicy": enum(*POLICIES),
                          "shutdownPolicies": listed(enum(*POLICIES)),
                          "overdue": enum("Report", "End"),
                          "tracked": enum("Keep", "End")}),
        "access": obj({"exec": PERMISSION, "attach": PERMISSION,
                       "portForward": PERMISSION,
                       "ephemeralContainers": PERMISSION}),
        "rules": team_rules}, ["strength"]),
    "IsolationPolicy": obj({
        "defaultTier": name,
        "rules": lambda b: _policy_rules(b)}),
    "IsolationException": obj({
        "target": obj({"namespace": name, "kinds": some_words,
                       "selector": selector}, ["namespace"]),
        "rules": some_words, "reason": text, "ticket": text,
        "expiresAt": timestamp},
        ["target", "rules", "reason", "expiresAt"]),
}

_policy_rule = obj({"name": text, "namespaceSelector": selector,
                    "floor": name, "allowed": some_words},
                   ["name", "namespaceSelector"])


def _policy_rules(breaking):
    out = [{**_policy_rule(False), "name": f"rule-{i}"}
           for i in range(R.randint(0, 3))]
    if not breaking:
        return out
    if R.random() < 0.2:
        return Broken([{"name": "a", "namespaceSelector": {}}] * 2)
    bad = _policy_rule(True)
    return Broken([bad.value], bad.laxer)


# Longest values and a spelling that the schema bounds and the decoder does not.
def _tier(**spec):
    return "IsolationTier", {"strength": 1, **spec}


STRICTER = [
    ("length of a text", _tier(description="x" * 1025)),
    ("length of a list", _tier(runtime={"classNames": ["a"] * 65})),
    ("length of a map", _tier(resources={
        "max": {f"r{i}": 1 for i in range(33)}})),
    ("zeros before a prefix length", _tier(network={
        "egress": {"allow": [{"cidr": "8.8.8.0/024"}]}})),
]


# ---- the two judges ----

class Server:
    def __init__(self):
        url = urllib.parse.urlsplit(os.environ["APISERVER"])
        context = ssl.create_default_context(cafile=os.environ["CA_FILE"])
        self.connection = http.client.HTTPSConnection(
            url.hostname, url.port, context=context, timeout=30)
        with open(os.environ["TOKEN_FILE"], encoding="ascii") as f:
            token = f.read().strip()
        self.headers = {"Authorization": "Bearer " + token,
                        "Content-Type": "application/json"}

    def create(self, doc):
        """What would be stored, or None and why not."""
        path = (f"/apis/bulkhead.dev/v1alpha1/{PLURALS[doc['kind']]}"
                "?dryRun=All&fieldValidation=Strict")
        self.connection.request("POST", path, json.dumps(doc), self.headers)
        response = self.connection.getresponse()
        body = json.loads(response.read())
        if response.status == 201:
            return body, ""
        if response.status not in (400, 422):
            raise RuntimeError(f"{response.status}: {body}")
        return None, body.get("message", "")


BASE = {"apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationTier",
        "metadata": {"name": "base"}, "spec": {"strength": 999}}


def decoder_takes(program, folder, doc):
    """By "tiers lint", beside the tiers that policies name."""
    number = doc["metadata"]["name"]
    place = os.path.join(folder, number)
    os.mkdir(place)
    docs = [doc, BASE, {**BASE, "metadata": {"name": "other"},
                        "spec": {"strength": 998}}]
    if doc["kind"] == "IsolationTier":
        docs = [doc]
    for i, one in enumerate(docs):
        with open(f"{place}/{i}.json", "w", encoding="utf-8") as f:
            json.dump(one, f)
    run = subprocess.run([program, "tiers", "lint", "--tiers", place],
                         capture_output=True, text=True, timeout=60)
    if run.returncode not in (0, 3):
        raise RuntimeError(f"exit {run.returncode}: {run.stderr}")
    return run.returncode == 0, run.stderr.strip()


def make_doc(i):
    kind = ["IsolationTier"] * 3 + ["IsolationPolicy", "IsolationException"]
    kind = kind[i % len(kind)]
    breaking = R.random() < 0.6
    spec = SPEC[kind](breaking)
    laxer = None
    if breaking:
        spec, laxer = spec.value, spec.laxer
    doc = {"apiVersion": "bulkhead.dev/v1alpha1", "kind": kind,
           "metadata": {"name": f"t{i}"}, "spec": spec}
    return doc, breaking, laxer


def judge(doc, breaking, laxer, stored, why, takes, says):
    """None, or what is wrong with the two verdicts."""
    if breaking and stored and takes:
        return "was to be broken, and both take it"
    if not breaking and not stored:
        return f"was to be sound, the server refuses: {why}"
    if not stored and takes:
        return f"the server alone refuses: {why}"
    if stored and not takes and laxer not in LAXER:
        return f"the decoder alone refuses: {says}"
    return None


def main():
    program = os.path.realpath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1500
    server = Server()
    docs = [make_doc(i) for i in range(count)]
    answers = [server.create(doc) for doc, _, _ in docs]
    tally = collections.Counter()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        # What was stored, when it was: live objects are read as well.
        verdicts = list(pool.map(
            lambda one: decoder_takes(program, folder, one[1][0] or one[0][0]),
            zip(docs, answers)))
        for (doc, breaking, laxer), (stored, why), (takes, says) in zip(
                docs, answers, verdicts):
            wrong = judge(doc, breaking, laxer, stored, why, takes, says)
            if wrong:
                failed += 1
                if failed <= 20:
                    print(f"FAIL {json.dumps(doc)}\n  {wrong[:600]}")
                continue
            passed += 1
            if stored and not takes:
                tally[f"laxer: {laxer}"] += 1
            else:
                tally["both take" if takes else "both refuse"] += 1
        for i, (what, (kind, spec)) in enumerate(STRICTER):
            doc = {**BASE, "kind": kind, "metadata": {"name": f"s{i}"},
                   "spec": spec}
            stored, _ = server.create(doc)
            takes, _ = decoder_takes(program, folder, doc)
            if stored is None and takes:
                passed += 1
                tally[f"stricter: {what}"] += 1
            else:
                failed += 1
                print(f"FAIL {what}: no longer stricter")
    for name_, n in sorted(tally.items()):
        about = LAXER.get(name_.removeprefix("laxer: "))
        print(f"{n:6} {name_}" + (f" ({about})" if about else ""))
    print(f"{len(docs)} documents compared")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
