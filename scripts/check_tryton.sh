#!/bin/bash
#
# check_tryton.sh [-i]
#	  Prove the adapter for Tryton against a database that Tryton made.
#
# Builds the extension, starts a throw-away server, lets Tryton's own modules
# create their tables in it, does some business through Tryton's client library
# (check_tryton.py), installs the adapter and compares what it finds with what
# was done; then shows some KPI views.  Needs Tryton 6.0 or later as Debian
# packages it; -i installs the packages (as root).
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

packages=(tryton-server tryton-proteus tryton-modules-sale-opportunity tryton-modules-sale-subscription
	tryton-modules-sale-complaint python3-psycopg2)
database=tryton_check

if [ "${1:-}" = --inside ]; then
	# against the throw-away server, whose socket directory is PGHOST
	work=$2
	cat >"$work/trytond.conf" <<-CONF
		[database]
		uri = postgresql://$PGUSER@
	CONF
	echo secret >"$work/password"
	createdb "$database"
	note "creating the tables of Tryton's modules"
	TRYTONPASSFILE=$work/password trytond-admin -c "$work/trytond.conf" -d "$database" \
		--email admin@example.com -u sale_opportunity sale_subscription sale_complaint --activate-dependencies \
		>"$work/admin.log" 2>&1 || {
		tail -n 20 "$work/admin.log" >&2
		die "trytond-admin failed"
	}
	note "doing business"
	/usr/bin/python3 -W ignore "$ROOT/scripts/check_tryton.py" "$database" "$work/trytond.conf" >"$work/facts.json"
	psql -X -q -v ON_ERROR_STOP=1 -v facts="$(cat "$work/facts.json")" -d "$database" \
		-f "$ROOT/scripts/check_tryton.sql"
	exit
fi

[ "${1:-}" != -i ] || apt-get install -y --no-install-recommends "${packages[@]}"
if ! command -v trytond-admin >/dev/null || ! /usr/bin/python3 -c 'import proteus, psycopg2' 2>/dev/null; then
	die "Tryton is not installed: $0 -i installs ${packages[*]}"
fi
PG_CONFIG=$(find_pg_config) || die "no PostgreSQL with its development files; run scripts/deps.sh"
export PG_CONFIG

stage=$(make_temp_dir)
trap 'rm -rf "$stage"' EXIT
build_and_stage "$stage/stage" "$PG_CONFIG"
mkdir "$stage/work"
"$ROOT/scripts/with_server.sh" -s "$stage/stage" "$0" --inside "$stage/work"
