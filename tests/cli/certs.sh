#!/bin/bash
# bulkhead certs end to end, its certificates judged by the openssl program.
#
#   tests/cli/certs.sh [PROGRAM]
set -u
cd "$(dirname "$0")/../.." || exit 1
bulkhead=$(realpath "${1:-${BUILD:-build}/bulkhead}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0
service="bulkhead-webhook.bulkhead-system.svc"
cd "$tmp" || exit 1

pass() {
	passed=$((passed + 1))
}

fail() { # NAME [DETAIL...]
	failed=$((failed + 1))
	echo "FAIL $1"
	shift
	printf '  %s\n' "$@"
}

# try STATUS NAME ARGUMENT...: runs certs; stdout and stderr to out and err.
try() {
	want=$1 name=$2
	shift 2
	"$bulkhead" certs "$@" >out 2>err </dev/null
	got=$?
	if [ $got -eq "$want" ]; then
		pass
	else
		fail "$name: exit $got, wanted $want" "$(head -n 5 err)"
	fi
	if grep -qE 'PRIVATE KEY|Sanitizer' out err; then
		fail "$name: shows a key, or the sanitizer's report"
	fi
}

has() { # FILE TEXT
	if grep -qF -- "$2" "$1"; then
		pass
	else
		fail "$name: no \"$2\" in $1" "$(head -n 5 "$1")"
	fi
}

lacks() { # FILE TEXT
	if grep -qF -- "$2" "$1"; then
		fail "$name: \"$2\" in $1"
	else
		pass
	fi
}

same() { # WHAT GOT WANTED
	if [ "$2" = "$3" ]; then
		pass
	else
		fail "$name: $1 is \"$2\", wanted \"$3\""
	fi
}

verifies() { # BUNDLE CERTIFICATE [OPTION...]
	if openssl verify -CAfile "$1" -purpose sslserver "${@:3}" "$2" \
		>verify 2>&1; then
		pass
	else
		fail "$name: $2 does not verify by $1" "$(cat verify)"
	fi
}

# ---- a new folder ----

try 0 "make" make --out new --dns-name "$service" --dns-name second.svc \
	--ip 10.0.0.1 --ip fd00:0::1
has out "made a serving certificate CN=$service"
same "list of files" "$(find new -type f -printf '%f ' | tr ' ' '\n' | sort |
	xargs)" "ca-bundle.crt ca.crt ca.key tls.crt tls.key"
for file in ca.key tls.key; do
	same "mode of $file" "$(stat -c %a "new/$file")" 600
	has "new/$file" "-----BEGIN PRIVATE KEY-----"
done
verifies new/ca-bundle.crt new/tls.crt -verify_hostname "$service"
verifies new/ca.crt new/tls.crt -x509_strict -verify_ip fd00::1
openssl x509 -in new/tls.crt -noout -text >text
name="fields of the serving certificate"
has text "DNS:$service, DNS:second.svc, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1"
has text "TLS Web Server Authentication"
has text "Digital Signature"
has text "CA:FALSE"
has text "ecdsa-with-SHA256"
has text "NIST CURVE: P-256"
lacks text "Client Authentication"
openssl x509 -in new/ca.crt -noout -text >text
name="fields of the CA"
has text "CA:TRUE, pathlen:0"
has text "Certificate Sign, CRL Sign"
has text "X509v3 Subject Key Identifier"
has text "Version: 3"
has text "CN = bulkhead CA "
lacks text "Digital Signature"
same "key of tls.crt" "$(openssl x509 -in new/tls.crt -noout -pubkey)" \
	"$(openssl pkey -in new/tls.key -pubout)"
same "key of ca.crt" "$(openssl x509 -in new/ca.crt -noout -pubkey)" \
	"$(openssl pkey -in new/ca.key -pubout)"

cp -r new kept
try 2 "make where certificates are" make --out new --dns-name "$service"
has err "--renew"
same "content" "$(cat new/*)" "$(cat kept/*)"
try 0 "renew when nothing is due" make --out new --renew
has out "nothing was due"
same "content" "$(cat new/*)" "$(cat kept/*)"

# ---- names that may not be ----

long=$(printf 'a%.0s' $(seq 64))
very_long=$(printf 'abcdefgh.%.0s' $(seq 29))svc
n=0
while IFS= read -r bad; do
	n=$((n + 1))
	try 2 "name \"$bad\"" make --out "bad$n" --dns-name "$bad"
	has err "no DNS name for a certificate"
	[ ! -e "bad$n" ] || fail "name \"$bad\": something was written"
done <<END

a.svc,DNS:evil.svc
DNS:evil.svc
a.svc DNS:evil.svc
*.svc
a..svc
.svc
a.svc.
-a.svc
a-.svc
a_b.svc
A.svc
ä.svc
$long.svc
$very_long
10.0.0.1
fd00::1
critical,DNS:a
a/CN=b
END
try 2 "a line break in a name" make --out bad --dns-name $'a.svc\nDNS:evil.svc'
has err "no DNS name for a certificate"
for bad in "" 10.0.0 10.0.0.1/8 fd00::1%eth0 a.svc 10.0.0.01 "10.0.0.1,DNS:a"; do
	try 2 "address \"$bad\"" make --out bad --ip "$bad"
	has err "no IP address"
done
try 2 "no name" make --out bad
has err "at least one DNS name"
try 2 "no folder" make --dns-name a.svc
try 2 "life below the wait" make --out bad --dns-name a.svc --life 1m
has err "six times the wait"
try 2 "CA below its pair" make --out bad --dns-name a.svc --ca-life 24h
try 2 "life in words" make --out bad --dns-name a.svc --life "90 days"
try 2 "half a second" make --out bad --dns-name a.svc --life 2160h0.5s
try 2 "an operand" make --out bad --dns-name a.svc extra
try 2 "no action"
try 2 "an unknown action" renew
try 2 "nothing to show" show
[ ! -e bad ] || fail "something was written for bad names"
try 0 "a name longer than a common name" make --out common \
	--dns-name "${very_long:0:70}.svc"
verifies common/ca.crt common/tls.crt -verify_hostname "${very_long:0:70}.svc"
try 0 "addresses alone" make --out addresses --ip ::1
verifies addresses/ca.crt addresses/tls.crt -verify_ip ::1

# ---- a rotation, by given times ----

at() { # TIME NAME ARGUMENT...
	try 0 "$2" make --out turn --now "$1" "${@:3}"
}
at 2030-01-01T00:00:00Z "begin" --dns-name "$service"
day=$(date -ud 2030-01-02 +%s)
cp turn/tls.crt first.crt
cp turn/ca-bundle.crt first-bundle.crt
at 2030-03-02T00:00:00Z "serving pair after two thirds" --renew
cmp -s turn/tls.crt first.crt && fail "the pair is the old one"
cmp -s turn/ca.crt kept/ca.crt && fail "the CA is another folder's"
verifies first-bundle.crt turn/tls.crt -attime "$(date -ud 2030-03-02 +%s)"
verifies turn/ca-bundle.crt first.crt -attime "$day"
at 2031-05-03T00:00:00Z "CA after two thirds" --renew
has out "two thirds of the CA"
has out "renew again"
same "CAs in the bundle" "$(grep -c BEGIN turn/ca-bundle.crt)" 2
same "mode of next.key" "$(stat -c %a turn/next.key)" 600
cp turn/tls.crt second.crt
at 2031-05-03T00:03:00Z "before the wait is over" --renew
cmp -s turn/tls.crt second.crt || fail "the pair was swapped too early"
at 2031-05-03T00:03:01Z "after the wait" --renew
has out "took the CA"
then=$(date -ud 2031-05-03T00:04:00 +%s)
verifies turn/ca.crt turn/tls.crt -attime "$then"
verifies turn/ca-bundle.crt second.crt -attime "$then"
[ ! -e turn/next.key ] || fail "next.key is still there"
at 2031-05-03T00:06:02Z "in the end" --renew
has out "left the bundle"
same "CAs in the bundle" "$(grep -c BEGIN turn/ca-bundle.crt)" 1
verifies turn/ca-bundle.crt turn/tls.crt -attime "$then"

# ---- mending ----

# mend NAME: what was done to "broken" is healed, and its pair verifies.
mend() {
	try 0 "mend $1" make --out broken --renew
	verifies broken/ca-bundle.crt broken/tls.crt -verify_hostname "$service"
	same "key" "$(openssl x509 -in broken/tls.crt -noout -pubkey)" \
		"$(openssl pkey -in broken/tls.key -pubout)"
	same "mode of tls.key" "$(stat -c %a broken/tls.key)" 600
	rm -rf broken
	cp -r new broken
}
cp -r new broken
rm broken/tls.key && mend "a missing serving key"
cp new/ca.key broken/tls.key && mend "a wrong serving key"
: >broken/tls.key && chmod 644 broken/tls.key && mend "an empty serving key"
rm broken/ca.key && mend "a lost CA key"
rm broken/ca.crt && mend "a lost CA"
head -c 300 new/ca.crt >broken/ca.crt && mend "half a CA"
rm broken/ca-bundle.crt && mend "a lost bundle"
rm broken/tls.crt
try 2 "no names to keep" make --out broken --renew
try 0 "names given again" make --out broken --renew --dns-name "$service"
verifies broken/ca.crt broken/tls.crt
rm -rf broken && cp -r new broken
try 0 "other names" make --out broken --renew --dns-name other.svc
verifies new/ca.crt broken/tls.crt -verify_hostname other.svc
rm -rf broken && cp -r new broken
try 0 "after all has expired" make --out broken --renew \
	--now 2099-01-01T00:00:00Z
verifies broken/ca-bundle.crt broken/tls.crt -attime "$(date -ud 2099-01-02 +%s)"

# ---- where nothing can be written or read ----

echo >file
try 3 "a file as folder" make --out file --dns-name a.svc
try 4 "no parent" make --out none/deep --dns-name a.svc
has err "none/deep"
if [ "$(id -u)" = 0 ]; then
	skipped=$((skipped + 1))
	echo 'SKIP a closed folder: root may write anywhere'
else
	mkdir closed && chmod 500 closed
	try 4 "a closed folder" make --out closed --dns-name a.svc
fi

# ---- show ----

try 0 "show" show new
has out "DNS $service, DNS second.svc, IP 10.0.0.1, IP fd00::1"
has out "covered by a CA among these"
has out "89 days left"
has out "in new/tls.key"
has out "problems: 0"
try 0 "show as JSON" show new -o json
if python3 -c 'import json,sys
c = {x["file"]: x for x in json.load(sys.stdin)["certificates"]}
leaf = c["new/tls.crt"]
assert leaf["dnsNames"][1] == "second.svc" and leaf["keyFile"] == "new/tls.key"
assert leaf["ipAddresses"] == ["10.0.0.1", "fd00::1"] and not leaf["problem"]
assert c["new/ca.crt"]["isCA"] and leaf["issuer"] == c["new/ca.crt"]["subject"]
' <out; then pass; else fail "show as JSON: fields"; fi
try 1 "expired" show new --now 2040-01-01T00:00:00Z
has out "it has expired"
try 1 "not valid yet" show new --now 2020-01-01T00:00:00Z
has out "not valid yet"
try 1 "a pair of another CA" show new/tls.crt common/ca.crt
has out "no CA among these covers it"
try 0 "without a CA" show new/tls.crt
has out "unknown, no CA is among these"
mkdir mixed && cp new/tls.crt mixed/ && cp common/tls.key mixed/
try 1 "a wrong key beside it" show mixed
has out "belongs to another certificate"
has out "belongs to none"

openssl x509 -in new/tls.crt -outform der -out der.crt
openssl pkey -in new/tls.key -aes256 -passout pass:secret -out locked.key
head -n 5 new/tls.crt >cut.crt
sed 's/^MII/!!!/' new/tls.crt >damaged.crt
sed '3s/..../AAAA/' new/tls.crt >twisted.crt
head -c 1000000 /dev/urandom >junk.crt
{ head -c 250000 /dev/zero | tr '\0' '\n'; } >blank.crt
: >empty.crt
yes -- "$(cat new/tls.crt)" | head -c 200000 >many.crt
for row in "der.crt:looks like DER" "locked.key:has a password" \
	"cut.crt:damaged or cut off" "damaged.crt:damaged" \
	"twisted.crt:certificate 1 is damaged" "junk.crt:larger than" \
	"blank.crt:empty" "empty.crt:empty" "many.crt:more than 64" \
	"none.crt:none.crt" "file:empty"; do
	try 3 "show ${row%%:*}" show "${row%%:*}"
	has err "${row#*:}"
	has err "${row%%:*}"
done
mkdir hollow
try 3 "an empty folder" show hollow
try 2 "a bad time" show new --now never

# A name in a certificate of others colours no terminal and forges no line.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-subj "/CN=$(printf 'a\033[31mb')" -addext subjectAltName=DNS:a.svc \
	-keyout evil.key -out evil.crt 2>/dev/null
try 0 "a name with controls" show evil.crt
lacks out "$(printf '\033')"

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
