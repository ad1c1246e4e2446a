#!/usr/bin/env bash
# Writes a bill of materials (CycloneDX 1.6, JSON) of every program of this repository from its lock file: deploy/sbom.sh [FOLDER]
case "${1:-}" in
  -h|--help) echo "Usage: deploy/sbom.sh [FOLDER]   (artifacts/sbom where none is named)"; exit 0 ;;
  -*) echo "There is no option $1; deploy/sbom.sh takes one folder." >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.." || exit 1
. deploy/setup.sh
need_node
exec node deploy/sbom.mjs "${1:-artifacts/sbom}"
