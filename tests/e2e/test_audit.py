"""What lives in the cluster and would not be let in: told in one report for
each namespace, in either API of reports, and in Events."""
import reconciler
from environment import AGENTS, Tests, at, expect, expect_in, poll, sandbox
from reconciler import (CONTAINERS, World, create, events_about, path_of,
                        unregistered)

test = Tests()
OPEN = "/apis/openreports.io/v1alpha1/namespaces/{}/reports"
OLDER = "/apis/wgpolicyk8s.io/v1alpha2/namespaces/{}/policyreports"
AUDITS = 'bulkhead_reconciles_total{reconciler="audit",outcome="done"}'
LONG = 60


def reports(cluster):
    """Only the newer API is there at first."""
    install(cluster, "openreports.io")


def install(cluster, group):
    cluster.kubectl("apply", "--server-side", "-f",
                    f"{cluster.env['CRDS']}/{group}").ok()
    cluster.kubectl("wait", "--for=condition=Established", "crd",
                    "--all").ok()


W = World("audit", before=reports)
C = W.cluster
CONTROLLER = W.controller.start().wait_leads()


def report(ns, api=OPEN):
    answer = C.api("GET", api.format(ns) + "/bulkhead")
    return answer.body if answer.status == 200 else None


def results(document, kind, name):
    return {r["rule"]: r for r in document["results"]
            if at(r, "/resources/0/kind") == kind and
            at(r, "/resources/0/name") == name}


def plain_pod(ns, name):
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": ns},
            "spec": {"containers": CONTAINERS}}


def policy(ns, name):
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": ns},
            "spec": {"podSelector": {}, "policyTypes": ["Egress"],
                     "egress": [{}]}}


def audited_anew(ns):
    """An audit that was under way when the first label came is not the one
    that ends after the second."""
    for value in ("1", "2"):
        before = CONTROLLER.count(AUDITS) or 0
        C.kubectl("label", "--overwrite", "namespace", ns,
                  f"seen={value}").ok()
        poll("an audit", lambda n=before: (CONTROLLER.count(AUDITS) or 0) > n,
             LONG)


@test
def what_came_in_while_admission_was_off_is_reported():
    ns = C.namespace("audit-bypassed", enforce="gvisor")
    with unregistered(C):
        pod = create(C, plain_pod(ns, "bare"))
        box = create(C, sandbox(ns, "box"))
        opened = create(C, policy(ns, "open"))
    got = poll("the report", lambda: report(ns), LONG)
    expect(at(got, "/metadata/labels/app.kubernetes.io~1managed-by"),
           "bulkhead")
    expect(at(got, "/scope/name"), ns)
    poll("all three are in the report", lambda: all(
        results(report(ns), kind, name) for kind, name in
        (("Pod", "bare"), ("Sandbox", "box"), ("NetworkPolicy", "open"))),
        LONG)
    got = report(ns)
    bare = results(got, "Pod", "bare")
    for rule in ("runtime.class", "label.reserved", "network.policy"):
        expect(at(bare, f"/{rule}/result"), "fail", rule)
        expect(at(bare, f"/{rule}/policy"), "gvisor")
    expect_in("NetworkPolicy audit-bypassed/open: spec.egress[0]: opens every "
              "destination on every port for this Pod",
              bare["network.policy"]["message"])
    expect(at(got, "/summary/fail"),
           sum(r["result"] == "fail" for r in got["results"]))
    for document in (pod, box, opened):
        poll(f"an Event on {document['kind']}",
             lambda d=document: events_about(C, d, "OutOfPolicy"))


@test
def the_same_is_not_written_again():
    ns = "audit-bypassed"
    audited_anew(ns)
    version = at(report(ns), "/metadata/resourceVersion")
    applied = CONTROLLER.actions("audit", "apply")
    audited_anew(ns)
    expect(at(report(ns), "/metadata/resourceVersion"), version)
    expect(CONTROLLER.actions("audit", "apply"), applied)


@test
def what_somebody_else_writes_there_is_undone():
    ns = "audit-bypassed"
    was = report(ns)
    C.kubectl("patch", "reports.openreports.io", "bulkhead", "-n", ns,
              "--type", "merge", "-p", '{"results":[]}').ok()
    C.kubectl("label", "namespace", ns, "undone=please").ok()
    poll("the results are back",
         lambda: report(ns)["results"] == was["results"], LONG)


@test
def the_report_goes_when_all_is_in_order():
    ns = "audit-bypassed"
    for document in (plain_pod(ns, "bare"), policy(ns, "open")):
        C.api("DELETE", f"{path_of(document)}/"
                        f"{document['metadata']['name']}").ok()
    C.api("DELETE", f"{AGENTS}/namespaces/{ns}/sandboxes/box").ok()
    poll("the report is gone", lambda: not report(ns), LONG)


@test
def what_is_in_order_has_no_report():
    ns = C.namespace("audit-fine", enforce="gvisor")
    pinned = {"name": "agent", "image": "python@sha256:" + 64 * "0"}
    create(C, sandbox(ns, "fine", {"containers": [pinned]}))
    C.wait_running(ns, "fine")
    audited_anew(ns)
    expect(report(ns), None)


@test
def the_older_api_is_used_where_the_newer_is_not_there():
    C.kubectl("delete", "-f", f"{C.env['CRDS']}/openreports.io").ok()
    install(C, "wgpolicyk8s.io")
    ns = C.namespace("audit-older", enforce="gvisor")
    with unregistered(C):
        create(C, plain_pod(ns, "bare"))
    got = poll("the report", lambda: report(ns, OLDER), LONG)
    expect(at(results(got, "Pod", "bare"), "/runtime.class/result"), "fail")
    expect(got["kind"], "PolicyReport")


if __name__ == "__main__":
    reconciler.main(test, W)
