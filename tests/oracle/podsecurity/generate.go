package main

import (
	"encoding/json"
	"log"
	"math/rand/v2"
	"strings"
)

type object = map[string]any
type list = []any

// A field and values for it; gone stands for no field at all.
type field struct {
	path   string
	values []any
}

type gone struct{}

var lists = []string{"containers", "initContainers", "ephemeralContainers"}

func profiles() []any {
	return []any{nil, object{}, object{"type": nil}, object{"type": ""},
		object{"type": "RuntimeDefault"}, object{"type": "Unconfined"},
		object{"type": "Localhost", "localhostProfile": "a"},
		object{"type": "localhost"}, object{"type": "runtime/default"}}
}

func seLinux() []any {
	out := []any{nil, object{}, object{"level": "s0:c1,c2"},
		object{"type": nil, "user": nil, "role": nil},
		object{"user": ""}, object{"user": "u"}, object{"role": ""}, object{"role": "r"},
		object{"type": "container_t", "user": "u", "role": "r"}}
	for _, t := range []string{"", "container_t", "container_init_t", "container_kvm_t",
		"container_engine_t", "spc_t", "Container_t", "container_t "} {
		out = append(out, object{"type": t})
	}
	return out
}

func windowsOptions() []any {
	return []any{nil, object{}, object{"hostProcess": nil}, object{"hostProcess": false},
		object{"hostProcess": true}, object{"runAsUserName": "u"}}
}

func flags() []any { return []any{nil, true, false, gone{}} }

func users() []any { return []any{nil, 0, 1, 65535, gone{}} }

func adds() []any {
	out := []any{nil, list{}, list{nil}, list{"NET_BIND_SERVICE", "NET_RAW"},
		list{"CHOWN", "SYS_ADMIN", "KILL", "SYS_PTRACE"}}
	for _, c := range strings.Fields("AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL " +
		"MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT NET_RAW " +
		"SYS_ADMIN ALL CAP_CHOWN chown CAP_NET_BIND_SERVICE") {
		out = append(out, list{c})
	}
	return append(out, list{""})
}

func handlers() []any {
	return []any{nil, object{}, object{"httpGet": nil}, object{"tcpSocket": nil},
		object{"exec": object{"command": list{"true"}}},
		object{"httpGet": object{"port": 80}},
		object{"httpGet": object{"port": 80, "host": nil}},
		object{"httpGet": object{"port": 80, "host": ""}},
		object{"httpGet": object{"port": 80, "host": "169.254.169.254"}},
		object{"tcpSocket": object{"port": "http", "host": ""}},
		object{"tcpSocket": object{"port": "http", "host": "localhost"}}}
}

func containerFields() []field {
	out := []field{
		{"securityContext", []any{nil, object{}, gone{}}},
		{"securityContext.privileged", flags()},
		{"securityContext.allowPrivilegeEscalation", flags()},
		{"securityContext.runAsNonRoot", flags()},
		{"securityContext.runAsUser", users()},
		{"securityContext.procMount", []any{nil, "", "Default", "Unmasked", "default"}},
		{"securityContext.windowsOptions", windowsOptions()},
		{"securityContext.appArmorProfile", profiles()},
		{"securityContext.seccompProfile", profiles()},
		{"securityContext.seLinuxOptions", seLinux()},
		{"securityContext.capabilities", []any{nil, object{}, gone{}}},
		{"securityContext.capabilities.add", adds()},
		{"securityContext.capabilities.drop", []any{nil, gone{}, list{}, list{nil},
			list{"ALL"}, list{"all"}, list{"CAP_ALL"}, list{"NET_RAW"},
			list{"NET_RAW", "ALL"}}},
		{"ports", []any{nil, list{}, list{nil}, list{object{"containerPort": 80}},
			list{object{"containerPort": 80, "hostPort": nil}},
			list{object{"containerPort": 80, "hostPort": 0}},
			list{object{"containerPort": 80, "hostPort": 80}},
			list{object{"containerPort": 1}, object{"containerPort": 2, "hostPort": 2},
				object{"hostPort": 65535}}}},
		{"lifecycle", []any{nil, object{}, object{"preStop": object{
			"sleep": object{"seconds": 1}}}}},
		{"restartPolicy", []any{nil, "Always"}},
		{"name", []any{nil, "", "other", "main"}},
	}
	for _, p := range []string{"livenessProbe", "readinessProbe", "startupProbe",
		"lifecycle.postStart", "lifecycle.preStop"} {
		out = append(out, field{p, handlers()})
	}
	return append(out, field{"livenessProbe", []any{object{"grpc": object{"port": 1}}}})
}

func volumes() []any {
	out := []any{nil, list{}, list{nil}, list{object{"name": "v"}},
		list{object{"name": "v", "emptyDir": nil}},
		list{object{"name": "v", "hostPath": nil}},
		list{object{"name": "v", "hostPath": nil, "secret": object{}}},
		list{object{"name": "v", "secret": object{}}, object{"name": "w", "hostPath": object{"path": "/"}},
			object{"name": "x", "nfs": object{"server": "s", "path": "/"}}}}
	for _, t := range strings.Fields("configMap csi downwardAPI emptyDir ephemeral image " +
		"persistentVolumeClaim projected secret hostPath gcePersistentDisk " +
		"awsElasticBlockStore gitRepo nfs iscsi glusterfs rbd flexVolume cinder cephfs " +
		"flocker fc azureFile vsphereVolume quobyte azureDisk portworxVolume " +
		"photonPersistentDisk scaleIO storageos") {
		out = append(out, list{object{"name": "v", t: object{}}})
	}
	return out
}

func sysctls() []any {
	out := []any{nil, list{}, list{nil}, list{object{"value": "1"}},
		list{object{"name": nil, "value": "1"}},
		list{object{"name": "net.ipv4.tcp_wmem", "value": "1"},
			object{"name": "kernel.msgmax", "value": "1"}}}
	for _, n := range strings.Fields("kernel.shm_rmid_forced net.ipv4.ip_local_port_range " +
		"net.ipv4.tcp_syncookies net.ipv4.ping_group_range " +
		"net.ipv4.ip_unprivileged_port_start net.ipv4.ip_local_reserved_ports " +
		"net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout " +
		"net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes net.ipv4.tcp_rmem " +
		"net.ipv4.tcp_wmem kernel.msgmax net/ipv4/tcp_syncookies Net.ipv4.tcp_wmem") {
		out = append(out, list{object{"name": n, "value": "1"}})
	}
	return out
}

func annotations() []any {
	const (
		pod       = "seccomp.security.alpha.kubernetes.io/pod"
		container = "container.seccomp.security.alpha.kubernetes.io/"
		appArmor  = "container.apparmor.security.beta.kubernetes.io/"
	)
	values := []any{nil, "", "runtime/default", "docker/default", "localhost/", "localhost/a",
		"localhost", "unconfined", "RuntimeDefault"}
	out := []any{nil, object{}, object{"a": "b"},
		object{pod: "runtime/default", container + "main": "unconfined",
			container + "init": "", appArmor + "main": "unconfined"}}
	for _, key := range []string{pod, container + "main", container + "init",
		container + "debug", container + "nobody", container, appArmor + "main",
		appArmor + "nobody", appArmor, "x." + appArmor + "main"} {
		for _, v := range values {
			out = append(out, object{key: v})
		}
	}
	return out
}

func podFields() []field {
	return []field{
		{"metadata.annotations", annotations()},
		{"spec.hostNetwork", flags()},
		{"spec.hostPID", flags()},
		{"spec.hostIPC", flags()},
		{"spec.hostUsers", flags()},
		{"spec.os", []any{nil, object{"name": nil}, object{"name": ""},
			object{"name": "linux"}, object{"name": "windows"}, object{"name": "Windows"}}},
		{"spec.volumes", volumes()},
		{"spec.securityContext", []any{nil, object{}, gone{}}},
		{"spec.securityContext.runAsNonRoot", flags()},
		{"spec.securityContext.runAsUser", users()},
		{"spec.securityContext.sysctls", sysctls()},
		{"spec.securityContext.windowsOptions", windowsOptions()},
		{"spec.securityContext.appArmorProfile", profiles()},
		{"spec.securityContext.seccompProfile", profiles()},
		{"spec.securityContext.seLinuxOptions", seLinux()},
		{"spec.containers", []any{nil, list{}, list{nil}}},
		{"spec.initContainers", []any{nil, list{}, list{nil}}},
		{"spec.ephemeralContainers", []any{nil, list{}, list{nil}}},
	}
}

// Sets a dotted path; null or missing objects on the way are made.
func set(root object, path string, v any) {
	keys := strings.Split(path, ".")
	for _, key := range keys[:len(keys)-1] {
		next, ok := root[key].(object)
		if !ok {
			next = object{}
			root[key] = next
		}
		root = next
	}
	last := keys[len(keys)-1]
	if _, ok := v.(gone); ok {
		delete(root, last)
		return
	}
	root[last] = clone(v)
}

func clone(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		log.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		log.Fatal(err)
	}
	return out
}

// Passes everything at every version, as long as it is not changed.
func good() object {
	container := func(name string) list {
		return list{object{"name": name, "securityContext": object{
			"allowPrivilegeEscalation": false,
			"capabilities":             object{"drop": list{"ALL"}}}}}
	}
	return clone(object{"metadata": object{}, "spec": object{
		"containers": container("main"), "initContainers": container("init"),
		"ephemeralContainers": container("debug"),
		"securityContext": object{"runAsNonRoot": true,
			"seccompProfile": object{"type": "RuntimeDefault"}}}}).(object)
}

func relaxed(pod object, how string) object {
	switch how {
	case "windows":
		set(pod, "spec.os.name", "windows")
	case "users":
		set(pod, "spec.hostUsers", false)
	}
	return pod
}

// One deviation from a good Pod at a time: every field, every value.
func systematic() [][]byte {
	out := [][]byte{encode(good())}
	for _, how := range []string{"", "windows", "users"} {
		for _, f := range podFields() {
			for _, v := range f.values {
				pod := relaxed(good(), how)
				set(pod, f.path, v)
				out = append(out, encode(pod))
			}
		}
		for _, name := range lists {
			if how != "" && name != "containers" {
				continue
			}
			for _, f := range containerFields() {
				if f.path == "restartPolicy" && name != "initContainers" {
					continue
				}
				for _, v := range f.values {
					pod := relaxed(good(), how)
					container := pod["spec"].(object)[name].(list)[0].(object)
					set(container, f.path, v)
					out = append(out, encode(pod))
				}
			}
		}
	}
	return out
}

func pick(r *rand.Rand, values []any) any { return values[r.IntN(len(values))] }

func randomContainer(r *rand.Rand, name string, chance float64) object {
	out := object{"name": name}
	if r.IntN(4) > 0 {
		set(out, "securityContext.allowPrivilegeEscalation", false)
		set(out, "securityContext.capabilities.drop", list{"ALL"})
	}
	for _, f := range containerFields() {
		if r.Float64() < chance {
			set(out, f.path, pick(r, f.values))
		}
	}
	return out
}

// Many deviations at once, in up to three containers of each list.
func random(n int) [][]byte {
	var out [][]byte
	r := rand.New(rand.NewPCG(seed, 0))
	for range n {
		chance := []float64{0.02, 0.1, 0.3}[r.IntN(3)]
		pod := object{"metadata": object{}, "spec": object{}}
		for i, name := range lists {
			var containers list
			for range r.IntN(3) {
				containers = append(containers, randomContainer(r,
					[]string{"main", "init", "debug"}[i], chance))
			}
			if containers != nil {
				set(pod, "spec."+name, containers)
			}
		}
		if r.IntN(4) > 0 {
			set(pod, "spec.securityContext", object{"runAsNonRoot": true,
				"seccompProfile": object{"type": "RuntimeDefault"}})
		}
		for _, f := range podFields()[:15] {
			if r.Float64() < chance {
				set(pod, f.path, pick(r, f.values))
			}
		}
		out = append(out, encode(pod))
	}
	return out
}
