#!/usr/bin/env bash
# A hub is put back to a backup from before a wish to be erased that was carried out since. The journal
# knows who is gone and which site asked: the person's rows go again before anything is served, what the
# site sends anew is kept as headers, and its report comes with it: the receipt is `erased`, by both, again.
# Once it is `erased` that backup is under a vault key that was destroyed: the restore says so, and only the
# copy of the keys from its day opens it; the rows are sealed anew then, and that key is destroyed once more.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/erasing.sh
. "$HERE/erasing.sh"
ATTACK_HUB=${1:-$BIN/attack_hub}
SITE=sweden
ROWS=8

all_sent() { node $SITE status --json | python3 "$HERE/look.py" at-hub "2+"; }
is_done_here() { [ "$(field "$1" site_erased_s)" != 0 ]; }
recovery_is_over() { ! hub status --json | grep -q '"recovery"'; }
are_destroyed() { [ "$("$BIN/weir-audit" list "$HUB/log" --json --action keys-destroyed 2>/dev/null | grep -o 'vault keys below' | wc -l)" -ge "$1" ]; }

world_begin
cp -r "$STUDY" "$WORLD/study"
STUDY=$WORLD/study
study_begin $SITE
site $SITE
wait_for 30 "the study" knows_study $SITE
python3 "$HERE/look.py" rows "$(code_letter $SITE)" $ROWS >"$WORLD/rows.csv"
quiet load $SITE "$WORLD/rows.csv"
wait_for "$SYNC_S" "the receipts" at_hub $SITE $ROWS
STUDY_ID=$(awk -F ' *= *' '$1 == "id" { print $2; exit }' "$STUDY/study.ini")
python3 "$HERE/erased.py" find "$(node_dir $SITE)/vault" S0002 "$WORLD/words" >/dev/null
PERSON=$(awk '$1 == "pseudonym" { print $2 }' "$WORLD/words")
sleep 1
quiet hub_keyed backup "$WORLD/before" --keys "$WORLD/keys-before"
hub_keyed backup "$WORLD/again-before" 2>&1 | grep 'no copy of the keys' && wrong "the copy of the keys is not known"

number=$(ask S0002)
wait_for 20 "the wish at the hub" is_state "$number" stopped
wait_for 30 "everything at the hub" all_sent
keeper_unlock
quiet as officer erase run
wait_for 20 "the person gone" is_state "$number" gone
wait_for 30 "the site to delete" is_gone_here "$number"
quiet desk_unlock
wait_for 30 "the site's last word" is_done_here "$number"
epoch() { test -d "$HUB/keyring/keys-2"; }
wait_for 60 "a new epoch" epoch
sleep 1
quiet as officer study publish "$STUDY"
quiet as second-officer study verify --pack "$STUDY"
sleep 1
hub_keyed backup "$WORLD/after" >"$WORLD/said" 2>&1 || wrong "no backup: $(cat "$WORLD/said")"
grep -q 'no copy of the keys .* opens this backup (vault key 2, keyring epoch 2)' "$WORLD/said" ||
	wrong "nothing is said of its keys: $(cat "$WORLD/said")"
wait_for 90 "the day on which no copy opens" is_state "$number" erased
hub erase receipt "$number" >"$WORLD/receipt"
hub erase keys >"$WORLD/keys"

stop hub
refused 1 'vault key 1 .*destroyed after an erasure' hub_keyed restore "$WORLD/before" --over-newer
quiet hub_keyed check --read-data
mv "$HUB/vaultkeys" "$WORLD/vaultkeys-after"
quiet hub_keyed restore "$WORLD/before" --over-newer --keys "$WORLD/keys-before"
hub_start
[ "$(field "$number" site)" = "$SITE" ] || wrong "the hub does not know which site asked"
wait_for 60 "the end of the recovery" recovery_is_over
wait_for 30 "the receipt of both" is_state "$number" erased
hub erase receipt "$number" >"$WORLD/again"
"$BIN/weir-audit" receipt "$WORLD/again" --keys "$WORLD/keys" >"$WORLD/checked" || wrong "the receipt does not check"
grep -q "signed by the hub and by site $SITE" "$WORLD/checked" || wrong "not signed by both: $(cat "$WORLD/checked")"
grep -q '^erased 20' "$WORLD/checked" || wrong "no date: $(cat "$WORLD/checked")"
[ "$(field "$number" erased_s)" -gt 0 ] || wrong "no date in the list"
cmp -s "$WORLD/receipt" "$WORLD/again" || wrong "it is another receipt: $(diff "$WORLD/receipt" "$WORLD/again")"
wait_for 30 "the end of the old vault key, again" are_destroyed 2
quiet stop hub
refused 1 'vault key 1 .*destroyed after an erasure' hub_keyed restore "$WORLD/before" --over-newer
secrets_of_hub "$HUB" >"$WORLD/secrets"
rm -rf "$HUB"/vault.before-*
"$ATTACK_HUB" try "$HUB" "$STUDY_ID" "$WORLD/secrets" "$PERSON" >"$WORLD/tried" || wrong "the attack stopped"
say "with every secret of the hub: $(tr '\n' ' ' <"$WORLD/tried")"
"$ATTACK_HUB" try "$WORLD/before" "$STUDY_ID" "$WORLD/secrets" "$PERSON" >"$WORLD/tried-before" || wrong "the attack stopped"
grep -q '^hub_rows_opened 0$' "$WORLD/tried-before" || wrong "the backup opens: $(cat "$WORLD/tried-before")"
[ "$(tried hub_person)" = 0 ] && [ "$(tried hub_person_keys)" = 0 ] || wrong "something of the person is left"
[ "$(tried hub_others_opened)" = $((ROWS - 1)) ] || wrong "not all others open"
say "the receipt is that of before, signed by both"
