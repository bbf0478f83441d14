module bulkhead/wg-policy-prototypes

go 1.26.0

require sigs.k8s.io/wg-policy-prototypes v0.0.0-20210911211205-fb8f67bb6d38
