"""The NetworkPolicy of every tier is where it is needed before the first Pod
is, complete, stays as it is to be, and goes when nothing needs it."""
import contextlib
import functools
import ipaddress
import json
import os
import shutil
import tempfile
import time

import reconciler
from environment import (FOLDER, ROOT, TIERS, Tests, at, bulkhead, expect,
                         expect_in, extension, poll, sandbox)
from reconciler import (CONTAINERS, Delays, POLICIES, Watch, World,
                        as_controller, claim, create, in_parallel,
                        policy_of, policy_path, seconds_of, tier)

test = Tests()
W = World("egress")
C = W.cluster
SHIPPED = ["runc-hardened", "gvisor", "gvisor-airgapped", "kata-vm",
           "kata-fc", "kata-fc-airgapped"]
APPLY = "application/apply-patch+yaml"
UNNEEDED = "bulkhead.dev/unneeded"
GATEWAY = {"namespaceSelector": {"matchLabels": {"team": "proxy"}},
           "podSelector": {"matchLabels": {"app": "proxy"}},
           "ports": [{"port": 3128}, {"protocol": "UDP", "port": 4000,
                                      "endPort": 4100}]}
BLOCK = {"cidr": "203.0.113.0/24", "except": ["203.0.113.128/25"]}

PUBLIC = "8.8.8.8", "2001:4860:4860::8888"
PRIVATE = ("10.1.2.3", "172.31.0.1", "192.168.1.1", "100.64.1.1",
           "127.0.0.1", "169.254.1.1", "0.1.2.3", "224.0.0.1", "240.0.0.1",
           "fd12::1", "fe80::1", "::1", "ff02::1", "64:ff9b::a00:1",
           "2002:a00:1::1")
METADATA = ("169.254.169.254", "169.254.170.2", "100.100.100.200",
            "168.63.129.16", "fd00:ec2::254", "64:ff9b::a9fe:a9fe")


def egress(mode, dns="None", private=True, *allow):
    return {"mode": mode, "dns": dns, "blockPrivate": private,
            "allow": list(allow)}


# What is open to a port other than 53, and to 53; selectors beside it.
NETWORKS = {
    "none": (egress("None"), {"mode": "None"}),
    "list": (egress("AllowList", "None", True, GATEWAY, BLOCK),
             {"mode": "Router"}),
    "list-cluster": (egress("AllowList", "Cluster", True, GATEWAY),
                     {"mode": "Namespace"}),
    "list-node": (egress("AllowList", "NodeLocal"),
                  {"mode": "Unrestricted"}),
    "list-external": (egress("AllowList", "External"),
                      {"mode": "Router", "routerNamespace": "gateways",
                       "routerLabels": {"app": "gw", "tier": "edge"}}),
    "net": (egress("Internet", "None"), {"mode": "Router"}),
    "net-cluster": (egress("Internet", "Cluster"), {"mode": "Router"}),
    "net-node": (egress("Internet", "NodeLocal", True, BLOCK),
                 {"mode": "Namespace"}),
    "net-external": (egress("Internet", "External"), {"mode": "None"}),
    "net-private": (egress("Internet", "Cluster", False),
                    {"mode": "Router"}),
    "all": ({"mode": "Unrestricted"}, {"mode": "Unrestricted"}),
    "all-router": ({"mode": "Unrestricted"}, {"mode": "Router"}),
}
MODES = {f"mode-{name}": tier(f"mode-{name}", 700 + i,
                              network={"egress": out, "ingress": into})
         for i, (name, (out, into)) in enumerate(NETWORKS.items())}


def namespace(name, **labels):
    """A tier that is new is not known to the webhook at once."""
    def made():
        with contextlib.suppress(AssertionError):
            return C.namespace(name, **labels)
    return poll(f"namespace {name} is let in", made)


def in_place(ns, name, seconds=10):
    """The policy, once it is there and not marked."""
    def there():
        policy = policy_of(C, ns, name)
        return policy and not at(policy, "/metadata/annotations") and policy
    return poll(f"bulkhead-{name} in {ns}", there, seconds)


@functools.lru_cache(None)
def spec_of(tier_name):
    """What a template of that tier is filled with: the same rules."""
    document = extension("SandboxTemplate", "ns", "t", {
        "podTemplate": {"spec": {"containers": CONTAINERS}}},
        {"bulkhead.dev/tier": tier_name})
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        os.mkdir(f"{folder}/tiers")
        files = {"template.json": document}
        if tier_name in MODES:
            files["tiers/tier.json"] = MODES[tier_name]
        else:
            shutil.copy(f"{ROOT}/policies/tiers/{tier_name}.yaml",
                        f"{folder}/tiers")
        for name, content in files.items():
            with open(f"{folder}/{name}", "w", encoding="utf-8") as f:
                json.dump(content, f)
        filled = bulkhead("render", "-o", "json", "--tiers",
                          f"{folder}/tiers", f"{folder}/template.json").json()
    filled = filled["items"][0] if "items" in filled else filled
    rules = filled["spec"]["networkPolicy"]
    return {"podSelector": {"matchLabels": {"bulkhead.dev/tier": tier_name}},
            "policyTypes": ["Ingress", "Egress"],
            **{k: v for k, v in rules.items() if v}}


def is_open(spec, address, port=443):
    """To an address, by TCP; selectors lead to Pods and are left out."""
    address = ipaddress.ip_address(address)
    for rule in spec.get("egress", []):
        ports = rule.get("ports")
        if ports and not any(p["protocol"] == "TCP" and p["port"] <= port <=
                             p.get("endPort", p["port"]) for p in ports):
            continue
        if not rule.get("to"):
            return True
        for peer in rule["to"]:
            block = peer.get("ipBlock")
            if block and address in ipaddress.ip_network(block["cidr"]) and \
                    not any(address in ipaddress.ip_network(e)
                            for e in block.get("except", [])):
                return True
    return False


def expect_open(spec, opened, closed, port=443):
    for address in opened:
        expect(is_open(spec, address, port), True, f"{address}:{port}")
    for address in closed:
        expect(is_open(spec, address, port), False, f"{address}:{port}")


# ---- made ----

@test
def every_mode_is_stored_as_compiled():
    create(C, *MODES.values())
    W.controller.start().wait_leads()
    names = [*SHIPPED, *MODES]
    in_parallel(lambda n: namespace(f"mode-{n}", enforce=n), names, 4)
    for name in names:
        policy = in_place(f"mode-{name}", name)
        stored = policy["spec"]
        wanted = spec_of(name)
        expect(stored, wanted, name)
        expect(sorted(stored["policyTypes"]), ["Egress", "Ingress"])
        meta = policy["metadata"]
        expect((at(meta, "/labels/app.kubernetes.io~1managed-by"),
                at(meta, "/labels/bulkhead.dev~1tier")), ("bulkhead", name))
        owner = C.get(f"{TIERS}/{name}")["metadata"]["uid"]
        expect(meta["ownerReferences"], [{
            "apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationTier",
            "name": name, "uid": owner, "controller": True,
            "blockOwnerDeletion": False}])


@test
def every_mode_opens_what_it_says():
    spec = {n: policy_of(C, f"mode-mode-{n}", f"mode-{n}")["spec"]
            for n in NETWORKS}
    every = PUBLIC + PRIVATE + METADATA
    for name in ("none", "list-cluster", "list-node"):
        expect_open(spec[name], (), every)
    expect("egress" in spec["none"] or "ingress" in spec["none"], False)
    expect_open(spec["list"], ["203.0.113.5"], ["203.0.113.129", *every])
    expect_open(spec["list-external"], (), every)
    expect_open(spec["list-external"], PUBLIC, PRIVATE + METADATA, 53)
    for name in ("net", "net-cluster", "net-node", "net-external"):
        expect_open(spec[name], PUBLIC, PRIVATE + METADATA)
    expect_open(spec["net-private"], PUBLIC + PRIVATE, METADATA)
    expect_open(spec["all"], every, ())
    dns = {"namespaceSelector": {"matchLabels": {
        "kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchExpressions": [
            {"key": "k8s-app", "operator": "In",
             "values": ["coredns", "kube-dns"]}]}}
    for name, where in (("cluster", [dns]), ("node", [
            dns, {"ipBlock": {"cidr": "169.254.20.10/32"}}])):
        for mode in ("list", "net"):
            rule = spec[f"{mode}-{name}"]["egress"][0]
            expect(rule, {"to": where, "ports": [
                {"protocol": "UDP", "port": 53},
                {"protocol": "TCP", "port": 53}]}, name)
    expect(spec["list"]["egress"][0], {
        "to": [{k: GATEWAY[k] for k in ("namespaceSelector", "podSelector")}],
        "ports": [{"protocol": "TCP", "port": 3128},
                  {"protocol": "UDP", "port": 4000, "endPort": 4100}]})


@test
def every_mode_lets_in_whom_it_says():
    def into(name):
        spec = policy_of(C, f"mode-mode-{name}", f"mode-{name}")["spec"]
        return spec.get("ingress")

    def router(ns, **labels):
        return [{"from": [{"namespaceSelector": {"matchLabels": {
            "kubernetes.io/metadata.name": ns}},
            "podSelector": {"matchLabels": labels}}]}]
    expect(into("none"), None)
    expect(into("list"), router("agent-sandbox-system",
                                app="sandbox-router"))
    expect(into("list-cluster"), [{"from": [{"podSelector": {}}]}])
    expect(into("list-external"), router("gateways", app="gw", tier="edge"))
    expect(into("all"), [{}])


@test
def what_is_in_order_is_left_alone():
    path = f"{POLICIES}/networkpolicies"

    def versions():
        return {p["metadata"]["uid"]: p["metadata"]["resourceVersion"]
                for p in C.get(path)["items"]}
    before, written = versions(), W.controller.actions("network", "apply")
    if written < len(MODES) + len(SHIPPED):
        raise AssertionError(f"the metric says {written}")
    # A look at each of them, by way of their namespaces.
    for name in MODES:
        C.patch(f"/api/v1/namespaces/mode-{name}",
                {"metadata": {"labels": {"looked": "at"}}}).ok()
    time.sleep(3)
    expect(versions(), before)
    expect(W.controller.actions("network", "apply"), written)


def delay(delays, act, ns, name):
    """From the act's answer to the policy's arrival in a watch."""
    watch = Watch(C, f"{POLICIES}/namespaces/{ns}/networkpolicies")
    act()
    since = time.time()
    event = watch.wait(f"bulkhead-{name} in {ns}", "ADDED",
                       f"bulkhead-{name}")
    delays.add(max(0.0, event.wall - since))
    watch.close()
    expect(event.object["spec"], spec_of(name))


@test
def a_labelled_namespace_has_it_within_a_second():
    delays = Delays("namespace labelled -> policy")
    for i in range(10):
        ns = C.namespace(f"labelled-{i}")
        expect(policy_of(C, ns, "gvisor"), None)
        delay(delays, lambda: C.label_namespace(ns, enforce="kata-vm").ok(),
              ns, "kata-vm")
    delays.check()


@test
def the_first_object_brings_it_within_a_second():
    delays = Delays("first object -> policy")
    documents = {
        "sandbox": lambda ns: sandbox(ns, "first", operatingMode="Suspended"),
        "template": lambda ns: reconciler.pool_of(ns)[0],
        "pool": lambda ns: reconciler.pool_of(ns)[1],
        "claim": lambda ns: claim(ns, "first"),
    }
    for kind, make in documents.items():
        ns = C.namespace(f"first-{kind}")
        expect(policy_of(C, ns, "gvisor"), None)
        delay(delays, lambda: create(C, make(ns)), ns, "gvisor")
    ns = C.namespace("first-wish")
    delay(delays, lambda: create(C, sandbox(
        ns, "strong", labels={"bulkhead.dev/tier": "kata-fc"},
        operatingMode="Suspended")), ns, "kata-fc")
    expect(policy_of(C, ns, "gvisor"), None)
    delays.check()


@test
def a_rule_that_matches_brings_it_within_a_second():
    delays = Delays("IsolationPolicy matches -> policy")
    ns = C.namespace("matched")
    delay(delays, lambda: C.patch(
        f"/api/v1/namespaces/{ns}",
        {"metadata": {"labels": {"tenancy": "multi"}}}).ok(), ns, "kata-vm")
    ns = C.namespace("matched-later", **{"team/colour": "blue"})
    rule = {"apiVersion": "bulkhead.dev/v1alpha1", "kind": "IsolationPolicy",
            "metadata": {"name": "blue"}, "spec": {"rules": [
                {"name": "blue", "floor": "kata-fc", "namespaceSelector": {
                    "matchLabels": {"team/colour": "blue"}}}]}}
    delay(delays, lambda: create(C, rule), ns, "kata-fc")
    delays.check()


# ---- kept ----

def whole_metadata(policy):
    meta = policy["metadata"]
    return (meta["labels"], len(meta.get("ownerReferences", []))) == (
        {"app.kubernetes.io/managed-by": "bulkhead",
         "bulkhead.dev/tier": "gvisor"}, 1)


def repaired(delays, act, ns="repaired", name="gvisor"):
    act().ok()
    since, wanted = time.time(), spec_of(name)

    def whole():
        policy = policy_of(C, ns, name)
        return policy and policy["spec"] == wanted and not at(
            policy, "/metadata/deletionTimestamp") and policy
    policy = poll("it is repaired", whole, 15)
    delays.add(time.time() - since)
    return policy


@test
def an_edited_or_deleted_one_is_repaired_within_a_second():
    delays = Delays("edited or deleted -> repaired")
    ns = namespace("repaired", enforce="gvisor")
    path = policy_path(ns, "gvisor")
    in_place(ns, "gvisor")
    merge = "application/merge-patch+json"
    everything = [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]
    for body in ({"spec": {"egress": everything}}, {"spec": {"egress": None}},
                 {"spec": {"ingress": [{}]}},
                 {"spec": {"policyTypes": ["Ingress"]}},
                 {"spec": {"podSelector": {"matchLabels": {"a": "b"}}}},
                 {"metadata": {"labels": {"bulkhead.dev/tier": "other"}}},
                 {"metadata": {"labels": {
                     "app.kubernetes.io/managed-by": "somebody"}}},
                 {"metadata": {"ownerReferences": None}}):
        repaired(delays, lambda: as_controller(
            C, "PATCH", path, body, merge))
        poll("its metadata too", lambda: whole_metadata(
            policy_of(C, ns, "gvisor")), 5)
    for _ in range(5):
        repaired(delays, lambda: as_controller(C, "DELETE", path))
    delays.check()
    # Nobody else gets that far.
    answer = C.patch(path, {"spec": {"egress": everything}})
    expect(answer.status, 403)
    expect_in("[network.owned]", repr(answer))
    expect(C.api("DELETE", path).status, 403)


@test
def what_another_applier_adds_is_undone():
    ns = namespace("applied", enforce="gvisor")
    uid = in_place(ns, "gvisor")["metadata"]["uid"]
    path = policy_path(ns, "gvisor")
    delays = Delays("applied by another -> undone")
    more = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "bulkhead-gvisor"},
            "spec": {"podSelector": {}, "egress": [{}], "ingress": [{}]}}
    for manager in ("kubectl", "argocd-controller"):
        policy = repaired(delays, lambda: as_controller(
            C, "PATCH", f"{path}?fieldManager={manager}&force=true", more,
            APPLY), ns)
        expect(policy["metadata"]["uid"], uid)
    delays.check()
    before = policy["metadata"]["resourceVersion"]
    time.sleep(1)
    expect(policy_of(C, ns, "gvisor")["metadata"]["resourceVersion"], before)


@test
def one_of_the_same_name_is_taken_over():
    ns = C.namespace("foreign")
    create(C, {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
               "metadata": {"name": "bulkhead-gvisor", "namespace": ns},
               "spec": {"podSelector": {}, "policyTypes": ["Ingress"]}})
    C.label_namespace(ns, enforce="gvisor").ok()
    poll("it is as it is to be", lambda: policy_of(
        C, ns, "gvisor")["spec"] == spec_of("gvisor"))
    expect(at(policy_of(C, ns, "gvisor"),
              "/metadata/labels/app.kubernetes.io~1managed-by"), "bulkhead")


@test
def an_edited_tier_is_followed_within_a_second():
    delays = Delays("tier edited -> policy")
    path = f"{TIERS}/mode-list"
    ns = "mode-mode-list"
    for cidr in ("198.51.100.0/24", "192.0.2.0/24", "203.0.113.0/24"):
        watch = Watch(C, f"{POLICIES}/namespaces/{ns}/networkpolicies")
        C.patch(path, {"spec": {"network": {"egress": {"allow": [
            {"cidr": cidr}]}}}}).ok()
        since = time.time()
        event = watch.wait("the policy follows", "MODIFIED",
                           "bulkhead-mode-list")
        delays.add(max(0.0, event.wall - since))
        watch.close()
        expect(event.object["spec"]["egress"],
               [{"to": [{"ipBlock": {"cidr": cidr}}]}])
    delays.check()


# ---- removed ----

@test
def what_nothing_needs_goes_in_two_steps():
    ns = namespace("unneeded", enforce="gvisor")
    watch = Watch(C, f"{POLICIES}/namespaces/{ns}/networkpolicies")
    policy = in_place(ns, "gvisor")
    C.label_namespace(ns, enforce=None).ok()

    def mark(e):
        return at(e.object, "/metadata/annotations/" +
                  UNNEEDED.replace("/", "~1"))
    poll("it is marked", lambda: [e for e in watch.of("MODIFIED") if mark(e)])
    marked = [e for e in watch.of("MODIFIED") if mark(e)][0]
    gone = watch.wait("it is deleted", "DELETED", "bulkhead-gvisor")
    watch.close()
    expect(gone.meta["uid"], policy["metadata"]["uid"])
    kept = gone.wall - seconds_of(mark(marked))
    print(f"  marked, and gone {kept:.1f} s later", flush=True)
    if kept < 5:
        raise AssertionError(kept)
    time.sleep(1)
    expect(policy_of(C, ns, "gvisor"), None)


@test
def the_last_object_takes_it_away():
    ns = C.namespace("last")
    create(C, sandbox(ns, "last", operatingMode="Suspended"))
    in_place(ns, "gvisor")
    C.api("DELETE", f"/apis/agents.x-k8s.io/v1beta1/namespaces/{ns}"
                    "/sandboxes/last").ok()
    time.sleep(1)
    # A minute must pass, or something must happen to it.
    expect(at(in_place(ns, "gvisor"), "/metadata/annotations"), None)
    as_controller(C, "PATCH", policy_path(ns, "gvisor"),
                  {"metadata": {"annotations": {"touched": "yes"}}},
                  "application/merge-patch+json").ok()
    poll("it is marked", lambda: at(
        policy_of(C, ns, "gvisor"), "/metadata/annotations/" +
        UNNEEDED.replace("/", "~1")))
    poll("it is deleted", lambda: policy_of(C, ns, "gvisor") is None, 15)


@test
def a_mark_is_taken_back_when_it_is_needed_again():
    ns = namespace("needed-again", enforce="gvisor")
    uid = in_place(ns, "gvisor")["metadata"]["uid"]
    C.label_namespace(ns, enforce=None).ok()
    poll("it is marked", lambda: at(
        policy_of(C, ns, "gvisor"), "/metadata/annotations/" +
        UNNEEDED.replace("/", "~1")))
    create(C, sandbox(ns, "again", operatingMode="Suspended"))
    poll("the mark is gone", lambda: at(
        policy_of(C, ns, "gvisor"), "/metadata/annotations/" +
        UNNEEDED.replace("/", "~1")) is None)
    time.sleep(6)
    expect(policy_of(C, ns, "gvisor")["metadata"]["uid"], uid)


@test
def a_namespace_is_never_kept_from_going():
    ns = namespace("going", enforce="gvisor")
    create(C, sandbox(ns, "goes"))
    in_place(ns, "gvisor")
    C.api("DELETE", f"/api/v1/namespaces/{ns}").ok()
    poll("the namespace is gone", lambda: C.api(
        "GET", f"/api/v1/namespaces/{ns}").status == 404, 60)


@test
def a_tier_that_goes_takes_its_policies_with_it():
    ns = "mode-mode-all-router"
    in_place(ns, "mode-all-router")
    C.label_namespace(ns, enforce="gvisor").ok()
    in_place(ns, "gvisor")

    def deleted():
        return C.api("DELETE", f"{TIERS}/mode-all-router").status != 403
    poll("the tier may be deleted", deleted)
    poll("its policy is gone", lambda: policy_of(
        C, ns, "mode-all-router") is None)


if __name__ == "__main__":
    reconciler.main(test, W)
