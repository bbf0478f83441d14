#!/bin/sh
# bench/generate.sh N: N Sandbox manifests of about one kilobyte, on stdout.
set -eu
i=0
while [ "$i" -lt "$1" ]; do
	i=$((i + 1))
	cat <<YAML
apiVersion: agents.x-k8s.io/v1beta1
kind: Sandbox
metadata:
  name: agent-$i
  namespace: team-$((i % 20))
  labels:
    app.kubernetes.io/name: coder
    app.kubernetes.io/part-of: research
spec:
  shutdownPolicy: Delete
  podTemplate:
    metadata:
      labels: {app.kubernetes.io/name: coder}
    spec:
      containers:
      - name: agent
        image: registry.example.com/agents/coder:1.4
        command: [sleep, infinity]
        env:
        - name: MODEL
          value: small
        - name: WORKSPACE
          value: /workspace
        - name: OPENAI_API_KEY
          valueFrom: {secretKeyRef: {name: agent-secrets, key: openai-key}}
        ports:
        - containerPort: 8080
          name: http
        resources:
          requests: {cpu: 100m, memory: 256Mi}
          limits: {cpu: 500m, memory: 512Mi}
        volumeMounts:
        - {name: workspace, mountPath: /workspace}
      volumes:
      - name: workspace
        emptyDir: {sizeLimit: 1Gi}
---
YAML
done
