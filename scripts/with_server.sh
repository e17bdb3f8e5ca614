#!/bin/bash
#
# with_server.sh [-k] [-s STAGE] [-o SETTING=VALUE]... COMMAND...
#	  Run a command against a throw-away cluster.
#
# The cluster is in a private directory, listens on a socket there and on no
# TCP port, belongs to user postgres when root asks (initdb refuses root) and is
# gone afterwards.  -s finds an extension that "make install DESTDIR=STAGE" has
# staged, so that nothing need be installed system-wide.  The command gets
# PGHOST, PGPORT, PGUSER and PG_CONFIG.  A crash of the server is a failure,
# whatever the command says.
#
# -k keeps the cluster, and the stage, and prints how to use and to stop it.
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

keep=no
stage=
settings=()
while getopts ks:o: option; do
	case $option in
		k) keep=yes ;;
		s) stage=$OPTARG ;;
		o) settings+=("$OPTARG") ;;
		*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

PG_CONFIG=$(find_pg_config) || die "no PostgreSQL with its development files; run scripts/deps.sh"
bindir=$("$PG_CONFIG" --bindir)

dir=$(make_temp_dir)
chmod 700 "$dir"
log=$dir/log
as_server=(env -C /)
if [ "$(id -u)" = 0 ]; then
	id postgres >/dev/null 2>&1 || die "no user postgres to run the server as"
	chown postgres "$dir"
	as_server=(runuser -u postgres -- env -C /)
fi

# shellcheck disable=SC2317	# called by the trap
stop()
{
	if [ -e "$dir/data/postmaster.pid" ]; then
		"${as_server[@]}" "$bindir/pg_ctl" -s -D "$dir/data" -m immediate stop || :
	fi
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP

"${as_server[@]}" "$bindir/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 \
	--locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 || {
	cat "$dir/initdb.log" >&2
	die "initdb failed"
}

{
	echo "listen_addresses = ''"
	echo "unix_socket_directories = '$dir'"
	echo "fsync = off"
	echo "synchronous_commit = off"
	echo "full_page_writes = off"
	echo "timezone = 'UTC'"
	[ -z "$stage" ] || "$ROOT/scripts/stage_settings.sh" "$stage" "$PG_CONFIG"
	for setting in "${settings[@]+"${settings[@]}"}"; do
		echo "${setting%%=*} = '${setting#*=}'"
	done
} >>"$dir/data/postgresql.conf"

if ! "${as_server[@]}" "$bindir/pg_ctl" -s -w -t 120 -D "$dir/data" -l "$log" start; then
	cat "$log" >&2
	if grep -q extension_destdir "$log"; then
		note "this server cannot use a staged extension: PostgreSQL before 18 can only as Debian builds it."
		note "Use \"make install\" and \"make installcheck\" instead."
	fi
	die "the server did not start"
fi

unset PGDATABASE PGSERVICE PGPASSWORD PGHOSTADDR PGOPTIONS
export PGHOST=$dir PGPORT=5432 PGUSER=postgres PATH="$bindir:$PATH" PG_CONFIG
export CRM_SERVER_LOG=$log

rc=0
"$@" || rc=$?

if grep -qaE 'TRAP:|PANIC:|terminated by signal|AddressSanitizer|runtime error:' "$log"; then
	note "${0##*/}: the server crashed:"
	grep -aE -A 20 'TRAP:|PANIC:|terminated by signal|AddressSanitizer|runtime error:' "$log" |
		head -n 60 >&2
	[ $rc != 0 ] || rc=99
fi

if [ $keep = yes ] && [ $rc = 0 ]; then
	trap - EXIT
	{
		echo "#!/bin/sh"
		echo "${as_server[*]} $bindir/pg_ctl -s -D $dir/data -m fast stop"
		echo "rm -rf $dir $stage"
	} >"$dir/stop"
	chmod 755 "$dir/stop"
	echo
	echo "The server is up.  To try it:"
	echo "    $bindir/psql -h $dir -U ${CRM_KEEP_USER:-postgres} ${CRM_KEEP_DATABASE:-postgres}"
	echo "To stop it and remove all of it:"
	echo "    $dir/stop"
fi
exit $rc
