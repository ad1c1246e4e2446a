# Sourced by ./run and ./test: finds what the machine lacks, and installs it where that is possible.

say() { printf '%s\n' "$*"; }
stop() { printf '%s\n' "$*" >&2; exit 1; }

need_sdk() {
  command -v dotnet >/dev/null 2>&1 || stop "The .NET 10 SDK is missing: 'dotnet' is not on the PATH. Install it (https://dotnet.microsoft.com/download/dotnet/10.0) and start again."
  local sdks
  sdks=$(dotnet --list-sdks 2>/dev/null | cut -d' ' -f1)
  case "
$sdks" in *"
10."*) ;; *) stop "The .NET 10 SDK is missing: found only ${sdks:-none}. Install version 10 (https://dotnet.microsoft.com/download/dotnet/10.0) and start again." ;; esac
}

# need_package NAME... : Debian packages, installed when we may; otherwise the command to type is shown.
need_package() {
  local sudo=''
  [ "$(id -u)" = 0 ] || sudo=sudo
  command -v apt-get >/dev/null 2>&1 || stop "Missing: $*. Install it with your system's package tool and start again."
  [ -z "$sudo" ] || sudo -n true 2>/dev/null || stop "Missing: $*. Install it with 'sudo apt-get install $*' and start again."
  say "Installing $* …"
  local log
  log=$(mktemp)
  if ! { $sudo apt-get update && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    stop "Could not install $*: see $log."
  fi
  rm -f "$log"
}

postgres_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

need_postgres() {
  [ -n "$(postgres_bin)" ] || need_package postgresql
}

# start_cluster_postgres FOLDER: a PostgreSQL for the cluster of the run whose data is in FOLDER, kept for its next start. It listens on a socket alone,
# and is not in FOLDER, for PostgreSQL refuses to run as root and others may not look into that: the file cluster-postgres there names its place.
start_cluster_postgres() {
  need_postgres
  mkdir -p -m 700 "$1"
  cluster_pg=$(cat "$1/cluster-postgres" 2>/dev/null || true)
  [ -d "$cluster_pg" ] || { cluster_pg=$(mktemp -d); printf '%s\n' "$cluster_pg" >"$1/cluster-postgres"; }
  cluster_as=()
  if [ "$(id -u)" = 0 ]; then
    cluster_as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chown 65534:65534 "$cluster_pg"
  fi
  say "Starting PostgreSQL for the cluster; its data: $cluster_pg …"
  [ -d "$cluster_pg/data" ] ||
    "${cluster_as[@]}" "$(postgres_bin)/initdb" -D "$cluster_pg/data" -A trust -U grid -E UTF8 --locale=C.UTF-8 >"$cluster_pg/initdb.log" 2>&1 ||
    stop "PostgreSQL could not make its data: $(tail -n 3 "$cluster_pg/initdb.log")"
  "${cluster_as[@]}" "$(postgres_bin)/pg_ctl" -D "$cluster_pg/data" -w -l "$cluster_pg/postgres.log" \
    -o "-c listen_addresses='' -c unix_socket_directories=$cluster_pg -c max_connections=300" start >/dev/null ||
    stop "PostgreSQL did not start: $(tail -n 3 "$cluster_pg/postgres.log")"
  export GRIDSERVICES_CLUSTER_POSTGRES="Host=$cluster_pg;Username=grid;Database=postgres;Maximum Pool Size=20"
}

stop_cluster_postgres() { "${cluster_as[@]}" "$(postgres_bin)/pg_ctl" -D "$cluster_pg/data" -m fast stop >/dev/null 2>&1 || true; }

# The mail server that notifications are tested against; each test runs it by itself, nothing is started here.
need_smtp() {
  [ -x /usr/sbin/exim4 ] || need_package exim4-daemon-light
}

# The broker that instructions over MQTT are tested against; each test runs it by itself, nothing is started here.
need_mosquitto() {
  [ -x /usr/sbin/mosquitto ] || need_package mosquitto
}

# OpenSSL 3.2 and later refuse the cipher suite of IEEE 2030.5 unless told otherwise: the file's folder is $1.
allow_ccm8() {
  local version
  version=$(dpkg-query -W -f '${Version}\n' libssl3t64 libssl3 2>/dev/null | sort -V | tail -n 1)
  if [ -n "$version" ] && dpkg --compare-versions "$version" ge 3.2; then
    export OPENSSL_CONF=$1/openssl-ccm8.cnf
  fi
}

need_node() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || need_package nodejs npm
}

# What the client in Python runs on, and the generator of the clients' models.
need_python() {
  command -v python3 >/dev/null 2>&1 || need_package python3
}

# Another program's word on our XML signatures.
need_xmlsec() {
  [ -x /usr/bin/xmlsec1 ] || need_package xmlsec1
}

# The browser that the console's tests drive.
need_chromium() {
  [ -x /usr/bin/chromium ] || need_package chromium
}

# What judges the units of deploy/systemd, and runs them where namespaces may be had; nothing of the machine's is started.
need_systemd() {
  [ -x /usr/bin/systemd-analyze ] || need_package systemd
  command -v sqlite3 >/dev/null 2>&1 || need_package sqlite3
}

# Judges the alert rules. Its package is unpacked beside the build, for installing it would start a server.
need_promtool() {
  command -v promtool >/dev/null 2>&1 && return
  local folder=$PWD/artifacts/promtool
  if [ ! -x "$folder/usr/bin/promtool" ]; then
    mkdir -p "$folder"
    (cd "$folder" && apt-get download prometheus && dpkg-deb -x prometheus_*.deb . && rm -f prometheus_*.deb) >/dev/null 2>&1 || { need_package prometheus; return; }
  fi
  export PATH=$folder/usr/bin:$PATH
}
