#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a command with a private Postgres of its own:
#
#   with_postgres.sh COMMAND [ARG...]
#
# COMMAND sees DG_TEST_PG (a conninfo over a Unix socket, superuser) and
# DG_TEST_PG_CTL, a program that takes start, stop or restart. Everything lives
# in a temporary folder that is removed at the end. Postgres refuses to run as
# root: then user nobody or postgres owns it. Exit 77 (skipped) when Postgres
# is not installed.
set -eu

find_bin() {
	for dir in $(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -Vr) \
		"$(dirname "$(command -v initdb || echo /nowhere/initdb)")"; do
		if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then
			echo "$dir"
			return 0
		fi
	done
	return 1
}

bin=$(find_bin) || {
	echo "skipped: Postgres is not installed (apt-get install postgresql)"
	exit 77
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/dgpg.XXXXXX")
as_owner=
if [ "$(id -u)" = 0 ]; then
	owner=nobody
	if id postgres >/dev/null 2>&1; then
		owner=postgres
	fi
	chown "$owner" "$dir"
	as_owner="runuser -u $owner --"
fi

cat >"$dir/ctl" <<EOF
#!/bin/sh
cd / && exec $as_owner "$bin/pg_ctl" -s -w -D "$dir/data" -l "$dir/log" \\
	-m immediate "\$@" </dev/null >/dev/null
EOF
chmod 755 "$dir/ctl"

# shellcheck disable=SC2317 # run by the trap
cleanup() {
	"$dir/ctl" stop 2>/dev/null || true
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# shellcheck disable=SC2086 # as_owner is several words on purpose
(cd / && $as_owner "$bin/initdb" -D "$dir/data" -U postgres -A trust \
	-E UTF8 --locale=C --no-sync --no-instructions >"$dir/initdb.log" 2>&1) || {
	cat "$dir/initdb.log"
	exit 1
}
cat >>"$dir/data/postgresql.conf" <<EOF
listen_addresses = ''
unix_socket_directories = '$dir'
fsync = off
max_connections = 50
shared_buffers = 16MB
EOF
"$dir/ctl" start || {
	cat "$dir/log"
	exit 1
}

export DG_TEST_PG="host=$dir user=postgres dbname=postgres"
export DG_TEST_PG_CTL="$dir/ctl"
status=0
"$@" || status=$?
exit "$status"
