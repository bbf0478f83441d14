"""What kubectl apply stores is what "bulkhead render" prints, and applying it
again changes nothing."""
import copy
import datetime
import json
import os
import tempfile

from environment import (AGENTS, EXTENSIONS, FOLDER, OBJECTS, SANDBOX_SPEC,
                         Tests, at, bulkhead, expect, expect_in, extension,
                         main, sandbox, shared)

test = Tests()
C = shared()
# Namespaces and their labels; all their tiers have a life of one hour.
FLOORS = [("apply-default", {}), ("apply-gvisor", {"enforce": "gvisor"}),
          ("apply-kata", {"enforce": "kata-vm"}),
          ("apply-fc", {"enforce": "kata-fc"})]
GUIDE = {"gvisor": "waits-in-gvisor", "kata": "works-in-kata",
         "firecracker": "tries-firecracker", "bare": "says-nothing"}
# Which of them each floor lets in.
FITS = {"apply-default": ["gvisor", "kata", "firecracker", "bare"],
        "apply-gvisor": ["gvisor", "kata", "firecracker", "bare"],
        "apply-kata": ["kata", "firecracker", "bare"],
        "apply-fc": ["firecracker", "bare"]}


def guide(name):
    return os.path.join(OBJECTS, "guide", name + ".yaml")


def each():
    for ns, fits in FITS.items():
        for name in fits:
            yield ns, name, guide(name), GUIDE[name]


def cluster_objects():
    """What the engine must know of the cluster, as files."""
    folder = tempfile.mkdtemp(dir=FOLDER)
    for kind in ("namespaces", "runtimeclasses"):
        with open(f"{folder}/{kind}.json", "w", encoding="utf-8") as f:
            f.write(C.kubectl("get", kind, "-o", "json").ok().out)
    return folder


def bare(document):
    """Without what tells one creation from another."""
    document = copy.deepcopy(document)
    document.pop("status", None)
    meta = document["metadata"]
    for key in ("uid", "resourceVersion", "creationTimestamp", "namespace",
                "managedFields", "generation"):
        meta.pop(key, None)
    annotations = meta.get("annotations", {})
    annotations.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    if not annotations:
        meta.pop("annotations", None)
    return json.dumps(document, sort_keys=True, indent=1)


def version(document):
    """What a write changes; upstream's controller writes status meanwhile."""
    meta = document["metadata"]
    return meta["uid"], meta["generation"], bare(document), [
        (m["operation"], m["time"]) for m in meta.get("managedFields", [])
        if m["manager"].startswith("kubectl")]


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def rendered(path, ns, objects, now):
    done = bulkhead("render", "-o", "json", "-n", ns, "--cluster-objects",
                    objects, "--now", now, path)
    return done.json()["items"][0] if '"items"' in done.out else done.json()


def as_server_stores(document):
    """With what the server adds by itself: Bulkhead leaves kube-public
    alone."""
    document = copy.deepcopy(document)
    document["metadata"]["namespace"] = "kube-public"
    return C.api("POST", f"{AGENTS}/namespaces/kube-public/sandboxes"
                         "?dryRun=All", document).ok()


@test
def guides_are_stored_as_rendered():
    for ns, labels in FLOORS:
        C.namespace(ns, **labels)
    objects = cluster_objects()
    for ns, _, path, name in each():
        done = C.kubectl("apply", "-n", ns, "-f", path).ok()
        expect_in(f"sandbox.agents.x-k8s.io/{name} created", done.out)
        stored = C.sandbox(ns, name)
        end = seconds(at(stored, "/spec/shutdownTime"))
        now = end - datetime.timedelta(hours=1)
        late = seconds(stored["metadata"]["creationTimestamp"]) - now
        if not -1 <= late.total_seconds() <= 5:
            raise AssertionError((ns, name, end, late))
        wanted = rendered(path, ns, objects,
                          now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        expect(bare(stored), bare(as_server_stores(wanted)), f"{ns} {name}")
        spec = at(stored, SANDBOX_SPEC)
        expect(spec["automountServiceAccountToken"], False)
        expect(at(spec, "/containers/0/securityContext/capabilities/drop"),
               ["ALL"])


@test
def diff_is_empty():
    for ns, _, path, _ in each():
        done = C.kubectl("diff", "-n", ns, "-f", path)
        expect((done.code, done.out), (0, ""), repr(done))


@test
def applying_again_changes_nothing():
    for ns, _, path, name in each():
        before = C.sandbox(ns, name)
        C.kubectl("apply", "-n", ns, "-f", path).ok()
        expect(version(C.sandbox(ns, name)), version(before), path)


@test
def server_side_apply_twice_changes_nothing():
    ns = C.namespace("apply-server-side", enforce="gvisor")
    for name in FITS["apply-gvisor"]:
        args = "apply", "--server-side", "-n", ns, "-f", guide(name)
        expect_in("serverside-applied", C.kubectl(*args).ok().out)
        before = C.sandbox(ns, GUIDE[name])
        expect(at(before, SANDBOX_SPEC + "/automountServiceAccountToken"),
               False)
        expect_in("serverside-applied", C.kubectl(*args).ok().out)
        expect(version(C.sandbox(ns, GUIDE[name])), version(before), name)
        done = C.kubectl("diff", "--server-side", "-n", ns, "-f", guide(name))
        expect((done.code, done.out), (0, ""), repr(done))


@test
def dry_run_shows_what_would_be_stored():
    ns = C.namespace("apply-dry-run", enforce="kata-vm")
    for more in ([], ["--server-side"]):
        done = C.kubectl("apply", "--dry-run=server", "-o", "json", "-n", ns,
                         *more, "-f", guide("bare"))
        shown = done.json()
        expect(at(shown, SANDBOX_SPEC + "/runtimeClassName"), "kata-qemu")
        expect(at(shown, SANDBOX_SPEC + "/containers/0/resources/limits/cpu"),
               "2")
        answer = C.api("GET", f"{AGENTS}/namespaces/{ns}/sandboxes")
        expect(answer.ok()["items"], [], "stored by a dry run")


@test
def what_was_rendered_before_is_stored_as_it_is():
    ns = "apply-gvisor"
    objects = cluster_objects()
    for name in FITS[ns]:
        done = bulkhead("render", "-n", ns, "--cluster-objects", objects,
                        guide(name)).ok()
        text = done.out.replace(GUIDE[name], GUIDE[name] + "-rendered")
        C.kubectl("apply", "-n", ns, "-f", "-", stdin=text).ok()
        stored = C.sandbox(ns, GUIDE[name] + "-rendered")
        expect(json.loads(bare(stored))["spec"]["podTemplate"],
               json.loads(bare(C.sandbox(ns, GUIDE[name])))["spec"]
               ["podTemplate"], name)
        done = C.kubectl("diff", "-n", ns, "-f", "-", stdin=text)
        expect((done.code, done.out), (0, ""), repr(done))


@test
def a_change_keeps_what_was_filled_in():
    ns, name = "apply-gvisor", "says-nothing"
    before = C.sandbox(ns, name)
    with open(guide("bare"), encoding="utf-8") as f:
        text = f.read().replace("3.12", "3.13")
    done = C.kubectl("apply", "-n", ns, "-f", "-", stdin=text).ok()
    expect_in("configured", done.out)
    after = C.sandbox(ns, name)
    expect(at(after, SANDBOX_SPEC + "/containers/0/image"),
           "python:3.13-slim")
    expect(bare(after).replace("3.13", "3.12"), bare(before))
    done = C.kubectl("diff", "-n", ns, "-f", "-", stdin=text)
    expect((done.code, done.out), (0, ""), repr(done))
    # As "kubectl replace", which leaves out all that was filled in.
    C.kubectl("replace", "-n", ns, "-f", "-", stdin=text).ok()
    expect(bare(C.sandbox(ns, name)), bare(after), "replaced")


@test
def a_stronger_wish_is_granted_and_stays():
    ns = "apply-gvisor"
    wish = sandbox(ns, "wishes", labels={"bulkhead.dev/tier": "kata-fc"})
    C.kubectl("apply", "-f", "-", stdin=wish).ok()
    stored = C.sandbox(ns, "wishes")
    expect(at(stored, SANDBOX_SPEC + "/runtimeClassName"), "kata-fc")
    C.kubectl("apply", "-f", "-", stdin=wish).ok()
    expect(version(C.sandbox(ns, "wishes")), version(stored))
    done = C.kubectl("diff", "-f", "-", stdin=wish)
    expect((done.code, done.out), (0, ""), repr(done))


@test
def templates_pools_and_claims_too():
    ns = C.namespace("apply-claims", enforce="gvisor")
    pod = {"containers": [{"name": "agent", "image": "python:3.12-slim"}]}
    documents = [
        extension("SandboxTemplate", ns, "python",
                  {"podTemplate": {"spec": pod}}),
        extension("SandboxWarmPool", ns, "pythons",
                  {"replicas": 0, "sandboxTemplateRef": {"name": "python"}}),
        extension("SandboxClaim", ns, "mine",
                  {"warmPoolRef": {"name": "pythons"}})]
    C.kubectl("apply", "-f", "-", stdin=documents).ok()
    paths = [f"{EXTENSIONS}/namespaces/{ns}/{plural}" for plural in
             ("sandboxtemplates/python", "sandboxwarmpools/pythons",
              "sandboxclaims/mine")]
    template, _, claim = (C.get(p) for p in paths)
    spec = at(template, SANDBOX_SPEC)
    expect((spec["runtimeClassName"], spec["automountServiceAccountToken"]),
           ("gvisor", False))
    expect_in('"port": 3128', json.dumps(at(template, "/spec/networkPolicy")))
    expect(at(claim, "/spec/lifecycle/shutdownPolicy"), "Delete")
    if not at(claim, "/spec/lifecycle/shutdownTime"):
        raise AssertionError(claim)
    generations = [C.get(p)["metadata"]["generation"] for p in paths]
    C.kubectl("apply", "-f", "-", stdin=documents).ok()
    expect([C.get(p)["metadata"]["generation"] for p in paths], generations)
    done = C.kubectl("diff", "-f", "-", stdin=documents)
    expect((done.code, done.out), (0, ""), repr(done))


@test
def the_lifetime_is_not_moved_by_applying_again():
    ns, name = "apply-gvisor", "short"
    wish = sandbox(ns, name, annotations={"bulkhead.dev/ttl": "90m"})
    C.kubectl("apply", "-f", "-", stdin=wish).ok()
    stored = C.sandbox(ns, name)
    life = seconds(at(stored, "/spec/shutdownTime")) - \
        seconds(stored["metadata"]["creationTimestamp"])
    if not 5395 <= life.total_seconds() <= 5401:
        raise AssertionError(life)
    C.kubectl("apply", "-f", "-", stdin=wish).ok()
    expect(version(C.sandbox(ns, name)), version(stored))


if __name__ == "__main__":
    main(test)
