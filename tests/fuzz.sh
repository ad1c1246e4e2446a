#!/usr/bin/env bash
# Fuzzes a decoder, or all, with changed samples: tests/fuzz.sh --decoder openadr --seconds 60 --seed 1; --list names them. See docs/simulation.md.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
program=tests/GridServices.Fuzzing/bin/Release/net10.0/GridServices.Fuzzing
DOTNET_TieredPGO=0 dotnet build tests/GridServices.Fuzzing -c Release -v q --nologo >&2 || exit 1
exec "$program" "$@"
