#!/bin/bash
#
# deps.sh PURPOSE...
#	  Make sure that what is needed to build and test is installed.
#
# Purposes: build (and run a server), tap (tests in Perl), matrix, lint, indent,
# node (the report), chromium (its check).
#
# Nothing happens where nothing is missing.  Otherwise root gets the missing
# packages from apt, and is told so first; anyone else is told their names.
# No database cluster is made or started by that.
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

nocluster=/etc/postgresql-common/createcluster.d/crm_metrics_no_cluster.conf
packages=()

# want COMMAND PACKAGE: the package is missing where the command is
want()
{
	command -v "$1" >/dev/null || packages+=("$2")
}

# The server version that this release of Debian has.
default_major()
{
	apt-cache depends postgresql 2>/dev/null |
		sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1
}

# The version to complete: the newest that is installed in part, if any.
wanted_major()
{
	local major

	major=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null |
		sort -V | tail -n 1)
	echo "${major:-$(default_major)}"
}

apt()
{
	DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
		-o Dpkg::Use-Pty=0 --no-install-recommends "$@"
}

needs_server=no
for what in "${@:-build}"; do
	case $what in
		build) needs_server=yes ;;
		tap)
			want prove perl
			perl -MIPC::Run -e 1 2>/dev/null || packages+=(libipc-run-perl)
			;;
		matrix)
			want mmdebstrap mmdebstrap
			want mount mount
			;;
		lint) want shellcheck shellcheck ;;
		indent) want pg_bsd_indent pg-bsd-indent ;;
		node)
			want node nodejs
			want npm npm
			;;
		chromium)
			want chromium chromium
			[ -n "$(fc-list 2>/dev/null | head -n 1)" ] || packages+=(fonts-liberation fontconfig)
			;;
		*) die "unknown purpose \"$what\"" ;;
	esac
done

if [ $needs_server = yes ]; then
	want gcc gcc
	want make make
	want diff diffutils
	[ -r /usr/include/stdio.h ] || packages+=(libc6-dev)
	if ! find_pg_config >/dev/null; then
		[ -z "${PG_CONFIG:-}" ] ||
			die "PG_CONFIG=$PG_CONFIG is not a server with its development files"
		packages+=(postgresql)
	fi
fi

[ ${#packages[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || die "missing here: ${packages[*]} (PostgreSQL with its development files)"
root=no
[ "$(id -u)" != 0 ] || root=yes

note "missing here: ${packages[*]/%postgresql/postgresql with its development files}"
if [ $root = yes ]; then
	note "installing with apt-get (this takes a minute or two)"
	apt update || note "apt-get update failed; trying with the lists at hand"
fi
names=()
for package in "${packages[@]}"; do
	if [ "$package" = postgresql ]; then
		major=$(wanted_major)
		[ -n "$major" ] || die "apt knows no package postgresql: run apt-get update"
		names+=("postgresql-$major" "postgresql-server-dev-$major")
	else
		names+=("$package")
	fi
done
if [ $root = no ]; then
	note "install with: apt-get install --no-install-recommends ${names[*]}"
	exit 1
fi

# Debian's server package makes and starts a cluster unless told otherwise.
made_dir=no
if [ ! -e "$nocluster" ]; then
	[ -d "${nocluster%/*}" ] || made_dir=yes
	mkdir -p "${nocluster%/*}"
	echo "create_main_cluster = false" >"$nocluster"
	trap 'rm -f "$nocluster"; [ $made_dir = no ] || rmdir -p --ignore-fail-on-non-empty "${nocluster%/*}"' EXIT
fi
log=$(mktemp)
if ! apt install "${names[@]}" >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	rm -f "$log"
	die "apt-get could not install: ${names[*]}"
fi
rm -f "$log"
note "installed: ${names[*]}"
