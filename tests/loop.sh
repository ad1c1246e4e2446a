#!/usr/bin/env bash
# Runs the built test programs again and again, to find the test whose outcome is a matter of luck.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

usage() {
  cat <<TXT
Usage: tests/loop.sh [--build] [--runs N] [--busy N] [--beside N] [--configuration NAME] [--only PATTERN] [options for the test programs]

Runs every built test program N times (default 10) with N endless loops beside them (default 0) and --beside programs at once
(default 5, as ./test does), prints one line a run and stops at the first run that fails; its logs stay in artifacts/test-loop/.
PostgreSQL is used where GRIDSERVICES_TEST_POSTGRES is set.
Examples:
  tests/loop.sh --build                                        build first, then ten full runs
  tests/loop.sh --runs 2 --busy 4                              two more on a machine that is busy
  tests/loop.sh --runs 20 --only Hosting -class '*RelayTests'  one class, twenty times
TXT
}

runs=10 busy=0 beside=5 only='' configuration=Release build=0
while [ $# -gt 0 ]; do
  case "$1" in
    -h|--help) usage; exit 0 ;;
    --build) build=1; shift ;;
    --runs) runs=$2; shift 2 ;;
    --busy) busy=$2; shift 2 ;;
    --beside) beside=$2; shift 2 ;;
    --only) only=$2; shift 2 ;;
    --configuration) configuration=$2; shift 2 ;;
    *) break ;;
  esac
done
case "$runs$busy$beside" in *[!0-9]*) usage >&2; exit 2 ;; esac

loops=()
stop_loops() {
  for pid in "${loops[@]}"; do kill "$pid" 2>/dev/null; done
}
trap stop_loops EXIT
trap 'exit 130' INT TERM

# As in ./test, for the compiler and the test programs alike.
export DOTNET_TieredPGO=0 DOTNET_TC_CallCountThreshold=3E8
if [ "$build" = 1 ]; then
  dotnet build GridServices.sln -c "$configuration" -v q --nologo || exit 1
fi
. deploy/setup.sh
need_promtool
allow_ccm8 "$PWD/services/Ieee2030Dot5/GridServices.Ieee2030Dot5.Service"
programs=()
for project in tests/GridServices.EndToEnd.Tests tests/*.Service.Tests tests/*.Tests; do
  name=$(basename "$project")
  program="$project/bin/$configuration/net10.0/$name.dll"
  case "$name" in *"$only"*) ;; *) continue ;; esac
  case " ${programs[*]-} " in *"/$name.dll "*) continue ;; esac
  [ -f "$program" ] || { echo "$program is not built: add --build." >&2; exit 1; }
  programs+=("$program")
done
[ ${#programs[@]} -gt 0 ] || { echo "No test program is called *$only*." >&2; exit 1; }

for ((i = 0; i < busy; i++)); do
  (while :; do :; done) &
  loops+=($!)
done

logs=artifacts/test-loop
rm -rf "$logs"
mkdir -p "$logs"

# As ./test does it: some programs side by side, the slowest first.
run_all() {
  local program
  for program in "${programs[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge $((busy + beside)) ]; do wait -n; done
    run_one "$program" "$@" &
  done
  while [ "$(jobs -rp | wc -l)" -gt "$busy" ]; do wait -n; done
}

run_one() {
  local name
  name=$(basename "$1" .dll)
  dotnet exec "$1" -noColor "${@:2}" >"$logs/$name.log" 2>&1
  echo $? >"$logs/$name.code"
}

for ((run = 1; run <= runs; run++)); do
  started=$SECONDS
  run_all "$@"
  failed=$(grep -Lx 0 "$logs"/*.code | xargs -rn1 basename | sed 's/\.code$//' | paste -sd ' ')
  if [ -n "$failed" ]; then
    echo "run $run of $runs: failed in $failed after $((SECONDS - started)) s; logs: $logs/"
    grep -hF '[FAIL]' "$logs"/*.log
    exit 1
  fi
  passed=$(grep -ho 'Total: [0-9]*' "$logs"/*.log | awk '{ n += $2 } END { print n + 0 }')
  [ "$passed" -gt 0 ] || { echo "run $run of $runs: no test ran; do the options name one?" >&2; exit 1; }
  echo "run $run of $runs: $passed tests, none failed, $((SECONDS - started)) s, load $(cut -d' ' -f1 /proc/loadavg)"
done
