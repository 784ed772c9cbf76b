#!/usr/bin/env bash
# A key whose row at the hub is damaged when the keys are renewed: the renewal waits and the status says
# so, the row is fetched from its node when it connects, and every key is in the new keyring.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/held.sh
. "$HERE/held.sh"
SITE=sweden
ROWS=24

kept() { hub_log | grep -q "keys-renewed.*$1"; }
hub_log() { "$BIN/weir-audit" list --json "$HUB/log" --key "$(cat "$HUB/vkey")"; }
# The first key of the site is damaged at the hub, which is stopped.
damage_key() {
	local seq
	for seq in 1 2 3 4 5 6; do
		python3 "$HERE/damage.py" part "$HUB/vault/data.mdb" 1 C "$seq" wrap 2>/dev/null && return
	done
	wrong "no key among the first entries"
}

world_begin
study_begin $SITE
site $SITE
wait_for 30 "the study" knows_study $SITE
python3 "$HERE/look.py" rows "$(code_letter $SITE)" $ROWS >"$WORLD/rows.csv"
quiet load $SITE "$WORLD/rows.csv"
wait_for "$SYNC_S" "the receipts" at_hub $SITE "$ROWS"

stop node-$SITE
stop hub
damage_key
hub_start
keeper_unlock
quiet as officer keys renew --reason "example: a laptop was lost"
wait_for 30 "what the renewal waits for" waits_for 'keys of 1 entries cannot be read'
key_is intake newest 1 || wrong "keys were renewed without one that is damaged"
node_start $SITE
wait_for 60 "a new intake number" key_is intake newest 2
waits_for 'cannot be read' && wrong "the status still waits"
kept "$ROWS keys, 0 given up" || wrong "a key is lost: $(hub_log | grep keys-renewed)"
say "waited for, mended, renewed with $ROWS keys"
