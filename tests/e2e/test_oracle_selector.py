"""Label selectors: what we refuse is what the API server refuses, and what ours
match is what "kubectl get -l" shows."""
import json
import random
import urllib.parse

from environment import Tests, main
from oracle import BYSTANDER, Comparison, Server, digest, probe

test = Tests()
SERVER = Server()
CONFIG_MAPS = f"/api/v1/namespaces/{BYSTANDER}/configmaps"
POLICIES = (f"/apis/networking.k8s.io/v1/namespaces/{BYSTANDER}/"
            "networkpolicies?dryRun=All")
KEYS = ["app", "tier", "a.b/c", "A", "x_y", "k8s.io/name", "n-1", "9"]
VALUES = ["", "a", "b", "web", "A", "1", "true", "a.b", "x_y", "a-b", "null"]
BAD_KEYS = ["", "-a", "a-", "a b", "/a", "a/", "a/b/c", "A.b/c", "é", "a" * 64,
            "a" * 254 + "/b", "a_b/c", ".a/b", "a..b/c", "a,b", "a=b", "!a",
            "a\n", "*"]
ODD_KEYS = ["a" * 63, "a" * 63 + "/" + "b" * 63, "a.b-c/d", "1/2", "x.y/A_b.c"]
BAD_VALUES = ["-a", "a-", "a b", "a/b", "é", "a" * 64, "a,b", "_", ".", "a\n",
              "a=b", " "]
OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist"]
BAD_OPERATORS = ["", "in", "IN", "Gt", "Lt", "=", "!=", "Equals", "Exists ",
                 None, 1, True]
NO_TEXT = [1, True, [], {}, 1.5]
OBJECTS = 60


def label_sets(r):
    out = [{}] + [{r.choice(KEYS): r.choice(VALUES)
                   for _ in range(r.randint(0, 5))} for _ in range(OBJECTS - 1)]
    return out


def expression(r):
    operator = r.choice(OPERATORS)
    out = {"key": r.choice(KEYS), "operator": operator}
    if operator in ("In", "NotIn"):
        out["values"] = [r.choice(VALUES) for _ in range(r.randint(1, 3))]
    elif r.random() < 0.3:
        out["values"] = r.choice([[], None])
    return out


def sound(r):
    out = {}
    if r.random() < 0.5:
        out["matchLabels"] = {r.choice(KEYS): r.choice(VALUES)
                              for _ in range(r.randint(0, 2))}
    if r.random() < 0.7:
        out["matchExpressions"] = [expression(r)
                                   for _ in range(r.randint(0, 3))]
    if r.random() < 0.05:
        out[r.choice(["matchLabels", "matchExpressions"])] = None
    return out


def odd(r):
    """One slip in an expression or a label, or a thing of a wrong type."""
    out, slip = sound(r), r.randrange(9)
    one = expression(r)
    if slip == 0:
        one["key"] = r.choice(BAD_KEYS + ODD_KEYS)
    elif slip == 1:
        one["operator"] = r.choice(BAD_OPERATORS)
    elif slip == 2:
        one.update(operator=r.choice(OPERATORS[:2]), values=[
            r.choice(VALUES), r.choice(BAD_VALUES)])
    elif slip == 3:
        one.update(operator=r.choice(OPERATORS), values=r.choice(
            [[], None, ["a"], ["a", "a"], [""]]))
    elif slip == 4:
        one.pop(r.choice(["key", "operator"]))
    elif slip == 5:
        one["values"] = r.choice(["a", {}, 1, [1], [True], [None], [["a"]]])
    elif slip == 6:
        one["key"] = r.choice(NO_TEXT + [None])
    elif slip == 7:
        return {**out, "matchLabels": r.choice([
            {r.choice(BAD_KEYS + ODD_KEYS): "a"},
            {"a": r.choice(BAD_VALUES)}, {"a": r.choice(NO_TEXT + [None])},
            "a=b", [], 1])}
    else:
        return {**out, "matchExpressions": r.choice(
            ["a in (b)", {}, 1, [None], ["a"], [[]], [1], [{}]])}
    out["matchExpressions"] = (out.get("matchExpressions") or []) + [one]
    return out


def selectors():
    r = random.Random(20261121)
    made = [{}] + [sound(r) for _ in range(800)] + [odd(r) for _ in range(900)]
    return list({json.dumps(s): s for s in made}.values())


def policy(selector):
    return ("POST", POLICIES, json.dumps({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "x"}, "spec": {"podSelector": selector}}))


def as_query(selector):
    """What kubectl get -l takes between commas, of a sound selector."""
    parts = [f"{k}={v}" for k, v in (
        selector.get("matchLabels") or {}).items()]
    for one in selector.get("matchExpressions") or []:
        values = ",".join(one.get("values") or [])
        parts.append({"In": f"{one['key']} in ({values})",
                      "NotIn": f"{one['key']} notin ({values})",
                      "Exists": one["key"],
                      "DoesNotExist": "!" + one["key"]}[one["operator"]])
    return parts


def questions(sets):
    return [json.dumps({"selector": s, "sets": sets}) for s in selectors()]


NULLS = [("the server reads null as an empty text", lambda given, theirs, mine:
          "a label value is a null" in given[2])]


@test
def what_is_refused():
    c = Comparison("label selectors, well-formed or not", NULLS, 1000)
    asked = selectors()
    for selector, (status, body, _), mine in zip(
            asked, SERVER.ask_all(map(policy, asked)),
            probe("selector", questions([]))):
        theirs = "refused" if status in (400, 422) else "taken"
        assert status in (201, 400, 422), body
        mine = mine["error"] if "error" in mine else "taken"
        c.add((selector, body.get("message"), mine), theirs,
              "refused" if mine != "taken" else mine, theirs)
    c.finish()


@test
def what_is_matched():
    sets = label_sets(random.Random(7))
    run = "s" + digest(sets)
    for i, labels in enumerate(sets):
        SERVER.create(CONFIG_MAPS, {"metadata": {
            "name": f"{run}-{i}", "labels": {"oracle": run, **labels}}})
    asked, mine = [], []
    for selector, answer in zip(selectors(), probe(
            "selector", questions(sets))):
        if "error" not in answer:
            asked.append(selector)
            mine.append([f"{run}-{i}" for i, yes in enumerate(answer) if yes])
    c = Comparison("sets of labels that selectors match", least=500)
    answers = SERVER.ask_all((
        "GET", CONFIG_MAPS + "?labelSelector=" +
        urllib.parse.quote(
            ",".join([f"oracle={run}"] + as_query(s)))) for s in asked)
    for selector, (status, body, _), ours in zip(asked, answers, mine):
        theirs = sorted(i["metadata"]["name"] for i in body["items"]) \
            if status == 200 else body["message"]
        c.add(selector, theirs, sorted(ours), "some" if ours else "none")
    c.finish()


if __name__ == "__main__":
    main(test)
