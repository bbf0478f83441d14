// Writes Pods and what Kubernetes' own Pod Security admission says of them, for
// tests/unit/test_pod_security.c:
//
//	cd tests/oracle/podsecurity
//	go run . >../../cases/podsecurity/pods.jsonl
//
// The first line tells the versions that were judged. Each further line is a
// Pod and, per level, the failing checks: [minor, "a,b"] holds from that
// version up to the next entry. Same input, same bytes.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

const (
	library = "k8s.io/pod-security-admission"
	seed    = 20261121
	latest  = 1000 // POD_VERSION_LATEST
)

type entry struct {
	minor  int
	failed string
}

func (e entry) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{e.minor, e.failed})
}

type line struct {
	Pod        json.RawMessage `json:"pod"`
	Baseline   []entry         `json:"baseline"`
	Restricted []entry         `json:"restricted"`
}

type oracle struct {
	evaluator policy.Evaluator
	versions  []int
	failed    []string
}

// The library's evaluator reports no ids, so each check notes its own.
func newOracle() *oracle {
	o := &oracle{}
	minors := map[int]bool{0: true, latest: true}
	checks := policy.DefaultChecks()
	for i := range checks {
		id := string(checks[i].ID)
		for j := range checks[i].Versions {
			v := &checks[i].Versions[j]
			run := v.CheckPod
			v.CheckPod = func(m *metav1.ObjectMeta, s *corev1.PodSpec) policy.CheckResult {
				result := run(m, s)
				if !result.Allowed {
					o.failed = append(o.failed, id)
				}
				return result
			}
			minor := v.MinimumVersion.Minor()
			minors[minor] = true
			if minor > 0 {
				minors[minor-1] = true
			}
		}
	}
	evaluator, err := policy.NewEvaluator(checks, nil)
	if err != nil {
		log.Fatal(err)
	}
	o.evaluator = evaluator
	for minor := range minors {
		o.versions = append(o.versions, minor)
	}
	slices.Sort(o.versions)
	return o
}

func (o *oracle) judge(level api.Level, pod *corev1.Pod) []entry {
	var out []entry
	for _, minor := range o.versions {
		version := api.MajorMinorVersion(1, minor)
		if minor == latest {
			version = api.LatestVersion()
		}
		o.failed = nil
		o.evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version},
			&pod.ObjectMeta, &pod.Spec)
		slices.Sort(o.failed)
		failed := strings.Join(o.failed, ",")
		if len(out) == 0 || out[len(out)-1].failed != failed {
			out = append(out, entry{minor, failed})
		}
	}
	return out
}

// Reads text as an API server does, and refuses what it would not know.
func decode(text []byte) *corev1.Pod {
	pod := &corev1.Pod{}
	strict, err := kjson.UnmarshalStrict(text, pod)
	if err != nil || len(strict) > 0 {
		log.Fatalf("%s: %v %v", text, err, strict)
	}
	fillIn(pod)
	return pod
}

// SetDefaults_Volume of k8s.io/kubernetes, which runs before admission: what
// has no type is an emptyDir.
func fillIn(pod *corev1.Pod) {
	for i := range pod.Spec.Volumes {
		v := &pod.Spec.Volumes[i]
		if v.VolumeSource == (corev1.VolumeSource{}) {
			v.EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
}

// The Pods that the library's own tests are about.
func upstream() [][]byte {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", library).Output()
	if err != nil {
		log.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)),
		"test/testdata/*/*/*/*.yaml"))
	if err != nil || len(names) == 0 {
		log.Fatalf("no fixtures in %s: %v", dir, err)
	}
	var out [][]byte
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			log.Fatal(err)
		}
		pod := map[string]any{}
		if err := yaml.Unmarshal(text, &pod); err != nil {
			log.Fatalf("%s: %v", name, err)
		}
		delete(pod, "apiVersion")
		delete(pod, "kind")
		delete(pod["metadata"].(map[string]any), "name")
		out = append(out, encode(pod))
	}
	return out
}

func encode(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		log.Fatal(err)
	}
	return bytes.TrimSpace(out.Bytes())
}

func main() {
	o := newOracle()
	out := bufio.NewWriter(os.Stdout)
	seen := map[string]bool{}
	fmt.Fprintf(out, "%s\n", encode(map[string]any{
		"library": library + " v0.36.3", "seed": seed, "versions": o.versions}))
	for _, text := range slices.Concat(upstream(), systematic(), random(700)) {
		if seen[string(text)] {
			continue
		}
		seen[string(text)] = true
		pod := decode(text)
		fmt.Fprintf(out, "%s\n", encode(line{text,
			o.judge(api.LevelBaseline, pod), o.judge(api.LevelRestricted, pod)}))
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}
