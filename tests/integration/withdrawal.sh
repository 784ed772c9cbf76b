#!/usr/bin/env bash
# A person withdraws (D-80): what was frozen before cannot be published, the next cohort is without the
# person, and `why` and the log show the chain of reasons.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITES=(australia norway sweden)
ROWS=48
CODE=A0007

publish_as() {
	release_stage W01
	release_approve
	release_publish "$1"
}

world_begin
study_begin "${SITES[@]}"
sites_loaded "$ROWS" "${SITES[@]}"
keeper_unlock
publish_as "$WORLD/before.csv"
expect_base australia "$WORLD/before.csv" "$ROWS"
expect_base ALL "$WORLD/before.csv" $((3 * ROWS))
say "before: $ROWS people at australia"

# Frozen and approved before the withdrawal; published after it.
release_stage W01
release_approve
printf '%s\n' "$CODE" >"$WORLD/code"
# What it would do, before it is done: nothing changes.
node australia change --level no-further-use --dry-run --file "$WORLD/code" >"$WORLD/plan" ||
	wrong "what a withdrawal would do is not said"
for words in 'Nothing was done' 'use-aggregate' 'leaves all of them' 'copies of' 'hold --receipt'; do
	grep -q "$words" "$WORLD/plan" || wrong "the plan does not say: $words"
done
node australia change --level no-further-use --dry-run --json --file "$WORLD/code" >"$WORLD/plan"
record=$(grep -oE '[0-9a-f]{8}\.1\.R\.[0-9]+' "$WORLD/plan" | head -n 1)
[ -n "$record" ] || wrong "the plan names no record"

# The receipt (D-80): telephone number first, words, no code of the person and no entry.
node australia change --level no-further-use --file "$WORLD/code" >"$WORLD/receipt" ||
	wrong "the withdrawal was not taken"
head -n 1 "$WORLD/receipt" | grep -q 'Ring' || wrong "the receipt does not begin with whom to ring"
for words in 'Receipt number' 'From now on' 'What stays' 'cannot be undone' 'could still open'; do
	grep -q "$words" "$WORLD/receipt" || wrong "the receipt does not say: $words"
done
if grep -qE "$CODE|$record" "$WORLD/receipt"; then wrong "the receipt shows the study code or a record"; fi
change_is_logged() { [ "$(leaves participation-changed)" = "1 1" ]; }
wait_for 20 "the change in the log" change_is_logged

refused 1 'changed since the freeze' as researcher release publish "$RELEASE"
say "what was frozen before cannot be published"

publish_as "$WORLD/after.csv"
expect_base australia "$WORLD/after.csv" $((ROWS - 1))
expect_base norway "$WORLD/after.csv" "$ROWS"
expect_base ALL "$WORLD/after.csv" $((3 * ROWS - 1))
say "after: $((ROWS - 1)) people at australia"

hub why "$record" >"$WORLD/why" || wrong "why does not answer"
grep -q 'R08' "$WORLD/why" || wrong "why does not name the rule"
grep -q 'no-further-use\|withdr\|participation' "$WORLD/why" || wrong "why does not name the change"
grep -qE 'deny|denied' "$WORLD/why" || wrong "why does not say that the record is out"
say "why $record:"
sed 's/^/  /' "$WORLD/why"

for action in consent-received record-received participation-changed cohort-frozen released; do
	[ "$(leaves "$action" | cut -d' ' -f1)" -ge 1 ] || wrong "no leaf says $action"
done
quiet "$BIN/weir-audit" verify "$HUB/log" --key "$(cat "$HUB/vkey")"
if grep -rqa "$CODE" "$HUB"; then wrong "the study code is at the hub"; fi

# An unknown code, a level that nobody promised: one sentence, nothing changed.
before=$(counts australia)
printf 'A9999\n' >"$WORLD/code"
refused 1 'no consent\|not known\|unknown' node australia change --level no-further-use --file "$WORLD/code"
printf '%s\n' "$CODE" >"$WORLD/code"
refused '1|2' 'level' node australia change --level everything --file "$WORLD/code"
[ "$(counts australia)" = "$before" ] || wrong "a refused withdrawal changed something"
say "refused withdrawals change nothing"

# A lesser change behind it gives nothing back, and no paper says that it does.
node australia change --level no-more-collection --file "$WORLD/code" >"$WORLD/lesser" || wrong "a lesser change was not taken"
grep -q 'What stays: .* in no table' "$WORLD/lesser" || wrong "the receipt of a lesser change: $(cat "$WORLD/lesser")"
say "a lesser change gives nothing back"

# A file that cannot be written takes nothing back: the release is made, and its table is there to be had.
release_stage W01
release_approve
refused 1 'is not released' hub release show "$RELEASE" --out "$WORLD/early.csv"
refused 3 'is released, and .weir-hub release show' as researcher release publish "$RELEASE" --out "$WORLD/nowhere/a.csv"
quiet hub release show "$RELEASE" --out "$WORLD/again.csv"
expect_base norway "$WORLD/again.csv" "$ROWS"
say "the table of a release can be had again"
