#!/usr/bin/env bash
# A node is killed while it erases: in the middle of deleting, and in the middle of renewing the
# review key, again and again. Opening the desk once more ends it the same: everybody
# who asked is erased, everybody else opens, one key is left, and the store is sound.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
ATTACK_SITE=${1:-$BIN/attack_site}
ROWS=${ROWS:-16}
GONE=${GONE:-6}
SITE=sweden

desk_opens() { node $SITE desk unlock --passphrase-fd 3 3< <(pass "coordinator of $SITE"); }
# The node and all its processes, at once, as when the power goes.
node_dies() {
	local pid=${PIDS[node-$SITE]}
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	unset "PIDS[node-$SITE]"
	node_start $SITE
}
wishes_are() { [ "$(hub erase list --json | grep -c "\"state\":\"$1\"")" = "$2" ]; }
site_erased() { node $SITE erase receipt "$1" 2>/dev/null | head -n 1 | grep -qE '"erased_s":[1-9]'; }

world_begin
study_begin $SITE
site $SITE
wait_for 30 "the study" knows_study $SITE
python3 "$HERE/look.py" rows "$(code_letter $SITE)" "$ROWS" >"$WORLD/rows.csv"
quiet load $SITE "$WORLD/rows.csv"
wait_for "$SYNC_S" "the receipts" at_hub $SITE "$ROWS"
numbers=()
for ((i = 1; i <= GONE; i++)); do
	printf 'S%04d\n' "$i" >"$WORLD/code"
	node $SITE change --level erase --file "$WORLD/code" >"$WORLD/paper"
	numbers+=("$(grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]' "$WORLD/paper" | head -n 1)")
done
wait_for 30 "the wishes" wishes_are stopped "$GONE"
wait_for 30 "everything at the hub" at_hub $SITE "$ROWS+"
quiet as officer erase run
wait_for 30 "the persons gone" wishes_are gone "$GONE"

kills=0
for ((i = 0; i < GONE; i++)); do
	hub erase receipt "${numbers[$i]}" >"$WORLD/hub-paper"
	# Deleting, cut off: the paper is given again.
	node $SITE erase --paper "$WORLD/hub-paper" >/dev/null 2>&1 &
	erasing=$!
	sleep "0.0$((i * 2 + 1))"
	node_dies
	wait "$erasing" || true
	wait_for 30 "the deletion" node $SITE erase --paper "$WORLD/hub-paper"
	# Renewing, cut off: the desk is opened again.
	desk_opens >/dev/null 2>&1 &
	opening=$!
	sleep "0.$((i + 2))"
	node_dies
	wait "$opening" || true
	kills=$((kills + 2))
	wait_for 30 "the desk open" desk_opens
	wait_for 30 "erasure ${numbers[$i]}" site_erased "${numbers[$i]}"
done
quiet node $SITE check --read-data --passphrase-fd 3 3< <(pass $SITE)
quiet stop node-$SITE
{ pass $SITE; pass "coordinator of $SITE"; } | "$ATTACK_SITE" secrets "$(node_dir $SITE)" >"$WORLD/pool"
"$ATTACK_SITE" try "$(node_dir $SITE)" wvs-poverty "$WORLD/pool" 00000000000000000000000000000000 S0001 >"$WORLD/tried"
opened() { awk -v name="$1" '$1 == name { print $2 }' "$WORLD/tried"; }
[ "$(opened site_others_keys)" = $((ROWS - GONE)) ] && [ "$(opened site_others_keys_opened)" = $((ROWS - GONE)) ] &&
	[ "$(opened site_others_opened)" = "$(opened site_others)" ] || wrong "others do not open: $(cat "$WORLD/tried")"
say "killed $kills times; $GONE erased, $((ROWS - GONE)) others open"
