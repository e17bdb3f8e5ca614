#!/bin/bash
#
# stage_settings.sh STAGE PG_CONFIG
#	  Print the server settings that make it find an extension staged with
#	  "make install DESTDIR=STAGE".
#
# From 18 this is core's extension_control_path; Debian's builds of earlier
# versions have extension_destdir.
#
set -euo pipefail
# shellcheck source=scripts/common.sh
. "$(dirname "$0")/common.sh"

stage=$1 config=$2
if [ "$(pg_major "$config")" -ge 18 ]; then
	echo "extension_control_path = '$stage$("$config" --sharedir):\$system'"
else
	echo "extension_destdir = '$stage'"
fi
echo "dynamic_library_path = '$stage$("$config" --pkglibdir):\$libdir'"
