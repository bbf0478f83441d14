#!/usr/bin/env python3
"""Reviews that hold as many values as one may, in one place each: every one
is answered within the memory that the Deployment's limit leaves for a thread.

    tests/cli/shapes.py [PART OF A NAME]...

Last line: "N passed, M failed".
"""
import json
import os
import resource
import subprocess
import sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("BULKHEAD") or os.path.join(
    os.environ.get("BUILD", os.path.join(ROOT, "build")), "bulkhead")
# Sanitizers make everything larger.
SLOW = int(os.environ.get("SLOW", "1"))
MANY = 99000  # policies/review.c: 100,000 values
LIMIT = 128 << 20
LABELS = ("bulkhead.dev/enforce=gvisor,bulkhead.dev/warn=kata-fc,"
          "bulkhead.dev/audit=kata-fc-airgapped")

AGENTS, EXTENSIONS = "agents.x-k8s.io", "extensions.agents.x-k8s.io"
KINDS = {
    "Sandbox": (AGENTS, "v1beta1", "sandboxes"),
    "SandboxTemplate": (EXTENSIONS, "v1beta1", "sandboxtemplates"),
    "SandboxClaim": (EXTENSIONS, "v1beta1", "sandboxclaims"),
    "Pod": ("", "v1", "pods"),
    "Namespace": ("", "v1", "namespaces"),
    "NetworkPolicy": ("networking.k8s.io", "v1", "networkpolicies"),
    "IsolationTier": ("bulkhead.dev", "v1alpha1", "isolationtiers"),
    "IsolationPolicy": ("bulkhead.dev", "v1alpha1", "isolationpolicies"),
    "IsolationException": ("bulkhead.dev", "v1alpha1",
                           "isolationexceptions"),
}
ONE = {"name": "a", "image": "b"}
OWNED = {"ownerReferences": [{
    "apiVersion": AGENTS + "/v1beta1", "kind": "Sandbox", "name": "s",
    "uid": "u", "controller": True}]}


def times(item, values=1):
    """A list of an item that is so many values itself."""
    return [item] * (MANY // values)


def keys(prefix):
    return {f"{prefix}{i}": "" for i in range(MANY)}


def sandbox(pod_metadata=None, **pod):
    template = {"spec": {"containers": [ONE], **pod}}
    if pod_metadata:
        template["metadata"] = pod_metadata
    return {"spec": {"podTemplate": template}}


def container(**more):
    return sandbox(containers=[{**ONE, **more}])


def policy(**spec):
    return {"spec": {"podSelector": {}, "policyTypes": ["Egress"], **spec}}


def tier(**spec):
    return {"spec": {"strength": 5, **spec}}


SHAPES = [
    ("containers", "Sandbox", sandbox(containers=times({}))),
    ("containers that are numbers", "Sandbox", sandbox(containers=times(1))),
    ("init containers", "Sandbox", sandbox(initContainers=times({}))),
    ("ephemeral containers", "Sandbox",
     sandbox(ephemeralContainers=times({}))),
    ("containers of a Pod", "Pod",
     {"metadata": OWNED, "spec": {"containers": times({})}}),
    ("gates of a Pod", "Pod", {"metadata": OWNED, "spec": {
        "containers": [ONE], "schedulingGates": times({})}}),
    ("owners of a Pod", "Pod", {
        "metadata": {"ownerReferences": times(
            {"apiVersion": AGENTS + "/v1beta1", "kind": "Sandbox"}, 3)},
        "spec": {"containers": [ONE]}}),
    ("volumes", "Sandbox", sandbox(volumes=times({}))),
    ("host paths", "Sandbox", sandbox(volumes=times({"hostPath": {}}, 2))),
    ("environment", "Sandbox", container(env=times({}))),
    ("host ports", "Sandbox", container(ports=times({"hostPort": 1}, 2))),
    ("capabilities", "Sandbox", container(
        securityContext={"capabilities": {"add": times("X")}})),
    ("dropped capabilities", "Sandbox", container(
        securityContext={"capabilities": {"drop": times("X")}})),
    ("sysctls", "Sandbox", sandbox(
        securityContext={"sysctls": times({"name": "x"}, 2)})),
    ("limits", "Sandbox", container(resources={"limits": keys("a")})),
    ("limits of the Pod", "Sandbox", sandbox(resources={"limits": keys("a")})),
    ("labels", "Sandbox", {**sandbox(), "metadata": {
        "labels": keys("bulkhead.dev/")}}),
    ("annotations", "Sandbox", {**sandbox(), "metadata": {
        "annotations": keys("bulkhead.dev/")}}),
    ("annotations of the runtime", "Sandbox", sandbox(
        {"annotations": keys("dev.gvisor.")})),
    ("managed fields", "Sandbox", {**sandbox(), "metadata": {
        "managedFields": times({"operation": "Apply", "fieldsV1": {}}, 3)}}),
    ("unknown fields", "Sandbox", {"spec": {
        **sandbox()["spec"], **keys("zz")}}),
    ("claims of volumes", "Sandbox", {"spec": {
        **sandbox()["spec"], "volumeClaimTemplates": times({})}}),
    ("egress of a template", "SandboxTemplate", {"spec": {
        **sandbox()["spec"], "networkPolicy": {"egress": times({})}}}),
    ("environment of a claim", "SandboxClaim", {"spec": {
        "sandboxTemplateRef": {"name": "t"}, "env": times({"name": "a"}, 2)}}),
    ("labels of a claim", "SandboxClaim", {"spec": {
        "sandboxTemplateRef": {"name": "t"},
        "additionalPodMetadata": {"labels": keys("bulkhead.dev/")}}}),
    ("labels of a namespace", "Namespace", {
        "metadata": {"labels": keys("bulkhead.dev/")}}),
    ("egress rules", "NetworkPolicy", policy(egress=times({}))),
    ("egress peers", "NetworkPolicy", policy(egress=[{"to": times({})}])),
    ("egress exceptions", "NetworkPolicy", policy(egress=[{"to": [{
        "ipBlock": {"cidr": "0.0.0.0/0", "except": times("1.1.1.1/32")}}]}])),
    ("requirements", "NetworkPolicy", policy(
        podSelector={"matchExpressions": times({})}, egress=[{}])),
    ("fields of a tier", "IsolationTier", tier(**keys("zz"))),
    ("rules of a tier", "IsolationTier", tier(rules=times(
        {"id": "a", "path": "x", "matches": "a", "message": "m"}, 5))),
    ("volumes of a tier", "IsolationTier", tier(
        pod={"volumes": times("x")})),
    ("peers of a tier", "IsolationTier", tier(network={"egress": {
        "mode": "AllowList", "allow": times({})}})),
    ("patterns of a tier", "IsolationTier", tier(
        runtime={"allowAnnotations": times("a")})),
    ("rules of a policy", "IsolationPolicy", {"spec": {"rules": times({})}}),
    ("labels of a policy", "IsolationPolicy", {"spec": {"rules": [{
        "name": "a", "floor": "gvisor",
        "namespaceSelector": {"matchLabels": keys("a")}}]}}),
    ("rules of an exception", "IsolationException", {"spec": {
        "rules": times("zz"), "reason": "r",
        "expiresAt": "2027-01-01T00:00:00Z"}}),
]


def review(kind, content):
    group, version, resource = KINDS[kind]
    document = {"apiVersion": f"{group}/{version}" if group else version,
                "kind": kind, **content,
                "metadata": {"name": "x", "namespace": "default",
                             **content.get("metadata", {})}}
    return json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "u", "operation": "CREATE", "name": "x",
            "namespace": "default", "object": document,
            "kind": {"group": group, "version": version, "kind": kind},
            "resource": {"group": group, "version": version,
                         "resource": resource},
            "userInfo": {"username": "jane"}}}, separators=(",", ":"))


def little_memory():
    if SLOW == 1:
        resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))


def complaint(text, phase):
    done = subprocess.run(
        [PROGRAM, "review", "--phase", phase, "--namespace-labels", LABELS,
         "--now", "2026-11-21T06:00:00Z"], input=text.encode(),
        capture_output=True, check=False, preexec_fn=little_memory)
    if done.returncode not in ((0,) if phase == "mutate" else (0, 1)):
        return f"exit {done.returncode}: {done.stderr[-200:].decode()}"
    if json.loads(done.stdout)["response"]["uid"] != "u":
        return "another review's answer"
    return None


def main(names):
    passed = failed = 0
    for name, kind, content in SHAPES:
        if names and not any(n in name for n in names):
            continue
        text = review(kind, content)
        for phase in ("mutate", "validate"):
            wrong = complaint(text, phase)
            passed, failed = passed + (not wrong), failed + bool(wrong)
            if wrong:
                print(f"FAIL {name}, {phase}: {wrong}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
