#!/bin/bash
#
# indent.sh [--check]
#	  Lay out the C sources as PostgreSQL's pgindent does; with --check, change
#	  nothing and show what would change.
#
# The options of pg_bsd_indent, and the steps before and after it, are
# pgindent's.  The layout is that of version 2.1.2, which PostgreSQL 16 and later
# have: older ones lay out initialisers of several lines in another way.
# PG_BSD_INDENT can name the program.
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

check=no
[ "${1:-}" != --check ] || check=yes

PG_BSD_INDENT=${PG_BSD_INDENT:-pg_bsd_indent}
[ "$PG_BSD_INDENT" != pg_bsd_indent ] || "$ROOT/scripts/deps.sh" indent
case $("$PG_BSD_INDENT" --version) in
	*' 2.0'* | *' 2.1 '* | *' 2.1.1 '*)
		note "$PG_BSD_INDENT is older than 2.1.2: it will want other initialisers" ;;
esac
cd "$ROOT"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

options=(-bad -bap -bbb -bc -bl -cli1 -cp33 -cdb -nce -d0 -di12 -nfc1 -i4 -l79
	-lp -lpl -nip -npro -sac -tpg -ts4 -Utypedefs.list)

# Comments that open with dashes or stars keep their layout.
# shellcheck disable=SC2016	# these are Perl's $1
before='s!^(\s*)/\*(-+\n)!$1/*X_X_X$2!gm; s!/\* +---!/*---X_X!g'
# A tab between a comment and one that follows it; one space before the star of
# a function's return type.
# shellcheck disable=SC2016
after='s!/\*---X_X!/* ---!g; s!/\*X_X_X!/*!g; s!\*/(/\*.*\*/)$!*/\t$1!gm;
	s!^([A-Za-z_]\S*)[ \t]+\*$!$1 *!gm'

rc=0
while IFS= read -r file; do
	perl -0777 -pe "$before" "$file" >"$work/in.c"
	if ! "$PG_BSD_INDENT" "${options[@]}" "$work/in.c" "$work/out.c" >"$work/errors" 2>&1 ||
		[ -s "$work/errors" ]; then
		note "$file: $(cat "$work/errors")"
		rc=1
		continue
	fi
	perl -0777 -pi -e "$after" "$work/out.c"
	if ! cmp -s "$file" "$work/out.c"; then
		if [ $check = yes ]; then
			diff -u --label "$file" --label "$file, indented" "$file" "$work/out.c" || rc=1
		else
			cat "$work/out.c" >"$file"
			note "indented $file"
		fi
	fi
done < <(find src test/unit test/fuzz -name '*.[ch]' 2>/dev/null | LC_ALL=C sort)
exit $rc
