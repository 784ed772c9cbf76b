#!/usr/bin/env bash
# One bit of a stored answer is turned over (row 16): at the hub it is found and got back from its
# node, at once or when the node comes; at a node that had not sent it yet it stops what lies behind
# it and nothing else, and a person is told.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITE=norway
ROWS=8

hub_keyed_check() { hub check --read-data --passphrase-fd 3 3< <(pass services); }
damage() { python3 "$HERE/damage.py" part "$1/vault/data.mdb" 1 R "$2" answers; }
# plain FILE: no word in it that only we use.
plain() {
	if grep -qiE 'fork|clone|\blane|denied|incarnation' "$1"; then wrong "$1 speaks to engineers"; fi
}
is_up() { [ "$(node "$SITE" status --json | json link)" = connected ]; }
control_at_hub() {
	node "$SITE" status --json |
		python3 -c 'import json,sys; l=json.load(sys.stdin)["lanes"][0]; sys.exit(l["kept"]!=l["at_hub"])'
}
is_sound() { ! hub status | grep -q damaged; }

world_begin
hub_init
sed -i 's/^scrub = .*/scrub = 0/' "$HUB/hub.ini"
hub_start
persons
keeper_setup
publish
approvals "$SITE"
site "$SITE"
wait_for 30 "the study" knows_study "$SITE"
letter=$(code_letter "$SITE")
python3 "$HERE/look.py" rows "$letter" "$ROWS" >"$WORLD/rows.csv"
quiet load "$SITE" "$WORLD/rows.csv"
wait_for "$SYNC_S" "the receipts" at_hub "$SITE" "$ROWS"
before=$(counts "$SITE")

say "a sound hub"
hub scrub >"$WORLD/scrub" || wrong "$(cat "$WORLD/scrub")"
grep -qx 'damaged 0 count' "$WORLD/scrub" || wrong "$(cat "$WORLD/scrub")"

say "damaged at the hub, and the node is there"
stop hub
damage "$HUB" 3
refused 1 'damaged' hub_keyed_check
hub_start
wait_for "$SYNC_S" "the link" is_up
hub scrub >"$WORLD/scrub" || wrong "$(cat "$WORLD/scrub")"
grep -qx 'damaged 1 count' "$WORLD/scrub" || wrong "$(cat "$WORLD/scrub")"
grep -qx 'mended 1 count' "$WORLD/scrub" || wrong "$(cat "$WORLD/scrub")"
quiet hub_keyed_check

say "damaged at the hub, and the node comes later"
stop "node-$SITE"
stop hub
damage "$HUB" 5
hub_start
refused 1 'not mended yet' hub scrub
hub status >"$WORLD/status"
grep -q 'will be fetched when it connects' "$WORLD/status" || wrong "status: $(cat "$WORLD/status")"
plain "$WORLD/status"
node_start "$SITE"
wait_for "$SYNC_S" "the hub to be mended" is_sound
quiet hub_keyed_check
[ "$(counts "$SITE")" = "$before" ] || wrong "the counts are others: $(counts "$SITE")"
[ "$(leaves damage-found)" = "2 1" ] || wrong "leaves of damage: $(leaves damage-found)"
[ "$(leaves entries-repaired)" = "2 1" ] || wrong "leaves of repair: $(leaves entries-repaired)"

say "damaged at the node, and not at the hub"
stop hub
python3 "$HERE/look.py" rows "$letter" $((ROWS + 3)) >"$WORLD/more.csv"
quiet load "$SITE" "$WORLD/more.csv"
stop "node-$SITE"
damage "$(node_dir "$SITE")" $((ROWS + 2))
node_start "$SITE"
hub_start
says_damaged() { node "$SITE" status | grep -q 'damaged on this machine and is not at the hub'; }
wait_for "$SYNC_S" "the status to say so" says_damaged
node "$SITE" status >"$WORLD/status"
plain "$WORLD/status"
wait_for "$SYNC_S" "consents and keys at the hub" control_at_hub
printf '%s0002\n' "$letter" >"$WORLD/code"
quiet node "$SITE" change --level no-further-use --file "$WORLD/code"
wait_for "$SYNC_S" "the withdrawal at the hub" control_at_hub
is_up || wrong "the link is down"
read -r _ hub_r _ <<<"$(counts "$SITE" | tail -n 1)"
[ "$hub_r" = $((ROWS + 1)) ] || wrong "the hub has $hub_r records"
quiet "$BIN/weir-audit" verify "$HUB/log" --key "$(cat "$HUB/vkey")"
say "scrub: all as it should be"
