#!/usr/bin/env bash
# Makes what compose.yml and the Kubernetes manifests refer to: settings of each service with its secrets, tokens, the database's password.
set -euo pipefail
folder=${1:-$(cd "$(dirname "$0")" && pwd)/secrets}
[ ! -e "$folder" ] || { printf '%s\n' "$folder is there already; nothing was changed." >&2; exit 1; }
umask 077
mkdir -p "$folder"
secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
entry() { printf '  { "id": "%s", "sha256": "%s", "tenant": "default", "role": "%s" }' "$1" "$(printf %s "$2" | sha256sum | cut -d' ' -f1)" "$1"; }
password=$(secret) publisher=$(secret) operator=$(secret) viewer=$(secret)
printf %s "$password" >"$folder/postgres-password"
printf %s "$operator" >"$folder/operator.token"
printf %s "$viewer" >"$folder/viewer.token"
printf '{ "tokens": [\n%s,\n%s,\n%s\n] }\n' "$(entry publisher "$publisher")" "$(entry operator "$operator")" "$(entry viewer "$viewer")" >"$folder/tokens.json"
store="\"Storage\": { \"PostgreSql\": \"Host=postgres;Username=gridservices;Password=$password;Database=gridservices\" }"
hub="\"Hub\": { \"Token\": \"$publisher\" }"
other() { printf '"%s": { "Url": "http://%s:%s", "Token": "%s" }' "$1" "$2" "$3" "$operator"; }
printf '{ %s }\n' "$store" >"$folder/envelope-hub.json"
printf '{ %s, %s, "Tariffs": { "Token": "%s" } }\n' "$store" "$hub" "$publisher" >"$folder/openadr.json"
for name in ieee2030-5 tariffs frequency-response; do printf '{ %s, %s }\n' "$store" "$hub" >"$folder/$name.json"; done
printf '{ %s, %s, "Services": { %s, %s, %s, %s, %s } }\n' "$store" "$hub" "$(other EnvelopeHub envelope-hub 5100)" "$(other OpenAdr openadr 5110)" \
  "$(other Ieee2030Dot5 ieee2030-5 5120)" "$(other Tariffs tariffs 5130)" "$(other FrequencyResponse frequency-response 5140)" >"$folder/operations.json"
# The services' account in the images (1654) reads them.
if [ "$(id -u)" = 0 ]; then chown -R 1654:1654 "$folder"; fi
printf '%s\n' "Secrets are in $folder; keep it out of version control."
