// Writes Pod specs and what Kubernetes counts for them, one JSON object per
// line, for tests/unit/test_pod_resources.c:
//
//	go run . >../../cases/podresources/pods.jsonl
//
// The Pods are drawn from a fixed seed, so that the output is always the same.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"

	v1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/resource"
)

const pods = 400

var names = []string{
	"cpu", "memory", "ephemeral-storage", "hugepages-2Mi", "nvidia.com/gpu",
}

var amounts = map[string][]any{
	"cpu":               {"100m", "1", "1500m", "0", "0.25", "3", 2, "250000u", "1e0"},
	"memory":            {"64Mi", "1Gi", "128M", "1.5Gi", "0", "1000", 1048576, "123456789", "1e9"},
	"ephemeral-storage": {"1Gi", "500Mi", "2G", "0"},
	"hugepages-2Mi":     {"2Mi", "4Mi", "64Mi"},
	"nvidia.com/gpu":    {"1", "2", 4},
}

func list(r *rand.Rand, chance float64) map[string]any {
	out := map[string]any{}
	for _, name := range names {
		if r.Float64() < chance {
			values := amounts[name]
			out[name] = values[r.Intn(len(values))]
		}
	}
	return out
}

func resources(r *rand.Rand, chance float64) map[string]any {
	out := map[string]any{}
	if r.Intn(8) != 0 {
		out["limits"] = list(r, chance)
	}
	if r.Intn(3) != 0 {
		out["requests"] = list(r, chance)
	}
	return out
}

func containers(r *rand.Rand, prefix string, n int, init bool) []any {
	out := []any{}
	for i := range n {
		c := map[string]any{"name": fmt.Sprintf("%s%d", prefix, i)}
		if r.Intn(10) != 0 {
			c["resources"] = resources(r, 0.6)
		}
		if init && r.Intn(2) == 0 {
			c["restartPolicy"] = "Always"
		} else if init && r.Intn(12) == 0 {
			c["restartPolicy"] = "Never"
		}
		out = append(out, c)
	}
	return out
}

func podSpec(r *rand.Rand) map[string]any {
	spec := map[string]any{"containers": containers(r, "c", r.Intn(4), false)}
	if n := r.Intn(6); n > 0 {
		spec["initContainers"] = containers(r, "i", n, true)
	}
	if r.Intn(4) == 0 {
		spec["resources"] = resources(r, 0.4)
	}
	if r.Intn(6) == 0 {
		spec["overhead"] = map[string]any{"cpu": "250m", "memory": "130Mi"}
	}
	return spec
}

func texts(list v1.ResourceList) map[string]string {
	out := map[string]string{}
	for name, quantity := range list {
		out[string(name)] = quantity.String()
	}
	return out
}

func main() {
	r := rand.New(rand.NewSource(753))
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	encoder := json.NewEncoder(w)
	options := resource.PodResourcesOptions{ExcludeOverhead: true}
	for range pods {
		spec := podSpec(r)
		text, err := json.Marshal(map[string]any{"spec": spec})
		if err != nil {
			panic(err)
		}
		var pod v1.Pod
		if err := json.Unmarshal(text, &pod); err != nil {
			panic(err)
		}
		if err := encoder.Encode(map[string]any{
			"spec":     spec,
			"requests": texts(resource.PodRequests(&pod, options)),
			"limits":   texts(resource.PodLimits(&pod, options)),
		}); err != nil {
			panic(err)
		}
	}
}
