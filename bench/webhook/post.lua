-- Posts the file REVIEW; at the end one line: requests, microseconds, errors,
-- p50, p99 and p99.9 in microseconds.
local file = assert(io.open(os.getenv("REVIEW"), "rb"))
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = "application/json"
file:close()

function done(summary, latency, requests)
	local e = summary.errors
	io.write(string.format("figures %d %d %d %d %d %d\n",
		summary.requests, summary.duration,
		e.connect + e.read + e.write + e.status + e.timeout,
		latency:percentile(50), latency:percentile(99),
		latency:percentile(99.9)))
end
