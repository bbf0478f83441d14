"""Pods around the Pod Security Standards: a good one with one deviation, and
many deviations at once. Fixed seed. What an API server would refuse before it
looks at the standards is left out where that is easy."""
import copy
import json
import random

GONE = object()
LINUX, WINDOWS, USERS = "linux", "windows", "users"

PROFILES = [None, {"type": "RuntimeDefault"}, {"type": "Unconfined"},
            {"type": "Localhost", "localhostProfile": "a"}]
SE_LINUX = [None, {}, {"level": "s0:c1,c2"}, {"user": ""}, {"user": "u"},
            {"role": "r"}, {"type": "container_t", "user": "u", "role": "r"},
            *({"type": t} for t in (
                "", "container_t", "container_init_t", "container_kvm_t",
                "container_engine_t", "spc_t", "Container_t"))]
HOST_PROCESS = [None, {}, {"hostProcess": None}, {"hostProcess": False},
                {"hostProcess": True}, {"runAsUserName": "u"}]
FLAGS = [None, True, False, GONE]
USERS_IDS = [None, 0, 1, 65535, GONE]
CAPABILITIES = (
    "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE "
    "SETFCAP SETGID SETPCAP SETUID SYS_CHROOT NET_RAW SYS_ADMIN ALL CAP_CHOWN "
    "chown CAP_NET_BIND_SERVICE").split()
ADDS = [None, [], ["NET_BIND_SERVICE", "NET_RAW"], ["CHOWN", "SYS_PTRACE"],
        [""], *([c] for c in CAPABILITIES)]
DROPS = [None, GONE, [], ["ALL"], ["all"], ["CAP_ALL"], ["NET_RAW"],
         ["NET_RAW", "ALL"]]
HANDLERS = [None, {"exec": {"command": ["true"]}}, {"httpGet": {"port": 80}},
            {"httpGet": {"port": 80, "host": None}},
            {"httpGet": {"port": 80, "host": ""}},
            {"httpGet": {"port": 80, "host": "169.254.169.254"}},
            {"tcpSocket": {"port": 80, "host": ""}},
            {"tcpSocket": {"port": 80, "host": "localhost"}}]
CONTAINER = {
    "securityContext": [None, {}, GONE],
    "securityContext.privileged": FLAGS,
    "securityContext.allowPrivilegeEscalation": FLAGS,
    "securityContext.runAsNonRoot": FLAGS,
    "securityContext.runAsUser": USERS_IDS,
    "securityContext.procMount": [None, "Default", "Unmasked"],
    "securityContext.windowsOptions": HOST_PROCESS,
    "securityContext.appArmorProfile": PROFILES,
    "securityContext.seccompProfile": PROFILES,
    "securityContext.seLinuxOptions": SE_LINUX,
    "securityContext.capabilities": [None, {}, GONE],
    "securityContext.capabilities.add": ADDS,
    "securityContext.capabilities.drop": DROPS,
    "ports": [None, [], [{"containerPort": 80}],
              [{"containerPort": 80, "hostPort": 0}],
              [{"containerPort": 80, "hostPort": 80}],
              [{"containerPort": 1}, {"containerPort": 2, "hostPort": 2}]],
    "livenessProbe": [*HANDLERS, {"grpc": {"port": 1}}],
    "readinessProbe": HANDLERS, "startupProbe": HANDLERS,
    "lifecycle.postStart": HANDLERS, "lifecycle.preStop": HANDLERS,
    "lifecycle": [None, {}, {"preStop": {"sleep": {"seconds": 1}}}],
}
VOLUMES = {
    "configMap": {"name": "a"}, "csi": {"driver": "d.example.com"},
    "downwardAPI": {}, "emptyDir": {}, "image": {"reference": "a"},
    "persistentVolumeClaim": {"claimName": "a"}, "projected": {"sources": []},
    "secret": {"secretName": "a"}, "hostPath": {"path": "/"},
    "ephemeral": {"volumeClaimTemplate": {"spec": {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}}}}},
    "gcePersistentDisk": {"pdName": "a"},
    "awsElasticBlockStore": {"volumeID": "a"},
    "gitRepo": {"repository": "a"}, "nfs": {"server": "s", "path": "/"},
    "iscsi": {"targetPortal": "127.0.0.1", "iqn": "iqn.2015-02.e:a", "lun": 0},
    "glusterfs": {"endpoints": "a", "path": "b"},
    "rbd": {"monitors": ["a"], "image": "b"}, "flexVolume": {"driver": "a/b"},
    "cinder": {"volumeID": "a"}, "cephfs": {"monitors": ["a"]},
    "flocker": {"datasetName": "a"},
    "fc": {"targetWWNs": ["a"], "lun": 1},
    "azureFile": {"secretName": "a", "shareName": "b"},
    "vsphereVolume": {"volumePath": "a"},
    "quobyte": {"registry": "a:1", "volume": "b"},
    "azureDisk": {"diskName": "a", "diskURI":
                  "https://a.blob.core.windows.net/b/c.vhd"},
    "portworxVolume": {"volumeID": "a"}, "photonPersistentDisk": {"pdID": "a"},
    "scaleIO": {"gateway": "a", "system": "b", "volumeName": "c",
                "secretRef": {"name": "d"}},
    "storageos": {"volumeName": "a"},
}
SYSCTLS = (
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range "
    "net.ipv4.tcp_syncookies net.ipv4.ping_group_range "
    "net.ipv4.ip_unprivileged_port_start net.ipv4.ip_local_reserved_ports "
    "net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout "
    "net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes "
    "net.ipv4.tcp_rmem net.ipv4.tcp_wmem kernel.msgmax "
    "net/ipv4/tcp_syncookies").split()
APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_OF = "container.seccomp.security.alpha.kubernetes.io/"
ANNOTATIONS = [None, {}, {"a": "b"}, *(
    {key: value} for key in (SECCOMP, SECCOMP_OF + "main", SECCOMP_OF + "init",
                             APP_ARMOR + "main", APP_ARMOR + "init")
    for value in ("runtime/default", "docker/default", "localhost/a",
                  "unconfined"))]
POD = {
    "metadata.annotations": ANNOTATIONS,
    "spec.hostNetwork": FLAGS, "spec.hostPID": FLAGS, "spec.hostIPC": FLAGS,
    "spec.hostUsers": FLAGS,
    "spec.volumes": [None, [], [{"name": "v"}], *(
        [{"name": "v", kind: source}] for kind, source in VOLUMES.items()), [
            {"name": "v", "secret": {"secretName": "a"}},
            {"name": "w", "hostPath": {"path": "/"}},
            {"name": "x", "nfs": {"server": "s", "path": "/"}}]],
    "spec.securityContext": [None, {}, GONE],
    "spec.securityContext.runAsNonRoot": FLAGS,
    "spec.securityContext.runAsUser": USERS_IDS,
    "spec.securityContext.sysctls": [None, [], [
        {"name": "net.ipv4.tcp_wmem", "value": "1"},
        {"name": "kernel.msgmax", "value": "1"}],
        *([{"name": n, "value": "1"}] for n in SYSCTLS)],
    "spec.securityContext.windowsOptions": HOST_PROCESS,
    "spec.securityContext.appArmorProfile": PROFILES,
    "spec.securityContext.seccompProfile": PROFILES,
    "spec.securityContext.seLinuxOptions": SE_LINUX,
    "spec.initContainers": [None, []],
}
# No Pod is read that has one of these.
ODD = {"spec.hostNetwork": ["true", 1, [], {}], "spec.hostPID": ["false", 0],
       "spec.hostIPC": ["", [True]], "spec.volumes": ["", {}, 1],
       "spec.securityContext": ["", [], True],
       "spec.securityContext.runAsNonRoot": ["true", 1, {}],
       "spec.securityContext.runAsUser": ["1", 1.5, True, {}],
       "spec.securityContext.sysctls": ["", {}, ["kernel.msgmax"]],
       "spec.securityContext.seccompProfile":
       ["RuntimeDefault", [], {"type": 1}, {"type": ["RuntimeDefault"]}],
       "spec.securityContext.seLinuxOptions": ["spc_t", {"type": 7}, []],
       "spec.securityContext.appArmorProfile": ["", {"type": False}],
       "spec.securityContext.windowsOptions": ["", {"hostProcess": "no"}],
       "metadata.annotations": ["", [], {APP_ARMOR + "main": 1}]}
ODD_CONTAINER = {
    "securityContext": ["", [], 1],
    "securityContext.privileged": ["false", 0, []],
    "securityContext.allowPrivilegeEscalation": ["false", 0, {}],
    "securityContext.runAsNonRoot": ["true", 1],
    "securityContext.runAsUser": ["1000", 1.5, []],
    "securityContext.procMount": [1, {}, []],
    "securityContext.capabilities": ["", ["ALL"], 1],
    "securityContext.capabilities.add": ["CHOWN", {}, [1], [["CHOWN"]]],
    "securityContext.capabilities.drop": ["ALL", {}, [True]],
    "securityContext.seccompProfile": ["RuntimeDefault", {"type": {}}],
    "securityContext.seLinuxOptions": [[], {"type": []}],
    "ports": ["", {}, [80], [{"hostPort": "80"}], [{"hostPort": 1.5}]],
    "livenessProbe": ["", [], {"httpGet": {"port": 80, "host": 1}}],
    "lifecycle": [[], {"postStart": {"tcpSocket": {"port": 1, "host": {}}}}]}


def put(root, path, value):
    """Null or missing objects on the way are made."""
    *way, last = path.split(".")
    for key in way:
        if not isinstance(root.get(key), dict):
            root[key] = {}
        root = root[key]
    if value is GONE:
        root.pop(last, None)
    else:
        root[last] = copy.deepcopy(value)


def container(name, how):
    out = {"name": name, "image": "a"}
    if how != WINDOWS:
        out["securityContext"] = {"allowPrivilegeEscalation": False,
                                  "capabilities": {"drop": ["ALL"]}}
    return out


def good(how=LINUX):
    spec = {"containers": [container("main", how)],
            "initContainers": [container("init", how)],
            "securityContext": {"runAsNonRoot": True}}
    if how == WINDOWS:
        spec["os"] = {"name": "windows"}
    else:
        spec["securityContext"]["seccompProfile"] = {"type": "RuntimeDefault"}
    if how == USERS:
        spec["hostUsers"] = False
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
            "spec": spec}


def deviations(pod_fields, container_fields, how):
    for path, values in pod_fields.items():
        for value in values:
            pod = good(how)
            put(pod, path, value)
            yield pod
    for which in ("containers", "initContainers"):
        for path, values in container_fields.items():
            for value in values:
                pod = good(how)
                put(pod["spec"][which][0], path, value)
                yield pod


def mixed(r):
    """Many deviations at once."""
    chance = r.choice([0.02, 0.1, 0.3])
    how = r.choice([LINUX, LINUX, USERS])
    pod = good(how)
    for which in ("containers", "initContainers"):
        pod["spec"][which] = [container(f"{which[:4].lower()}{i}", how)
                              for i in range(r.randint(1, 3))]
        for one in pod["spec"][which]:
            for path, values in CONTAINER.items():
                if path.endswith("Probe") and which != "containers" or \
                        path.startswith("lifecycle") and which != "containers":
                    continue
                if r.random() < chance:
                    put(one, path, r.choice(values))
    for path, values in POD.items():
        if r.random() < chance and path not in ("spec.initContainers",
                                                "metadata.annotations"):
            put(pod, path, r.choice(values))
    return pod


def host_processes():
    """Valid with the node's network only, and all containers alike."""
    for at in ("spec.securityContext.windowsOptions", None):
        pod = good(WINDOWS)
        pod["spec"]["hostNetwork"] = True
        options = {"hostProcess": True, "runAsUserName": "u"}
        if at:
            put(pod, at, options)
        for which in ("containers", "initContainers"):
            if not at:
                put(pod["spec"][which][0], "securityContext.windowsOptions",
                    options)
        yield pod


def distinct(pods):
    return list({json.dumps(p, sort_keys=True): p for p in pods}.values())


def pods():
    r = random.Random(20261121)
    out = list(deviations(POD, CONTAINER, LINUX))
    out += [p for how in (WINDOWS, USERS) for p in deviations(
        {k: v for k, v in POD.items() if k not in (
            "spec.volumes", "metadata.annotations")},
        {}, how)]
    out += [p for p in deviations({}, CONTAINER, WINDOWS)
            if r.random() < 0.15]
    out += [p for p in deviations({}, CONTAINER, USERS) if r.random() < 0.4]
    out += host_processes()
    out += [mixed(r) for _ in range(200)]
    return distinct(out)


def unreadable_pods():
    return distinct(deviations(ODD, ODD_CONTAINER, LINUX))


def ephemeral_containers():
    """For a good Pod that is there."""
    for path, values in CONTAINER.items():
        if path.split(".")[0] in ("securityContext",):
            for value in values:
                one = container("debug", LINUX)
                put(one, path, value)
                yield one
