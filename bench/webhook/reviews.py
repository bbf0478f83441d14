"""reviews.py SAMPLE FOLDER: AdmissionReviews of about 2, 4, 10 and 30 KiB that
create a Sandbox, made from the sample by taking or adding variables of its
containers' environments. All of them are compliant; fill-4k.json leaves out
what the shipped tiers fill in. The same sample gives the same bytes."""
import copy
import json
import os
import sys

KINDS = {"group": "agents.x-k8s.io", "version": "v1beta1"}


def review(sandbox):
    meta = sandbox["metadata"]
    request = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {**KINDS, "kind": "Sandbox"},
        "resource": {**KINDS, "resource": "sandboxes"},
        "requestKind": {**KINDS, "kind": "Sandbox"},
        "requestResource": {**KINDS, "resource": "sandboxes"},
        "name": meta["name"],
        "namespace": meta["namespace"],
        "operation": "CREATE",
        "userInfo": {"username": "dev@example.com",
                     "groups": ["research", "system:authenticated"]},
        "object": sandbox,
        "oldObject": None,
        "dryRun": False,
        "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions",
                    "fieldManager": "kubectl-create"},
    }
    return {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
            "request": request}


def text(doc):
    return json.dumps(doc, separators=(",", ":"))


def pod_of(sandbox):
    return sandbox["spec"]["podTemplate"]["spec"]


def with_variables(sandbox, count):
    """The containers share them as evenly as possible."""
    containers = pod_of(sandbox)["containers"]
    for i, container in enumerate(containers):
        share = (count + i) // len(containers)
        container["env"] = [
            {"name": f"VAR_{n:02}", "value": f"value-{n:02}-of-{container['name']}"}
            for n in range(share)]
    return sandbox


def sized(sandbox, size):
    """The most variables that fit; small reviews have one container."""
    sandbox = copy.deepcopy(sandbox)
    if size < 3 << 10:
        del pod_of(sandbox)["containers"][1:]
    count = 0
    while len(text(review(with_variables(sandbox, count + 1)))) <= size:
        count += 1
    return with_variables(sandbox, count)


def without_defaults(sandbox):
    sandbox = copy.deepcopy(sandbox)
    pod = pod_of(sandbox)
    del sandbox["spec"]["shutdownTime"], pod["runtimeClassName"]
    del pod["automountServiceAccountToken"], pod["securityContext"]
    for container in pod["containers"]:
        del container["securityContext"]["allowPrivilegeEscalation"]
        del container["resources"]["requests"]
    return sandbox


with open(sys.argv[1], encoding="utf-8") as file:
    sample = json.load(file)
reviews = {f"review-{kib}k.json": sized(sample, kib << 10)
           for kib in (2, 4, 10, 30)}
reviews["fill-4k.json"] = sized(without_defaults(sample), 4 << 10)
for name, sandbox in reviews.items():
    with open(os.path.join(sys.argv[2], name), "w", encoding="utf-8") as file:
        file.write(text(review(sandbox)))
