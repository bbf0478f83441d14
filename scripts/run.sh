#!/bin/sh
# scripts/run.sh PROGRAM FOLDER: starts the admission server with the shipped
# tiers on loopback ports, and says how to ask it. The development certificate
# is made in FOLDER when there is none that still lasts a day.
set -eu
program=$1 folder=$2
port=${PORT:-9443} status=${STATUS_PORT:-8080}
here=$(dirname "$0")/..
mkdir -p "$folder"
cert=$folder/tls.crt key=$folder/tls.key

openssl x509 -checkend 86400 -noout -in "$cert" >/dev/null 2>&1 ||
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 30 -subj "/CN=bulkhead-webhook development" \
		-addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
		-keyout "$key" -out "$cert" 2>/dev/null

cat <<EOF
Ask it, in another terminal:

  curl --cacert $cert -H 'Content-Type: application/json' \\
    --data @$here/examples/review.json https://localhost:$port/validate

  curl http://localhost:$status/readyz
  curl http://localhost:$status/metrics

Ctrl-C stops it.

EOF
exec "$program" --listen "127.0.0.1:$port" \
	--metrics-listen "127.0.0.1:$status" --cert-file "$cert" \
	--key-file "$key" --cluster-objects "$here/examples/cluster" \
	--log-allowed 1 --grace 0s
