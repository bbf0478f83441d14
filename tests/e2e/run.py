#!/usr/bin/env python3
"""Brings up one cluster with everything, installs deploy/base in it, starts
bulkhead-webhook beside it, and runs test_*.{py,sh}. Called by run.sh.

Everything is kept in E2E_DIR; every process ends with this one."""
import concurrent.futures
import contextlib
import glob
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from environment import (Cluster, FOLDER, HERE, ROOT, Webhook,
                         die_with_parent, program)

COUNT = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$",
                   re.MULTILINE)

# They take more than a minute, and so go first.
LONG = ("certificates", "lifetime", "leader", "outages")

RUNNING = set()
STOPPED = threading.Event()


def stop(*_):
    STOPPED.set()
    for process in list(RUNNING):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    sys.exit(130)


def bring_up():
    cluster = Cluster.up(f"{FOLDER}/cluster", "--with", "all")
    cluster.give_disks()
    cluster.install()
    webhook = Webhook(cluster, f"{FOLDER}/webhook")
    webhook.become_service_account()
    webhook.start()
    webhook.wait_ready()
    cluster.register(webhook)
    cluster.wait_judged()
    return webhook


def run_test(path, env):
    """Its counts: passed, failed, skipped. Its output comes when it ends."""
    name = os.path.basename(path)
    log = f"{FOLDER}/logs/{name}.log"
    start = time.monotonic()
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, path] if path.endswith(".py") else [path],
            stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            env=env, start_new_session=True, preexec_fn=die_with_parent)
        RUNNING.add(process)
        status = process.wait()
        RUNNING.discard(process)
    with open(log, encoding="utf-8", errors="replace") as f:
        text = f.read()
    counts = COUNT.findall(text)
    passed, failed, skipped = (int(n or 0) for n in
                               (counts[-1] if counts else (0, 0, 0)))
    if (status or not counts) and not failed:
        failed = 1
    print(f"--- {name}: {passed} passed, {failed} failed in "
          f"{time.monotonic() - start:.0f} s\n{COUNT.sub('', text).strip()}",
          flush=True)
    return passed, failed, skipped


def run_all(names, env):
    """Three at a time: those that share a cluster one after the other; the
    others, which bring up their own and mostly wait, beside and after them."""
    alone, shared = queue.SimpleQueue(), []
    for path in sorted(chosen(names), key=lambda p: not is_long(p)):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        if "= shared()" in text:
            shared.append(path)
        else:
            alone.put(path)
    counts = [(0, 0, 0)]

    def run_shared():
        for path in shared:
            if not STOPPED.is_set():
                counts.append(run_test(path, env))
        run_alone()

    def run_alone():
        while not STOPPED.is_set():
            try:
                path = alone.get_nowait()
            except queue.Empty:
                return
            counts.append(run_test(path, env))

    # Threads: a process dies with the thread that started it.
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(f)
                     for f in (run_shared, run_alone, run_alone)]:
            done.result()
    return [sum(n) for n in zip(*counts)]


def is_long(path):
    return any(name in os.path.basename(path) for name in LONG)


def chosen(names):
    paths = sorted(glob.glob(f"{HERE}/test_*.py") +
                   glob.glob(f"{HERE}/test_*.sh"))
    return [p for p in paths
            if not names or any(n in os.path.basename(p) for n in names)]


def clear():
    """What an earlier run has left, whose cluster may still be up."""
    for env in glob.glob(f"{FOLDER}/*/run"):
        subprocess.run([f"{HERE}/cluster.sh", "down", os.path.dirname(env)],
                       check=False)
    shutil.rmtree(FOLDER, ignore_errors=True)
    os.makedirs(f"{FOLDER}/logs")


def main(names):
    for name in ("bulkhead", "bulkhead-webhook", "bulkhead-controller"):
        if not os.access(program(name), os.X_OK):
            sys.exit(f"{program(name)} is not there: run \"make\" first")
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, stop)
    clear()
    start, total, webhook = time.monotonic(), [0, 0, 0], None
    try:
        webhook = bring_up()
        print(f"up in {time.monotonic() - start:.0f} s", flush=True)
        env = dict(os.environ, E2E_DIR=FOLDER,
                   E2E_STATUS=webhook.status_address, PYTHONPATH=HERE)
        total = run_all(names, env)
        if webhook.process.poll() is not None:
            print("FAIL  the webhook ended with status "
                  f"{webhook.process.returncode}")
            total[1] += 1
    finally:
        if webhook and webhook.process.poll() is None:
            if webhook.stop():
                print("FAIL  the webhook did not end well: "
                      f"{webhook.log_file}")
                total[1] += 1
        for cluster in glob.glob(f"{FOLDER}/*/run"):
            subprocess.run([f"{HERE}/cluster.sh", "down",
                            os.path.dirname(cluster)], check=False)
    if total[1]:
        print("logs: " + ", ".join(
            os.path.relpath(p, ROOT) for p in sorted(
                glob.glob(f"{FOLDER}/logs") + glob.glob(f"{FOLDER}/*/logs") +
                glob.glob(f"{FOLDER}/*/webhook.log"))))
    print(f"{total[0]} passed, {total[1]} failed" +
          (f", {total[2]} skipped" if total[2] else ""))
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
