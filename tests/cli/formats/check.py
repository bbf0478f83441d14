"""Reads back what formats.sh had written, with readers that are not ours."""
import collections
import copy
import json
import os
import re
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree

import jsonschema
import yaml

try:
    import junitparser
except ImportError:
    junitparser = None

WORK, REPORT_SCHEMA, SARIF_SCHEMA = sys.argv[1:4]
INPUTS = ("objects", "empty", "clean", "moved")
NAME = ('<b>&"\'\n::error::forged\r\x1b[31m # SKIP \\ 100% '
        '\u202eкорабль 船 🚢\0')
LEVELS = {"deny": "error", "warn": "warning", "audit": "note",
          "excepted": "note"}
tests = []


class Skip(Exception):
    pass


def test(function):
    tests.append(function)
    return function


def text(name):
    with open(os.path.join(WORK, name), encoding="utf-8", newline="") as f:
        return f.read()


def status(name):
    return int(text(name + ".status"))


def report(name):
    return json.loads(text(name + ".json"))


def findings(r):
    return [(o, f) for o in r["objects"] for f in o["findings"]]


def equal(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def read_schema(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


# ---- json and yaml ----

@test
def json_is_valid_by_its_schema():
    schema = read_schema(REPORT_SCHEMA)
    jsonschema.Draft202012Validator.check_schema(schema)
    for name in INPUTS:
        jsonschema.Draft202012Validator(schema).validate(report(name))


@test
def schema_closes_every_object_and_requires_what_is_always_there():
    schema = read_schema(REPORT_SCHEMA)
    for part in [schema, schema["properties"]["policy"],
                 *schema["$defs"].values()]:
        if part.get("type") != "object":
            continue
        equal(part["additionalProperties"], False)
        optional = set(part["properties"]) - set(part["required"])
        assert optional <= {"origin", "exception"}, optional


@test
def schema_refuses_what_the_report_never_says():
    validator = jsonschema.Draft202012Validator(read_schema(REPORT_SCHEMA))
    good = report("objects")
    for change in (lambda r: r.pop("problems"),
                   lambda r: r.update(extra=1),
                   lambda r: r["objects"][0].update(verdict="maybe"),
                   lambda r: r["objects"][0].update(line=-1),
                   lambda r: r["problems"][0].update(message=None)):
        bad = copy.deepcopy(good)
        change(bad)
        assert not validator.is_valid(bad)


@test
def json_says_what_became_of_each_object():
    verdicts = {o["name"]: o["verdict"] for o in report("objects")["objects"]}
    equal(verdicts, {"passing": "pass", "denied": "deny", "warned": "warn",
                     "excepted": "pass", "ungoverned": "withoutTier",
                     NAME: "deny", "": "withoutTier"})


@test
def json_counts_are_right():
    for name in INPUTS:
        r = report(name)
        s = r["summary"]
        fates = collections.Counter(o["verdict"] for o in r["objects"])
        actions = collections.Counter(f["action"] for _, f in findings(r))
        equal(s["judged"], len(r["objects"]))
        equal([s[k] for k in ("denied", "warned", "passed", "withoutTier")],
              [fates[k] for k in ("deny", "warn", "pass", "withoutTier")])
        equal([s[k] for k in ("denials", "warnings", "audits", "excepted")],
              [actions[k] for k in ("deny", "warn", "audit", "excepted")])
        equal(s["problems"], len(r["problems"]))
        equal(s["filled"], sum(len(o["filled"]) for o in r["objects"]))
    equal(report("objects")["summary"]["notJudged"], 1)


@test
def json_places_point_at_the_field():
    places = {f["field"]: f for o, f in findings(report("objects"))
              if o["name"] == "denied" and f["action"] == "deny"}
    f = places["spec.podTemplate.spec.hostNetwork"]
    lines = text("objects/b-denied.yaml").split("\n")
    equal(lines[f["line"] - 1][f["column"] - 1:], "true")


@test
def json_tells_the_exception():
    (_, f), *_ = [x for x in findings(report("clean"))
                  if x[1]["action"] == "excepted"]
    equal(f["exception"], {
        "name": "node-tuning", "ticket": "SEC-7",
        "reason": 'tunes the node, <reviewed> & "signed"',
        "expiresAt": "2027-03-01T00:00:00Z"})


@test
def json_tells_what_cannot_be_read_and_where():
    equal([(p["file"], p["line"]) for p in report("objects")["problems"]],
          [("objects/g-unreadable.yaml", 5), ("objects/g-unreadable.yaml", 7)])


@test
def json_of_nothing_has_empty_lists():
    r = report("empty")
    equal((r["objects"], r["problems"]), ([], []))


@test
def yaml_says_the_same_as_json():
    for name in INPUTS:
        equal(yaml.safe_load(text(name + ".yaml")), report(name))


# ---- junit ----

def suites(name):
    root = xml.etree.ElementTree.fromstring(text(name + ".junit"))
    return root, root.findall("testsuite")


def xml_text(s):
    """What XML 1.0 can hold of a text."""
    return "".join("\ufffd" if c < " " and c not in "\t\n\r" else c for c in s)


@test
def junit_is_well_formed():
    for name in INPUTS:
        subprocess.run(["xmllint", "--noout", name + ".junit"], cwd=WORK,
                       check=True)


@test
def junit_counts_are_right_at_every_level():
    for name in INPUTS:
        root, all_suites = suites(name)
        for element in [root, *all_suites]:
            cases = list(element.iter("testcase"))
            equal([int(element.get(k)) for k in
                   ("tests", "failures", "errors", "skipped")],
                  [len(cases)] + [sum(c.find(k) is not None for c in cases)
                                  for k in ("failure", "error", "skipped")])


@test
def junit_has_a_suite_a_file_and_a_case_an_object():
    for name in INPUTS:
        r = report(name)
        _, all_suites = suites(name)
        equal(sorted(s.get("name") for s in all_suites),
              sorted({x["file"] for x in r["objects"] + r["problems"]}))
        equal(sorted(c.get("name") for s in all_suites
                     for c in s.iter("testcase")
                     if c.get("classname") != "input"),
              sorted(xml_text(o["namespace"] + "/" + (o["name"] or "(no name)"))
                     for o in r["objects"]))


@test
def junit_failures_hold_every_denial_with_its_place():
    failures = "".join(f.text for s in suites("objects")[1]
                       for f in s.iter("failure"))
    for o, f in findings(report("objects")):
        place = f'{o["file"]}:{f["line"]}:{f["column"]}: deny [{f["id"]}]'
        assert f["action"] != "deny" or place in failures, place
    assert ": warn [" not in failures and ": excepted [" not in failures


@test
def junit_is_what_a_real_reader_takes():
    if not junitparser:
        raise Skip("junitparser cannot be installed")
    for name in INPUTS:
        r = report(name)
        parsed = junitparser.JUnitXml.fromfile(
            os.path.join(WORK, name + ".junit"))
        equal(parsed.tests, len(r["objects"]) + len(r["problems"]))
        results = [type(x).__name__ for suite in parsed for case in suite
                   for x in case.result]
        equal(results.count("Failure"), r["summary"]["denied"])
        equal(results.count("Error"), len(r["problems"]))
        equal(results.count("Skipped"), r["summary"]["withoutTier"])


# ---- sarif ----

def run(name):
    return json.loads(text(name + ".sarif"))["runs"][0]


@test
def sarif_is_valid_by_the_official_schema():
    if not os.path.exists(SARIF_SCHEMA):
        raise Skip("the SARIF schema cannot be fetched")
    validator = jsonschema.Draft4Validator(read_schema(SARIF_SCHEMA))
    for name in INPUTS:
        validator.validate(json.loads(text(name + ".sarif")))
    bad = json.loads(text("objects.sarif"))
    bad["runs"][0]["results"][0]["level"] = "deny"
    assert not validator.is_valid(bad)


@test
def sarif_has_a_result_for_each_finding():
    for name in INPUTS:
        equal([(x["ruleId"], x["level"]) for x in run(name)["results"]],
              [(f["id"], LEVELS[f["action"]])
               for _, f in findings(report(name))])


@test
def sarif_results_name_their_rule_by_id_and_index():
    for name in INPUTS:
        rules = run(name)["tool"]["driver"]["rules"]
        equal(len({x["id"] for x in rules}), len(rules))
        for result in run(name)["results"]:
            equal(rules[result["ruleIndex"]]["id"], result["ruleId"])
    assert "odd,rule:100%" in {x["ruleId"] for x in run("objects")["results"]}


@test
def sarif_places_are_relative_uris_of_the_files():
    uris = set()
    for result, (o, f) in zip(run("objects")["results"],
                              findings(report("objects"))):
        place = result["locations"][0]["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri), uri
        equal(urllib.parse.unquote(uri), o["file"])
        equal(place["region"], {"startLine": f["line"],
                                "startColumn": f["column"]})
        uris.add(uri)
    assert any("%20" in uri and "%25" in uri for uri in uris), uris


@test
def sarif_suppresses_what_an_exception_covers_and_nothing_else():
    for result, (_, f) in zip(run("objects")["results"],
                              findings(report("objects"))):
        equal(len(result["suppressions"]), int(f["action"] == "excepted"))
        for s in result["suppressions"]:
            equal(s["kind"], "external")
            for part in ("node-tuning", "2027-03-01", "<reviewed>", "SEC-7"):
                assert part in s["justification"], s


@test
def sarif_fingerprints_survive_moved_lines():
    def prints(name):
        return [x["partialFingerprints"] for x in run(name)["results"]
                if "b-denied" in json.dumps(x["locations"])]
    assert prints("moved")
    equal(prints("moved"), prints("objects"))


@test
def sarif_tells_unreadable_input_as_a_failed_invocation():
    for name in INPUTS:
        (invocation,) = run(name)["invocations"]
        problems = report(name)["problems"]
        equal(invocation["executionSuccessful"], not problems)
        equal([n["message"]["text"]
               for n in invocation["toolExecutionNotifications"]],
              [p["message"] for p in problems])


# ---- github ----

def commands(name):
    """The workflow commands, unescaped as the runner does; and other lines."""
    def unescape(s, more=()):
        for code, c in (*more, ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
            s = s.replace(code, c)
        return s
    out, rest = [], []
    for line in text(name + ".github").split("\n"):
        m = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
        if not m:
            rest.append(line)
            continue
        pairs = dict(p.split("=", 1) for p in m[2].split(","))
        out.append((m[1], {k: unescape(v, (("%3A", ":"), ("%2C", ",")))
                           for k, v in pairs.items()}, unescape(m[3])))
    return out, rest


@test
def github_has_a_command_for_each_finding_and_problem():
    levels = {**LEVELS, "audit": "notice", "excepted": "notice"}
    for name in INPUTS:
        r = report(name)
        got, rest = commands(name)
        equal([(c, p["file"], p.get("line"), p.get("col")) for c, p, _ in got],
              [(levels[f["action"]], o["file"], str(f["line"]),
                str(f["column"])) for o, f in findings(r)] +
              [("error", p["file"], str(p["line"]), str(p["column"]))
               for p in r["problems"]])
        equal(len(rest), 2)
        equal(rest[1], "")


@test
def github_titles_and_messages_unescape_to_what_was_meant():
    got, _ = commands("objects")
    titles = {p["title"] for _, p, _ in got}
    assert "Sandbox team-a/warned: odd,rule:100%" in titles, titles
    for (_, _, message), (_, f) in zip(got, findings(report("objects"))):
        for part in (f["found"], f["wanted"]):
            safe = re.sub("[\u2028\u202e]", "?", part)
            assert safe in message.split("\n", maxsplit=1)[0], message


# ---- tap ----

TAP_READER = r"""
my $p = TAP::Parser->new({ source => $ARGV[0] });
$p->run;
print join("|", $p->plan, join(",", $p->failed), join(",", $p->skipped),
           $p->skip_all ? "all" : "", scalar $p->parse_errors), "\n";
"""


@test
def tap_is_what_perl_reads():
    for name in INPUTS:
        r = report(name)
        failed = [str(i + 1) for i, o in enumerate(r["objects"])
                  if o["verdict"] == "deny"]
        skipped = [str(i + 1) for i, o in enumerate(r["objects"])
                   if o["verdict"] == "withoutTier"]
        n = len(r["objects"]) + len(r["problems"])
        failed += [str(len(r["objects"]) + i + 1)
                   for i in range(len(r["problems"]))]
        source = os.path.join(WORK, name + ".tap")
        got = subprocess.run(["perl", "-MTAP::Parser", "-e", TAP_READER,
                              source], check=True, capture_output=True,
                             text=True).stdout.strip()
        plan, *rest = got.split("|")
        equal(plan, f"1..{n}")
        equal(rest, [",".join(failed), ",".join(skipped),
                     "" if n else "all", "0"])


@test
def prove_agrees():
    for name in INPUTS:
        proved = subprocess.run(["prove", "-e", "cat", name + ".tap"],
                                cwd=WORK, capture_output=True, text=True,
                                check=False)
        clean = not report(name)["problems"] and \
            not report(name)["summary"]["denied"]
        equal(proved.returncode == 0, clean)
        assert "Parse errors" not in proved.stdout, proved.stdout


# ---- table ----

@test
def table_has_a_compilers_line_for_each_finding_and_problem():
    for name in INPUTS:
        r = report(name)
        got = re.findall(r"^(\S.*?):(\d+):(\d+): "
                         r"(deny|warn|audit|excepted|error)\b",
                         text(name + ".table"), re.M)
        equal(got, [(o["file"], str(f["line"]), str(f["column"]), f["action"])
                    for o, f in findings(r)] +
              [(p["file"], str(p["line"]), str(p["column"]), "error")
               for p in r["problems"]])


@test
def table_names_another_tier_and_not_its_own():
    for line in text("objects.table").split("\n"):
        if '(tier "' in line:
            assert '(tier "stricter" by label' in line, line
    assert '(tier "stricter"' in text("objects.table")


@test
def table_tells_the_exception():
    assert ('excepted by IsolationException node-tuning until '
            '2027-03-01T00:00:00Z: tunes the node, <reviewed> & "signed" '
            '(ticket SEC-7)\n') in text("clean.table")


@test
def table_sums_up():
    equal(text("objects.table").split("\n")[-2][:19], "8 objects judged: 2")
    equal(text("empty.table"), "0 objects judged\n")
    assert "; 1 other object not judged;" in text("objects.table")


@test
def colours_are_all_that_colour_adds():
    coloured = text("coloured.table")
    assert "\x1b[" in coloured
    equal(re.sub(r"\x1b\[[0-9;]*m", "", coloured), text("objects.table"))


@test
def no_text_of_a_manifest_forges_a_line_or_a_colour():
    for kind in ("table", "github", "tap"):
        got = text("objects." + kind)
        assert not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", got)
        assert not re.search(r"^(::\w+::|not ok 99)", got, re.M)


# ---- all ----

@test
def exit_status_is_the_same_in_every_format():
    wanted = {"objects": 3, "empty": 0, "clean": 0, "moved": 1}
    for name in INPUTS:
        for kind in ("table", "json", "yaml", "junit", "sarif", "github",
                     "tap"):
            equal((name, kind, status(f"{name}.{kind}")),
                  (name, kind, wanted[name]))


passed = failed = skipped = 0
for function in tests:
    try:
        function()
        passed += 1
    except Skip as e:
        skipped += 1
        print(f"SKIP  {function.__name__}: {e}")
    except Exception as e:  # pylint: disable=broad-except
        failed += 1
        print(f"FAIL  {function.__name__}: {type(e).__name__}: {e}"[:2000])
print(f"{passed} passed, {failed} failed" +
      (f", {skipped} skipped" if skipped else ""))
sys.exit(1 if failed or not passed else 0)
