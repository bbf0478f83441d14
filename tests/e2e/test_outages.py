"""The webhook away, too early, or without its rights: nothing slips through,
it says what it waits for, and recovers without a restart. In a cluster of its
own, in which no controller writes anything."""
import contextlib
import os

from environment import (AGENTS, FOLDER, OBJECTS, ROOT, SANDBOX_SPEC, TIERS,
                         Cluster, Tests, Webhook, at, expect, expect_in, main,
                         poll, sandbox)

test = Tests()
DIR = f"{FOLDER}/outages"
CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/"
BINDING = ("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/"
           "bulkhead-webhook")
W = None  # the webhook under test, started by the first test


def says(*words):
    """/readyz is not ready and has all these words."""
    status, text = W.readyz()
    expect_in("[-]", text)
    for word in words:
        expect_in(word, text)
    return status == 503


def create(name, dry_run=False):
    return W.cluster.api("POST", f"{AGENTS}/namespaces/default/sandboxes" +
                         ("?dryRun=All" if dry_run else ""),
                         sandbox("default", name))


def runtime(name):
    return at(W.cluster.sandbox("default", name),
              SANDBOX_SPEC + "/runtimeClassName")


@contextlib.contextmanager
def bypassed(kind):
    """Without the configuration: "mutating" or "validating"."""
    path = f"{CONFIGURATIONS}{kind}webhookconfigurations/bulkhead"
    saved = W.cluster.get(path)
    W.cluster.api("DELETE", path).ok()
    try:
        yield
    finally:
        saved["metadata"] = {k: saved["metadata"][k]
                             for k in ("name", "labels", "annotations")}
        W.cluster.api("POST", os.path.dirname(path), saved).ok()


@test
def started_before_the_api_server_it_waits():
    global W
    cluster = Cluster.up(DIR, "--crds", "none")
    W = Webhook(cluster, f"{DIR}-webhook")
    # Its account is not there yet, nor its rights: an administrator's token.
    with open(cluster.env["TOKEN_FILE"], encoding="utf-8") as f:
        W.become(f.read().strip())
    cluster.verb("stop", "kube-apiserver")
    W.start()
    poll("it says that nobody answers", lambda: says(
        "[-]policy: ", cluster.env["APISERVER"].split("//")[1]))
    print("  " + W.readyz()[1].replace("\n", "\n  ").rstrip(), flush=True)


@test
def started_before_its_crds_it_waits():
    W.cluster.verb("start", "kube-apiserver")
    poll("it says which kind is missing", lambda: says(
        "serves no IsolationTier", "install its CustomResourceDefinition"), 60)
    print("  " + W.readyz()[1].replace("\n", "\n  ").rstrip(), flush=True)


@test
def it_is_ready_without_a_restart_once_all_is_there():
    pid = W.process.pid
    W.cluster.install()
    W.wait_ready()
    expect((W.process.pid, W.process.poll()), (pid, None))
    expect_in("6 tiers", W.readyz()[1])


@test
def without_a_tier_tiers_can_still_be_made():
    """A fresh cluster has the kinds and no tier, and the first tier is
    judged too."""
    W.cluster.register(W)
    W.cluster.kubectl("delete", "isolationpolicy", "default").ok()
    poll("no tier is in use", lambda: W.cluster.kubectl(
        "delete", "isolationtiers", "--all").ok())
    W.stop()
    W.start()
    print("  " + poll("it says something", lambda: W.readyz()[1]).replace(
        "\n", "\n  ").rstrip(), flush=True)
    try:
        W.cluster.kubectl("apply", "-k", f"{ROOT}/policies/tiers").ok()
    except AssertionError:
        with bypassed("validating"):
            W.cluster.kubectl("apply", "-k", f"{ROOT}/policies/tiers")
        raise
    finally:
        poll("tiers are in use", lambda: "6 tiers" in W.readyz()[1])
    W.wait_ready()


@test
def without_rights_it_waits_and_says_which():
    W.stop()
    binding = W.cluster.get(BINDING)
    W.cluster.api("DELETE", BINDING).ok()
    W.become_service_account()
    W.start()
    poll("it says what it may not do", lambda: says("forbidden"))
    print("  " + W.readyz()[1].replace("\n", "\n  ").rstrip(), flush=True)
    for key in ("resourceVersion", "uid", "creationTimestamp"):
        binding["metadata"].pop(key)
    W.cluster.api("POST", os.path.dirname(BINDING), binding).ok()
    W.wait_ready(60)


@test
def upstreams_kinds_may_come_later():
    """agent-sandbox is installed after Bulkhead."""
    crds = W.cluster.env["CRDS"] + "/v1.0.3"
    W.cluster.kubectl("apply", "--server-side", "-f", crds).ok()
    poll("the kinds are served", lambda: W.cluster.api(
        "GET", f"{AGENTS}/sandboxes").status == 200)
    W.cluster.wait_judged()
    create("first").ok()
    expect(runtime("first"), "gvisor")


@test
def the_inventory_holds_what_came_later():
    """The watch of a kind that was not there has been taken up."""
    ns = "default"
    W.cluster.kubectl("apply", "-f", "-", stdin=[
        {"apiVersion": "extensions.agents.x-k8s.io/v1beta1",
         "kind": "SandboxTemplate", "metadata": {"name": "t", "namespace": ns},
         "spec": {"podTemplate": sandbox(ns, "x")["spec"]["podTemplate"]}},
        {"apiVersion": "extensions.agents.x-k8s.io/v1beta1",
         "kind": "SandboxWarmPool", "metadata": {"name": "p", "namespace": ns},
         "spec": {"replicas": 0, "sandboxTemplateRef": {"name": "t"}}}]).ok()
    claim = {"apiVersion": "extensions.agents.x-k8s.io/v1beta1",
             "kind": "SandboxClaim", "metadata": {"name": "c"},
             "spec": {"warmPoolRef": {"name": "p"},
                      "env": [{"name": "A", "value": "b"}]}}
    path = AGENTS.replace("agents.x", "extensions.agents.x") + \
        f"/namespaces/{ns}/sandboxclaims?dryRun=All"
    poll("the claim is held to its template", lambda: "[claim.injection]" in
         str(W.cluster.api("POST", path, claim).warnings), 90)


@test
def applying_twice_writes_nothing():
    """Not even a resourceVersion moves, by either way of applying."""
    for more in ([], ["--server-side", "--force-conflicts"]):
        for name in sorted(os.listdir(f"{OBJECTS}/guide")):
            args = "apply", *more, "-f", f"{OBJECTS}/guide/{name}"
            W.cluster.kubectl(*args).ok()
            get = "get", "-f", f"{OBJECTS}/guide/{name}", "-o", \
                "jsonpath={.metadata.resourceVersion}"
            before = W.cluster.kubectl(*get).ok().out
            W.cluster.kubectl(*args).ok()
            expect(W.cluster.kubectl(*get).ok().out, before, str(args))


@test
def while_it_is_down_nothing_slips_through():
    W.stop()
    answer = create("unjudged")
    expect(answer.status, 500)
    expect_in('failed calling webhook "sandboxes.validate.bulkhead.dev"',
              repr(answer))
    done = W.cluster.kubectl("apply", "-f", f"{OBJECTS}/guide/bare.yaml",
                             "-n", "kube-public", "--dry-run=server")
    expect(done.code, 0, "what is no concern of ours goes on: " + repr(done))
    W.cluster.api("POST", "/api/v1/namespaces/default/configmaps",
                  {"metadata": {"name": "unconcerned"}}).ok()
    W.cluster.api("POST", "/api/v1/namespaces/default/pods", {
        "metadata": {"name": "unconcerned"},
        "spec": {"containers": [{"name": "a", "image": "b"}]}}).ok()
    for path, body in (
            ("/api/v1/namespaces",
             {"metadata": {"name": "x", "labels": {
                 "bulkhead.dev/enforce": "gvisor"}}}),
            (TIERS, {"apiVersion": "bulkhead.dev/v1alpha1",
                     "kind": "IsolationTier", "metadata": {"name": "x"},
                     "spec": {"description": "x", "strength": 5}})):
        answer = W.cluster.api("POST", path, body)
        expect(answer.status, 500, repr(answer))
    answer = W.cluster.api("GET", f"{AGENTS}/namespaces/default/sandboxes/"
                                  "unjudged")
    expect(answer.status, 404)


@test
def what_is_there_can_be_cleaned_up_meanwhile():
    W.cluster.kubectl("delete", "sandbox", "says-nothing").ok()
    W.cluster.patch(f"{AGENTS}/namespaces/default/sandboxes/first/status",
                    {"status": {"service": "x"}}).ok()


@test
def it_recovers():
    W.start()
    W.wait_ready()
    create("again").ok()
    expect(runtime("again"), "gvisor")


@test
def what_it_has_left_unfilled_is_refused_not_stored():
    """Only the mutating side is away."""
    with bypassed("mutating"):
        answer = poll("nothing is filled in", lambda: (
            lambda a: a if a.status == 403 else None)(
                create("bare", dry_run=True)))
        expect_in("[pod.serviceAccountToken]", repr(answer))
        expect_in("is not set", repr(answer))
    poll("it is filled in again", lambda: create("filled", True).ok())


@test
def the_api_server_may_restart():
    W.cluster.verb("stop", "kube-apiserver")
    expect(W.readyz()[0], 200, "what it knows stays good")
    W.cluster.verb("start", "kube-apiserver")
    W.cluster.namespace("outages-after", enforce="kata-fc")
    stored = poll("it judges", lambda: W.cluster.api(
        "POST", f"{AGENTS}/namespaces/outages-after/sandboxes",
        sandbox("outages-after", "s")).ok())
    expect(at(stored, SANDBOX_SPEC + "/runtimeClassName"), "kata-fc")
    # The watches are taken up again, not only single objects asked for.
    W.cluster.label_namespace("outages-after", enforce="kata-fc-airgapped")
    poll("a change is seen", lambda: "pod.images" in repr(W.cluster.api(
        "POST", f"{AGENTS}/namespaces/outages-after/sandboxes?dryRun=All",
        sandbox("outages-after", "t"))), 60)


@test
def a_broken_tier_that_came_in_unjudged_is_kept_out():
    with bypassed("validating"):
        # The schema cannot tell that a pattern does not compile.
        poll("nobody judges", lambda: W.cluster.patch(
            f"{TIERS}/kata-vm", {"spec": {"rules": [{
                "id": "bad", "path": "metadata.name", "matches": "(",
                "message": "x"}]}}).ok())
    poll("/readyz says so", lambda: "the one before is in use" in
         W.readyz()[1])
    status, text = W.readyz()
    expect(status, 200, text)
    expect_in("[+]policy: the one before is in use, the new one was refused:",
              text)
    expect_in("kata-vm", text)
    print("  " + text.splitlines()[0], flush=True)
    W.cluster.wait_judged()
    create("held").ok()
    expect(runtime("held"), "gvisor")


@test
def a_broken_tier_can_be_mended_after_a_restart():
    """Started afresh it has no set before: ready, or nobody could reach it to
    mend the set, and everything else is refused with the reason."""
    W.stop()
    W.start()

    def says_why():
        status, text = W.readyz()
        expect_in("[+]policy: none in use", text)
        expect_in("kata-vm", text)
        return status == 200
    poll("it says why", says_why)
    refused = create("unjudged")
    expect(refused.status, 503)
    expect_in("no tiers in use", refused.body["message"])
    try:
        W.cluster.kubectl("apply", "-k", f"{ROOT}/policies/tiers").ok()
    except AssertionError:
        with bypassed("validating"):
            W.cluster.kubectl("apply", "-k", f"{ROOT}/policies/tiers")
        raise
    W.wait_ready()
    W.cluster.wait_judged()


@test
def it_ends_when_told():
    expect(W.stop(), 0)
    with open(W.log_file, encoding="utf-8") as f:
        text = f.read()
    for word in ("ERROR: AddressSanitizer", "runtime error:", "eyJhbGci"):
        if word in text:
            raise AssertionError(f"{word} in {W.log_file}")
    W.cluster.verb("down")


if __name__ == "__main__":
    main(test)
