#!/usr/bin/env bash
# Writes a bill of materials (CycloneDX 1.6, JSON) of every program of this repository from its lock file: deploy/sbom.sh [FOLDER]
cd "$(dirname "$0")/.." || exit 1
. deploy/setup.sh
need_node
exec node deploy/sbom.mjs "${1:-artifacts/sbom}"
