#!/usr/bin/env bash
# A node is put back to a backup from before an erasure (design 6: a restore applies the journal's
# erasures before anything is opened). The person's rows are there again until the hub is heard; the
# desk opens nothing before; then they are deleted again without anybody carrying a paper, the code is
# refused, also one that was handed out after the backup, and `erased` is said when the desk is opened.
# The others' answers open, nothing of it is called damage, and the receipt from before still holds.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/erasing.sh
. "$HERE/erasing.sh"
ATTACK_SITE=${1:-$BIN/attack_site}
SITE=sweden
ROWS=8

node_keyed() { node $SITE "$@" --passphrase-fd 3 3< <(pass $SITE); }
# rows FROM TO: these rows of the sheet, in part.csv.
rows() {
	head -n 1 "$WORLD/all.csv" >"$WORLD/part.csv"
	sed -n "$(($1 + 1)),$(($2 + 1))p" "$WORLD/all.csv" >>"$WORLD/part.csv"
}
all_sent() { node $SITE status --json | python3 "$HERE/look.py" at-hub "2+"; }
is_stopped() { [ "$(node $SITE status --json | json link)" = stopped ]; }
# opens: what the keys of the site open in its store, of the person and of the others.
opens() {
	quiet stop node-$SITE
	{ pass $SITE; pass "coordinator of $SITE"; } | "$ATTACK_SITE" secrets "$(node_dir $SITE)" >"$WORLD/secrets"
	"$ATTACK_SITE" try "$(node_dir $SITE)" "$STUDY_ID" "$WORLD/secrets" "$PERSON" S0002 >"$WORLD/tried"
	say "with the keys of the site: $(tr '\n' ' ' <"$WORLD/tried")"
}

world_begin
cp -r "$STUDY" "$WORLD/study"
STUDY=$WORLD/study
study_begin $SITE
site $SITE
wait_for 30 "the study" knows_study $SITE
python3 "$HERE/look.py" rows "$(code_letter $SITE)" $((ROWS + 1)) >"$WORLD/all.csv"
rows 1 $ROWS
quiet load $SITE "$WORLD/part.csv"
wait_for "$SYNC_S" "the receipts" at_hub $SITE $ROWS
STUDY_ID=$(awk -F ' *= *' '$1 == "id" { print $2; exit }' "$STUDY/study.ini")
python3 "$HERE/erased.py" find "$(node_dir $SITE)/vault" S0002 "$WORLD/words" >"$WORLD/found"
[ "$(cat "$WORLD/found")" -ge 3 ] || wrong "the search has nothing to look for"
PERSON=$(awk '$1 == "pseudonym" { print $2 }' "$WORLD/words")
printf 'code %s\n' "$(printf S0002 | xxd -p)" >>"$WORLD/words"
quiet node_keyed backup "$WORLD/before" --keys "$WORLD/before-keys"

# One more is enrolled behind the backup, and two are erased: of one the backup knows nothing.
rows $((ROWS + 1)) $((ROWS + 1))
quiet load $SITE "$WORLD/part.csv"
wait_for "$SYNC_S" "the receipts" at_hub $SITE $((ROWS + 1))
keeper_unlock
number=$(ask S0002)
later=$(ask "S000$((ROWS + 1))")
wait_for 20 "both wishes at the hub" has_wishes 2
wait_for 30 "everything at the hub" all_sent
quiet as officer erase run
wait_for 20 "both gone" is_state "$later" gone
wait_for 30 "the site to delete by itself" is_gone_here "$number"
wait_for 30 "the site to delete the other" is_gone_here "$later"
quiet desk_unlock
wait_for 40 "a new epoch" test -d "$HUB/keyring/keys-2"
sleep 1
quiet as officer study publish "$STUDY"
quiet as second-officer study verify --pack "$STUDY"
sleep 1
quiet hub_keyed backup "$WORLD/hub-copy"
wait_for 90 "the day on which no copy opens" is_state "$number" erased
hub erase receipt "$number" >"$WORLD/receipt"
hub erase keys >"$WORLD/keys"
first_s=$(field "$number" site_erased_s)
search "$WORLD/words" "$(node_dir $SITE)" >"$WORLD/hits" || wrong "not erased: $(cat "$WORLD/hits")"

# Back to before, with the keys of that day. Nobody has told this copy anything yet.
stop node-$SITE
rm -r "$(node_dir $SITE)"
quiet node $SITE restore "$WORLD/before" --keys "$WORLD/before-keys"
if search "$WORLD/words" "$(node_dir $SITE)" >/dev/null; then wrong "the backup brought nobody back"; fi
stop hub
intake_at $SITE 0
node_start $SITE
node $SITE status >"$WORLD/logs/status"
grep -q 'waits to hear from the hub who was erased' "$WORLD/logs/status" || wrong "status does not say that it waits"
refused '1|3' 'put back from a backup' desk_unlock
hub_start
wait_for 20 "the node to be stopped" is_stopped
refused '1|3' 'put back from a backup' desk_unlock
quiet node $SITE survive --yes
wait_for 30 "the site to delete again" is_gone_here "$number"
search "$WORLD/words" "$(node_dir $SITE)" >"$WORLD/hits" || wrong "bytes of the person: $(cat "$WORLD/hits")"
say "deleted again: no byte of parts, wraps, pseudonym and code"
wait_for 60 "everything at the hub" all_sent
hub erase receipt "$number" | grep -q '^{.*"state":"erased"' || wrong "the receipt takes something back"
"$BIN/weir-audit" receipt "$WORLD/receipt" --keys "$WORLD/keys" >"$WORLD/checked" || wrong "the old receipt does not check"

# Neither code is taken again, the others' are.
rows 2 2
refused 1 'do not contact' load $SITE "$WORLD/part.csv"
rows $((ROWS + 1)) $((ROWS + 1))
refused 1 'do not contact' load $SITE "$WORLD/part.csv"
printf 'S0003\n' >"$WORLD/code"
quiet node $SITE change --level no-further-contact --file "$WORLD/code" --dry-run

# Nothing of it is damage; status says in words what it is.
node $SITE status >"$WORLD/logs/status"
grep -q 'about people who were erased' "$WORLD/logs/status" || wrong "status does not say what came back: $(cat "$WORLD/logs/status")"
quiet node $SITE scrub
quiet node_keyed check --read-data
if grep -v ' 0 are damaged and lost' "$WORLD/logs/node-$SITE.log" "$WORLD/logs/status" | grep -i 'damaged\|missing'; then
	wrong "it is called damage"
fi

# The desk may be opened, and with that the site is done again, unless a vault that a restore put aside may
# still have the person: then when that is deleted.
mkdir "$(node_dir $SITE)/vault.before-1"
wait_for 20 "the desk to open" desk_unlock
is_done_again() { [ "$(field "$number" site_erased_s)" -gt "$first_s" ]; }
node $SITE status >"$WORLD/logs/status"
grep -q 'vault.before-1.*may still have the person' "$WORLD/logs/status" || wrong "status does not name the vault put aside"
sleep 2
if is_done_again; then wrong "erased though a vault lies beside"; fi
rmdir "$(node_dir $SITE)/vault.before-1"
wait_for 30 "the site's word" is_done_again
hub erase receipt "$number" >"$WORLD/receipt"
"$BIN/weir-audit" receipt "$WORLD/receipt" --keys "$WORLD/keys" >"$WORLD/checked" || wrong "the receipt does not check"
grep -q "signed by the hub and by site $SITE" "$WORLD/checked" || wrong "not signed by both"
opens
[ "$(tried site_person_keys)" = 0 ] && [ "$(tried site_person)" = 0 ] || wrong "something of the person is left"
[ "$(tried site_others_keys)" -ge $((ROWS - 1)) ] && [ "$(tried site_others_keys_opened)" -ge $((ROWS - 1)) ] ||
	wrong "not all others open: $(cat "$WORLD/tried")"
quiet hub_keyed check --read-data
say "erased again; the others' answers open"
