#!/usr/bin/env bash
# A person is erased (design 6): the byte search finds neither parts nor wraps in any file of node and
# hub, the others' answers still open, both papers are signed and say who could still open a copy
# until `erased`; a wish may be refused with a legal reason; a restore brings nobody back.
# Then the attack: stores and key files are copied before; afterwards every secret in force is tried
# on every wrap and part of the old copies. Nothing of the person opens; with the old copy's own
# secrets everything does, and others open in the new stores.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/erasing.sh
. "$HERE/erasing.sh"
ATTACK_SITE=${1:-$BIN/attack_site}
ATTACK_HUB=${2:-$BIN/attack_hub}
ROWS=${ROWS:-24}
SITE=sweden

node_keyed() { node "$@" --passphrase-fd 3 3< <(pass "$1"); }
contact() { printf '%s\nExample Person %s\n0000 000 000\n\n' "$1" "$1" | node $SITE contact add; }
# secrets POOL: every secret in force at site and hub.
secrets() {
	{ pass $SITE; pass "coordinator of $SITE"; } | "$ATTACK_SITE" secrets "$2" >"$1" || wrong "no secrets of the site"
	secrets_of_hub "$3" >>"$1"
}
# attack POOL SITE HUB SIGHT: what the pool opens in these stores, until nothing new opens. The hub's
# vault is read with SIGHT, so that what lies inside its rows is tried even where the pool opens no row.
attack() {
	local before= after
	cp "$1" "$1.all"
	while after=$(wc -l <"$1.all"); [ "$after" != "$before" ]; do
		before=$after
		"$ATTACK_SITE" try "$2" "$STUDY_ID" "$1.all" "$PERSON" S0007 >"$WORLD/tried" || wrong "the attack on the site stopped"
		"$ATTACK_HUB" try "$3" "$STUDY_ID" "$1.all" "$PERSON" "$4" >>"$WORLD/tried" || wrong "the attack on the hub stopped"
	done
	say "attack with ${1##*/}: $(tr '\n' ' ' <"$WORLD/tried")"
}
# all_open WHOSE, none_opens WHOSE, none_there WHOSE: sealed parts and keys, at site and hub.
all_open() { for at in site_$1 hub_$1 site_$1_keys hub_$1_keys; do [ "$(tried $at)" = "$(tried ${at}_opened)" ] || return 1; done; }
none_opens() { for at in site_$1 hub_$1 site_$1_keys hub_$1_keys; do [ "$(tried ${at}_opened)" = 0 ] || return 1; done; }
none_there() { for at in site_$1 hub_$1 site_$1_keys hub_$1_keys; do [ "$(tried $at)" = 0 ] || return 1; done; }
# Rows of the hub's vault: rules parts, verdicts, keys of people's leaves, and all others.
all_rows_open() { for at in parts verdicts people rows; do [ "$(tried hub_$at)" -ge 1 ] && [ "$(tried hub_$at)" = "$(tried hub_${at}_opened)" ] || return 1; done; }
no_row_opens() { for at in parts verdicts people rows; do [ "$(tried hub_$at)" -ge 1 ] && [ "$(tried hub_${at}_opened)" = 0 ] || return 1; done; }
all_sent() { node $SITE status --json | python3 "$HERE/look.py" at-hub "9+"; }

world_begin
PERMIT=$PERMIT,store-identifiable
cp -r "$STUDY" "$WORLD/study"
STUDY=$WORLD/study
grep -qE '^levels *=.*erase' "$STUDY/study.ini" || wrong "the study's sheet does not promise to erase"
study_begin $SITE
site $SITE
wait_for 30 "the study" knows_study $SITE
python3 "$HERE/look.py" rows "$(code_letter $SITE)" "$ROWS" >"$WORLD/rows.csv"
quiet load $SITE "$WORLD/rows.csv"
wait_for "$SYNC_S" "the receipts" at_hub $SITE "$ROWS"
keeper_unlock
release_stage W01
release_approve
release_publish "$WORLD/before.csv"

STORE=$(node_dir $SITE)/vault
python3 "$HERE/erased.py" find "$STORE" S0007 "$WORLD/words" >"$WORLD/found"
[ "$(cat "$WORLD/found")" -ge 3 ] || wrong "the search has nothing to look for"
if search "$WORLD/words" "$(node_dir $SITE)" >/dev/null; then wrong "the search finds nothing even before"; fi
grep '^pseudonym' "$WORLD/words" >"$WORLD/pseudonym"
PERSON=$(cut -d ' ' -f 2 "$WORLD/pseudonym")
STUDY_ID=$(awk -F ' *= *' '$1 == "id" { print $2; exit }' "$STUDY/study.ini")
python3 "$HERE/erased.py" find "$STORE" S0011 "$WORLD/survivor" >/dev/null
mkdir "$WORLD/old"
quiet desk_unlock
quiet contact S0007
quiet contact S0011
# Stores and key files of both, as somebody copies them who may read the disks.
sleep 1
cp -r "$(node_dir $SITE)" "$WORLD/old/site-copy"
cp -r "$HUB" "$WORLD/old/hub-copy"
quiet hub_keyed backup "$WORLD/old/hub"

# One is refused, one is carried out.
number=$(ask S0007)
other=$(ask S0009)
wait_for 20 "both wishes at the hub" has_wishes 2
is_state "$number" stopped || wrong "the wish is not in force at once"
refused 1 'no role' as researcher erase decide "$other" --refuse "a court asked to keep it"
quiet as officer erase decide "$other" --refuse "a court asked to keep it"
is_state "$other" refused || wrong "the refusal is not kept"
hub erase list | grep -A 1 "^$other" | grep -q 'refused .* by officer: a court asked to keep it' ||
	wrong "the list does not say who refused it, and why"
"$BIN/weir-audit" list "$HUB/log" --json --action erasure-refused 2>/dev/null | grep -q 'a court asked' ||
	{ sleep 1; "$BIN/weir-audit" list "$HUB/log" --json --action erasure-refused 2>/dev/null | grep -q 'a court asked'; } ||
	wrong "the log has no reason for the refusal"

wait_for 30 "everything at the hub" all_sent
asked() { hub status | grep -q 'asked to be erased, and not yet deleted: 1 '; }
asked || wrong "the status of the hub does not say that somebody waits to be erased"
refused 1 'needs officer' as researcher erase run
as officer erase run | grep -q 'persons 1;' || wrong "the hub did not delete one person"
wait_for 20 "the person gone" is_state "$number" gone
if asked; then wrong "the status still names somebody who is gone"; fi
hub erase receipt "$number" >"$WORLD/hub-paper"
hub erase receipt "$other" >"$WORLD/hub-other"
grep -q '"decided_by":"officer","reason":"a court asked to keep it"' "$WORLD/hub-other" ||
	wrong "the receipt does not say who refused it, and why"
grep -q '"decided_by":"officer","reason":""' "$WORLD/hub-paper" || wrong "the receipt does not say who granted it"
sed "s/$other/$number/;s/refused\"/gone\"/" "$WORLD/hub-other" >"$WORLD/hub-forged"
refused 1 'says refused' node $SITE erase --paper "$WORLD/hub-other"
refused 1 'not signed' node $SITE erase --paper "$WORLD/hub-forged"
# The paper reaches the site with its terms, too; by hand it may be given as well.
if [ "${BY_HAND-}" ]; then quiet node $SITE erase --paper "$WORLD/hub-paper"; fi
wait_for 30 "the site to delete by itself" is_gone_here "$number"
node $SITE erase --paper "$WORLD/hub-paper" >"$WORLD/node-paper" || wrong "the node did not erase"
grep -q "$number" "$WORLD/node-paper" || wrong "the node has no paper"
if grep -q "$other" "$WORLD/node-paper"; then wrong "the node erased whom the hub refused"; fi
if search "$WORLD/words" "$(node_dir $SITE)" "$HUB/vault" "$HUB/keyring" "$HUB/log" "$HUB/shelf" >"$WORLD/hits"; then :; else
	wrong "bytes of the person: $(cat "$WORLD/hits")"
fi
grep -v '^pseudonym' "$WORLD/words" >"$WORLD/parts"
search "$WORLD/parts" "$HUB" "$(node_dir $SITE)" >"$WORLD/hits" || wrong "parts: $(cat "$WORLD/hits")"
# The same search finds somebody who stays. (At the hub no value stands in clear: the attack below
# reads them with the vault's key.)
if search "$WORLD/survivor" "$(node_dir $SITE)/vault" >/dev/null; then wrong "the search finds no survivor"; fi
say "no byte of parts, wraps and pseudonym but in the journal's list"
quiet hub_keyed check --read-data
quiet node_keyed $SITE check --read-data
refused 1 'row [0-9]*: .*do not contact.*nothing was loaded' load $SITE "$WORLD/rows.csv"
# The site says what it did, and who could still open a copy: until the desk is opened next.
site_says() {
	hub erase list --json | python3 -c 'import json, sys
for line in sys.stdin:
    one = json.loads(line)
    if one["receipt"] == sys.argv[1] and one[sys.argv[2]]: sys.exit(0)
sys.exit(1)' "$number" "$1"
}
wait_for 20 "the site's word" site_says site_gone_s
hub erase receipt "$number" | grep -q 'until the desk is opened next' || wrong "the paper does not name the desk"
refused 1 'asked to be erased' contact S0007
# Both say what is to be done until nobody could, with the command.
says_next() { hub status | grep -A 1 'deleted here and not erased yet: 1,' | grep -q -- "-> weir-hub $1"; }
says_desk() { node $SITE status | grep -q 'asked to be erased is deleted here.*: weir-node desk unlock$'; }
says_desk || wrong "the status of the site does not say that the desk is to be opened"
quiet desk_unlock
says_no_desk() { ! says_desk; }
wait_for 20 "the site's status to ask for the desk no more" says_no_desk
wait_for 20 "the site's last word" site_says site_erased_s

# The others open as before, under the new epoch.
wait_for 40 "a new epoch" test -d "$HUB/keyring/keys-2"
wait_for 20 "the end of the keyring of the old epoch" test ! -e "$HUB/keyring/keys"
hub erase receipt "$number" | grep -q 'two holders' || wrong "the paper does not say who could still open"

# The new number is told, the node has it, a backup holds the keyring: the old number goes.
wait_for 20 "the hub's status to ask for the study with the new number" says_next 'study publish'
cp "$STUDY/study.ini" "$WORLD/study.ini"
quiet as officer study publish "$STUDY"
quiet as second-officer study verify --pack "$STUDY"
wait_for 30 "the hub's status to ask for a backup" says_next backup
quiet hub_keyed backup "$WORLD/new"
[ -s "$WORLD/new/keyring/keys-2/data.mdb" ] || wrong "the backup has no keyring"
wait_for 90 "the day on which no copy opens" is_state "$number" erased
if hub status | grep -q 'not erased yet'; then wrong "the status still names somebody who is erased"; fi
hub erase receipt "$number" | grep -q 'nobody with the keys' || wrong "the paper still names somebody"
# One receipt, the same at hub and site, signed by both: checked with the keys that the site gives.
hub erase receipt "$number" >"$WORLD/receipt"
has_both() { node $SITE erase receipt "$number" 2>/dev/null | cmp -s - "$WORLD/receipt"; }
wait_for 30 "the receipt of both at the site" has_both
node $SITE erase keys >"$WORLD/keys"
"$BIN/weir-audit" receipt "$WORLD/receipt" --keys "$WORLD/keys" >"$WORLD/checked" || wrong "the receipt does not check"
grep -q "signed by the hub and by site $SITE" "$WORLD/checked" || wrong "not signed by both: $(cat "$WORLD/checked")"
grep -q '^erased 20' "$WORLD/checked" || wrong "no date: $(cat "$WORLD/checked")"
hub erase keys | cmp -s - "$WORLD/keys" || wrong "hub and site name other keys"
sed 's/"stopped_s":1/"stopped_s":2/' "$WORLD/receipt" >"$WORLD/forged"
refused 1 'not signed by the hub' "$BIN/weir-audit" receipt "$WORLD/forged" --keys "$WORLD/keys"
sed "s/^node .*/node $SITE $(head -c 64 /dev/zero | tr '\0' a)/" "$WORLD/keys" >"$WORLD/other-keys"
refused 1 "no node of site" "$BIN/weir-audit" receipt "$WORLD/receipt" --keys "$WORLD/other-keys"
release_stage W01
release_approve
release_publish "$WORLD/after.csv"
search "$WORLD/parts" "$HUB" "$(node_dir $SITE)" >"$WORLD/hits" || wrong "parts: $(cat "$WORLD/hits")"

# The attack.
secrets "$WORLD/old-secrets" "$WORLD/old/site-copy" "$WORLD/old/hub-copy"
attack "$WORLD/old-secrets" "$WORLD/old/site-copy" "$WORLD/old/hub-copy" "$WORLD/old-secrets"
all_rows_open &&
	[ "$(tried site_person_keys)" -ge 1 ] && [ "$(tried hub_person)" -ge 1 ] && all_open person &&
	[ "$(tried names_person_opened)" = 1 ] || wrong "the attack cannot succeed: $(cat "$WORLD/tried")"
rows_with "$WORLD/words" "$WORLD/old/hub-copy" "$WORLD/old-secrets" >"$WORLD/rows"
for table in parts people consents; do
	grep -q "^$table pseudonym" "$WORLD/rows" || wrong "nobody is found in $table: $(cat "$WORLD/rows")"
done
quiet stop node-$SITE
cp -r "$(node_dir $SITE)" "$WORLD/new-site"
cp -r "$HUB" "$WORLD/new-hub"
node_start $SITE
secrets "$WORLD/new-secrets" "$WORLD/new-site" "$WORLD/new-hub"
attack "$WORLD/new-secrets" "$WORLD/new-site" "$WORLD/new-hub" "$WORLD/new-secrets"
all_rows_open || wrong "not every row of the vault opens: $(cat "$WORLD/tried")"
none_there person && [ "$(tried names_person_opened)" = 0 ] || wrong "something of the person is left: $(cat "$WORLD/tried")"
rows_with "$WORLD/words" "$WORLD/new-hub" "$WORLD/new-secrets" >"$WORLD/rows"
[ ! -s "$WORLD/rows" ] || wrong "rows of the person are left: $(cat "$WORLD/rows")"
# The hub opens others by its keyring: the number that their wraps name is destroyed there.
[ "$(tried hub_others)" = $((ROWS - 1)) ] && [ "$(tried hub_others_opened)" = $((ROWS - 1)) ] &&
	[ "$(tried site_others_keys_opened)" = $((ROWS - 1)) ] && [ "$(tried names_others_opened)" = 1 ] ||
	wrong "not all others open: $(cat "$WORLD/tried")"
attack "$WORLD/new-secrets" "$WORLD/old/site-copy" "$WORLD/old/hub-copy" "$WORLD/old-secrets"
no_row_opens || wrong "rows of an old copy of the vault open with secrets in force: $(cat "$WORLD/tried")"
[ "$(tried site_person_keys)" -ge 1 ] && [ "$(tried hub_person)" -ge 1 ] && none_opens person &&
	[ "$(tried names_person_opened)" = 0 ] || wrong "an old copy opens with secrets in force: $(cat "$WORLD/tried")"
n=$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
	$at["indicator"] == "W01" && $at["site"] == "sweden" && $at["statistic"] == "n" {
		print $at["value"] }' "$WORLD/after.csv")
[ "$n" = $((ROWS - 2)) ] || wrong "the table has a base of $n"
# A person whose office ended (D-14): nothing the person signs holds, what was signed stands.
refused 1 'own office' as officer person revoke officer --reason "example: left"
quiet as officer person revoke researcher --reason "example: left the team"
refused 1 'no longer in office' as researcher release propose W01 --purpose "example: too late"
refused 1 'no longer in office' as officer person revoke researcher --reason "twice"
say "erased; the others' answers open"
