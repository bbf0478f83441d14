"""What Pods use: our sums are those of the API server's own LimitRanger; and
beside RuntimeClasses and LimitRanges, what a Pod becomes on its way through the
webhook is what the engine says it becomes."""
import copy
import json
import os
import random
import re
import tempfile

from environment import FOLDER, OBJECTS, Tests, main
from oracle import Comparison, Server, probe

test = Tests()
SERVER = Server()
MAX = {"cpu": "2", "memory": "2Gi", "ephemeral-storage": "4Gi"}
AMOUNTS = {"cpu": ["250m", "500m", "1", "1500m", "2", "0", "2001m", "0.5"],
           "memory": ["256Mi", "512Mi", "1Gi", "1G", "2Gi", "2147483649", "0"],
           "ephemeral-storage": ["1Gi", "2Gi", "4Gi", "500M", "4G"]}
# By a LimitRange, where a container names none.
DEFAULTS = {"default": {"cpu": "300m", "memory": "200Mi"},
            "defaultRequest": {"cpu": "50m", "memory": "100Mi"}}
FLOORS = {"res-kata": ("kata-vm", True), "res-gvisor": ("gvisor", False),
          "res-fc": ("kata-fc", False)}


def amounts(r, chance):
    return {name: r.choice(values) for name, values in AMOUNTS.items()
            if r.random() < chance}


def resources(r, limit_chance, request_chance):
    limits, requests = amounts(r, limit_chance), {}
    for name, limit in limits.items():
        if r.random() < request_chance:
            requests[name] = limit if r.random() < 0.7 else "0"
    return {"limits": limits, "requests": requests}


def containers(r, n, prefix, limit_chance):
    return [{"name": f"{prefix}{i}", "image": "a", "resources":
             resources(r, limit_chance, 0.4)} for i in range(n)]


def pod(r, limit_chance):
    spec = {"containers": containers(r, r.randint(1, 3), "c", limit_chance)}
    if r.random() < 0.6:
        spec["initContainers"] = containers(r, r.randint(1, 3), "i",
                                            limit_chance)
        for one in spec["initContainers"]:
            if r.random() < 0.4:
                one["restartPolicy"] = "Always"
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
            "spec": spec}


def with_pod_level(r, one):
    """Large ones: containers may not have more than their Pod."""
    spec = one["spec"]
    spec["resources"] = {"limits": {
        name: r.choice(big) for name, big in (
            ("cpu", ["2", "6", "1990m", "2001m"]),
            ("memory", ["2Gi", "7Gi", "2147483649"])) if r.random() < 0.7}}
    return one


def review(document, ns):
    return json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "1", "operation": "CREATE", "namespace": ns, "name": "p",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "userInfo": {"username": "somebody"}, "object": document}})


def namespace(name, tier):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": name, "labels": {"bulkhead.dev/enforce": tier}}}


def create(document, ns):
    return ("POST", f"/api/v1/namespaces/{ns}/pods?dryRun=All",
            json.dumps(document))


def limit_range(ns, item):
    SERVER.create(f"/api/v1/namespaces/{ns}/limitranges", {
        "metadata": {"name": "one"}, "spec": {"limits": [item]}})


# ---- sums ----

def our_sums(asked):
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        with open(os.path.join(folder, "sums.json"), "w",
                  encoding="utf-8") as f:
            json.dump({"apiVersion": "bulkhead.dev/v1alpha1",
                       "kind": "IsolationTier", "metadata": {"name": "sums"},
                       "spec": {"strength": 1, "resources": {"max": MAX}}}, f)
        answers = probe("validate", [json.dumps(namespace("sums", "sums"))] +
                        [review(p, "sums") for p in asked], folder)
    out = []
    for answer in answers:
        found = {}
        for cause in answer["response"]["status"]["details"]["causes"]:
            if cause["message"].startswith("[resources.max]"):
                name = re.search("cpu|memory|ephemeral-storage",
                                 cause["field"]).group()
                found[name] = "is not set" in cause["message"]
        out.append(found)
    return out


def their_sums(answer):
    """The resources of which there is too much, or no limit at all."""
    status, body, _ = answer
    if status == 201:
        return set()
    if status == 403 and "usage per Pod is" in body["message"]:
        return set(re.findall(r"maximum (\S+) usage per Pod is",
                              body["message"]))
    return None


UNLIMITED = [(
    "a container without a limit: LimitRanger counts it as 0, we refuse it",
    lambda given, theirs, mine: theirs < mine and
    all(given[1].get(name) for name in mine - theirs))]


@test
def sums_of_a_pod():
    SERVER.create("/api/v1/namespaces", {"metadata": {"name": "sums"}})
    limit_range("sums", {"type": "Pod", "max": MAX})
    r = random.Random(20261121)
    asked = [pod(r, r.choice([1, 1, 0.9])) for _ in range(700)]
    asked += [with_pod_level(r, pod(r, r.choice([0.2, 0.6, 1])))
              for _ in range(500)]
    c = Comparison("Pods by what they use", UNLIMITED, 700)
    for one, answer, mine in zip(
            asked, SERVER.ask_all(create(p, "sums") for p in asked),
            our_sums(asked)):
        theirs = their_sums(answer)
        if theirs is not None:
            c.add((json.dumps(one["spec"]), mine, answer[1].get("message")),
                  theirs, set(mine), f"with {len(theirs)} too large")
    c.finish()


# ---- through the webhook ----

def defaulted(document, by_limit_range):
    """As the API server hands it to webhooks."""
    out = copy.deepcopy(document)
    spec = out["spec"]
    for one in spec["containers"] + spec.get("initContainers", []):
        has = one["resources"]
        for name, limit in has["limits"].items():
            has["requests"].setdefault(name, limit)
        if by_limit_range:
            has["limits"] = {**DEFAULTS["default"], **has["limits"]}
            has["requests"] = {**DEFAULTS["defaultRequest"],
                               **has["requests"]}
    return out


def odd_pod(r):
    one = pod(r, r.choice([0, 0.3, 0.3, 0.7]))
    spec, roll = one["spec"], r.random()
    if roll < 0.25:
        spec["runtimeClassName"] = r.choice(
            ["gvisor", "kata-qemu", "kata-clh", "kata-fc"])
    elif roll < 0.3:
        spec["nodeSelector"] = {"katacontainers.io/kata-runtime": r.choice(
            ["true", "false"])}
    elif roll < 0.35:
        spec["overhead"] = {"cpu": r.choice(["250m", "1"]), "memory": "160Mi"}
    elif roll < 0.4:
        spec["nodeSelector"] = {"disk": "fast"}
    elif roll < 0.45:
        spec["containers"][0]["securityContext"] = r.choice(
            [{"privileged": True}, {"runAsNonRoot": True}])
    for container in spec["containers"] + spec.get("initContainers", []):
        limits = container["resources"]["limits"]
        for name in list(limits):
            if r.random() < 0.7:
                limits[name] = {"cpu": "250m", "memory": "256Mi",
                                "ephemeral-storage": "1Gi"}[name]
                if name in container["resources"]["requests"]:
                    container["resources"]["requests"][name] = limits[name]
    return one


def contradiction(ours, theirs, at=""):
    """Where what is stored lacks what we filled in, or says otherwise."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for k, v in ours.items():
            if k not in theirs:
                if v in ({}, [], None):
                    continue
                return f"{at}.{k} is not there"
            found = contradiction(v, theirs[k], f"{at}.{k}")
            if found:
                return found
        return None
    if isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            return f"{at} has {len(theirs)} items, not {len(ours)}"
        return next(filter(None, (contradiction(a, b, f"{at}[{i}]") for
                                  i, (a, b) in enumerate(zip(ours, theirs)))),
                    None)
    return None if ours == theirs else f"{at} is {theirs!r}, not {ours!r}"


def canonical(v):
    """Amounts as the server writes them."""
    if isinstance(v, dict):
        return {k: canonical(w) for k, w in v.items()}
    if isinstance(v, list):
        return [canonical(w) for w in v]
    return {"0.5": "500m"}.get(v, v) if isinstance(v, str) else v


def class_of(stored):
    name = stored["spec"].get("runtimeClassName")
    return CLASSES.get(name, {})


def of_class(stored):
    """What the RuntimeClass adds once the webhook has named it."""
    one = class_of(stored)
    selector = one.get("scheduling", {}).get("nodeSelector", {})
    wanted = {"overhead": one.get("overhead", {}).get("podFixed"), **selector}
    has = stored["spec"].get("nodeSelector", {})
    return wanted == {"overhead": stored["spec"].get("overhead"),
                      **{k: has.get(k) for k in selector}}


def read_classes():
    with open(f"{OBJECTS}/runtimeclasses.yaml", "rb") as f:
        [documents] = [probe("yaml", [f.read().hex()])[0]]
    return {d["metadata"]["name"]: d for d in documents}


def set_up():
    for ns, (tier, ranged) in FLOORS.items():
        SERVER.create("/api/v1/namespaces", namespace(ns, tier))
        if ranged:
            limit_range(ns, {"type": "Container", **DEFAULTS})


def engine(question, asked):
    known = [namespace(ns, tier) for ns, (tier, _) in FLOORS.items()]
    return probe(question, [json.dumps(d) for d in
                            known + list(CLASSES.values())] +
                 [review(defaulted(p, FLOORS[ns][1]), ns) for p, ns in asked],
                 "")


def rules(answer):
    """By which the webhook refuses; None where it was not even asked."""
    status, body, _ = answer
    message = body.get("message", "")
    if status == 403 and "validate.bulkhead.dev" in message:
        return sorted(set(re.findall(r"^- \[([\w.-]+)\]", message, re.M)))
    return [] if status == 201 else None


def our_rules(answer):
    message = answer["response"].get("status", {}).get("message", "")
    return sorted(set(re.findall(r"^- \[([\w.-]+)\]", message, re.M)))


@test
def pods_through_the_webhook():
    set_up()
    r = random.Random(5)
    asked = [(one, ns) for one in (odd_pod(r) for _ in range(220))
             for ns in FLOORS]
    c = Comparison("Pods with RuntimeClasses and LimitRanges")
    before = 0
    for (one, ns), answer, verdict, fill in zip(
            asked, SERVER.ask_all(create(*a) for a in asked),
            engine("both", asked), engine("fill", asked)):
        theirs, mine = rules(answer), our_rules(verdict)
        if theirs is None:
            before += 1
            continue
        if not theirs and not mine:
            theirs = contradiction(canonical(fill["filled"]), answer[1])
            mine = None
            if not of_class(answer[1]):
                theirs = "overhead or nodeSelector of the class is missing"
        c.add((ns, json.dumps(one["spec"]), answer[1].get("message")), theirs,
              mine, "admitted" if mine is None else "refused")
    print(f"{before} more were refused before the webhook was asked")
    c.finish()


CLASSES = read_classes()

if __name__ == "__main__":
    main(test)
