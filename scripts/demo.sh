#!/bin/bash
#
# demo.sh [-k]
#	  The guided tour: demo/demo.sql on the sample CRM database, in a
#	  throw-away cluster.
#
# The extension is created by the owner of the database, who is no superuser.
# -k leaves the server up and prints how to try it and how to stop it.
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

database=crm
owner=crm_owner

if [ "${1:-}" = --against-server ]; then
	psql=(psql -X -q -v ON_ERROR_STOP=1)
	"${psql[@]}" -d postgres -c "CREATE ROLE $owner LOGIN" \
		-c "CREATE DATABASE $database OWNER $owner"
	export PGUSER=$owner PGDATABASE=$database PGOPTIONS='-c client_min_messages=warning'
	cd "$ROOT"
	"${psql[@]}" -c "CREATE EXTENSION crm_metrics"
	"${psql[@]}" -f test/schemas/sample_crm.sql
	exec "${psql[@]}" -P pager=off -f demo/demo.sql
fi

keep=()
while getopts k option; do
	case $option in
		k) keep=(-k) ;;
		*) exit 2 ;;
	esac
done

for file in test/schemas/sample_crm.sql demo/demo.sql; do
	[ -r "$ROOT/$file" ] || die "$file is missing"
done
"$ROOT/scripts/deps.sh" build
PG_CONFIG=$(find_pg_config)
export PG_CONFIG CRM_KEEP_USER=$owner CRM_KEEP_DATABASE=$database

stage=$(make_temp_dir)
trap 'rm -rf "$stage"' EXIT
note "building for $("$PG_CONFIG" --version)"
build_and_stage "$stage" "$PG_CONFIG"
"$ROOT/scripts/with_server.sh" "${keep[@]+"${keep[@]}"}" -s "$stage" "$0" --against-server
# a server that stays up needs the stage; its stop script removes it
[ ${#keep[@]} = 0 ] || trap - EXIT
