#!/usr/bin/env bash
# Runs the fault tests of docs/faults.md, fault by fault, and prints what each cost.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

usage() {
  cat <<TXT
Usage: tests/faults.sh [--long] [--only F07] [--build] [--configuration NAME]

Runs the tests that docs/faults.md names, fault by fault: one line each, with the figures that the tests tell. Exit code 1 where one failed.
--long   real spans and many repetitions: about an hour in all
--only   one fault; may be given again
--build  build the test programs that are needed first
PostgreSQL is used where GRIDSERVICES_TEST_POSTGRES is set; F09 and F10 start one of their own.
TXT
}

only=() build=0 configuration=Release
while [ $# -gt 0 ]; do
  case "$1" in
    -h|--help) usage; exit 0 ;;
    --long) export GRIDSERVICES_FAULTS=long; shift ;;
    --only) [ $# -gt 1 ] || { usage >&2; exit 2; }; only+=("$2"); shift 2 ;;
    --build) build=1; shift ;;
    --configuration) [ $# -gt 1 ] || { usage >&2; exit 2; }; configuration=$2; shift 2 ;;
    *) usage >&2; exit 2 ;;
  esac
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
export DOTNET_TieredPGO=0 GRIDSERVICES_FAULTS_REPORT=$scratch/report
: >"$GRIDSERVICES_FAULTS_REPORT"

# fault<TAB>test, one line for each test that a row names
grep -E '^\| F[0-9]{2} \|' docs/faults.md | awk -F'|' '{ gsub(/ /, "", $2); n = split($(NF - 1), part, "`"); for (i = 2; i <= n; i += 2) if (part[i] ~ /^[A-Z][A-Za-z0-9_]*\.[A-Z][A-Za-z0-9_]*$/) print $2 "\t" part[i] }' >"$scratch/tests"
for fault in "${only[@]}"; do grep -q "^$fault	" "$scratch/tests" || { echo "docs/faults.md names no test for $fault." >&2; exit 2; }; done

project_of() { # Class.Method: the projects of which a file of that class has that method
  grep -rlE "public (async )?(Task|void|ValueTask) ${1#*.}\(" tests --include="${1%%.*}.cs" --include="${1%%.*}.*.cs" | grep -v /obj/ | cut -d/ -f2 | sort -u
}

failed=0
for fault in $(cut -f1 "$scratch/tests" | uniq); do
  [ ${#only[@]} = 0 ] || [[ " ${only[*]} " == *" $fault "* ]] || continue
  verdict=passed count=0 began=$SECONDS
  : >"$GRIDSERVICES_FAULTS_REPORT"
  while read -r test; do
    for project in $(project_of "$test"); do
      program=tests/$project/bin/$configuration/net10.0/$project
      if [ "$build" = 1 ] && [ ! -e "$scratch/$project" ]; then
        dotnet build "tests/$project" -c "$configuration" -v q --nologo >"$scratch/build" 2>&1 || { cat "$scratch/build" >&2; exit 1; }
        : >"$scratch/$project"
      fi
      [ -x "$program" ] || { echo "$program is not built: add --build." >&2; exit 1; }
      if ! "$program" -noColor -method "*.${test%%.*}.${test#*.}" </dev/null >"$scratch/log" 2>&1; then
        verdict=FAILED failed=1
        grep -A 12 -F '[FAIL]' "$scratch/log" >&2
      fi
      ran=$(sed -n 's/.*Total: \([0-9]*\).*/\1/p' "$scratch/log" | tail -n 1)
      [ "${ran:-0}" -gt 0 ] || { echo "$test did not run:" >&2; tail -n 5 "$scratch/log" >&2; verdict=FAILED failed=1; }
      count=$((count + ${ran:-0}))
    done
  done < <(grep "^$fault	" "$scratch/tests" | cut -f2)
  printf '%s %s (%s tests, %s s) %s\n' "$fault" "$verdict" "$count" "$((SECONDS - began))" "$(sed -n "s/^$fault //p" "$GRIDSERVICES_FAULTS_REPORT" | paste -sd ';')"
done
[ "$failed" = 0 ]
