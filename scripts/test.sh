#!/bin/bash
#
# test.sh [-n] [REGRESS_TEST...]
#	  Build, stage and test everything against a throw-away cluster.
#
# Runs the unit tests of src/math, pg_regress, the isolation tests, the
# documentation's examples and the TAP tests, as far as they exist, and prints
# "N passed, N failed" as its last line: each unit program, regression test,
# isolation spec, page and TAP file counts one.  With names, only these regression tests (init is put first).
#
# -n	do not look for missing packages
#
# WERROR=1 makes compiler warnings errors, PG_CONFIG names the server.
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

if [ "${1:-}" = --against-server ]; then
	against_server=yes
	shift
else
	against_server=no
fi
install_packages=yes
while getopts n option; do
	case $option in
		n) install_packages=no ;;
		*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

passed=0
failed=0

# count STATUS NAME
count()
{
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		note "FAILED: $2"
	fi
}

# The end of a run, however it comes.
report()
{
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

# names DIRECTORY SUFFIX: stems of the files there
names()
{
	find "$1" -maxdepth 1 -name "*$2" -printf '%f\n' 2>/dev/null |
		sed "s/${2//./\\.}\$//" | LC_ALL=C sort
}

run_unit()
{
	local program output rc

	for program in $(names "$ROOT/test/unit" _test.c); do
		rc=0
		# they read their tables below test/unit/data
		output=$(cd "$ROOT" && "$build/build/unit/${program}_test" 2>&1) || rc=$?
		echo "unit $program: $(tail -n 1 <<<"$output")"
		[ $rc = 0 ] || head -n 40 <<<"$output" >&2
		count $rc "unit test $program (exit status $rc)"
	done
}

# run_pg_regress LABEL MAKE_ARGUMENTS -- NAMES: a PGXS installcheck.
# pg_regress prints "test x ... ok" before version 16 and "ok 1 - x" since.  A
# test it says nothing about has failed.
run_pg_regress()
{
	local label=$1 output name
	local -a args=()

	shift
	while [ "$1" != -- ]; do
		args+=("$1")
		shift
	done
	shift
	[ $# -gt 0 ] || return 0
	output=$work/$label.out
	make -s -C "$ROOT" installcheck "PG_CONFIG=$PG_CONFIG" "${args[@]}" >"$output" 2>&1 || :
	for name; do
		if grep -qE "^(test +$name +\.\.\. ok\b|ok [0-9]+ +[-+] +$name( |\$))" "$output"; then
			count 0 "$name"
			echo "$label $name: ok"
		else
			count 1 "$label test $name"
		fi
	done
}

run_regress()
{
	local -a tests

	mapfile -t tests < <(echo init; names "$ROOT/test/sql" .sql | grep -vx init)
	if [ $# -gt 0 ]; then
		tests=(init)
		for name; do
			[ "$name" = init ] || tests+=("$name")
		done
	fi
	rm -f "$ROOT/regression.diffs"
	run_pg_regress regress ISOLATION= ${1+"REGRESS=${tests[*]}"} -- "${tests[@]}"
	if [ -s "$ROOT/regression.diffs" ]; then
		head -n 300 "$ROOT/regression.diffs" >&2
	elif ! grep -qE '(tests passed|All [0-9]+ tests)' "$work/regress.out"; then
		tail -n 20 "$work/regress.out" >&2
	fi
}

run_isolation()
{
	local -a specs

	mapfile -t specs < <(names "$ROOT/test/isolation/specs" .spec)
	[ ${#specs[@]} -gt 0 ] || return 0
	rm -f "$ROOT/output_iso/regression.diffs"
	run_pg_regress isolation REGRESS= -- "${specs[@]}"
	if [ -s "$ROOT/output_iso/regression.diffs" ]; then
		head -n 300 "$ROOT/output_iso/regression.diffs" >&2
	elif ! grep -qE '(tests passed|All [0-9]+ tests)' "$work/isolation.out"; then
		tail -n 20 "$work/isolation.out" >&2
	fi
}

# The examples of the documentation, each page in a database of its own that
# has the extension and the sample CRM.
run_docs()
{
	local page name output

	[ -r "$ROOT/test/schemas/sample_crm.sql" ] || return 0
	psql -X -q -d postgres -c 'CREATE DATABASE docs_template'
	PGOPTIONS='-c client_min_messages=warning' psql -X -q -d docs_template -v ON_ERROR_STOP=1 \
		-c 'CREATE EXTENSION crm_metrics' -f "$ROOT/test/schemas/sample_crm.sql" \
		-c "SELECT sample_crm.generate(500, '2025-01-01', '2026-01-01', 42)" \
		-c 'ANALYZE' >"$work/docs.out" 2>&1 || {
		tail -n 20 "$work/docs.out" >&2
		count 1 "the database of the documentation's examples"
		return 0
	}
	for page in "$ROOT/README.md" "$ROOT"/docs/*.md; do
		[ -r "$page" ] || continue
		name=${page##*/}
		psql -X -q -d postgres -c 'CREATE DATABASE docs_page TEMPLATE docs_template'
		if output=$("$ROOT/scripts/docs_test.pl" docs_page "$page" 2>&1); then
			count 0 "docs $name"
			echo "docs $name: ok"
		else
			count 1 "examples of $name"
			head -n 200 <<<"$output" >&2
		fi
		psql -X -q -d postgres -c 'DROP DATABASE docs_page'
	done
}

# TAP tests start servers of their own, as the user postgres when we are root,
# from a copy that this user can read.
run_tap()
{
	local perl_dir src name output rc
	local -a as_server=()

	[ -n "$(names "$ROOT/test/t" .pl)" ] || return 0
	perl_dir=$(dirname "$("$PG_CONFIG" --pgxs)")/../test/perl
	if ! command -v prove >/dev/null ||
		! perl -I "$perl_dir" -MPostgreSQL::Test::Cluster -ce 1 2>/dev/null; then
		note "NOTICE: TAP tests skipped: they need perl with IPC::Run (package libipc-run-perl)"
		return 0
	fi
	src=$work/tap/src
	mkdir -p "$src" "$work/tap/log" "$work/tap/data"
	cp -R "$ROOT/test" "$ROOT/sql" "$ROOT/dashboards" "$ROOT/crm_metrics.control" "$src"
	[ ! -d "$ROOT/../shared" ] || ln -s "$(cd "$ROOT/../shared" && pwd -P)" "$work/tap/shared"
	"$ROOT/scripts/stage_settings.sh" "$stage" "$PG_CONFIG" >"$work/tap/stage.conf"
	chmod -R a+rX "$work/tap"
	if [ "$(id -u)" = 0 ]; then
		chown postgres "$work/tap" "$work/tap/log" "$work/tap/data"
		as_server=(runuser -u postgres --)
	fi
	for name in $(names "$ROOT/test/t" .pl); do
		rc=0
		output=$work/tap.$name.out
		"${as_server[@]+"${as_server[@]}"}" env -C "$src" -u PGHOST -u PGPORT -u PGUSER \
			PATH="$("$PG_CONFIG" --bindir):$PATH" TEMP_CONFIG="$work/tap/stage.conf" \
			TESTDIR="$work/tap" TESTDATADIR="$work/tap/data" TESTLOGDIR="$work/tap/log" \
			PG_REGRESS="$(dirname "$("$PG_CONFIG" --pgxs)")/../test/regress/pg_regress" \
			prove -I "$perl_dir" -I "$src/test/t" "test/t/$name.pl" >"$output" 2>&1 || rc=$?
		count $rc "TAP test $name"
		if [ $rc = 0 ]; then
			echo "tap $name: $(grep -E "\.\. (ok|skipped)" "$output" | sed 's/.*\.\. //' | tail -n 1)"
		else
			cat "$output" >&2
			find "$work/tap" -path '*log/*' -name "${name}_*.log" -type f -exec tail -n 30 {} + >&2 || :
		fi
	done
}

if [ $against_server = yes ]; then
	# Called by ourselves below, with the server up.
	run_regress "$@"
	[ $# -gt 0 ] || run_isolation
	[ $# -gt 0 ] || run_docs
	echo "$passed $failed" >"$CRM_TEST_COUNTS"
	exit 0
fi

trap report EXIT
if [ $install_packages = yes ]; then
	# the TAP tests are not worth stopping for
	[ "$(id -u)" != 0 ] || "$ROOT/scripts/deps.sh" build tap || :
	"$ROOT/scripts/deps.sh" build || {
		failed=1
		exit 1
	}
fi
if ! PG_CONFIG=$(find_pg_config); then
	failed=1
	die "no PostgreSQL with its development files; run scripts/deps.sh"
fi
export PG_CONFIG
build=$(build_dir "$PG_CONFIG")
work=$(make_temp_dir)
# shellcheck disable=SC2154
trap 'rc=$?; rm -rf "$work"; report || [ $rc != 0 ] || rc=1; exit $rc' EXIT
stage=$work/stage

echo "testing with $("$PG_CONFIG" --version)"
if ! build_and_stage "$stage" "$PG_CONFIG"; then
	failed=1
	exit 1
fi
[ -d "$ROOT/../shared" ] ||
	note "NOTICE: no ../shared: tests against the reference data there are skipped"

[ $# -gt 0 ] || run_unit

export work stage CRM_TEST_COUNTS=$work/counts
rc=0
"$ROOT/scripts/with_server.sh" -s "$stage" -o max_parallel_workers_per_gather=2 \
	"$0" --against-server "$@" || rc=$?
if [ -r "$CRM_TEST_COUNTS" ]; then
	read -r p f <"$CRM_TEST_COUNTS"
	passed=$((passed + p))
	failed=$((failed + f))
fi
[ $rc = 0 ] || count $rc "the test server (exit status $rc)"

[ $# -gt 0 ] || run_tap
