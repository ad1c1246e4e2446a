#!/usr/bin/env bash
# Installs GridServices under systemd, upgrades it and takes an upgrade back. See deploy/install.sh --help.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

all='envelope-hub openadr ieee2030-5 tariffs frequency-response operations adapters'
declare -A title=([envelope-hub]=EnvelopeHub [openadr]=OpenAdr [ieee2030-5]=Ieee2030Dot5 [tariffs]=Tariffs
  [frequency-response]=FrequencyResponse [operations]=Operations [adapters]=Adapters)
declare -A port=([envelope-hub]=5100 [openadr]=5110 [ieee2030-5]=5120 [tariffs]=5130 [frequency-response]=5140 [operations]=5150)

usage() {
  cat <<'TXT'
Usage: install.sh build    --to DIR [--version V]          a release folder from this checkout (needs the SDK)
       install.sh install  [--from DIR] [--root DIR] [--services "LIST"] [--no-start]
       install.sh upgrade  [--from DIR] [--root DIR] [--keys DIR] [--no-backup]
       install.sh rollback [--root DIR]                    back to the version before the last upgrade
       install.sh status   [--root DIR]

  /opt/gridservices/releases/VERSION   programs; /opt/gridservices/current is a link to the version that runs
  /etc/gridservices/SERVICE.json       settings of a service, root's, with its secrets; made once, never overwritten
  /etc/gridservices/tokens.json        hashes of tokens
  /var/lib/gridservices/SERVICE        its store
  /var/backups/gridservices            copies of the stores, made before each upgrade

--root DIR puts all of it under DIR and starts nothing: to look at it, or to prepare an image. An account is only made as root.
--services: which of envelope-hub openadr ieee2030-5 tariffs frequency-response operations adapters; all but adapters unless named.
An upgrade after which a service does not come up is taken back by itself.
TXT
}
say() { printf '%s\n' "$*"; }
stop() { printf '%s\n' "$*" >&2; exit 1; }

command=${1:-}
[ $# = 0 ] || shift
from='' to='' version='' root='' services='' start=1 backup=1 keys=''
while [ $# -gt 0 ]; do
  case "$1" in
    --no-start) start=0; shift; continue ;;
    --no-backup) backup=0; shift; continue ;;
    --from|--to|--version|--root|--services|--keys) [ $# -gt 1 ] || stop "$1 takes a value; install.sh --help says which." ;;
    *) stop "There is no option $1; install.sh --help lists them." ;;
  esac
  case "$1" in
    --from) from=$2 ;; --to) to=$2 ;; --version) version=$2 ;; --root) root=${2%/} ;; --services) services=$2 ;; --keys) keys=$2 ;;
  esac
  shift 2
done

opt=$root/opt/gridservices etc=$root/etc/gridservices units=$root/etc/systemd/system state=$root/var/lib/gridservices
live() { [ -z "$root" ]; }
am_root() { [ "$(id -u)" = 0 ]; }
current() { basename "$(readlink "$opt/current")"; }

installed_services() {
  local name
  for name in $all; do [ ! -f "$units/gridservices-$name.service" ] || printf '%s ' "$name"; done
}

build_release() {
  [ -n "$to" ] || stop "build takes --to DIR: where the release goes."
  [ -f "$here/../GridServices.sln" ] || stop "build runs from a checkout."
  [ ! -e "$to/VERSION" ] || stop "$to holds a release already; name another folder."
  [ -n "$version" ] || version=$(date -u +%Y%m%d.%H%M%S)
  local name
  for name in $all; do
    say "Publishing $name …"
    dotnet publish "$here/../services/${title[$name]}/GridServices.${title[$name]}.Service" -c Release -o "$to/$name" --nologo -v q
  done
  mkdir -p "$to/deploy" "$to/docs"
  cp -r "$here/install.sh" "$here/backup.sh" "$here/systemd" "$here/monitoring" "$to/deploy/"
  cp "$here/../docs/operations.md" "$here/../docs/troubleshooting.md" "$to/docs/"
  printf '%s\n' "$version" >"$to/VERSION"
  say "Release $version is in $to. Take the folder to the machine and run $to/deploy/install.sh install there."
}

find_release() {
  [ -n "$from" ] || from=$(dirname "$here")
  [ -f "$from/VERSION" ] || stop "$from is no release folder (it has no VERSION); make one with install.sh build --to DIR, and name it with --from."
  version=$(cat "$from/VERSION")
  [[ "$version" =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || stop "The version '$version' in $from/VERSION can't be the name of a folder."
}

# The release in full, or not at all: the folder appears under its name once everything is in it.
put_release() {
  [ ! -e "$opt/releases/$version" ] || stop "Version $version is installed already (in $opt/releases/$version)."
  mkdir -p "$opt/releases"
  local draft=$opt/releases/.draft
  rm -rf "$draft"
  cp -r "$from" "$draft"
  chmod -R u=rwX,go=rX "$draft"
  ! am_root || chown -R 0:0 "$draft"
  mv "$draft" "$opt/releases/$version"
}

# In one step: there is no moment without a version.
point_to() {
  ln -sfn "releases/$1" "$opt/current.next"
  mv -T "$opt/current.next" "$opt/current"
}

make_account() {
  mkdir -p "$root/usr/lib/sysusers.d"
  printf 'u gridservices - "GridServices" /var/lib/gridservices\n' >"$root/usr/lib/sysusers.d/gridservices.conf"
  if ! am_root; then say "Not root: the account gridservices was not made."; return; fi
  if live; then systemd-sysusers gridservices.conf
  else mkdir -p "$root/etc"; systemd-sysusers --root="$root" gridservices.conf 2>/dev/null || say "The account is made at the first start of the image (systemd-sysusers)."; fi
}

# mode, then root and the services' group where there is one.
close_file() {
  chmod "$1" "$2"
  if am_root; then chown "0:$(account_group)" "$2"; fi
}
account_group() { awk -F: '$1 == "gridservices" { print $3; found = 1 } END { if (!found) print 0 }' "$root/etc/group" 2>/dev/null || echo 0; }
account_user() { awk -F: '$1 == "gridservices" { print $3; found = 1 } END { if (!found) print 0 }' "$root/etc/passwd" 2>/dev/null || echo 0; }

new_token() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
token_entry() { printf '    { "id": "%s", "sha256": "%s", "tenant": "default", "role": "%s" }' "$1" "$(printf %s "$2" | sha256sum | cut -d' ' -f1)" "$1"; }

# The first settings: everything on this machine, tokens made here and known here only.
make_settings() {
  mkdir -p "$etc"
  chmod 755 "$etc"
  local publisher operator name file
  if [ ! -f "$etc/tokens.json" ]; then
    publisher=$(new_token) operator=$(new_token)
    (umask 077
      printf '{ "tokens": [\n%s,\n%s\n] }\n' "$(token_entry publisher "$publisher")" "$(token_entry operator "$operator")" >"$etc/tokens.json"
      printf '%s\n' "$publisher" >"$etc/publisher.token"
      printf '%s\n' "$operator" >"$etc/operator.token")
    close_file 640 "$etc/tokens.json"
    close_file 600 "$etc/publisher.token"
    close_file 600 "$etc/operator.token"
  fi
  publisher=$(cat "$etc/publisher.token" 2>/dev/null || true) operator=$(cat "$etc/operator.token" 2>/dev/null || true)
  for name in $1; do
    file=$etc/$name.json
    [ ! -f "$file" ] || continue
    (umask 077; settings_of "$name" "$publisher" "$operator" >"$file")
    close_file 600 "$file"
  done
}

settings_of() {
  local name=$1 publisher=$2 operator=$3
  if [ "$name" = adapters ]; then printf '{\n  "Adapters": {}\n}\n'; return; fi
  printf '{\n  "Urls": "http://127.0.0.1:%s",\n  "Storage": { "Path": "/var/lib/gridservices/%s" },\n' "${port[$name]}" "$name"
  case "$name" in
    openadr|ieee2030-5|operations) printf '  "Certificates": { "Folder": "/var/lib/gridservices/certificates" },\n' ;;
  esac
  if [ "$name" = operations ]; then
    printf '  "Controllers": { "TokensFile": "/var/lib/gridservices/controllers/tokens.json" },\n  "Services": {\n'
    local other comma=
    for other in envelope-hub openadr ieee2030-5 tariffs frequency-response; do
      printf '%s    "%s": { "Url": "http://127.0.0.1:%s", "Token": "%s" }' "$comma" "${title[$other]}" "${port[$other]}" "$operator"
      comma=$',\n'
    done
    printf '\n  },\n'
  fi
  [ "$name" = envelope-hub ] || printf '  "Hub": { "Url": "http://127.0.0.1:5100", "Token": "%s" },\n' "$publisher"
  [ "$name" != openadr ] || printf '  "Tariffs": { "Url": "http://127.0.0.1:5130", "Token": "%s" },\n' "$publisher"
  printf '  "Auth": { "TokensFile": "/etc/gridservices/tokens.json"%s }\n}\n' "$([ "$name" = envelope-hub ] && printf ', "ControllerTokensFile": "/var/lib/gridservices/controllers/tokens.json"')"
}

# OpenSSL 3.2 and later refuse the cipher suite of IEEE 2030.5; what older ones need not be told is not told them.
needs_ccm8() {
  local found
  found=$(openssl version 2>/dev/null | cut -d' ' -f2)
  [ -n "$found" ] && [ "$(printf '%s\n3.2\n' "$found" | sort -V | head -n 1)" = 3.2 ]
}

put_units() {
  local source=$opt/releases/$version/deploy/systemd name
  mkdir -p "$units/gridservices-.service.d"
  install -m 644 "$source/gridservices.target" "$units/"
  install -m 644 "$source"/gridservices-.service.d/*.conf "$units/gridservices-.service.d/"
  for name in $1; do
    install -m 644 "$source/gridservices-$name.service" "$units/"
    [ ! -d "$source/gridservices-$name.service.d" ] || {
      mkdir -p "$units/gridservices-$name.service.d"
      install -m 644 "$source/gridservices-$name.service.d"/*.conf "$units/gridservices-$name.service.d/"
    }
  done
  needs_ccm8 || rm -f "$units/gridservices-ieee2030-5.service.d/30-openssl-ccm8.conf"
}

make_state() {
  local name
  mkdir -p "$state"
  chmod 755 "$state"
  for name in certificates controllers; do
    mkdir -p "$state/$name"
    chmod 700 "$state/$name"
    ! am_root || chown "$(account_user):$(account_group)" "$state/$name"
  done
}

install_all() {
  find_release
  [ ! -e "$opt/current" ] || stop "Version $(current) is installed already; use upgrade."
  ! live || am_root || stop "install needs root, or --root DIR to look at what it would do."
  ! live || [ -x /usr/bin/dotnet ] || stop "The ASP.NET Core 10 runtime is missing: /usr/bin/dotnet does not exist (https://learn.microsoft.com/dotnet/core/install/linux-debian)."
  local name chosen=${services:-${all% adapters}}
  for name in $chosen; do [ -n "${title[$name]:-}" ] || stop "There is no service '$name'; install.sh --help lists them."; done
  put_release
  make_account
  make_settings "$chosen"
  make_state
  put_units "$chosen"
  point_to "$version"
  # shellcheck disable=SC2086
  systemctl ${root:+--root="$root"} enable --quiet gridservices.target $(printf 'gridservices-%s.service ' $chosen)
  say "Version $version is installed. The operator's token is in /etc/gridservices/operator.token."
  if live; then
    systemctl daemon-reload
    [ "$start" = 1 ] || { say "Nothing was started: edit /etc/gridservices/*.json, then: systemctl start gridservices.target"; return; }
    start_each "$chosen" || stop "Not everything came up: journalctl -u 'gridservices-*' says why."
  fi
}

# The hub first: it takes what newer publishers say, and older publishers it takes always. Each is up before the next one goes down.
start_each() {
  local name
  for name in $1; do
    say "Starting $name …"
    systemctl restart "gridservices-$name.service" || { say "gridservices-$name did not come up."; return 1; }
  done
  systemctl start gridservices.target
}

upgrade() {
  find_release
  [ -L "$opt/current" ] || stop "Nothing is installed under ${root:-/}; use install."
  ! live || am_root || stop "upgrade needs root."
  local before chosen
  before=$(current) chosen=$(installed_services)
  [ "$before" != "$version" ] || stop "Version $version is what runs already."
  put_release
  if live && [ "$backup" = 1 ]; then
    "$here/backup.sh" back-up --to "$root/var/backups/gridservices/before-$version" ${keys:+--keys "$keys"}
  fi
  put_units "$chosen"
  point_to "$version"
  if live; then
    systemctl daemon-reload
    start_each "$chosen" || take_back "$before" "$chosen"
  fi
  printf '%s\n' "$before" >"$opt/previous"
  say "Version $version is in place of $before."
}

# What the upgrade replaced comes back, and the release that failed goes, so that it can be tried again.
take_back() {
  local failed=$version
  say "Version $failed does not come up; going back to $1."
  go_back "$1" "$2"
  rm -rf "${opt:?}/releases/$failed"
  exit 1
}

go_back() {
  version=$1
  put_units "$2"
  point_to "$version"
  live || return 0
  systemctl daemon-reload
  if start_each "$2"; then
    say "Version $version runs again."
  else
    stop "Version $version does not come up either. Where its log says that a store is of a newer version, restore the copy that was made before the upgrade: docs/operations.md, \"Upgrade and roll back\"."
  fi
}

rollback() {
  [ -f "$opt/previous" ] || stop "There is no version before this one."
  ! live || am_root || stop "rollback needs root."
  local target now
  target=$(cat "$opt/previous") now=$(current)
  [ -d "$opt/releases/$target" ] || stop "Version $target is no longer in $opt/releases."
  [ "$target" != "$now" ] || stop "Version $target runs already."
  go_back "$target" "$(installed_services)"
  rm -f "$opt/previous"
  say "Version $target is in place of $now."
}

status() {
  [ -L "$opt/current" ] || { say "Nothing is installed under ${root:-/}."; return; }
  say "version $(current)"
  say "installed: $(ls "$opt/releases" | tr '\n' ' ')"
  say "services: $(installed_services)"
}

case "$command" in
  build) build_release ;;
  install) install_all ;;
  upgrade) upgrade ;;
  rollback) rollback ;;
  status) status ;;
  ''|-h|--help) usage ;;
  *) stop "There is no command $command; install.sh --help lists them." ;;
esac
