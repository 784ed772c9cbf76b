#!/usr/bin/env bash
# On paper before the first record, with the real programs: nothing is collected before the analysis plan
# and the indicators are sealed (D-99), none of people before the site has said its task and why (D-6); a
# form of phase 2 waits for its amendment (D-67). What was collected before stays aside for good.
# The example study, its clock inside the first wave; site exa.
# shellcheck source=tests/integration/lib.sh disable=SC2317
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/first_wave.sh
. "$HERE/first_wave.sh"
PEOPLE=6
WORDS_S=30
UNSEALED="R23: plan and indicators were not sealed before the wave's first record"
NO_TASK="R23: the site's task and stated reason were not recorded before"

held() { node exa held list --json; }
# sent STATUS FILE
sent() {
	python3 "$HERE/collect.py" "$BASE" send "$2" >"$WORLD/said" 2>&1 || true
	grep -q -- "$1" "$WORLD/said" || wrong "$2: expected $1: $(cat "$WORLD/said") $(lacks exa) $(held)"
}
# held_for COUNT WORDS: so many are held, and one of them for this.
held_for() {
	[ "$(held | python3 "$HERE/look.py" count)" = "$1" ] || wrong "not $1 held: $(held)"
	grep -qF -- "$2" <<<"$(held)" || wrong "none is held for '$2': $(held)"
}
lacks_only() { [ "$(lacks exa)" = "$1" ]; }
seal() {
	sed -i 's/^sealed = no$/sealed = yes/' "$WORLD/pack/study.ini"
	publish "$WORLD/pack"
}

begin() {
	example_pack "$WORLD/pack" --opens user_p2=2027-02-01 --rule R23
	open_exa "$PEOPLE"
	fill_in "$WORLD/people" 2 4 "exa=$WORLD/codes"
	mapfile -t CONSENT < <(tool of "$WORLD/people/exa" consent)
	mapfile -t USER < <(tool of "$WORLD/people/exa" user_p2)
	mapfile -t PROFILE < <(tool of "$WORLD/people/exa" site_profile)
}

world_begin
begin
for file in "${CONSENT[@]}"; do sent 201 "$file"; done
lacks_only "$UNSEALED" || wrong "exa lacks something else: $(lacks exa)"
sent 202 "${USER[0]}"
held_for 1 "$UNSEALED"
sent 202 "${PROFILE[0]}"
held_for 2 "$UNSEALED"
node exa import --form user_p2 --template >"$WORLD/heading"
tool sheet "$WORLD/heading" "${USER[1]}" >"$WORLD/sheet.csv"
refused 1 "$UNSEALED" node exa import --form user_p2 "$WORLD/sheet.csv"
say "D-99: nothing is collected before the plan is sealed"

seal
wait_for "$WORDS_S" "the sealed plan at exa" lacks_only "$NO_TASK"
sleep 1 # a record says its whole second: one of the second of the sealing is before it
sent 202 "${USER[1]}"
held_for 3 "$NO_TASK"
grep -q "not collected now: .*user_p2.*$NO_TASK" <<<"$(node exa status)" || wrong "status: $(node exa status)"
if grep -q 'not collected now: .*site_profile' <<<"$(node exa status)"; then wrong "the profile waits for itself"; fi
say "D-6: nobody is asked before the site has said its task and why"

tool change "${PROFILE[0]}" "$WORLD/profile.xml"
sent 201 "$WORLD/profile.xml"
wait_for "$WORDS_S" "exa to collect" can_collect exa
sleep 1
sent 201 "${USER[2]}"
held_for 3 "$UNSEALED"
grep -q "held on: what the site needs" <<<"$(node exa held accept "$(held | json 0.held)")" ||
	wrong "what came before the plan goes on: $(held)"
held_for 3 "$UNSEALED"
wait_for "$SYNC_S" "the records at the hub" at_hub exa 2+
WRITER=$(of_node exa writer)
for entry in 1 2; do
	hub why "$WRITER.1.R.$entry" --json | grep -q '"outcome":"permit"' ||
		wrong "why $entry: $(hub why "$WRITER.1.R.$entry")"
done
say "both on paper: collected, permitted at the hub; what came before stays aside"

# The officers publish a plan that is not sealed any more: nothing that was collected counts.
sed -i 's/^sealed = yes$/sealed = no/' "$WORLD/pack/study.ini"
publish "$WORLD/pack"
for entry in 1 2; do
	grep -q "hold.*R23\|R23.*hold" <<<"$(hub why "$WRITER.1.R.$entry")" ||
		wrong "why $entry: $(hub why "$WRITER.1.R.$entry")"
done
wait_for "$WORDS_S" "exa to stop" lacks_only "$UNSEALED"
say "plan: all held"
