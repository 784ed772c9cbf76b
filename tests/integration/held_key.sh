#!/usr/bin/env bash
# A record that is held at a site when the intake key is renewed: the number that it is sealed for stays as
# long as it is held, the hub's status names the site, and accepted it opens; then the number is destroyed.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/held.sh
. "$HERE/held.sh"
SITE=sweden
ROWS=46
AFTER=15 # of the first answer; with one that does not open 16, or a base of 45

world_begin
study_begin $SITE
site $SITE
# The last person's record says the first answer; another one of the same person is held.
hold_one "$ROWS"

keeper_unlock
quiet as officer keys renew --reason "example: a laptop was lost"
wait_for 45 "a new intake number" key_is intake newest 2
publish
wait_for 10 "the number in the manifest" key_is intake told 2
wait_for 20 "the word of the site" waits_for "for $SITE .*holds 1 records"
quiet hub_keyed backup "$WORLD/backup"
sleep 12 # the hub looks whether a number may go each ten seconds
key_is intake oldest 1 || wrong "a number was destroyed that a held record is sealed for"
# Two weeks before its end the site is warned; a start says nothing anew and loses nothing.
stop node-$SITE
WEIR_CLOCK_OFFSET_S=$((46 * 86400)) node_start $SITE
wait_for 10 "the warning" says 'sealed for an older key of the study'
stop node-$SITE
node_start $SITE
key_is intake oldest 1 || wrong "a number was destroyed that a held record is sealed for"

quiet node $SITE held accept "$HELD"
wait_for "$SYNC_S" "the receipt of what was held" at_hub $SITE "$((ROWS + 1))"
wait_for 20 "the word that it is free" eval "! waits_for 'for $SITE '"
# What came since belongs into the keyring, and that into a backup.
for ((i = 0; i < 4; i++)); do
	quiet hub_keyed backup "$WORLD/later-$i"
	sleep 6
	key_is intake oldest 2 && break
done
key_is intake oldest 2 || wrong "the old number is not destroyed: $(hub status | grep -A3 '^keys')"
opened_in "$WORLD/after.csv" "$ROWS" "$AFTER"
say "held across a renewal, accepted, opened; number 1 is destroyed"
