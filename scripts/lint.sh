#!/bin/bash
#
# lint.sh
#	  Checks that need no server: layering of the sources, names of the exported
#	  symbols, agreement of the metadata, completeness of the expected outputs,
#	  shell scripts.  Ends with "N passed, N failed".
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"
cd "$ROOT"
export LC_ALL=C

passed=0
failed=0

# check NAME COMMAND...: the command prints offenders; none is good
check()
{
	local name=$1 offenders

	shift
	offenders=$("$@" 2>&1) || :
	if [ -z "$offenders" ]; then
		passed=$((passed + 1))
		echo "lint $name: ok"
	else
		failed=$((failed + 1))
		note "FAILED: lint $name"
		note "$offenders"
	fi
}

# src/math is free of PostgreSQL; src/common uses no other directory; a
# capability uses itself, src/common and src/math.
layers()
{
	local dir allowed

	for dir in src/*/; do
		dir=${dir#src/}
		dir=${dir%/}
		case $dir in
			math) allowed='src/math/' ;;
			common) allowed='src/(common/|math/|compat\.h)' ;;
			*) allowed="src/($dir/|common/|math/|compat\\.h)" ;;
		esac
		find "src/$dir" -name '*.[ch]' -exec grep -HnE '^ *# *include *"src/' {} + |
			grep -vE "\"$allowed" || :
	done
	find src/math -name '*.[ch]' -exec grep -HnE '^ *# *include *"' {} + |
		grep -v '"src/math/' || :
}

# Whatever the library exports has our prefix, so that it cannot clash with the
# server's or another library's.
symbols()
{
	local config library

	config=$(find_pg_config) || {
		echo "no server to build with"
		return
	}
	library=$(build_dir "$config")/crm_metrics.so
	[ -r "$library" ] || {
		echo "$library is not built: run make test first"
		return
	}
	nm -D --defined-only "$library" | awk '{ print $3 }' |
		grep -vE '^((pg_finfo_)?crm_.*|Pg_magic_func|_PG_init|_init|_fini)$' || :
}

metadata()
{
	local version

	version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" crm_metrics.control)
	grep -q "^## $version" CHANGELOG.md || echo "CHANGELOG.md has no section $version"
	# shellcheck disable=SC2016	# Perl's variables
	perl -MJSON::PP -0777 -e '
		my $version = shift;
		my $meta = decode_json(<>);
		my $extension = $meta->{provides}{crm_metrics};
		for (qw(name abstract version maintainer license provides meta-spec))
		{
			print "META.json: no $_\n" unless $meta->{$_};
		}
		print "META.json: version is not $version\n"
		  if grep { $_ ne $version } $meta->{version}, $extension->{version};
		for (qw(file docfile))
		{
			print "META.json: no file $extension->{$_}\n" unless -e $extension->{$_};
		}' "$version" META.json
}

expected_outputs()
{
	comm -3 <(find test/sql -name '*.sql' -printf '%f\n' | sed 's/\.sql$//' | sort) \
		<(find expected -name '*.out' -printf '%f\n' | sed 's/\.out$//' | sort)
}

whitespace()
{
	git rev-parse --git-dir >/dev/null 2>&1 || return 0
	# test outputs and data are as they are
	git diff --check "$(git hash-object -t tree /dev/null)" HEAD -- . \
		':!expected' ':!test/data' ':!test/isolation/expected' | grep -vE '^[+]' || :
}

check layers layers
check symbols symbols
check metadata metadata
check "expected outputs" expected_outputs
check whitespace whitespace
if command -v shellcheck >/dev/null; then
	check shellcheck shellcheck -x -f gcc scripts/*.sh bench/run.sh .ci/run
else
	note "NOTICE: no shellcheck here: the scripts are not checked"
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
