#!/bin/bash
#
# run.sh [NAME]...
#	  Run the benchmarks of these names, or all of them, each in a database of
#	  its own on the server that PGHOST, PGPORT and PGUSER name (a superuser's:
#	  CPU time is read from /proc).  scripts/bench.sh starts one and calls this.
#
# A benchmark is bench/NAME.sql, or bench/NAME.c for one of src/math that needs
# no server.  A variable BENCH_X=y of the environment is psql's variable x, such
# as BENCH_CUSTOMERS=100000 or BENCH_RUNS=9.
#
set -euo pipefail
cd "$(dirname "$0")/.."

# What the benchmarks include: no benchmarks themselves
is_part()
{
	case $1 in
		harness | *_data) return 0 ;;
		*) return 1 ;;
	esac
}

variables=()
while IFS='=' read -r name value; do
	name=${name#BENCH_}
	variables+=(-v "${name,,}=$value")
done < <(env | grep '^BENCH_[A-Z_]*=' || :)

# With the compiler and the flags that PostgreSQL extensions are built with
run_c()
{
	local name=$1 dir rc=0
	local -a cc cflags

	dir=$(mktemp -d)
	read -ra cc < <("${PG_CONFIG:-pg_config}" --cc)
	read -ra cflags < <("${PG_CONFIG:-pg_config}" --cflags)
	"${cc[@]}" "${cflags[@]}" -ffp-contract=off -I. "bench/$name.c" src/math/*.c -lm \
		-o "$dir/$name" && "$dir/$name" || rc=$?
	rm -rf "$dir"
	return $rc
}

run_sql()
{
	local database=bench_$1

	createdb "$database"
	psql -X -q -v ON_ERROR_STOP=1 ${variables[@]+"${variables[@]}"} \
		-d "$database" -f "bench/$1.sql"
	dropdb "$database"
}

if [ $# = 0 ]; then
	for file in bench/*.sql bench/*.c; do
		[ -e "$file" ] || continue
		name=${file##*/}
		is_part "${name%.*}" || set -- "$@" "${name%.*}"
	done
fi

model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
psql -X -At -d postgres -c 'SELECT version()'
echo "$(nproc) x ${model:-unknown processor}"

for name; do
	echo
	echo "=== $name"
	if [ -e "bench/$name.sql" ]; then
		run_sql "$name"
	elif [ -e "bench/$name.c" ]; then
		run_c "$name"
	else
		echo "run.sh: no benchmark $name" >&2
		exit 1
	fi
done
