"""whole_program.py NAME SECONDS MIB COMMAND...: the median wall time of five
runs and the largest resident size, against their goals."""
import os
import statistics
import sys
import time

name, goal_seconds, goal_mib = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
walls, sizes = [], []
for _ in range(6):
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.execv(sys.argv[4], sys.argv[4:])
    _, status, usage = os.wait4(pid, 0)
    walls.append(time.monotonic() - start)
    sizes.append(usage.ru_maxrss / 1024)
    if status:
        sys.exit(f"{name}: exit status {os.waitstatus_to_exitcode(status)}")


def figure(what, value, unit, goal):
    fate = "met" if value <= goal else "missed"
    print(f"{name + what:<34} {value:8.3f} {unit:<6} goal <= {goal:.2f} {fate}")


figure("_wall", statistics.median(walls[1:]), "s", goal_seconds)
figure("_memory", max(sizes), "MiB", goal_mib)
