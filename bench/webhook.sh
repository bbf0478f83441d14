#!/bin/bash
# The admission server under load over TLS, next to what others answer on the
# same core: one line a figure. Traffic stays on 127.0.0.1; about four
# minutes. QUICK=1 leaves out the sizes other than 4 KiB.
set -eu
cd "$(dirname "$0")/.."
build=${BUILD:-build}
for program in nginx wrk openssl taskset python3; do
	command -v "$program" >/dev/null || {
		echo "SKIP webhook figures: there is no $program," \
			"scripts/deps.sh bench installs it"
		exit 0
	}
done
make --no-print-directory -s BUILD="$build" all \
	"$build/release/bench/open_loop" "$build/release/bench/static_reply"
build=$(realpath "$build")
folder=$build/bench/webhook
mkdir -p "$folder"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-subj "/CN=bulkhead bench" \
	-addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
	-keyout "$folder/tls.key" -out "$folder/tls.crt" 2>/dev/null
python3 bench/webhook/reviews.py bench/data/sandbox-4k.json "$folder"
rm -f "$folder/peer"
if command -v go >/dev/null; then
	(cd bench/webhook/peer &&
		GOTOOLCHAIN=local GOPROXY=off CGO_ENABLED=0 \
			go build -o "$folder/peer" .) || rm -f "$folder/peer"
fi
exec timeout 300 python3 bench/webhook/measure.py "$build" "$folder"
