#!/usr/bin/env bash
# Runs a command beside a PostgreSQL server of its own, which EIS_BENCH_POSTGRES names to it, and which is gone afterwards with all that was in it:
#
#     tests/with-postgres.sh 18 dotnet run --project bench/EntityImport.Bench -- compare --store postgres --rows 20000 --rounds 1
#
# The server does not care for crashes of the machine: it shows whether things work, and not how fast. VERSION is one that tests/postgres.sh knows.
set -euo pipefail
version=${1:?"tests/with-postgres.sh VERSION COMMAND…"}
shift
programs=$("$(dirname "$0")/postgres.sh" "$version")

directory=$(mktemp -d)
# The server refuses to run as root.
as=()
if [ "$(id -u)" -eq 0 ]; then
  user=nobody
  if getent passwd postgres > /dev/null; then user=postgres; fi
  chown "$user" "$directory"
  as=(setpriv --reuid="$user" --clear-groups)
fi
run() { (cd "$directory" && "${as[@]}" "$programs/$1" -D "$directory/data" "${@:2}") < /dev/null >> "$directory.log" 2>&1; }
trap 'run pg_ctl -m immediate -w stop; rm -rf "$directory" "$directory.log"' EXIT
run initdb -U postgres -A trust -E UTF8 --locale=C --no-sync || { cat "$directory.log" >&2; exit 1; }
# Reached through a socket in its folder, it needs no port.
printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$directory'" "fsync = off" >> "$directory/data/postgresql.conf"
run pg_ctl -l "$directory/log" -w start || { cat "$directory.log" "$directory/log" >&2; exit 1; }

EIS_BENCH_POSTGRES="Host=$directory;Username=postgres;Database=postgres" "$@"
