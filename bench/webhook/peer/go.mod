module bulkhead.dev/bench/peer

go 1.19
