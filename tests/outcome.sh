#!/usr/bin/env bash
# Reads what 'dotnet test --output Detailed' prints, shows it without the tests that passed, then the failed tests once more and the skipped ones by reason.
# Writes into the folder $1: passed, failed, skipped (one number each) and skips-refused (the skipped tests whose reason is not allowed, one a line).
set -uo pipefail
out=$1
allowed=$(dirname "$0")/skips-allowed.txt

sed -u 's/\x1b\[[0-9;]*m//g' | awk -v out="$out" '
  # A test is one line at the margin and indented lines below it.
  /^[^ ]/ { if (block == "skipped" && !told) print "no reason given\t" name > (out "/skips"); block = ""; told = 0 }
  /^[^ ]/ { failed = 0 }
  /^failed / { failed = 14 }
  failed > 0 { failed--; print > (out "/failures") }
  /^passed / { block = "passed" }
  /^skipped / { block = "skipped"; name = $2 }
  block == "skipped" && /^  / && !told { told = 1; sub(/^ +/, ""); sub(/\r$/, ""); print $0 "\t" name > (out "/skips"); next }
  block != "" { next }
  $1 == "succeeded:" || $1 == "failed:" || $1 == "skipped:" { total[$1] = $2 }
  { print; fflush() }
  END {
    print total["succeeded:"] + 0 > (out "/passed")
    print total["failed:"] + 0 > (out "/failed")
    print total["skipped:"] + 0 > (out "/skipped")
  }'

# Far above, amid what a failed program logged, nobody finds them.
[ ! -s "$out/failures" ] || { echo "Failed:"; sed 's/^/  /' "$out/failures" | head -n 200; }

: >"$out/skips-refused"
[ -s "$out/skips" ] || exit 0
grep -v -e '^#' -e '^$' "$allowed" | cut -f1 >"$out/allowed"
grep -v -E -f "$out/allowed" "$out/skips" >"$out/skips-refused"
echo "Skipped, by reason:"
cut -f1 "$out/skips" | sort | uniq -c | sort -rn | sed -E 's/^ *([0-9]+) /  \1 × /' >"$out/reasons"
head -n 20 "$out/reasons"
more=$(($(wc -l <"$out/reasons") - 20))
[ "$more" -le 0 ] || echo "  and $more more reasons"
exit 0
