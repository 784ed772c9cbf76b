#!/usr/bin/env bash
# A record that a site holds past the destruction of the intake number that it is sealed for, 61 days after a
# newer one was told: it is refused by name, status says who can help, and the desk, which holds the key too,
# wraps it again when it is opened. Accepted it opens at the study and counts in a release. Another site was away
# all that time with a record that it had not sent: it opens nowhere when it comes, and counts when the desk was opened.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/held.sh
. "$HERE/held.sh"
SITE=sweden
AWAY=norway
ROWS=46
AWAY_ROWS=24
AFTER=15 # of the first answer; with one that does not open 16, or a base of 45
DAYS=61

leaves() { "$BIN/weir-audit" list --json "$HUB/log" --action act-received 2>/dev/null | grep -c "$1"; }
has_leaf() { [ "$(leaves "$1")" -ge 1 ]; }

world_begin
study_begin $SITE $AWAY
site $SITE
site $AWAY
hold_one "$ROWS"
wait_for 30 "the study at the other site" knows_study $AWAY
python3 "$HERE/look.py" rows "$(code_letter $AWAY)" "$((AWAY_ROWS + 1))" >"$WORLD/away.csv"
head -n "$((AWAY_ROWS + 1))" "$WORLD/away.csv" >"$WORLD/rows-$AWAY.csv"
quiet load $AWAY "$WORLD/rows-$AWAY.csv"
wait_for "$SYNC_S" "the receipts of the other site" at_hub $AWAY "$AWAY_ROWS"
stop hub
quiet load $AWAY "$WORLD/away.csv"
stop node-$AWAY
hub_start
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
node_start $AWAY
wait_for "$SYNC_S" "what the other site had not sent" at_hub $AWAY "$((AWAY_ROWS + 1))"
other_says() { node $AWAY status --json | grep -q 'came to the hub when the key of the study'; }
wait_for 20 "what the other status says" other_says
quiet node $AWAY desk unlock --passphrase-fd 3 3< <(pass "coordinator of $AWAY")
if other_says; then wrong "the other's key is not wrapped again"; fi
all_sent() { node $AWAY status --json | python3 "$HERE/look.py" at-hub "9+"; }
wait_for "$SYNC_S" "the key of the other site" all_sent
opened_in "$WORLD/after.csv" "$ROWS" "$AFTER"
SITE=$AWAY
[ "$(figure "$WORLD/after.csv" "" n)" = "$((AWAY_ROWS + 1))" ] || wrong "the other site has a base of $(figure "$WORLD/after.csv" "" n)"
say "held for $DAYS days, wrapped again at the desk, accepted, opened"
