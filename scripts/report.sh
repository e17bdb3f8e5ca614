#!/bin/bash
#
# report.sh [-c]
#	  The HTML report over the KPI views of the sample CRM, made in a throw-away
#	  cluster: build/report/report.html.
#
# -c	also open it in headless Chromium and check what a reader would see; the
#		last line is then "N passed, N failed", and build/report/ has screenshots
#
# For a database of your own: dashboards/README.md.
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

database=crm
owner=crm_owner
output=$ROOT/build/report
program=$ROOT/dashboards/report

if [ "${1:-}" = --against-server ]; then
	psql=(psql -X -q -v ON_ERROR_STOP=1)
	"${psql[@]}" -d postgres -c "CREATE ROLE $owner LOGIN" \
		-c "CREATE DATABASE $database OWNER $owner"
	export PGUSER=$owner PGDATABASE=$database PGOPTIONS='-c client_min_messages=warning'
	cd "$ROOT"
	"${psql[@]}" -c "CREATE EXTENSION crm_metrics"
	"${psql[@]}" -f test/schemas/sample_crm.sql
	"${psql[@]}" -c "SELECT sample_crm.generate(1000, '2025-01-01', '2026-01-01', 42)" >/dev/null
	"${psql[@]}" -f demo/kpi_views.sql >/dev/null
	exec node "$program/report.mjs" --schema kpi --output "$output/report.html" \
		--title "Sample CRM"
fi

check=no
while getopts c option; do
	case $option in
		c) check=yes ;;
		*) exit 2 ;;
	esac
done

purposes=(build node)
[ $check = no ] || purposes+=(chromium)
"$ROOT/scripts/deps.sh" "${purposes[@]}"
PG_CONFIG=$(find_pg_config)
export PG_CONFIG

stage=$(make_temp_dir)
trap 'rm -rf "$stage"' EXIT
note "building for $("$PG_CONFIG" --version)"
build_and_stage "$stage" "$PG_CONFIG"
mkdir -p "$output"

# with the versions of the lock file, once
if ! cmp -s "$program/package-lock.json" "$program/node_modules/.made_from"; then
	npm --prefix "$program" ci --no-audit --no-fund --silent
	cp "$program/package-lock.json" "$program/node_modules/.made_from"
fi
"$ROOT/scripts/with_server.sh" -s "$stage" "$0" --against-server
[ $check = no ] || node "$program/check.mjs" "$output/report.html" "$output"
