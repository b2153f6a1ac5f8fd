#!/usr/bin/env bash
# Runs a command beside object stores of its own, which are gone afterwards with all that was in them:
#
#     tests/with-objectstores.sh dotnet test --project tests/EntityImport.ObjectStore.Tests
#
# Azurite, from npm, stands for Azure Blob Storage, and OpenStack Swift with its s3api, from Debian, for S3. EIS_TEST_BLOBS and EIS_TEST_S3 name a container and a bucket that are there, and the variables of the services
# have the credentials. EIS_TEST_HOST is the address on which they are reached, loopback where it says nothing. Where one cannot be had, a line says why, its variable is not set, and the tests on it are skipped. Programs are kept in the folder that EIS_TEST_CACHE names.
set -euo pipefail
umask 022
azurite_version=3.35.0
host=${EIS_TEST_HOST:-127.0.0.1}
cache=${EIS_TEST_CACHE:-/var/tmp/eis-tests-$(id -u)}
directory=$(mktemp -d)
processes=()
stop() {
  # What asks for a clean end: nobody needs what they would still write.
  for process in "${processes[@]}"; do
    # The shell says nothing of its end then.
    disown "$process" 2> /dev/null || true
    kill -9 "$process" 2> /dev/null || true
    while kill -0 "$process" 2> /dev/null; do sleep 0.05; done
  done
  rm -rf "$directory"
}
trap stop EXIT
python=/usr/bin/python3

# Ports that are free, of which none is given twice.
read -r -a free <<< "$("$python" -c 'import socket; s = [socket.socket() for _ in range(6)]; [one.bind(("127.0.0.1", 0)) for one in s]; print(*(one.getsockname()[1] for one in s))')"

# Starts a server in the background: NAME PORT COMMAND…
ports=()
start() {
  local name=$1
  (cd "$directory" && exec "${@:3}") < /dev/null > "$directory/$name.log" 2>&1 &
  processes+=($!)
  ports+=("$2 $! $name")
}

# Waits until servers listen, half a minute at most each: NAME…
await() {
  local port process name
  for port in "${ports[@]}"; do
    read -r port process name <<< "$port"
    [[ " $* " = *" $name "* ]] || continue
    for _ in $(seq 300); do
      if (exec 3<> "/dev/tcp/127.0.0.1/$port" || exec 3<> "/dev/tcp/$host/$port") 2> /dev/null; then continue 2; fi
      kill -0 "$process" 2> /dev/null || break
      sleep 0.1
    done
    echo "$name does not start:" >&2
    tail -5 "$directory/$name.log" >&2
    return 1
  done
}

azurite() {
  command -v npm > /dev/null || { echo "Azurite comes from npm, which is not installed." >&2; return 1; }
  local programs=$cache/azurite-$azurite_version port=${free[0]}
  if [ ! -x "$programs/node_modules/.bin/azurite-blob" ]; then
    # Beside it first, so that one that was broken off is not taken for whole.
    mkdir -p "$cache"
    local fetched
    fetched=$(mktemp -d "$programs.XXXXXX")
    npm install --prefix "$fetched" --no-save --no-audit --no-fund --silent "azurite@$azurite_version" >&2 || { echo "Azurite cannot be fetched from npm." >&2; rm -rf "$fetched"; return 1; }
    if [ -e "$programs" ]; then rm -rf "$fetched"; else mv -T "$fetched" "$programs"; fi
  fi

  # The client speaks a newer version of the protocol than this server has heard of.
  start azurite "$port" "$programs/node_modules/.bin/azurite-blob" --blobHost "$host" --blobPort "$port" --location "$directory/azurite" --skipApiVersionCheck --disableTelemetry --silent
  # The container's address is made known once it is there.
  blobs=http://$host:$port/devstoreaccount1/tests
}

open_azurite() {
  await azurite || return 1
  # The account of every such server, and its key, which is no secret.
  export AZURE_STORAGE_KEY="Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
  make_container "$blobs" || { echo "Azurite makes no container." >&2; return 1; }
  export EIS_TEST_BLOBS=$blobs
}

# The tests' containers are made here, so that no test needs the right to.
make_container() {
  "$python" - "$1" "$AZURE_STORAGE_KEY" << 'PYTHON'
import base64, email.utils, hashlib, hmac, sys, urllib.request
url, key = sys.argv[1:]
account, container = url.split('/')[-2:]
date = email.utils.formatdate(usegmt=True)
headers = {'x-ms-date': date, 'x-ms-version': '2023-11-03', 'Content-Type': 'text/plain'}
text = 'PUT\n\n\n\n\ntext/plain\n\n\n\n\n\n\nx-ms-date:%s\nx-ms-version:2023-11-03\n/%s/%s/%s\nrestype:container' % (date, account, account, container)
headers['Authorization'] = 'SharedKey %s:%s' % (account, base64.b64encode(hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()).decode())
urllib.request.urlopen(urllib.request.Request(url + '?restype=container', method='PUT', headers=headers, data=b''), timeout=10)
PYTHON
}

swift() {
  if ! "$python" -c 'import swift' 2> /dev/null || ! { command -v memcached > /dev/null || [ -x "$cache/memcached/usr/bin/memcached" ]; }; then
    { [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; } || { echo "OpenStack Swift comes from Debian: apt-get install python3-swift memcached does it." >&2; return 1; }
    # Only what the servers are made of: the packages that would also start them for the machine are not needed. Of memcached there is only one with a service, so its program alone is taken.
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-swift libevent-2.1-7; } > "$directory/apt.log" 2>&1 || { echo "OpenStack Swift cannot be installed:" >&2; tail -3 "$directory/apt.log" >&2; return 1; }
    if ! command -v memcached > /dev/null && [ ! -x "$cache/memcached/usr/bin/memcached" ]; then
      (mkdir -p "$directory/memcached" && cd "$directory/memcached" && apt-get download -qq memcached && dpkg -x memcached_*.deb . && rm memcached_*.deb) > "$directory/apt.log" 2>&1 || { echo "memcached cannot be fetched:" >&2; tail -3 "$directory/apt.log" >&2; return 1; }
      mkdir -p "$cache"
      [ -e "$cache/memcached" ] || mv -T "$directory/memcached" "$cache/memcached"
    fi
  fi

  local memcached name conf=$directory/swift user number=2
  memcached=$(command -v memcached || echo "$cache/memcached/usr/bin/memcached")
  user=$(id -un)
  mkdir -p "$conf" "$directory/devices/one"
  printf '%s\n' '[swift-hash]' 'swift_hash_path_suffix = tests' '[storage-policy:0]' 'name = one' 'default = yes' > "$conf/swift.conf"
  # Each as its program does, but for where the configuration is.
  cat > "$conf/run.py" << 'PYTHON'
import sys
from swift.common import utils
directory, what = sys.argv[1:3]
utils.set_swift_dir(directory)
if what == 'rings':
    from swift.common.ring import RingBuilder
    for ring in sys.argv[3:]:
        name, port = ring.split(':')
        builder = RingBuilder(2, 1, 1)
        builder.add_dev({'id': 0, 'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': int(port), 'device': 'one', 'weight': 1})
        builder.rebalance()
        builder.get_ring().save('%s/%s.ring.gz' % (directory, name))
    sys.exit()
from swift.common.wsgi import run_wsgi
sys.exit(run_wsgi('%s/%s.conf' % (directory, what), what))
PYTHON
  "$python" "$conf/run.py" "$conf" rings "account:${free[2]}" "container:${free[3]}" "object:${free[4]}" > "$directory/rings.log" 2>&1 || { echo "Swift has no rings:" >&2; tail -3 "$directory/rings.log" >&2; return 1; }
  start memcached "${free[1]}" "$memcached" -l 127.0.0.1 -p "${free[1]}" -U 0 -u "$user" -m 64
  printf '%s\n' '[DEFAULT]' 'bind_ip = 127.0.0.1' "user = $user" "swift_dir = $conf" 'workers = 0' "devices = $directory/devices" 'mount_check = false' 'fallocate_reserve = 0' 'disable_fallocate = true' > "$conf/common"
  for name in account container object; do
    { cat "$conf/common"; printf '%s\n' "bind_port = ${free[$number]}" '[pipeline:main]' "pipeline = $name-server" "[app:$name-server]" "use = egg:swift#$name"; } > "$conf/$name-server.conf"
    start "$name" "${free[$number]}" "$python" "$conf/run.py" "$conf" "$name-server"
    number=$((number + 1))
  done

  { sed "s/^bind_ip = .*/bind_ip = $host/" "$conf/common"; printf '%s\n' "bind_port = ${free[5]}" '[pipeline:main]' 'pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth bulk slo dlo proxy-server' \
    '[app:proxy-server]' 'use = egg:swift#proxy' 'account_autocreate = true' 'allow_account_management = true' \
    '[filter:catch_errors]' 'use = egg:swift#catch_errors' '[filter:gatekeeper]' 'use = egg:swift#gatekeeper' '[filter:listing_formats]' 'use = egg:swift#listing_formats' \
    '[filter:cache]' 'use = egg:swift#memcache' "memcache_servers = 127.0.0.1:${free[1]}" '[filter:bulk]' 'use = egg:swift#bulk' '[filter:slo]' 'use = egg:swift#slo' '[filter:dlo]' 'use = egg:swift#dlo' \
    '[filter:s3api]' 'use = egg:swift#s3api' 'location = us-east-1' '[filter:tempauth]' 'use = egg:swift#tempauth' 'user_test_tester = not-for-logs-7c1e .admin'; } > "$conf/proxy-server.conf"
  start proxy "${free[5]}" "$python" "$conf/run.py" "$conf" proxy-server
}

open_swift() {
  await memcached account container object proxy || return 1
  export AWS_ACCESS_KEY_ID=test:tester AWS_SECRET_ACCESS_KEY=not-for-logs-7c1e
  make_bucket "$host:${free[5]}" || { echo "Swift makes no bucket:" >&2; tail -5 "$directory/proxy.log" >&2; return 1; }
  export EIS_TEST_S3="s3://tests?endpoint=http://$host:${free[5]}"
}

make_bucket() {
  "$python" - "$1" << 'PYTHON'
import base64, email.utils, hashlib, hmac, os, sys, urllib.request
date = email.utils.formatdate(usegmt=True)
signature = base64.b64encode(hmac.new(os.environ['AWS_SECRET_ACCESS_KEY'].encode(), ('PUT\n\n\n%s\n/tests' % date).encode(), hashlib.sha1).digest()).decode()
headers = {'Date': date, 'Authorization': 'AWS %s:%s' % (os.environ['AWS_ACCESS_KEY_ID'], signature), 'Content-Type': ''}
urllib.request.urlopen(urllib.request.Request('http://%s/tests' % sys.argv[1], method='PUT', headers=headers, data=b''), timeout=20)
PYTHON
}

# Side by side, since both take seconds.
no_blobs="Nothing is tried on Azure Blob Storage." no_s3="Nothing is tried on S3."
has_azurite=yes has_swift=yes
azurite || { echo "$no_blobs" >&2; has_azurite=; }
swift || { echo "$no_s3" >&2; has_swift=; }
[ -z "$has_azurite" ] || open_azurite || echo "$no_blobs" >&2
[ -z "$has_swift" ] || open_swift || echo "$no_s3" >&2
"$@"
