#!/usr/bin/env bash
# A wish to be erased is taken back by a later agreement: before it was carried out, and only then.
# Before: nothing is deleted, the person is in the tables again, and the officer sees it settled. After:
# the agreement goes with the rest. In a race, again and again: one of the two, at hub and site alike,
# and never half of it. Nothing that comes with data takes a wish back.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/erasing.sh
. "$HERE/erasing.sh"
SITE=sweden
ROWS=${ROWS:-24}
RACES=${RACES:-4}

is_settled() { case $(field "$1" state) in taken-back | gone | erased) ;; *) return 1 ;; esac; }
# back CODE: and takes it back.
back() {
	printf '%s\n' "$1" >"$WORLD/back-code"
	node $SITE change back --file "$WORLD/back-code"
}
all_sent() { node $SITE status --json | python3 "$HERE/look.py" at-hub "1+"; }
base_of() {
	awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		$at["indicator"] == "W01" && $at["site"] == "sweden" && $at["statistic"] == "n" { print $at["value"] }' "$1"
}

world_begin
study_begin $SITE
site $SITE
wait_for 30 "the study" knows_study $SITE
python3 "$HERE/look.py" rows "$(code_letter $SITE)" "$ROWS" >"$WORLD/rows.csv"
quiet load $SITE "$WORLD/rows.csv"
wait_for "$SYNC_S" "the receipts" at_hub $SITE "$ROWS"
keeper_unlock

# Before. The same sheet once more takes nothing back; the person does.
number=$(ask S0001)
grep -q 'wish can be taken back' "$WORLD/paper-S0001" || wrong "the receipt does not say that it can be taken back"
wait_for 20 "the wish at the hub" is_state "$number" stopped
printf 'S0002\n' >"$WORLD/code"
refused 1 'nothing is to be taken back' node $SITE change back --file "$WORLD/code"
refused 1 'no lesser change' node $SITE change --level no-more-collection --file <(printf 'S0001\n')
head -n 2 "$WORLD/rows.csv" >"$WORLD/first.csv"
node $SITE import "$WORLD/first.csv" >/dev/null 2>&1 || true
sleep 1
is_state "$number" stopped || wrong "a sheet takes the wish back"
back S0001 >"$WORLD/back" 2>"$WORLD/back-words" || wrong "not taken back: $(cat "$WORLD/back-words")"
grep -q "receipt $number" "$WORLD/back-words" || wrong "the words name no wish: $(cat "$WORLD/back-words")"
wait_for 20 "the wish taken back" is_state "$number" taken-back
hub erase receipt "$number" | grep -q 'a consent given later took the wish back' || wrong "the receipt has no reason"
refused 1 'took the wish back' as officer erase decide "$number" --refuse "example"
refused 1 'nothing is to be taken back' node $SITE change back --file "$WORLD/back-code"
as officer erase run 2>&1 | grep -qx 'nobody waits to be erased' || wrong "it is carried out all the same"
acts_say() { "$BIN/weir-audit" list "$HUB/log" --json --action erasure-taken-back 2>/dev/null | grep -q .; }
wait_for 10 "the log" acts_say

# An objection that was looked at, and a person who can decide again: they are in the tables again, too.
for level in objection:S0004 capacity-lost:S0005; do
	printf '%s\n' "${level#*:}" >"$WORLD/code"
	quiet node $SITE change --level "${level%:*}" --file "$WORLD/code"
done
refused 1 'the person lost capacity' node $SITE change back --file "$WORLD/code"
refused 2 'either a consultee' node $SITE change back --consultee personal --regained --file "$WORLD/code"
quiet node $SITE change back --regained --file "$WORLD/code"
printf 'S0004\n' >"$WORLD/code"
quiet node $SITE change back --file "$WORLD/code"
refused 1 'nothing is to be taken back' node $SITE change back --file "$WORLD/code"
wait_for 20 "all of it at the hub" all_sent
release_stage W01
release_approve
release_publish "$WORLD/first-table.csv"
[ "$(base_of "$WORLD/first-table.csv")" = "$ROWS" ] || wrong "a base of $(base_of "$WORLD/first-table.csv")"

# After. The site has not heard of it yet: what it takes in goes with the rest.
later=$(ask S0003)
wait_for 20 "the wish at the hub" is_state "$later" stopped
wait_for 30 "everything at the hub" all_sent
as officer erase run | grep -q 'persons 1;' || wrong "not carried out"
back S0003 >/dev/null 2>&1 || true
wait_for 20 "the person gone" is_state "$later" gone
wait_for 30 "the site to delete" is_gone_here "$later"
is_state "$later" gone || wrong "taken back when it was too late"
if back S0003 >/dev/null 2>&1; then wrong "somebody who is gone takes something back"; fi

# In a race.
backs=0
for ((i = 0; i < RACES; i++)); do
	code=$(printf 'S%04d' $((i + 5)))
	one=$(ask "$code")
	wait_for 20 "the wish at the hub" is_state "$one" stopped
	wait_for 30 "everything at the hub" all_sent
	sleep 1
	back "$code" >/dev/null 2>&1 &
	taking=$!
	sleep "0.$((i * 2))"
	as officer erase run >/dev/null 2>&1 || true
	wait "$taking" || true
	wait_for 20 "a wish settled" is_settled "$one"
	if is_state "$one" taken-back; then
		backs=$((backs + 1))
		if is_gone_here "$one"; then wrong "taken back, and gone at the site"; fi
	else
		wait_for 30 "the site to delete" is_gone_here "$one"
	fi
done
wait_for 30 "everything at the hub" all_sent
release_stage W01
release_approve
release_publish "$WORLD/table.csv"
[ "$(base_of "$WORLD/table.csv")" = $((ROWS - 1 - RACES + backs)) ] ||
	wrong "a base of $(base_of "$WORLD/table.csv") with $backs of $RACES taken back"
quiet hub check --read-data --passphrase-fd 3 3< <(pass services)
quiet node $SITE check --read-data --passphrase-fd 3 3< <(pass $SITE)
say "taken back before, not after; in $RACES races $backs were taken back and $((RACES - backs)) gone, at hub and site alike"
