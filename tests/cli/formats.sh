#!/bin/bash
# Every report format of "bulkhead check", read back by schemas and readers that
# are not ours: python3-jsonschema, the official SARIF schema, xmllint,
# junitparser, perl's TAP::Parser and prove.
#
# The SARIF schema comes from the Go module go-sarif and is not kept here: its
# text is OASIS's. What cannot be fetched is skipped and said.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
mkdir -p "${BUILD:-build}/formats"
build=$(cd "${BUILD:-build}" && pwd)
kept=$build/formats
bulkhead=${BULKHEAD:-$build/bulkhead}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sarif_module=github.com/owenrumney/go-sarif/v3@v3.3.1
junit_reader=junitparser==5.0.3

fetch_sarif_schema() {
	[ ! -s "$kept/sarif-2.1.0.json" ] || return 0
	folder=$(cd "$work" && go mod download -json $sarif_module 2>/dev/null |
		sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
	[ -n "$folder" ] || return 0
	# shellcheck disable=SC2016 # Go's quotes
	sed -e '1,/^const schema = `/{/^const schema = `/!d;s/.*`//}' \
		-e '$s/`$//' "$folder/pkg/report/v210/sarif/schema.go" \
		>"$kept/sarif-2.1.0.json"
}

fetch_junit_reader() {
	[ ! -x "$kept/venv/ready" ] || return 0
	python3 -m venv --system-site-packages "$kept/venv" &&
		"$kept/venv/bin/pip" install -q --disable-pip-version-check \
			$junit_reader >/dev/null 2>&1 &&
		install -m 755 /dev/null "$kept/venv/ready"
}

# Names that no checkout should have to hold.
make_input() {
	cp -r "$here/formats/objects" "$here/formats/policy" "$work/"
	cp "$work/objects/c-warned.yaml" \
		"$work/objects/odd name, 100%:#<&\"'é.yaml"
	mkdir "$work/empty" "$work/clean" "$work/moved"
	cp "$work/objects/a-passing.yaml" "$work/clean/"
	cp "$work/objects/d-excepted.yaml" "$work/clean/"
	{
		printf '# moved down\n\n'
		cat "$work/objects/b-denied.yaml"
	} >"$work/moved/b-denied.yaml"
}

# NAME FORMAT ARGUMENT...: the report to NAME, the status to NAME.status
check() {
	name=$1 format=$2
	shift 2
	status=0
	(cd "$work" && "$bulkhead" check -o "$format" --tiers policy \
		--now 2026-11-21T00:00:00Z --namespace-labels \
		team-a:bulkhead.dev/enforce=house,bulkhead.dev/warn=stricter \
		"$@" >"$name" 2>"$name.err") || status=$?
	echo $status >"$work/$name.status"
}

python=python3
if command -v go >/dev/null; then
	fetch_sarif_schema
fi
if fetch_junit_reader; then
	python=$kept/venv/bin/python
fi
make_input
for format in table json yaml junit sarif github tap; do
	for input in objects empty clean moved; do
		check "$input.$format" "$format" "$input"
	done
done
check coloured.table table --color always objects
"$python" "$here/formats/check.py" "$work" "$root/docs/report.schema.json" \
	"$kept/sarif-2.1.0.json"
