#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# HTTP at the level of bytes, with varnishtest.
#
# usage: tests/vtc/run.sh BUILD_FOLDER [NAME.vtc...]
#
# Starts dg_http_echo twice, once with short deadlines, and runs each *.vtc
# against them. Prints "ok NAME" or "not ok NAME" a test, with the log of those
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
[ $# -gt 0 ] || set -- "$here"/*.vtc
for file in "$@"; do
	name=$(basename "$file" .vtc)
	if varnishtest -t 20 -b 64M -Dgw="$gw" -Dslow_gw="$slow_gw" "$file" \
		>"$work/log" 2>&1; then
		echo "ok $name"
	else
		tail -60 "$work/log"
		echo "not ok $name"
		failed=1
	fi
done
stop gw
stop slow
pids=
exit $failed
