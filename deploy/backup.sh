#!/usr/bin/env bash
# Copies the stores while the services run, and puts a copy back. docs/operations.md says what happens then.
set -euo pipefail

usage() {
  cat <<'TXT'
Usage: backup.sh back-up --to DIR [--keys DIR] [--root DIR]
       backup.sh restore SERVICE --from DIR [--root DIR]

back-up  copies every store that is in a file, by SQLite's own online copy; services go on meanwhile. Stores in PostgreSQL are named: they are
         copied with pg_dump. --keys DIR also copies operations.keys and the certificates, which belong somewhere else than the stores.
restore  stops the service, moves its store aside (it is kept), puts the copy in place and starts the service.
         The hub's marker (envelope-hub.history) stays as it is: it is how the hub notices.
TXT
}
say() { printf '%s\n' "$*"; }
stop() { printf '%s\n' "$*" >&2; exit 1; }

command=${1:-}
[ $# = 0 ] || shift
service='' to='' from='' keys='' root=''
if [ "$command" = restore ] && [ $# -gt 0 ] && [[ "$1" != --* ]]; then service=$1; shift; fi
while [ $# -gt 0 ]; do
  case "$1" in --to|--from|--keys|--root) [ $# -gt 1 ] || stop "$1 takes a folder." ;; *) stop "There is no option $1; backup.sh --help lists them." ;; esac
  case "$1" in --to) to=$2 ;; --from) from=$2 ;; --keys) keys=$2 ;; --root) root=${2%/} ;; esac
  shift 2
done
state=$root/var/lib/gridservices
command -v sqlite3 >/dev/null 2>&1 || stop "sqlite3 is missing: apt-get install sqlite3."

back_up() {
  [ -n "$to" ] || stop "back-up takes --to DIR."
  [ ! -e "$to" ] || stop "$to is there already; each copy needs a folder of its own."
  umask 077
  mkdir -p "$to"
  local store name
  for store in "$state"/*/*.db; do
    [ -f "$store" ] || continue
    name=$(basename "$store" .db)
    sqlite3 "$store" ".timeout 60000" ".backup '$to/$name.db'"
    [ "$(sqlite3 "$to/$name.db" 'PRAGMA integrity_check')" = ok ] || stop "The copy of $name is damaged; look at the disk."
    say "$name: $(stat -c %s "$to/$name.db") bytes"
  done
  if [ -d "$state/frequency-response/evidence" ]; then cp -r "$state/frequency-response/evidence" "$to/evidence"; fi
  if [ -n "$keys" ]; then
    mkdir -p "$keys"
    if [ -f "$state/operations/operations.keys" ]; then cp -p "$state/operations/operations.keys" "$keys/"; fi
    if [ -d "$state/certificates" ]; then cp -rp "$state/certificates" "$keys/"; fi
  elif [ -f "$state/operations/operations.keys" ]; then
    say "The keys of operations and the certificates were not copied: name a folder for them with --keys. Without its keys the store of operations can't be read."
  fi
  local settings
  for settings in "$root"/etc/gridservices/*.json; do
    if grep -q '"PostgreSql"' "$settings" 2>/dev/null; then say "$(basename "$settings" .json) stores in PostgreSQL: copy its schema with pg_dump."; fi
  done
}

restore() {
  [ -n "$service" ] && [ -n "$from" ] || stop "restore takes the service and --from DIR."
  [ -f "$from/$service.db" ] || stop "$from holds no copy of $service ($service.db)."
  [ -d "$state/$service" ] || stop "$service has no store under $state."
  [ "$(sqlite3 "$from/$service.db" 'PRAGMA integrity_check')" = ok ] || stop "The copy $from/$service.db is damaged; nothing was changed."
  [ -n "$root" ] || systemctl stop "gridservices-$service.service"
  local aside part
  aside=$state/$service/replaced-$(date -u +%Y%m%dT%H%M%SZ)
  mkdir -p "$aside"
  chmod 700 "$aside"
  # All three: a left-over -wal belongs to the other file.
  for part in db db-wal db-shm; do
    if [ -e "$state/$service/$service.$part" ]; then mv "$state/$service/$service.$part" "$aside/"; fi
  done
  cp "$from/$service.db" "$state/$service/$service.db"
  chmod 600 "$state/$service/$service.db"
  if [ "$(id -u)" = 0 ]; then chown --reference="$state/$service" "$state/$service/$service.db" "$aside"; fi
  say "The copy is in place; what it replaced is in $aside."
  [ -n "$root" ] || systemctl start "gridservices-$service.service"
}

case "$command" in
  back-up) back_up ;;
  restore) restore ;;
  ''|-h|--help) usage ;;
  *) stop "There is no command $command; backup.sh --help lists them." ;;
esac
