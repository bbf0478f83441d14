module bulkhead/agent-sandbox-v0.1.0

go 1.26.0

require sigs.k8s.io/agent-sandbox v0.1.0
