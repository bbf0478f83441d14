"""tests/cases/review over TLS: what test_review expects, and byte for byte what
the command line answers."""
import base64
import json
import os
import subprocess

from client import PROGRAM, Connection

NOW = "2026-11-21T06:00:00Z"
CLI = os.path.join(os.path.dirname(os.path.realpath(PROGRAM)), "bulkhead")


def arguments(case):
    args = ["--now", NOW]
    for option, name in (("--tiers", "tiers"), ("--cluster-objects",
                                                "cluster")):
        path = os.path.join(case, name)
        if os.path.exists(path):
            args += [option, path]
    return args


def readable(body, shipped):
    answer = json.loads(body)
    response = answer["response"]
    if "patch" in response:
        response["patch"] = json.loads(base64.b64decode(response["patch"]))
    if shipped:
        response["auditAnnotations"]["digest"] = "(shipped)"
    return answer


def check(case, connection, args, request, expected):
    status, _, body = 0, None, None
    for phase in ("mutate", "validate"):
        status, _, body = connection.post("/" + phase, request)
        cli = subprocess.run([CLI, "review", "--phase", phase, *args],
                             input=request, capture_output=True)
        if "error" in expected:
            if (status, body.decode()) != (400, expected["error"] + "\n"):
                raise AssertionError((case, status, body))
            continue
        if status != 200 or body + b"\n" != cli.stdout:
            raise AssertionError((case, phase, status, body, cli.stdout,
                                  cli.stderr))
        got = readable(body, "--tiers" not in args)
        if got != expected[phase]:
            raise AssertionError((case, phase, got, expected[phase]))
    return 2


def replay_all(folder, cases, start):
    n, groups = 0, {}
    for name in sorted(os.listdir(cases)):
        case = os.path.join(cases, name)
        groups.setdefault(tuple(arguments(case)), []).append(case)
    for i, (args, members) in enumerate(groups.items()):
        own = os.path.join(folder, str(i))
        os.mkdir(own)
        server = start(own, *args)
        with Connection(server) as connection:
            for case in members:
                with open(os.path.join(case, "request.json"), "rb") as f:
                    request = f.read()
                with open(os.path.join(case, "expect.json")) as f:
                    expected = json.load(f)
                n += check(case, connection, args, request, expected)
        if server.stop() != 0:
            raise AssertionError("does not end well")
    return n
