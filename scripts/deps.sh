#!/bin/sh
# Installs the Debian packages that a step needs, and only what is missing.
#
#   scripts/deps.sh build    libraries and compiler: what "make" needs
#   scripts/deps.sh run      also what "make run" needs
#   scripts/deps.sh test     also what "make test" and "make lint" need
#   scripts/deps.sh bench    also what "make bench" needs
#
# Says what it installs before it does. Where it may not install (not root, no
# apt-get) it prints the command instead and fails.
set -eu

build="gcc make libc6-dev libyajl-dev libyaml-dev libpcre2-dev
	libmicrohttpd-dev libgnutls28-dev libcurl4-gnutls-dev libssl-dev"
run="openssl curl"
test="$run ccache libcmocka-dev clang-14 clang-tidy-14 clang-format-14
	libclang-rt-14-dev llvm-14 cppcheck gcovr shellcheck python3
	python3-yaml python3-jsonschema python3-venv perl libxml2-utils mandoc
	zsh bash-completion util-linux"
bench="$run python3 nginx-light wrk util-linux"

case "${1:-}" in
build) wanted=$build ;;
run) wanted="$build $run" ;;
test) wanted="$build $test" ;;
bench) wanted="$build $bench" ;;
*)
	echo "usage: $0 build|run|test|bench" >&2
	exit 2
	;;
esac

missing=""
for package in $wanted; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) ||
		state=absent
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "These Debian packages are missing:$missing" >&2
	echo "Install them with:" >&2
	echo "  sudo apt-get install --no-install-recommends$missing" >&2
	exit 1
fi
echo "Installing Debian packages:$missing"
# shellcheck disable=SC2086 # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
	--no-install-recommends $missing >/dev/null 2>&1 || {
	apt-get update -q >/dev/null
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
		--no-install-recommends $missing >/dev/null
}
