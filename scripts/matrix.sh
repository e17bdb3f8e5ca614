#!/bin/bash
#
# matrix.sh [-p] [VERSION...]
#	  Run "make test" on other server versions (default: 17 and 18), each in a
#	  Debian of the release that has this version.
#
# The first run makes a chroot for each version (a minute or two, from the
# mirror that this machine's apt uses); it is kept and renewed after 30 days.  A
# run has its own mount, process and network namespaces: it uses no port, leaves
# nothing mounted and no server behind, and changes nothing in the chroot, for
# sources and build are in a temporary file system.  ../shared, where it exists,
# is there to read.
#
# Needs root on Debian; mmdebstrap is installed where it is missing.
#
# -p	only make the chroots
#
# CRM_MATRIX_CACHE: where the chroots are (/var/cache/crm_metrics_matrix)
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

cache=${CRM_MATRIX_CACHE:-/var/cache/crm_metrics_matrix}
max_age_days=30
shared=$ROOT/../shared

# The Debian release of a server version.
release_of()
{
	case $1 in
		15) echo bookworm ;;
		17) echo trixie ;;
		18) echo forky ;;
		*) die "no Debian release known that has PostgreSQL $1" ;;
	esac
}

# mirror PATTERN: a mirror of this machine's apt
# shellcheck disable=SC2016	# expanded by apt-get
mirror()
{
	apt-get indextargets --format '$(SITE)' | sort -u | grep -E "$1" | head -n 1 || :
}

sources()
{
	local release=$1 main=$2 security=$3

	echo "deb $main $release main"
	# a release under way has no security archive to speak of
	if [ "$release" != forky ] && [ -n "$security" ]; then
		echo "deb $security $release-security main"
	fi
}

# Make the chroot of a version unless there is a young one.
prepare()
{
	local version=$1 root=$cache/pg$1 new=$cache/pg$1.new release main security seconds=$SECONDS

	if [ -e "$root/.ready" ] && [ -z "$(find "$root/.ready" -mtime +$max_age_days)" ]; then
		return 0
	fi
	release=$(release_of "$version")
	main=$(mirror '/debian/?$')
	if [ -z "$main" ]; then
		apt-get -qq update || :
		main=$(mirror '/debian/?$')
	fi
	[ -n "$main" ] || {
		note "no Debian mirror in apt's sources"
		return 1
	}
	security=$(mirror 'security/?$')
	rm -rf "$new"

	# Debian's postgresql-server-dev depends on clang and LLVM, 500 MB that we
	# have no use for here: it is unpacked without its dependencies.  No cluster
	# is made by the installation.  The package lists of a release under way are
	# valid for a week only: a mirror, or this machine's clock, may lag more.
	# shellcheck disable=SC2016	# the hooks' own $1
	if ! sources "$release" "$main" "$security" | mmdebstrap --mode=root --variant=apt \
		--keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='Acquire::Retries "5"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--setup-hook='mkdir -p "$1/etc/postgresql-common/createcluster.d"' \
		--setup-hook='echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.d/none.conf"' \
		--include="gcc,libc6-dev,make,diffutils,perl,libipc-run-perl,postgresql-$version" \
		--customize-hook='chroot "$1" sh -ec "cd /tmp; apt-get -qq download postgresql-server-dev-'"$version"' libpq-dev; for d in *.deb; do dpkg -x \$d /; done; rm -f *.deb"' \
		"$release" "$new" - >"$cache/pg$version.log" 2>&1; then
		grep -aE '^(E|W|Err|dpkg:)' "$cache/pg$version.log" | tail -n 10 >&2
		note "the chroot for PostgreSQL $version could not be made; see $cache/pg$version.log"
		rm -rf "$new"
		# an old one is better than none
		[ -e "$root/.ready" ]
		return
	fi
	touch "$new/.ready"
	rm -rf "$root"
	mv "$new" "$root"
	note "PostgreSQL $version: chroot made in $((SECONDS - seconds)) s"
}

# The sources as they are in the work tree, without what a build has left.
pack()
{
	cd "$ROOT"
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -z --cached --others --exclude-standard |
			while IFS= read -r -d '' file; do
				[ ! -e "$file" ] || printf '%s\0' "$file"
			done | tar -c --null -T -
	else
		tar -c --exclude='*.o' --exclude='*.bc' --exclude='*.d' --exclude='*.so' \
			--exclude=./build --exclude=./results .
	fi
}

# Run the tests in the chroot of a version.  The sources come on standard input.
# shellcheck disable=SC2016	# expanded by the inner shells
in_chroot()
{
	local version=$1 root=$cache/pg$1

	unshare --mount --pid --net --ipc --uts --fork --kill-child --propagation private \
		bash -euc '
			root=$1 shared=$2 version=$3
			mount -t proc proc "$root/proc"
			mkdir -p "$root/src" "$root/dev/shm"
			mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
			mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
			mount -t tmpfs -o mode=755 tmpfs "$root/src"
			for device in null zero random urandom; do
				[ -e "$root/dev/$device" ] || touch "$root/dev/$device"
				mount --bind "/dev/$device" "$root/dev/$device"
			done
			mkdir "$root/src/crm_metrics"
			tar -C "$root/src/crm_metrics" -x
			if [ -d "$shared" ]; then
				mkdir "$root/src/shared"
				mount --bind "$shared" "$root/src/shared"
				mount -o remount,bind,ro "$root/src/shared"
			fi
			exec chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 \
				PATH=/usr/sbin:/usr/bin:/sbin:/bin \
				PG_CONFIG="/usr/lib/postgresql/$version/bin/pg_config" \
				/src/crm_metrics/scripts/test.sh -n' \
		bash "$root" "$shared" "$version"
}

only_prepare=no
while getopts p option; do
	case $option in
		p) only_prepare=yes ;;
		*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- 17 18

[ "$(id -u)" = 0 ] || die "making and entering a chroot needs root"
"$ROOT/scripts/deps.sh" matrix
mkdir -p "$cache"

passed=0
failed=0
ready=()
for version; do
	# one at a time makes chroots; runs do not disturb each other
	if (flock 9 && prepare "$version") 9>"$cache/.lock"; then
		ready+=("$version")
	else
		failed=$((failed + 1))
	fi
done
[ $only_prepare = no ] || exit "$((failed > 0))"

# Most tests keep one core busy, so that versions are tested side by side.
outputs=$(mktemp -d)
trap 'rm -rf "$outputs"' EXIT
for version in "${ready[@]+"${ready[@]}"}"; do
	{
		pack | in_chroot "$version" >"$outputs/$version" || :
		echo $SECONDS >"$outputs/$version.seconds"
	} &
done
wait
for version in "${ready[@]+"${ready[@]}"}"; do
	output=$outputs/$version
	sed '$d' "$output"
	read -r p f < <(sed -nE '$s/^([0-9]+) passed, ([0-9]+) failed$/\1 \2/p' "$output") || {
		tail -n 1 "$output"
		p=0 f=1
	}
	echo "PostgreSQL $version: $p passed, $f failed ($(cat "$output.seconds") s)"
	passed=$((passed + p))
	failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
