"""Upstream's older API: v0.4 serves v1alpha1 alone, v0.5 both versions. In a
cluster of its own, in which no controller writes anything."""
from environment import (FOLDER, OBJECTS, SANDBOX_SPEC, Cluster, Tests,
                         Webhook, at, expect, expect_in, main, poll)

test = Tests()
DIR = f"{FOLDER}/v1alpha1"
OLD = "/apis/agents.x-k8s.io/v1alpha1/namespaces/default/sandboxes/"
GUIDE = {"gvisor": ("waits-in-gvisor", "gvisor"),
         "kata": ("works-in-kata", "kata-qemu"),
         "firecracker": ("tries-firecracker", "kata-fc"),
         "bare": ("says-nothing", "gvisor")}
C = W = None


def guide(name, suffix=""):
    with open(f"{OBJECTS}/guide/{name}.yaml", encoding="utf-8") as f:
        text = f.read().replace("/v1beta1", "/v1alpha1")
    return text.replace(GUIDE[name][0], GUIDE[name][0] + suffix)


def applied_twice(text, name, group_version, still=True):
    """Filled in, and the second time nothing moves."""
    C.kubectl("apply", "-f", "-", stdin=text).ok()
    path = f"/apis/{group_version}/namespaces/default/sandboxes/{name}"
    before = C.get(path)
    expect(at(before, SANDBOX_SPEC + "/automountServiceAccountToken"), False)
    expect(at(before, SANDBOX_SPEC + "/securityContext/runAsNonRoot"), True)
    if not at(before, "/spec/shutdownTime"):
        raise AssertionError(before["spec"])
    C.kubectl("apply", "-f", "-", stdin=text).ok()
    after = C.get(path)
    expect(after["spec"], before["spec"])
    if still:
        expect(after["metadata"], before["metadata"])
        same = C.kubectl("diff", "-f", "-", stdin=text)
        expect((same.code, same.out), (0, ""), repr(same))
    return before


@test
def a_cluster_of_v0_4_is_up():
    global C, W
    C = Cluster.up(DIR, "--crds", "v0.4.6")
    C.install()
    W = Webhook(C, f"{DIR}-webhook")
    W.become_service_account()
    W.start()
    W.wait_ready()
    C.register(W)
    poll("the webhooks are asked", lambda: "[tier.wish]" in repr(C.api(
        "POST", OLD.rstrip("/") + "?dryRun=All", {
            "apiVersion": "agents.x-k8s.io/v1alpha1", "kind": "Sandbox",
            "metadata": {"name": "x", "labels": {"bulkhead.dev/tier": "no"}},
            "spec": {"podTemplate": {"spec": {"containers": []}}}})))


@test
def guides_are_filled_in():
    for name, (sandbox, runtime) in GUIDE.items():
        stored = applied_twice(guide(name), sandbox,
                               "agents.x-k8s.io/v1alpha1")
        expect(at(stored, SANDBOX_SPEC + "/runtimeClassName"), runtime)


@test
def they_are_denied_too():
    text = guide("bare", "-denied").replace("spec:\n      containers",
                                            "spec:\n      hostPID: true\n"
                                            "      containers")
    done = C.kubectl("apply", "-f", "-", stdin=text)
    expect(done.code, 1)
    expect_in("[pss.hostNamespaces]", done.err)


@test
def claims_of_the_older_form_are_judged():
    extension = {"apiVersion": "extensions.agents.x-k8s.io/v1alpha1"}
    template = {**extension, "kind": "SandboxTemplate",
                "metadata": {"name": "t", "namespace": "default"},
                "spec": {"podTemplate": {"spec": {"containers": [
                    {"name": "a", "image": "b"}]}}}}
    claim = {**extension, "kind": "SandboxClaim",
             "metadata": {"name": "c", "namespace": "default"},
             "spec": {"sandboxTemplateRef": {"name": "t"}}}
    C.kubectl("apply", "-f", "-", stdin=[template, claim]).ok()
    path = "/apis/extensions.agents.x-k8s.io/v1alpha1/namespaces/default/"
    expect(at(C.get(path + "sandboxtemplates/t"),
              SANDBOX_SPEC + "/runtimeClassName"), "gvisor")
    expect(at(C.get(path + "sandboxclaims/c"),
              "/spec/lifecycle/shutdownPolicy"), "Delete")
    claim["metadata"]["name"] = "denied"
    claim["spec"]["lifecycle"] = {"shutdownTime": "2099-01-01T00:00:00Z"}
    done = C.kubectl("apply", "-f", "-", stdin=claim)
    expect_in("[lifecycle.ttl]", done.err)


@test
def the_scale_of_a_sandbox_is_let_through():
    for replicas in ("0", "1"):
        C.kubectl("scale", "sandbox", "says-nothing", "--replicas",
                  replicas).ok()


@test
def both_versions_are_judged_after_an_upgrade():
    """v0.5 serves v1beta1 beside what is stored; the webhook goes on."""
    crds = C.env["CRDS"] + "/v0.5.6"
    C.kubectl("apply", "--server-side", "--force-conflicts", "-f", crds).ok()
    for crd in C.kubectl("get", "crd", "-o", "name").ok().out.split():
        if "agents.x-k8s.io" in crd:
            C.kubectl("patch", crd, "--type", "merge", "-p", '{"spec":{'
                      '"conversion":{"strategy":"None","webhook":null}}}').ok()
    poll("v1beta1 is served", lambda: C.api(
        "GET", OLD.replace("v1alpha1", "v1beta1").rstrip("/")).status == 200)
    for name, (sandbox, runtime) in GUIDE.items():
        old, new = guide(name, "-old"), guide(name, "-new")
        # Without conversion "replicas" is filled in and pruned each time.
        stored = applied_twice(old, sandbox + "-old",
                               "agents.x-k8s.io/v1alpha1", False)
        expect(at(stored, SANDBOX_SPEC + "/runtimeClassName"), runtime)
        stored = applied_twice(new.replace("/v1alpha1", "/v1beta1"),
                               sandbox + "-new", "agents.x-k8s.io/v1beta1")
        expect(at(stored, SANDBOX_SPEC + "/runtimeClassName"), runtime)


@test
def it_ends_when_told():
    expect(W.stop(), 0)
    C.verb("down")


if __name__ == "__main__":
    main(test)
