# common.sh
#	  What the other scripts share; sourced, not run.
#
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT

# We may be called by make, and call it for a build that is not a part of it.
unset MAKEFLAGS MAKELEVEL MFLAGS

note() { printf '%s\n' "$*" >&2; }

die()
{
	note "${0##*/}: $*"
	exit 1
}

# Is this pg_config's server complete: server, headers, PGXS and pg_regress?
pg_is_complete()
{
	local config=$1 pgxs

	[ -x "$(command -v "$config")" ] || return 1
	pgxs=$("$config" --pgxs 2>/dev/null) || return 1
	[ -r "$pgxs" ] &&
		[ -x "$("$config" --bindir)/postgres" ] &&
		[ -x "${pgxs%/makefiles/pgxs.mk}/test/regress/pg_regress" ] &&
		[ -r "$("$config" --includedir-server)/postgres.h" ]
}

# Print the pg_config to build with: the one that PG_CONFIG names, else that of
# Debian's newest complete server, else the one in the PATH.
find_pg_config()
{
	local config

	if [ -n "${PG_CONFIG:-}" ]; then
		pg_is_complete "$PG_CONFIG" || return 1
		command -v "$PG_CONFIG"
		return
	fi
	while read -r config; do
		if pg_is_complete "$config"; then
			echo "$config"
			return
		fi
	done < <(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -Vr)
	pg_is_complete pg_config && command -v pg_config
}

# Major version of a pg_config's server.
pg_major()
{
	"$1" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/'
}

# The build directory for a pg_config's server.  Each server version has its
# own, so that objects of one are never linked for another, and so have builds
# with warnings as errors, so that all files are compiled that way.
build_dir()
{
	local suffix=

	[ "${WERROR:-0}" != 1 ] || suffix=-werror
	echo "$ROOT/build/pg$(pg_major "$1")$suffix"
}

# Build the library and the unit tests, then stage what "make install" would
# install below $1.  $2 is the pg_config.
build_and_stage()
{
	local stage=$1 config=$2 dir log
	local -a make

	dir=$(build_dir "$config")
	mkdir -p "$dir" "$stage"
	log=$dir/build.log
	make=(make -C "$dir" -f "$ROOT/Makefile" "PG_CONFIG=$config")
	[ "${WERROR:-0}" != 1 ] || make+=(WERROR=1)
	[ -x "$(make_variable "$config" CLANG)" ] || make+=(with_llvm=no)
	if ! "${make[@]}" -j"$(nproc)" all unit-programs >"$log" 2>&1 ||
		! "${make[@]}" install "DESTDIR=$stage" >>"$log" 2>&1; then
		if ! grep -E -A 2 '(error|warning):|undefined reference' "$log" | head -n 60 >&2; then
			tail -n 20 "$log" >&2
		fi
		note "build failed; all of its output is in ${log#"$ROOT"/}"
		return 1
	fi
	grep -E 'warning:' "$log" | sort -u >&2 || :
	chmod -R a+rX "$stage"
}

# A variable of the server's Makefile.global.
make_variable()
{
	sed -n "s/^$2[[:space:]]*=[[:space:]]*//p" \
		"$(dirname "$("$1" --pgxs)")/../Makefile.global" | head -n 1
}

# A private directory below /tmp (socket paths must be short) that the server's
# user may enter.
make_temp_dir()
{
	local dir

	dir=$(mktemp -d /tmp/crm_metrics.XXXXXX)
	chmod 755 "$dir"
	echo "$dir"
}
