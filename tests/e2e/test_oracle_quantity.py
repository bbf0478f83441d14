"""Quantities: what the API server stores, refuses and finds greater is what we
write, refuse and find greater. It is asked by a field that is not rounded to
milli units, as all maps of resources are, and by CEL."""
import decimal
import itertools
import json
import random
import re

from environment import Tests, main, poll
from oracle import BYSTANDER, Comparison, Server, probe

test = Tests()
SERVER = Server()
CAPACITIES = (f"/apis/storage.k8s.io/v1/namespaces/{BYSTANDER}/"
              "csistoragecapacities?dryRun=All")
PAIRS = "/apis/oracle.example.com/v1/pairs?dryRun=All"
SUFFIXES = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi",
            "Ti", "Pi", "Ei", "e0", "e3", "E3", "e-3", "e+2", "E9", "e18"]
NUMBERS = ["0", "-0", "1", "7", "10", "12", "100", "999", "1000", "1024",
           "1025", "0.5", ".5", "5.", "1.5", "-1", "-1.5", "+3", "007", "0.1",
           "0.0001", "1.0000000001", "123456789", "1048576",
           "9007199254740993", "9223372036854775807", "9223372036854775808",
           "-9223372036854775808", "18446744073709551616", "0.000000001",
           "0.0000000009", "99999999999999999999", "1.000",
           "100.00000000000000000001", "1234567.891"]
BAD_SUFFIXES = ["K", "ki", "KI", "mi", "MI", "b", "B", "KB", "Mb", "GiB", "g",
                "e", "E-", "e+", "e1.5", "e3Ki", "kk", "mm", "%", "x", "Zi",
                "Y", "µ", "i", "I", "h", " Gi", "E+E", "e99999999999999999999",
                "1Ki", "_", ",5", ".5", "Kim", "ee3", "Ee3"]
BAD = ["", "-", "+", ".", "--1", "+-1", "1-", "0x10", "1_000", "1,000", "NaN",
       "Inf", "one", "½", "١", "m", "Ki", "e3", ".Ki", "-.m", "1 000", "1e",
       "1\t2", "0b1", "1.2.3", "..1", "1..", "\u00a01", "1\u2028", "true"]
SPACED = [" 1", "1 ", "\t5Gi", "2m\n", " ", " 1.5 "]


def random_number(r):
    text = str(r.getrandbits(r.randint(1, 70)))
    at = r.randint(0, 2 * len(text))
    if at < len(text):
        text = text[:at] + "." + text[at:]
    return r.choice(["", "", "", "-", "+"]) + text


def tokens():
    """JSON texts, half of them odd or bad."""
    r = random.Random(20261121)
    good = [n + s for n, s in itertools.product(NUMBERS, SUFFIXES)]
    texts = r.sample(good, 350)
    texts += [random_number(r) + r.choice(SUFFIXES) for _ in range(150)]
    texts += [r.choice(NUMBERS) + s for s in BAD_SUFFIXES for _ in range(10)]
    texts += BAD + SPACED
    texts += [f"{r.randint(1, 9)}{r.choice('eE')}{r.randint(-40, 40)}"
              for _ in range(40)]
    out = [json.dumps(t, ensure_ascii=False) for t in texts]
    # Numbers without quotes are quantities, too.
    out += [t for t in texts if re.fullmatch(
        r"-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?", t)]
    return list(dict.fromkeys(out))


def capacity(token):
    return ("POST", CAPACITIES, '{"apiVersion":"storage.k8s.io/v1","kind":'
            '"CSIStorageCapacity","metadata":{"name":"x"},"storageClassName":'
            f'"x","capacity":{token}}}')


def stored(answer):
    """A negative one is read, and refused later with its text."""
    status, body, _ = answer
    message = body.get("message", "")
    negative = re.search(r'capacity: Invalid value: "(.*)": must be greater',
                         message)
    if status == 422 and negative:
        return negative.group(1)
    if status == 400 and "unable to parse quantity's suffix" in message or \
            "quantities must match the regular expression" in message:
        return "refused"
    return body["capacity"] if status == 201 else f"{status} {message}"


def ours(answer):
    return "refused" if "error" in answer else answer[0]


def is_huge(text):
    """Where our numbers end, or beyond."""
    with decimal.localcontext(decimal.Context(prec=400)) as context:
        context.traps[decimal.InvalidOperation] = False
        m = re.fullmatch(r"\s*([-+]?[0-9.]+)(.*?)\s*", text)
        if not m:
            return False
        power = SCALES.get(m.group(2))
        if power is None:
            if not re.fullmatch(r"[eE][-+]?[0-9]+", m.group(2)):
                return False
            power = decimal.Decimal("1" + m.group(2))
        return abs(decimal.Decimal(m.group(1)) * power) * 10**9 >= LARGEST


LARGEST = 2**127 - 1
SCALES = {"": decimal.Decimal(1)}
for _i, _c in enumerate("numkMGTPE"):
    SCALES[_c] = decimal.Decimal(1000) ** (_i - 3 + (_i > 2))
for _i, _c in enumerate("KMGTPE"):
    SCALES[_c + "i"] = decimal.Decimal(1024) ** (_i + 1)


def text_of(token):
    return json.loads(token) if token[0] == '"' else token


FORMS = [
    ("the server keeps what it finds in canonical form by its last digits, "
     "sign, zeros and all", lambda token, theirs, mine:
     theirs == text_of(token).strip() and mine != "refused"),
    ("blanks around a quantity: the server cuts them off, CRDs refuse them as "
     "we do", lambda token, theirs, mine:
     mine == "refused" and text_of(token) != text_of(token).strip()),
    ("our numbers end at 2^127 nano", lambda token, theirs, mine:
     is_huge(text_of(token)) and "refused" not in (theirs, mine)),
    ("no digit at all is 0 to the server, and refused by CRDs and by us",
     lambda token, theirs, mine: theirs == "0" and mine == "refused" and
     not re.search("[0-9]", re.sub("[eE].*", "", text_of(token)))),
    ("the server has no suffix for 10^21, and writes 1000E as 1",
     lambda token, theirs, mine: mine == theirs + "000E"),
]


@test
def canonical_forms():
    c = Comparison("canonical forms of quantities", FORMS, 1000)
    asked = tokens()
    answers = [ours(a) for a in probe("quantity",
                                      (f"[{t}]" for t in asked))]
    # And ours once more: what we write is canonical to the server.
    again = list(dict.fromkeys(json.dumps(a) for t, a in zip(asked, answers)
                               if a != "refused" and t != json.dumps(a)))
    asked += again
    answers += map(json.loads, again)
    for token, theirs, mine in zip(
            asked, map(stored, SERVER.ask_all(map(capacity, asked))), answers):
        c.add(token, theirs, mine,
              "refused" if mine == "refused" else "stored")
    c.finish()


ORDERS = [
    ("our numbers end at 2^127 nano", lambda pair, theirs, mine:
     mine == 0 and all(map(is_huge, pair))),
]
RULES = [(0, "equal"), (1, "greater"), (-1, "less")]


def install():
    """Rules that tell by their messages how the two compare."""
    text = {"type": "string", "maxLength": 100}
    schema = {"type": "object", "properties": {
        "apiVersion": {"type": "string"}, "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "pair": {"type": "object", "properties": {"x": text, "y": text},
                 "x-kubernetes-validations": [
                     {"message": f"it is {word}", "rule":
                      f"quantity(self.x).compareTo(quantity(self.y)) != {n}"}
                     for n, word in RULES]}}}
    SERVER.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
        "metadata": {"name": "pairs.oracle.example.com"}, "spec": {
            "group": "oracle.example.com", "scope": "Cluster",
            "names": {"plural": "pairs", "singular": "pair", "kind": "Pair"},
            "versions": [{"name": "v1", "served": True, "storage": True,
                          "schema": {"openAPIV3Schema": schema}}]}})
    poll("pairs are served", lambda: SERVER.ask(*pair("1", "1"))[0] == 422)


def pair(x, y):
    return ("POST", PAIRS, json.dumps({
        "apiVersion": "oracle.example.com/v1", "kind": "Pair",
        "metadata": {"name": "x"}, "pair": {"x": x, "y": y}}))


def order_of(answer):
    message = answer[1]["message"]
    return next((n for n, word in RULES if f"it is {word}" in message),
                message)


@test
def order():
    install()
    r = random.Random(7)
    asked = [t for t in tokens() if t[0] == '"']
    good = [(text_of(t), a[0]) for t, a in zip(asked, probe(
        "quantity", (f"[{t}]" for t in asked))) if "error" not in a]
    # By our canonical forms: what stands side by side is close or equal.
    good.sort(key=lambda g: (len(g[1]), g[1]))
    chosen = [(good[i][0], good[i + 1][0])
              for i in r.sample(range(len(good) - 1), 300)]
    chosen += [(r.choice(good)[0], r.choice(good)[0]) for _ in range(300)]
    chosen += [(one[0], one[1]) for one in r.sample(good, 100)]
    c = Comparison("order of quantities", ORDERS)
    answers = SERVER.ask_all(pair(x, y) for x, y in chosen)
    for given, answer, mine in zip(chosen, answers, probe(
            "quantity", map(json.dumps, chosen))):
        theirs = order_of(answer)
        c.add(given, theirs, mine[2], dict(RULES).get(theirs))
    c.finish()


if __name__ == "__main__":
    main(test)
