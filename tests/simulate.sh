#!/usr/bin/env bash
# Runs the deterministic simulation of docs/simulation.md: tests/simulate.sh --seeds 100000; tests/simulate.sh --seed S --trace.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
program=tests/GridServices.Simulation/bin/Release/net10.0/GridServices.Simulation
DOTNET_TieredPGO=0 dotnet build tests/GridServices.Simulation -c Release -v q --nologo >&2 || exit 1
exec "$program" "$@"
