# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by deploy/quickstart and tests/run: progress, packages, the cache.

DG_STARTED=$SECONDS

# One line of progress with the seconds since the start, on stderr.
dg_say() {
	printf '[%4d s] %s\n' $((SECONDS - DG_STARTED)) "$*" >&2
}

dg_die() {
	dg_say "FAILED: $*"
	exit 1
}

# Names in package lists: comments and blanks cut.
dg_package_names() {
	sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@"
}

# Those of the names that are not installed. A virtual or replaced package
# counts as installed when something installed provides it.
dg_missing_packages() {
	local name
	local installed
	installed=$(dpkg-query -W \
		-f='${db:Status-Status} ${Package}, ${Provides}\n' |
		sed -n -e 's/([^)]*)//g' -e 's/^installed //p' |
		tr ',' '\n' | tr -d ' ')
	while read -r name; do
		grep -Fqx -- "$name" <<<"$installed" || echo "$name"
	done
}

# dg_install_packages FILE...: asks apt-get only for what is missing.
dg_install_packages() {
	local missing=()
	mapfile -t missing < <(dg_package_names "$@" | dg_missing_packages)
	[ ${#missing[@]} -eq 0 ] && return 0
	local as_root=()
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null ||
			dg_die "as root: apt-get install ${missing[*]}"
		as_root=(sudo)
	fi
	dg_say "installing ${missing[*]}"
	local log
	log=$(mktemp)
	if ! { "${as_root[@]}" apt-get update -q &&
		"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
			apt-get install -q -y --no-install-recommends \
			"${missing[@]}"; } >"$log" 2>&1 </dev/null; then
		tail -30 "$log" >&2
		rm -f "$log"
		dg_die "apt-get could not install ${missing[*]}"
	fi
	rm -f "$log"
}
