#!/usr/bin/env bash
# A record that a site holds past the destruction of the intake number that it is sealed for, 61 days after a
# newer one was told: it is refused by name, status says who can help, and the desk, which holds the key too,
# wraps it again when it is opened. Accepted it opens at the study and counts in a release.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/held.sh
. "$HERE/held.sh"
SITE=sweden
ROWS=46
AFTER=15 # of the first answer; with one that does not open 16, or a base of 45
DAYS=61

leaves() { "$BIN/weir-audit" list --json "$HUB/log" --action act-received 2>/dev/null | grep -c "$1"; }
has_leaf() { [ "$(leaves "$1")" -ge 1 ]; }

world_begin
study_begin $SITE
site $SITE
hold_one "$ROWS"
keeper_unlock
quiet as officer keys renew --reason "example: a laptop was lost"
wait_for 45 "a new intake number" key_is intake newest 2
publish
wait_for 10 "the number in the manifest" key_is intake told 2
wait_for 20 "the word of the site" waits_for "for $SITE .*holds 1 records"
quiet hub_keyed backup "$WORLD/backup"

# Nobody looked at it for sixty days.
stop node-$SITE
quiet hub keeper lock
stop hub
WEIR_CLOCK_OFFSET_S=$((DAYS * 86400))
export WEIR_CLOCK_OFFSET_S
hub_start
keeper_unlock
wait_for 45 "the number of the month" key_is intake newest 3
for ((i = 0; i < 4; i++)); do
	quiet hub_keyed backup "$WORLD/later-$i"
	sleep 6
	key_is intake oldest 1 || break
done
key_is intake oldest 2 || wrong "the old number is not destroyed: $(hub status | grep -A3 '^keys')"
publish
node_start $SITE
wait_for 20 "what status says" says 'sealed for a key of the study that is destroyed'
says '"command":"weir-node desk unlock"' || wrong "status names no way out"
refused 1 'weir-node desk unlock' node $SITE held accept "$HELD"
quiet node $SITE desk unlock --passphrase-fd 3 3< <(pass "coordinator of $SITE")
if says 'sealed for a key of the study that is destroyed'; then wrong "it is not wrapped again"; fi
quiet node $SITE held accept "$HELD"
wait_for "$SYNC_S" "the receipt of what was held" at_hub $SITE "$((ROWS + 1))"
wait_for 40 "the act in the log" has_leaf key-wrapped-again
opened_in "$WORLD/after.csv" "$ROWS" "$AFTER"
say "held for $DAYS days, wrapped again at the desk, accepted, opened"
