#!/usr/bin/env bash
# A hub is killed while it erases: while rows are deleted and the vault moves, and while the keeper wraps
# everything else under a new epoch, again and again. Started and unlocked once more it ends the same:
# everybody who asked is erased, everybody else opens, one keyring is left, and the store is sound. So it is
# when the keyring was lost in between and one of an earlier epoch is put back.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/erasing.sh
. "$HERE/erasing.sh"
ATTACK_HUB=${1:-$BIN/attack_hub}
ROWS=${ROWS:-12}
GONE=${GONE:-3}
SITE=sweden

# The hub and all its processes, at once, as when the power goes.
hub_dies() {
	local pid=${PIDS[hub]}
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	unset "PIDS[hub]"
	hub_start
}
are_erased() { [ "$(hub erase list --json | grep -c '"state":"erased"')" = "$GONE" ]; }
all_sent() { node $SITE status --json | python3 "$HERE/look.py" at-hub "1+"; }
of_all() { [ "$(hub erase list --json | grep -c "\"$1\":[1-9]")" = "$GONE" ]; }
site_deleted() { of_all site_gone_s; }
site_erased() { of_all site_erased_s; }
newest() { ls "$HUB/keyring" | sed 's/\.new$//;s/^keys$/keys-1/;s/^keys-//' | sort -n | tail -n 1; }
is_renewed() { [ "$(newest)" -gt "$1" ] && [ "$(ls "$HUB/keyring" | wc -l)" = 1 ] && [ ! -e "$HUB/keys/keeper.key.next" ]; }

world_begin
cp -r "$STUDY" "$WORLD/study"
STUDY=$WORLD/study
study_begin $SITE
site $SITE
wait_for 30 "the study" knows_study $SITE
python3 "$HERE/look.py" rows "$(code_letter $SITE)" "$ROWS" >"$WORLD/rows.csv"
quiet load $SITE "$WORLD/rows.csv"
wait_for "$SYNC_S" "the receipts" at_hub $SITE "$ROWS"
keeper_unlock

kills=0
for ((i = 1; i <= GONE; i++)); do
	printf 'S%04d\n' "$i" >"$WORLD/code"
	node $SITE change --level erase --file "$WORLD/code" >"$WORLD/paper"
	number=$(grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]' "$WORLD/paper" | head -n 1)
	wait_for 30 "the wish" is_state "$number" stopped
	wait_for 30 "everything at the hub" all_sent
	# Deleting or moving, cut off.
	quiet as officer erase run
	sleep "0.0$((i * 2))"
	hub_dies
	wait_for 20 "the person gone" is_state "$number" gone
	# Renewing, cut off: the ledger asks the keeper within a second of its unlocking.
	before=$(newest)
	keeper_unlock
	sleep "0.$((i * 2 + 1))"
	hub_dies
	kills=$((kills + 2))
	if ! is_renewed "$before"; then
		keeper_unlock
		wait_for 40 "a new epoch" is_renewed "$before"
	fi
	desk_unlock >/dev/null 2>&1 || true
	[ -e "$WORLD/early" ] || { sleep 1 && quiet hub_keyed backup "$WORLD/early"; }
done
# The keyring is lost and one of an epoch before put back: it opens, and is taken over.
before=$(newest)
stop hub
rm -r "$HUB/keyring"
cp -r "$WORLD/early/keyring" "$HUB/keyring"
[ "$(newest)" -lt "$before" ] || wrong "the backup has no older keyring"
hub_start
keeper_unlock
wait_for 20 "the keyring taken over" is_renewed "$before"
grep -q 'its keys are taken over' "$WORLD/logs/hub.log" || wrong "nobody said that a keyring was taken over"
# The desk ends at the site what the site has heard of: after so many deaths its link takes its time.
wait_for 60 "the deletion of all at the site" site_deleted
wait_for 30 "the desk open" desk_unlock
wait_for 30 "the word of the site" site_erased
quiet as officer study publish "$STUDY"
quiet as second-officer study verify --pack "$STUDY"
sleep 1
quiet hub_keyed backup "$WORLD/after"
wait_for 120 "the day on which no copy opens" are_erased
quiet hub_keyed check --read-data
quiet stop hub
secrets_of_hub "$HUB" >"$WORLD/secrets"
STUDY_ID=$(awk -F ' *= *' '$1 == "id" { print $2; exit }' "$STUDY/study.ini")
"$ATTACK_HUB" try "$HUB" "$STUDY_ID" "$WORLD/secrets" 00000000000000000000000000000000 >"$WORLD/tried"
[ "$(tried hub_others)" = $((ROWS - GONE)) ] && [ "$(tried hub_others_opened)" = $((ROWS - GONE)) ] ||
	wrong "others do not open: $(cat "$WORLD/tried")"
# A backup made in between lies under a vault key that is destroyed by now.
"$ATTACK_HUB" try "$WORLD/early" "$STUDY_ID" "$WORLD/secrets" 00000000000000000000000000000000 >"$WORLD/tried"
[ "$(tried hub_rows)" -ge 1 ] && [ "$(tried hub_rows_opened)" = 0 ] || wrong "the early backup opens: $(cat "$WORLD/tried")"
say "killed $kills times; $GONE erased, $((ROWS - GONE)) others open"
