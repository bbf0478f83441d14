"""Start and memory of both programs beside many namespaces with a Sandbox of
4 KiB each."""
import contextlib
import time

import stage
from environment import FOLDER, Webhook, poll
from reconciler import Controller
from stage import Neighbours, Process, figure

OBJECTS = stage.option("OBJECTS", 10000)
MEMORY_GOAL, SYNCED_GOAL = 64, 5


def namespaces():
    for i in range(OBJECTS):
        yield "/api/v1/namespaces", {"metadata": {
            "name": f"team-{i}", "labels": {"bulkhead.dev/enforce": "gvisor",
                                            "team": f"research-{i % 50}"}}}


def sandboxes():
    for i in range(OBJECTS):
        ns = f"team-{i}"
        yield stage.sandboxes(ns), stage.sandbox(ns, f"agent-{i}")


def synced(program):
    if program.process.poll() is not None:
        raise RuntimeError(f"it ended: {program.log_file}")
    with contextlib.suppress(OSError):
        return program.readyz()[0] == 200
    return False


def start(name, program, goals=(None, None)):
    began = time.monotonic()
    program.start()
    poll(f"{name} is synced", lambda: synced(program), 120)
    seconds = time.monotonic() - began
    process = Process(program.process.pid)
    figure(f"inventory_{name}_synced", seconds, "s", goals[0])
    figure(f"inventory_{name}_synced_cpu", process.cpu_seconds(), "s")
    process.memory_figures(f"inventory_{name}", goals[1])
    return process


DEPTH = 'bulkhead_queue_depth{lane="prompt"}'


def settle(controller, process):
    """It writes a policy for every namespace, at its own pace."""
    until = time.monotonic() + 60
    while time.monotonic() < until and not (
            controller.leads() and not
            controller.count(DEPTH)):
        time.sleep(0.5)
    figure("inventory_controller_queued",
           controller.count(DEPTH), "keys")
    process.memory_figures("inventory_controller_at_work")


class Keeper(Controller):
    def readyz(self):
        return stage.fetch(self.status_address + "/readyz")


def main():
    stage.begin("inventory")
    with stage.cluster_for("inventory", "--crds", "v1.0.3") as cluster:
        cluster.install()
        stage.remove_webhooks(cluster)
        figure("inventory_namespaces_created",
               stage.create_all(cluster, namespaces()), "1/s")
        figure("inventory_sandboxes_created",
               stage.create_all(cluster, sandboxes()), "1/s")
        webhook = Webhook(cluster, f"{FOLDER}/inventory/webhook")
        webhook.become_service_account()
        controller = Keeper(cluster, f"{FOLDER}/inventory/controller")
        neighbours = Neighbours(cluster)
        try:
            stage.wait_quiet(cluster)
            start("webhook", webhook, (SYNCED_GOAL, MEMORY_GOAL)
                  if OBJECTS >= 10000 else (None, None))
            webhook.stop()
            stage.wait_quiet(cluster)
            process = start("controller", controller)
            settle(controller, process)
        finally:
            stage.stop(webhook, controller)
        neighbours.figure("inventory")


main()
