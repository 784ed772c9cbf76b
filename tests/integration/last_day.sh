#!/usr/bin/env bash
# A version of the study has a last day at a site (row 58, I7): the hub puts it off by itself as long as it is
# heard. A site that was without a link for longer takes no new consents and no new records; what tablets
# finished is held and lost by nobody, a withdrawal is taken, what was collected goes to the hub. A clock
# that is set back changes nothing, a word of the hub that ran out is refused, the next one lets all go on.
#
# Site exa of the example study, [study] manifest_days = 14, its clock inside the first wave.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/carried.sh
. "$HERE/carried.sh"
# shellcheck source=tests/integration/first_wave.sh
. "$HERE/first_wave.sh"
STAFF=4
# In the order in which they are sent: consent and record of each person. The third has agreed in time.
RECORD_3=0005.xml
CONSENT_4=0006.xml
RECORD_4=0007.xml
LATER_S=$((15 * 86400))
WORDS='in force here until'
START_S_OFFSET=$WEIR_CLOCK_OFFSET_S

held_count() { node exa held list --json | python3 "$HERE/look.py" count; }
records() { node exa status --json | python3 "$HERE/look.py" node | cut -d' ' -f2; }
is_held() { [ "$(held_count)" = "$1" ]; }
sent() {
	python3 "$HERE/collect.py" "$BASE" send "$WORLD/sent/exa/$1" >"$WORLD/said" 2>&1 || true
	grep -q "^$2" "$WORLD/said" || wrong "$1: expected $2: $(cat "$WORLD/said") $(lacks exa)"
}
is_over() { [ "$(node exa status --json | json over)" = true ]; }
is_in_force() { ! is_over; }
until_day() { node exa status --json | json in_force_until; }
says() { grep -q -- "$1" <<<"$(node exa status)" || wrong "status does not say '$1': $(node exa status)"; }
# At the site it is so much later than at the beginning, whatever the hub does.
exa_at() {
	stop node-exa
	WEIR_CLOCK_OFFSET_S=$((START_S_OFFSET + $1))
	node_start exa
	BASE=$(tablet_at exa "${BASE##*/}")
}
hold_back() {
	python3 - "$WORLD/sent/exa/submissions.json" "$@" <<-'END'
		import json, sys
		sent = json.load(open(sys.argv[1], encoding="utf-8"))
		left = [s for s in sent if s["xml"] not in sys.argv[2:]]
		assert len(left) == len(sent) - len(sys.argv[2:])
		json.dump(left, open(sys.argv[1], "w", encoding="utf-8"))
	END
}

begin() {
	example_pack "$WORLD/pack"
	sed -i 's/^manifest_days = .*/manifest_days = 14/' "$WORLD/pack/study.ini"
	hub_open "$WORLD/pack"
	papers "$WORLD/pack" exa
	site exa
	BASE=$(open_tablet exa)
	node exa code make --count "$STAFF" >"$WORLD/codes"
	fill_in "$WORLD/sent" "$STAFF" 0 "exa=$WORLD/codes"
	hold_back "$RECORD_3" "$CONSENT_4" "$RECORD_4"
	quiet "$PARTNERSHIP/send.py" "$BASE" "$WORLD/sent/exa"
	wait_for "$SYNC_S" "two records at the hub" at_hub exa 2+
	BEFORE=$(records)
}

# The hub says a last day, and both sides show it.
said_on_both_sides() {
	says "study version 1, $WORDS 2027-03-24T"
	grep -q 'told last that version 1 is in force until 2027-03-24T' <<<"$(hub status)" ||
		wrong "the hub does not say until when: $(hub status)"
}

# What the hub says while the site does not listen, carried too late.
leave_alone() {
	stop node-exa
	approval later --kind rec
	quiet hub bundle write "$WORLD/old" --node exa
	stop hub
}

over() {
	say "fifteen days without a word of the hub"
	exa_at "$LATER_S"
	is_over || wrong "it is not over: $(node exa status)"
	says "study version 1, was $WORDS 2027-03-24T"
	says 'not collected now: .*before the hub is heard again'
	sent "$RECORD_3" 202
	sent "$CONSENT_4" 202
	sent "$RECORD_4" 202
	is_held 3 || wrong "not three are held: $(node exa held list)"
	[ "$(node exa held list --json | grep -o "$WORDS" | wc -l)" -ge 2 ] ||
		wrong "held for something else: $(node exa held list --json)"
	node exa import --form consent --template >"$WORLD/heading"
	tool sheet "$WORLD/heading" "$WORLD/sent/exa/$CONSENT_4" >"$WORLD/sheet.csv"
	refused 1 "$WORDS" node exa import --form consent "$WORLD/sheet.csv"
	grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}' "$WORLD/codes" | sed -n 1p >"$WORLD/code"
	quiet node exa change --level no-further-use --file "$WORLD/code"
	quiet node exa bundle write "$WORLD/stick"
}

still_over() {
	say "a word of the hub that ran out, and a clock that is set back"
	refused 1 'is over: what was in force before stays' node exa bundle read "$WORLD/old"
	says 'refused: a newer word of the hub about the study, which had run out on 2027-03-24T'
	exa_at 0
	is_over || wrong "the clock brought it back: $(node exa status)"
	is_held 3 || wrong "the clock let it go on"
}

carried_back() {
	say "the hub is heard by a bundle: what was held goes on"
	WEIR_CLOCK_OFFSET_S=$((START_S_OFFSET + LATER_S))
	listen_on "tcp://127.0.0.1:$(python3 "$HERE/look.py" port)"
	hub_start
	grep -q 'what exa was told last of the study counted until 2027-03-24T' <<<"$(hub status)" ||
		wrong "the hub does not say so: $(hub status)"
	quiet hub bundle read "$WORLD/stick" --reply "$WORLD/fresh"
	exa_at "$LATER_S"
	is_over || wrong "it is in force before anything was read"
	quiet node exa bundle read "$WORLD/fresh"
	is_in_force || wrong "it is still over: $(node exa status)"
	says "study version 1, $WORDS 2027-04-08T"
	can_collect exa || wrong "it lacks something: $(lacks exa)"
	wait_for 20 "what was held to go on" is_held 0
}

connected_again() {
	say "and by a connection: everything is there, and the last day is put off by itself"
	hub_back
	wait_for "$SYNC_S" "the other two records at the hub" at_hub exa "$((BEFORE + 2))+"
	stop hub
	WEIR_CLOCK_OFFSET_S=$((START_S_OFFSET + LATER_S + 86400))
	hub_start
	exa_at "$((LATER_S + 86400))"
	put_off() { [[ $(until_day) == 2027-04-09T* ]]; }
	wait_for "$SYNC_S" "a later last day" put_off
	if grep -q 'told last of the study counted' <<<"$(hub status)"; then wrong "the hub says it is over"; fi
}

# Read as a whole before any of it runs: whoever changes this file meanwhile changes no run.
{
	world_begin
	begin
	said_on_both_sides
	leave_alone
	over
	still_over
	carried_back
	connected_again
	say "last_day: all held"
	exit
}
