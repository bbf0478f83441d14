"""YAML: our tree of a text is what kubectl sends for it."""
import json
import os
import re
import tempfile

from environment import FOLDER, Tests, main, shared
from oracle import Comparison, probe
from oracle_yaml import STREAMS, bodies

test = Tests()
CLUSTER = shared()
HEAD = ("apiVersion: v1\nkind: ConfigMap\n"
        "metadata: {{name: {}, namespace: default}}\n")


def texts():
    """Every document of text i is named t<i>."""
    out = []
    for body in bodies():
        out.append(HEAD.format(f"t{len(out)}").encode() + body)
    for stream in STREAMS:
        head = HEAD.format(f"t{len(out)}")
        out.append(stream.format(head + "x: 1\n", head + "x: 2\n").encode())
    return out


def numbers(v):
    """Without what is lost where numbers become Go's int64 and float64."""
    if isinstance(v, dict):
        return {k: numbers(w) for k, w in v.items()}
    if isinstance(v, list):
        return [numbers(w) for w in v]
    if isinstance(v, int) and not isinstance(v, bool) and \
            not -2**63 <= v < 2**63:
        return float(v)
    if isinstance(v, float) and v.is_integer() and abs(v) < 2**53:
        return int(v)
    return v


def documents(text):
    decoder, at = json.JSONDecoder(), 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        one, at = decoder.raw_decode(text, at)
        yield one


def by_kubectl(folder, count):
    """For each text the documents, and those with an error."""
    done = CLUSTER.kubectl("create", "--dry-run=client", "--validate=false",
                           "-o", "json", "-f", folder)
    sent = [[] for _ in range(count)]
    for one in documents(done.out):
        for item in one["items"] if one["kind"] == "List" else [one]:
            sent[int(item["metadata"]["name"][1:])].append(numbers(item))
    return sent, done.err


def told(err):
    """The texts that kubectl complains of, and what it says."""
    out = {}
    for line in err.splitlines():
        match = re.search(r"/t(\d+)\.yaml", line)
        if match:
            out.setdefault(int(match.group(1)), line)
    return out


@test
def what_kubectl_sends():
    c = Comparison("YAML texts", STRICTER, 1000)
    asked = texts()
    ours = probe("yaml", (text.hex() for text in asked))
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        for i, text in enumerate(asked):
            with open(os.path.join(folder, f"t{i}.yaml"), "wb") as f:
                f.write(text)
        sent, err = by_kubectl(folder, len(asked))
    broken = told(err)
    for i, (text, mine) in enumerate(zip(asked, ours)):
        why = mine["error"] if "error" in mine else ""
        theirs = "refused" if i in broken else sent[i]
        mine = "refused" if why or not all(
            isinstance(d, dict) for d in mine) else numbers(mine)
        c.add((text, broken.get(i), why), theirs, mine,
              "refused" if i in broken else "read")
    c.finish()


def stricter(reason, *says):
    return reason, lambda given, theirs, mine: mine == "refused" and any(
        s in given[2] for s in says)


# Where readers disagree, or kubectl repairs in silence.
STRICTER = [
    stricter("the last of duplicate keys wins in kubectl", "duplicate key"),
    stricter("kubectl ends lines at a lone carriage return",
             "a carriage return without a line feed"),
    stricter("kubectl replaces what is no UTF-8", "not readable as UTF-8"),
    stricter("what a merge key may stand behind and lead to",
             "is merged by it too", "wants an alias of a mapping"),
    stricter("a colon at the end of a plain scalar in {}, and what ends a tag",
             "found unexpected ':'",
             "did not find expected whitespace or line break"),
    stricter("infinity as a key; null as one in a value that is dropped",
             "is no number that JSON can hold", "a key may not be null"),
    stricter("a tag that kubectl reads and drops",
             "the tag !!timestamp is not accepted"),
]

if __name__ == "__main__":
    main(test)
