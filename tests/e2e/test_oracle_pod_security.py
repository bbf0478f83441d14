"""Pod Security: for generated Pods, our verdict and the controls that we name
are those of the API server's own admission, level by level."""
import json
import os
import re
import tempfile

from environment import FOLDER, Tests, expect, main
from oracle import Comparison, Server, probe
from oracle_pods import ephemeral_containers, good, pods, unreadable_pods

test = Tests()
SERVER = Server()
LEVELS = [("baseline", "latest"), ("baseline", "v1.24"),
          ("restricted", "latest"), ("restricted", "v1.24")]
# How the API server calls our rules.
REASONS = {
    "pss.allowPrivilegeEscalation": "allowPrivilegeEscalation != false",
    "pss.appArmor": "forbidden AppArmor profile",
    "pss.capabilities": "non-default capabilities",
    "pss.capabilitiesRestricted": "unrestricted capabilities",
    "pss.hostNamespaces": "host namespaces",
    "pss.hostPathVolumes": "hostPath volumes",
    "pss.hostPorts": "hostPort",
    "pss.hostProbes": "probe or lifecycle host",
    "pss.hostProcess": "hostProcess",
    "pss.privileged": "privileged",
    "pss.procMount": "procMount",
    "pss.runAsNonRoot": "runAsNonRoot != true",
    "pss.runAsUser": "runAsUser=0",
    "pss.seLinux": "seLinuxOptions",
    "pss.seccomp": "seccompProfile",
    "pss.seccompRequired": "seccompProfile",
    "pss.sysctls": "forbidden sysctls",
    "pss.volumeTypes": "restricted volume types",
}


def namespace(level, version):
    return f"pss-{level}-{version.replace('.', '-')}"


def set_up():
    for level, version in LEVELS:
        SERVER.create("/api/v1/namespaces", {"metadata": {
            "name": namespace(level, version), "labels": {
                "pod-security.kubernetes.io/enforce": level,
                "pod-security.kubernetes.io/enforce-version": version}}})


def write_tiers(folder):
    for i, (level, version) in enumerate(LEVELS):
        one = {"level": level.capitalize()}
        if version != "latest":
            one["version"] = version
        name = namespace(level, version)
        with open(f"{folder}/{name}.json", "w", encoding="utf-8") as f:
            json.dump({"apiVersion": "bulkhead.dev/v1alpha1",
                       "kind": "IsolationTier", "metadata": {"name": name},
                       "spec": {"strength": i + 1, "pod": {"level": one}}}, f)


def review(pod, ns):
    return json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "1", "operation": "CREATE", "namespace": ns, "name": "p",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "userInfo": {"username": "somebody"}, "object": pod}})


def ours(asked):
    """For each (pod, ns) the reasons by which our engine refuses."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        tiers = os.path.join(folder, "tiers")
        os.mkdir(tiers)
        write_tiers(tiers)
        lines = [json.dumps({"apiVersion": "v1", "kind": "Namespace",
                             "metadata": {"name": namespace(*one), "labels": {
                                 "bulkhead.dev/enforce": namespace(*one)}}})
                 for one in LEVELS]
        lines += [review(pod, ns) for pod, ns in asked]
        answers = probe("validate", lines, tiers)
    return [sorted({REASONS[i] for i in re.findall(
        r"(pss\.\w+):deny", a["response"]["auditAnnotations"].get(
            "rules", ""))}) for a in answers]


def reasons(message):
    """What stands outside of parentheses, between commas."""
    text = message.split('violates PodSecurity "', 1)[1].split('": ', 1)[1]
    outside, depth, quoted = "", 0, False
    for c in text:
        quoted ^= c == '"'
        depth += (c == "(" and not quoted) - (c == ")" and not quoted)
        if depth == 0 and c != ")":
            outside += c
    return sorted({re.sub("profiles$", "profile", r.strip())
                   for r in outside.split(", ")})


def theirs(answer):
    """The reasons, or None where Pod Security was not even asked."""
    status, body, _ = answer
    message = body.get("message", "")
    if status == 403 and "violates PodSecurity" in message:
        return reasons(message)
    if status in (200, 201):
        return []
    if status in (400, 422):
        return None
    raise AssertionError(f"{status} {message}")


def create(pod, ns):
    return ("POST", f"/api/v1/namespaces/{ns}/pods?dryRun=All",
            json.dumps(pod))


def compare(what, asked, answers, least):
    c = Comparison(what, least=least)
    passed_by = 0
    for (pod, ns), answer, mine in zip(asked, answers, ours(asked)):
        verdict = theirs(answer)
        if verdict is None:
            passed_by += 1
        else:
            c.add((ns, json.dumps(pod)), verdict, mine,
                  "refused" if verdict else "admitted")
    print(f"{passed_by} more are no valid Pods to the API server")
    c.finish()


@test
def verdicts_and_controls():
    set_up()
    first, *others = (namespace(*level) for level in LEVELS)
    asked = [(pod, first) for pod in pods()]
    answers = SERVER.ask_all(create(*one) for one in asked)
    valid = [pod for (pod, _), answer in zip(asked, answers)
             if theirs(answer) is not None]
    # The older version of the standards is asked for every second one.
    more = [(pod, ns) for ns in others
            for pod in (valid[::2] if "v1" in ns else valid)]
    answers += SERVER.ask_all(create(*one) for one in more)
    seen = {reason for answer in answers for reason in theirs(answer) or []}
    expect(sorted(set(REASONS.values()) - seen), [], "never refused:")
    compare("Pods by levels of Pod Security", asked + more, answers, 1500)


@test
def ephemeral_containers_of_a_good_pod():
    asked, requests = [], []
    for level in LEVELS:
        ns = namespace(*level)
        SERVER.create(f"/api/v1/namespaces/{ns}/pods",
                      {**good(), "metadata": {"name": "stored"}})
        for one in ephemeral_containers():
            pod = good()
            pod["spec"]["ephemeralContainers"] = [one]
            asked.append((pod, ns))
            requests.append((
                "PATCH", f"/api/v1/namespaces/{ns}/pods/stored/"
                "ephemeralcontainers?dryRun=All", json.dumps({"spec": {
                    "ephemeralContainers": [one]}}),
                "application/merge-patch+json"))
    compare("ephemeral containers by levels", asked,
            SERVER.ask_all(requests), 300)


@test
def no_value_of_a_wrong_type_passes():
    ns = namespace("restricted", "latest")
    asked = [(pod, ns) for pod in unreadable_pods()]
    c = Comparison("Pods that cannot be read", least=80)
    for (pod, _), (status, body, _), mine in zip(
            asked, SERVER.ask_all(create(*one) for one in asked), ours(asked)):
        refused = status in (400, 403, 422)
        c.add((json.dumps(pod), body.get("message")), refused, bool(mine),
              "refused" if refused else "admitted")
    c.finish()


if __name__ == "__main__":
    main(test)
