#!/usr/bin/env bash
# "At collection" is when a form was filled in, not when it arrived (D-18, D-88, D-99), with the real
# programs: what was filled in before the consent, before the plan or behind the last second of a window
# stays at the site however late it is sent, what was filled in within all of them is permitted at node
# and hub a day later; a tablet whose clock cannot be right is looked at by a person; sheets say when.
# The example study, its clock inside the first wave, the staff survey's window closed the day before.
# shellcheck source=tests/integration/lib.sh disable=SC2317
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/first_wave.sh
. "$HERE/first_wave.sh"
PEOPLE=12
UNSEALED="R23: plan and indicators were not sealed before the wave's first record"

# sent STATUS FILE [NAME=VALUE...]: with these answers.
sent() {
	tool change "$2" "$WORLD/sent.xml" instance=same "${@:3}"
	python3 "$HERE/collect.py" "$BASE" send "$WORLD/sent.xml" >"$WORLD/said" 2>&1 || true
	grep -q -- "$1" "$WORLD/said" ||
		wrong "$2 ${*:3}: expected $1: $(cat "$WORLD/said") $(lacks exa) $(node exa held list --json)"
}
# held_for WORDS: the only one that is held, and why; it is dropped.
held_for() {
	node exa held list --json >"$WORLD/held"
	[ "$(python3 "$HERE/look.py" count <"$WORLD/held")" = 1 ] || wrong "not one is held: $(cat "$WORLD/held")"
	grep -qF -- "$1" "$WORLD/held" || wrong "it is not held for '$1': $(cat "$WORLD/held")"
	HELD=$(json 0.held <"$WORLD/held")
}
dropped() {
	held_for "$1"
	quiet node exa held drop "$HELD"
}
why() { hub why "$WRITER.1.R.$1" "${@:2}"; }
# permitted NUMBER SECOND: the record is permitted at the hub, as collected then.
permitted() {
	why "$1" --json | grep -q '"now":{"outcome":"permit"' || wrong "why $1: $(why "$1")"
	[ "$(why "$1" --json | json captured_s)" = "$(date -u -d "$2" +%s)" ] || wrong "not collected then: $(why "$1")"
	why "$1" | grep -q 'captured .*, as was said of it$' || wrong "nobody says so: $(why "$1")"
}

begin() {
	example_pack "$WORLD/pack" --opens user_p2=2027-02-01 --rule R22
	sed -i '/^\[wave.1\]/,/^\[wave.2\]/s/^staff_p1.closes = .*/staff_p1.closes = 2027-03-09/' "$WORLD/pack/study.ini"
	open_exa "$PEOPLE"
	fill_in "$WORLD/people" 6 6 "exa=$WORLD/codes"
	mapfile -t CONSENT < <(tool of "$WORLD/people/exa" consent)
	mapfile -t STAFF < <(tool of "$WORLD/people/exa" staff_p1)
	mapfile -t USER < <(tool of "$WORLD/people/exa" user_p2)
	mapfile -t PROFILE < <(tool of "$WORLD/people/exa" site_profile)
	local file
	for file in "${CONSENT[@]}"; do sent 201 "$file" given_at=2027-03-05T10:00:00.000+00:00; done
}

window() {
	say "the last second of a window, sent a day later, and the second behind it"
	sent 202 "${STAFF[0]}" end=2027-03-10T00:00:00.000+00:00
	dropped "no wave of the form was open on the day it was filled in"
	sent 202 "${STAFF[1]}"
	dropped "and it does not say when it was filled in"
	sent 201 "${STAFF[2]}" end=2027-03-09T23:59:59.000+00:00
}

consent() {
	say "the second of the consent, and the second before it"
	sent 202 "${USER[0]}" end=2027-03-05T09:59:59.999+00:00
	dropped "consent"
	sent 201 "${USER[1]}" end=2027-03-05T10:00:00.000+00:00
}

clocks() {
	say "a tablet whose clock cannot be right"
	sent 202 "${USER[2]}" end=2027-03-11T12:00:00.000+00:00
	dropped "the clock of the tablet is ahead"
	sent 202 "${USER[3]}" end=1970-01-01T00:00:10.000+00:00
	held_for "has lost its time"
	quiet node exa held accept "$HELD"
}

sheets() {
	say "paper that is typed in later"
	node exa import --form staff_p1 --template >"$WORLD/heading"
	grep -q ',filled_in$' "$WORLD/heading" || wrong "no column filled_in: $(cat "$WORLD/heading")"
	tool sheet "$WORLD/heading" "${STAFF[3]}" "${STAFF[4]}" >"$WORLD/staff.csv"
	refused 1 'takes no records today' node exa import --form staff_p1 "$WORLD/staff.csv"
	refused 1 'later than now' node exa import --form staff_p1 "$WORLD/staff.csv" --filled-in 2027-03-11
	refused 1 'takes no records then' node exa import --form staff_p1 "$WORLD/staff.csv" --filled-in 2027-03-10
	refused 1 'consent' node exa import --form staff_p1 "$WORLD/staff.csv" --filled-in 2027-03-04
	tool sheet "$WORLD/heading" "${STAFF[3]}" filled_in=2027-03-08T09:30 >"$WORLD/dated.csv"
	quiet node exa import --form staff_p1 "$WORLD/dated.csv" --filled-in 2027-03-11
	[ "$(node exa import --form staff_p1 "$WORLD/staff.csv" --filled-in 2027-03-09 --json)" = \
		'{"form":"staff_p1","loaded":1,"already_loaded":1,"filled_in_now":0}' ] || wrong "not as the sheet says"
	node exa import --form user_p2 --template >"$WORLD/heading"
	tool sheet "$WORLD/heading" "${USER[4]}" >"$WORLD/user.csv"
	node exa import --form user_p2 "$WORLD/user.csv" | grep -q '^filled_in_now 1 rows' || wrong "nothing says it is of today"
}

at_the_hub() {
	wait_for "$SYNC_S" "the records at the hub" at_hub exa 6+
	WRITER=$(of_node exa writer)
	permitted 1 "2027-03-09 23:59:59"
	permitted 2 "2027-03-05 10:00:00"
	why 3 | grep -q 'captured .*, when it came in at the site$' || wrong "why 3: $(why 3)"
	permitted 4 "2027-03-08 09:30:00"
	permitted 5 "2027-03-09 23:59:59"
}

# The plan is sealed only now: nothing of before it counts, and nothing of before it is taken.
plan() {
	say "filled in before the plan was sealed"
	example_pack "$WORLD/sealed" --opens user_p2=2027-02-01 --rule R23
	sed -i 's/^sealed = no$/sealed = yes/' "$WORLD/sealed/study.ini"
	publish "$WORLD/sealed"
	is_second() { [ "$(node exa status --json | json manifest)" -ge 2 ]; }
	wait_for "$SYNC_S" "the sealed plan at exa" is_second
	sent 202 "${USER[5]}" end=2027-03-10T11:00:00.000+00:00
	dropped "$UNSEALED"
	why 2 | grep -qF "${UNSEALED#R23: }" || wrong "why 2: $(why 2)"
}

world_begin
begin
window
consent
clocks
sheets
at_the_hub
plan
say "collected: all held"
