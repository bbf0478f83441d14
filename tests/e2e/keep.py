#!/usr/bin/env python3
"""keep.py FOLDER: a cluster to try by hand, with everything in it: upstream's
controller, kwok's nodes, deploy/base, and our two programs beside it under
their own roles. Stays until "cluster.sh down FOLDER"."""
import os
import subprocess
import sys

from environment import Cluster, HERE, Webhook, program, run
from reconciler import Controller


def spawn(folder, name, args):
    """As cluster.sh starts its own, so that its "down" ends this, too."""
    with open(f"{folder}/logs/{name}.log", "ab") as log:
        process = subprocess.Popen(args, cwd=folder, stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL,
                                   start_new_session=True)
    with open(f"{folder}/run/{name}.pid", "w", encoding="utf-8") as f:
        f.write(f"{process.pid}\n")


def main(folder):
    run(f"{HERE}/cluster.sh", "up", folder, "--with", "all").ok()
    cluster = Cluster(folder)
    folder = cluster.folder
    cluster.give_disks()
    cluster.install()
    webhook = Webhook(cluster, f"{folder}/bulkhead")
    webhook.become_service_account()
    controller = Controller(cluster, f"{folder}/controller")
    status = f"127.0.0.1:{webhook.port + 1}"
    spawn(folder, "bulkhead-webhook", [
        program("bulkhead-webhook"), "--kubeconfig", webhook.kubeconfig,
        "--listen", f"127.0.0.1:{webhook.port}", "--metrics-listen", status,
        "--cert-file", f"{webhook.tls}/tls.crt",
        "--key-file", f"{webhook.tls}/tls.key"])
    spawn(folder, "bulkhead-controller", [
        program("bulkhead-controller"), "--kubeconfig", controller.kubeconfig,
        "--no-certificates", "--metrics-listen",
        f"127.0.0.1:{controller.port}"])
    cluster.register(webhook)
    cluster.wait_judged()
    kubeconfig = os.path.relpath(f"{folder}/kubeconfig")
    kubectl = os.path.relpath(cluster.env["KUBECTL"], os.getcwd())
    print(f"""
A cluster is up, with Bulkhead in it. Try it:

  export KUBECONFIG=$PWD/{kubeconfig}
  alias kubectl={os.path.abspath(kubectl)}
  kubectl apply -f {os.path.relpath(HERE)}/objects/guide
  kubectl get sandboxes,pods,networkpolicies -A
  build/bulkhead doctor
  curl http://{status}/readyz
  curl http://127.0.0.1:{controller.port}/metrics

Logs are in {os.path.relpath(folder)}/logs; "make cluster-down" ends it.
""")


if __name__ == "__main__":
    main(sys.argv[1])
