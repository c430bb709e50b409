#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# HTTP at the level of bytes, with varnishtest.
#
# usage: tests/vtc/run.sh BUILD_FOLDER [NAME.vtc...]
#
# Starts dg_http_echo twice, once with short deadlines, and runs each *.vtc
# against them; the gateway itself, with no Postgres to be found, for e*.vtc and
# for what is refused before anyone is asked (b01, b02). Prints "ok NAME" or "not ok NAME" a test, with the log of those
# that failed. The programs must end cleanly as well, so that sanitizers and
# leaks count.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: $0 BUILD_FOLDER [NAME.vtc...]}
shift
echo_program=$build/tests/vtc/dg_http_echo
work=$(mktemp -d)
pids=
failed=0

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null
	done
	rm -rf "$work"
}
trap cleanup EXIT

# start NAME OPTION...: its port in $port.
start() {
	name=$1
	shift
	mkfifo "$work/$name.out"
	"$echo_program" "$@" >"$work/$name.out" 2>"$work/$name.err" &
	pids="$pids $!"
	eval "pid_$name=$!"
	read -r word port <"$work/$name.out"
	[ "$word" = listening ] || {
		cat "$work/$name.err"
		echo "not ok start_$name"
		exit 1
	}
}

# The gateway, with no Postgres and a random key; its port in $port.
start_gateway() {
	cat >"$work/gateway.yaml" <<-END
		listen: ["127.0.0.1:0"]
		workers: 1
		postgres: {conninfo: "host=$work/nowhere dbname=none"}
		auth: {password: {enabled: true, require_tls: false}}
	END
	"$build/datagateway" serve -c "$work/gateway.yaml" 2>"$work/real.err" &
	pids="$pids $!"
	pid_real=$!
	port=
	while [ -z "$port" ]; do
		kill -0 $pid_real 2>/dev/null || {
			cat "$work/real.err"
			echo "not ok start_gateway"
			exit 1
		}
		sleep 0.05
		port=$(sed -n '/"proxy.listening"/s/.*"port":\([0-9]*\).*/\1/p' \
			"$work/real.err")
	done
}

# run NAME FILE OPTION...
run() {
	name=$1
	file=$2
	shift 2
	if varnishtest -t 20 -b 64M "$@" "$file" >"$work/log" 2>&1; then
		echo "ok $name"
	else
		tail -60 "$work/log"
		echo "not ok $name"
		failed=1
	fi
}

stop() {
	eval "pid=\$pid_$1"
	kill "$pid"
	if wait "$pid"; then
		echo "ok stop_$1"
	else
		cat "$work/$1.err"
		echo "not ok stop_$1"
		failed=1
	fi
}

command -v varnishtest >/dev/null || {
	echo "varnishtest not found: apt-get install varnish"
	exit 1
}
[ -x "$echo_program" ] || {
	echo "$echo_program not found: build the target dg_http_echo"
	exit 1
}
start gw
gw=127.0.0.1:$port
start slow -t 1000
slow_gw=127.0.0.1:$port
real_gw=
if [ -x "$build/datagateway" ]; then
	start_gateway
	real_gw=127.0.0.1:$port
else
	echo "# $build/datagateway is not built: its tests are left out"
fi
[ $# -gt 0 ] || set -- "$here"/*.vtc
for file in "$@"; do
	name=$(basename "$file" .vtc)
	case $name in
	e*) ;;
	*) run "$name" "$file" -Dgw="$gw" -Dslow_gw="$slow_gw" ;;
	esac
	[ -n "$real_gw" ] || continue
	case $name in
	b01* | b02*) run "gateway_$name" "$file" -Dgw="$real_gw" ;;
	e*) run "$name" "$file" -Dreal_gw="$real_gw" ;;
	esac
done
stop gw
stop slow
[ -z "$real_gw" ] || stop real
pids=
exit $failed
