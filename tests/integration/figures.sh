#!/usr/bin/env bash
# The comparison that the demonstration ends with finds what it is there to find.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
WVS=$SOURCE/tests/data/wvs
world_begin
cut -d, -f1-7 "$WVS/expected_released.csv" >"$WORLD/good.csv"

compare() { python3 "$HERE/figures.py" compare "$1" "$WVS/expected_released.csv"; }
outsider() { python3 "$HERE/figures.py" outsider "$1" "$WVS/expected_audit.csv"; }
# finds WHAT SCRIPT CHECK WORDS: after this change the check fails and says these words.
finds() {
	local what=$1 script=$2 check=$3 words=$4
	sed -E "$script" "$WORLD/good.csv" >"$WORLD/bad.csv"
	cmp -s "$WORLD/good.csv" "$WORLD/bad.csv" && wrong "$what: the script changes nothing"
	if "$check" "$WORLD/bad.csv" >"$WORLD/logs/found" 2>&1; then wrong "$what: not found"; fi
	grep -q -- "$words" "$WORLD/logs/found" || wrong "$what: found, but not named"
	say "found: $what"
}

quiet compare "$WORLD/good.csv"
quiet outsider "$WORLD/good.csv"
finds "a count that is one off" 's/^(W01,norway,ALL,ALL,1,count),597/\1,598/' compare 598
finds "a share in the ninth digit" 's/^(W01,australia,ALL,ALL,1,proportion,0.50800426)8/\19/' \
	compare proportion
finds "a missing row" '/^W14,usa,male,yes,,sd/d' compare 'missing: W14,usa'
finds "a row too many" '2{p;s/W01/W99/}' compare 'not expected: W99'
finds "a column that says why" '1s/$/,why/' compare 'header'
finds "site by site hiding: 18 shown" 's/^(W11,norway,male,no,3,count),.*/\1,18/' \
	outsider 'sweden male no level 3: can be worked out to within 0'
finds "a share instead of a count" 's/^(W11,norway,male,no,3,proportion),.*/\1,0.044887780549/' \
	outsider 'can be worked out to within 0'
finds "an interval instead of a count" \
	's/^(W11,norway,male,no,3,interval_hi),.*/\1,0.0698329579916/' outsider 'can be worked out to within 0'
finds "a mean that gives counts away" 's/^(W13,sweden,male,no,,mean),.*/\1,1.38933333333/' \
	outsider 'sweden male no level 3: can be worked out to within 0'
finds "more hidden than needed" 's/^(W11,usa,male,no,3,count),.*/\1,[c]/' outsider 'not expected'
