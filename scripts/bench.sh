#!/bin/bash
#
# bench.sh [ARGUMENT...]
#	  Run bench/run.sh against a throw-away cluster, with settings that a
#	  server for analytics would have.
#
# The arguments, and BENCH_* variables, are for bench/run.sh; it finds the
# server through PGHOST, PGPORT and PGUSER.
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

[ -x "$ROOT/bench/run.sh" ] || die "bench/run.sh is missing"
"$ROOT/scripts/deps.sh" build
PG_CONFIG=$(find_pg_config)
export PG_CONFIG

stage=$(make_temp_dir)
trap 'rm -rf "$stage"' EXIT
build_and_stage "$stage" "$PG_CONFIG"
"$ROOT/scripts/with_server.sh" -s "$stage" \
	-o shared_buffers=1GB -o work_mem=256MB -o maintenance_work_mem=256MB \
	-o max_wal_size=8GB -o autovacuum=off -o jit=off \
	"$ROOT/bench/run.sh" "$@"
