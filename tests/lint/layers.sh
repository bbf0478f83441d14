#!/bin/sh
# Holds the include table of ARCHITECTURE.md: who may include whom.
set -eu
cd "$(dirname "$0")/../.."

# folder: folders it may include, itself always
allowed() {
	case "$1" in
	lib) echo "lib" ;;
	policies) echo "lib policies" ;;
	kube) echo "lib kube" ;;
	certs) echo "lib certs" ;;
	webhook) echo "lib policies kube webhook" ;;
	controller) echo "lib policies kube certs controller" ;;
	cli) echo "lib policies certs kube cli" ;;
	esac
}

# Rows of lib/: a file may include files of its own or a lower row.
row() {
	case "$1" in
	base) echo 0 ;;
	error | str | clock | process) echo 1 ;;
	arena | deadlines) echo 2 ;;
	buf | map | base64 | listener) echo 3 ;;
	json | path | quantity | duration | timestamp | cidr | pattern | file | \
		request_memory)
		echo 4 ;;
	log | json_build | json_pick | json_write | yaml_float | inventory | http | \
		http_head | http_state | http_server | http_wait | metrics)
		echo 5 ;;
	json_read | json_edit | json_diff | json_patch | selector | decode | \
		decode_types | yaml_scalar | yaml_source | status_port) echo 6 ;;
	yaml_tree | yaml_write | yamldoc | option) echo 7 ;;
	*) echo "" ;;
	esac
}

bad=0
complain() {
	echo "$1" >&2
	bad=1
}

for folder in lib policies kube certs webhook controller cli; do
	may=$(allowed "$folder")
	for file in $(find "$folder" -name '*.[ch]' 2>/dev/null | sort); do
		for included in $(sed -n \
			's/^#include "\([^"]*\)".*/\1/p' "$file"); do
			top=${included%%/*}
			[ "$included" = shipped_tiers.h ] && continue
			case " $may " in
			*" $top "*) ;;
			*) complain "$file: includes $included; $folder/ may include: $may" ;;
			esac
			[ "$folder" = lib ] || continue
			from=$(row "$(basename "${file%.*}")")
			to=$(row "$(basename "${included%.*}")")
			if [ -z "$from" ]; then
				complain "$file: has no row in $0"
			elif [ -n "$to" ] && [ "$to" -gt "$from" ]; then
				complain "$file: row $from includes $included of row $to"
			fi
		done
	done
done

# Third parties stay behind their borders.
border() {
	pattern=$1
	shift
	for file in $(grep -rlE "#include <$pattern" lib policies kube certs \
		webhook controller cli 2>/dev/null | sort); do
		case " $* " in
		*" $file "*) ;;
		*) complain "$file: only $* may include <$pattern" ;;
		esac
	done
}
border 'yajl' lib/json_read.c lib/json_write.c
border 'yaml\.h' lib/yamldoc.c lib/yaml_source.c
border 'pcre2' lib/pattern.c
border 'microhttpd' lib/http_state.h
border 'gnutls' webhook/tls.c
border 'curl' kube/transport_state.h
for file in $(grep -rlE '#include <openssl' lib policies kube webhook \
	controller cli 2>/dev/null); do
	complain "$file: only certs/ may include <openssl"
done
exit $bad
