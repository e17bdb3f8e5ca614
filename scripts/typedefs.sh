#!/bin/bash
#
# typedefs.sh
#	  Write typedefs.list, which pg_bsd_indent needs to tell a declaration from
#	  a multiplication.
#
# As PostgreSQL's own list, it is read from the debugging information of a
# build; only names that occur in our sources are kept.  Our own types are added
# from the sources, used or not, and bool, which is a macro in some builds.
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
export LC_ALL=C

"$ROOT/scripts/deps.sh" build
command -v objdump >/dev/null || die "objdump (package binutils) is missing"
PG_CONFIG=$(find_pg_config)

stage=$(make_temp_dir)
trap 'rm -rf "$stage"' EXIT
build_and_stage "$stage" "$PG_CONFIG"

cd "$ROOT"
words=$stage/words
find src test/unit -name '*.[ch]' -exec grep -ohE '[A-Za-z_][A-Za-z0-9_]*' {} + |
	sort -u >"$words"
{
	echo bool
	find src test/unit -name '*.[ch]' -exec sed -nE \
		-e 's/^\} *([A-Za-z_][A-Za-z0-9_]*);.*/\1/p' \
		-e 's/^typedef .*[ *]([A-Za-z_][A-Za-z0-9_]*);.*/\1/p' {} +
	find "$(build_dir "$PG_CONFIG")" -type f \( -name '*.o' -o -path '*/build/unit/*_test' \) \
		-exec objdump -Wi {} + 2>/dev/null |
		awk '/DW_TAG_typedef/ { want = 1; next }
			 want && /DW_AT_name/ { print $NF; want = 0; next }
			 /DW_TAG_/ { want = 0 }'
} | sort -u | comm -12 - "$words" >typedefs.list
note "typedefs.list: $(wc -l <typedefs.list) names"
