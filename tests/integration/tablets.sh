#!/usr/bin/env bash
# What a site does with forms beside a smooth day: codes and collectors, agreements by tablet and from
# paper, records that are held and what people decide about them, edits, copies, sheets of every form,
# counts, a form that is closed. The example study, its clock inside the first wave.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/first_wave.sh
. "$HERE/first_wave.sh"
SITE=exa
PEOPLE=14

site_node() { node "$SITE" "$@"; }

begin() {
	example_pack "$WORLD/pack" --opens user_p2=2027-02-01
	hub_open "$WORLD/pack"
	papers "$WORLD/pack" "$SITE"
	site "$SITE"
	wait_for "$SYNC_S" "the study at the site" knows_study "$SITE"
	wait_for 30 "the door" test -s "$(node_dir "$SITE")/run/intake.address"
}

# add_collector ID OPTION...: its address in BASE.
add_collector() {
	local id=$1
	shift
	site_node collector add "$id" --name "example $id" --url "http://$(door "$SITE")" "$@" --json >"$WORLD/$id.json"
	BASE=http://$(door "$SITE")/key/$(json token <"$WORLD/$id.json")
	wait_for 10 "the access of $id" python3 "$HERE/collect.py" "$BASE" forms
}

is_told() { ! python3 "$HERE/collect.py" "$BASE" forms >"$WORLD/said" 2>&1 && grep -q -- "$1" "$WORLD/said"; }
# sent STATUS WORDS FILE [BASE]: a tablet sends it and is told this.
sent() {
	python3 "$HERE/collect.py" "${4:-$BASE}" send "$3" >"$WORLD/said" 2>&1 || true
	grep -q -- "$1.*$2" "$WORLD/said" || wrong "$3: expected $1 '$2': $(cat "$WORLD/said")"
	say "  $(cat "$WORLD/said")"
}

# held_is COUNT [WHY]: so many are held; the name of the first with these words in HELD.
held_is() {
	site_node held list >"$WORLD/held"
	[ "$(wc -l <"$WORLD/held")" = "$1" ] || wrong "not $1 held: $(cat "$WORLD/held")"
	[ "$1" = 0 ] && return
	HELD=$(grep -m 1 -- "${2-}" "$WORLD/held" | cut -d' ' -f1)
	[ -n "$HELD" ] || wrong "none is held for '$2': $(cat "$WORLD/held")"
}
# kept LANE: entries of this lane.
kept() {
	site_node status --json | python3 -c 'import json, sys
print(next(lane["kept"] for lane in json.load(sys.stdin)["lanes"] if lane["lane"] == sys.argv[1]))' "$1"
}
kept_is() { [ "$(kept R)" = "$1" ] || wrong "$(kept R) records are kept, expected $1"; }
all_at_hub() {
	site_node status --json | python3 -c 'import json, sys
sys.exit(any(lane["kept"] != lane["at_hub"] for lane in json.load(sys.stdin)["lanes"] if lane["lane"] in "CR"))'
}
counted() { site_node counts show | grep -q "^$1\$" || wrong "no count $1: $(site_node counts show)"; }

in_log() { "$BIN/weir-audit" list "$HUB/log" --json --action act-received 2>/dev/null | grep -q "$1"; }

codes_and_collectors() {
	say "codes and collectors"
	site_node code make --count "$PEOPLE" >"$WORLD/codes"
	[ "$(grep -cE '[0-9A-Z]{4}-[0-9A-Z]{4}' "$WORLD/codes")" = "$PEOPLE" ] || wrong "not $PEOPLE codes: $(cat "$WORLD/codes")"
	fill_in "$WORLD/people" 4 6 "$SITE=$WORLD/codes"
	mapfile -t CONSENT < <(tool of "$WORLD/people/$SITE" consent)
	mapfile -t STAFF < <(tool of "$WORLD/people/$SITE" staff_p1)
	mapfile -t USER < <(tool of "$WORLD/people/$SITE" user_p2)
	mapfile -t PROFILE < <(tool of "$WORLD/people/$SITE" site_profile)

	add_collector few --requests-per-minute 4
	local i
	for _ in 1 2 3 4 5; do python3 "$HERE/collect.py" "$BASE" forms >"$WORLD/said" 2>&1 || true; done
	grep -q 'status 429' "$WORLD/said" || wrong "no quota: $(cat "$WORLD/said")"
	say "  $(cat "$WORLD/said")"
	refused 1 'there already' site_node collector add few --name again --url "http://$(door "$SITE")"
	quiet site_node collector revoke few
	wait_for 15 "the end of its access" is_told "status 403"
	say "  $(cat "$WORLD/said")"
	add_collector tablet --requests-per-minute 60000 --mib-per-day 1000
	site_node collector list
}

consents() {
	say "a record waits for its consent"
	sent 202 '' "${STAFF[0]}"
	held_is 1 consent
	site_node held show "$HELD"
	kept_is 0
	sent 201 '' "${CONSENT[0]}"
	held_is 0
	kept_is 1
	say "agreements on paper, from a sheet"
	site_node import --form consent --template >"$WORLD/consent.heading"
	tool sheet "$WORLD/consent.heading" "${CONSENT[@]:1}" >"$WORLD/consents.csv"
	site_node import --form consent "$WORLD/consents.csv"
	sent 201 '' "${STAFF[1]}"
	kept_is 2
}

decisions() {
	say "a code that nobody has"
	tool change "${STAFF[2]}" "$WORLD/stranger.xml" "participant=$(tool code "$WORLD/codes")"
	sent 202 '' "$WORLD/stranger.xml"
	held_is 1 code
	site_node held show "$HELD"
	site_node held accept "$HELD"
	held_is 1 consent
	refused 1 '' site_node held accept "000000000000"
	site_node held drop "$HELD"
	held_is 0
	say "the same number with other answers"
	tool change "${STAFF[1]}" "$WORLD/copy.xml" instance=same mode=mixed depth=1
	sent 202 '' "$WORLD/copy.xml"
	held_is 1
	refused 1 '' site_node held accept "$HELD"
	site_node held drop "$HELD"
	sent 409 'erased' "$WORLD/copy.xml"
	held_is 0
	say "an answer that the form does not take"
	tool change "${STAFF[2]}" "$WORLD/wrong.xml" depth=77
	sent 202 '' "$WORLD/wrong.xml"
	held_is 1
	site_node held show "$HELD"
	site_node held drop "$HELD"
	say "a text that leads to a person"
	tool change "${STAFF[2]}" "$WORLD/leads.xml" "worse=ring 07700 900123" "participant=$(tool code "$WORLD/codes")"
	sent 202 '' "$WORLD/leads.xml"
	held_is 1 'leads to a person'
	site_node held show "$HELD" >"$WORLD/shown"
	grep -q 'worse: the text looks like a telephone number' "$WORLD/shown" || wrong "no kind: $(cat "$WORLD/shown")"
	if grep -q 07700 "$WORLD/shown"; then wrong "the text is shown"; fi
	refused 1 'text-kept' site_node held accept "$HELD"
	quiet site_node held accept "$HELD" --text-kept
	held_is 1 consent
	wait_for 20 "the act in the log" in_log text-kept
	site_node held drop "$HELD"
	tool change "${STAFF[2]}" "$WORLD/leads.xml" "worse=write to a.person@example.org" \
		"participant=$(tool code "$WORLD/codes")"
	sent 202 '' "$WORLD/leads.xml"
	held_is 1 'leads to a person'
	quiet site_node held drop-text "$HELD"
	held_is 1 consent
	wait_for 20 "the act in the log" in_log text-taken-out
	refused 1 'another reason than its text' site_node held drop-text "$HELD"
	site_node held drop "$HELD"
	say "edits: of the record, and once more of what it was before"
	tool change "${STAFF[1]}" "$WORLD/edit.xml" edits=yes depth=2
	sent 201 '' "$WORLD/edit.xml"
	kept_is 3
	tool change "${STAFF[1]}" "$WORLD/branch.xml" edits=yes depth=4
	sent 202 '' "$WORLD/branch.xml"
	held_is 1
	site_node held show "$HELD"
	site_node held accept "$HELD"
	kept_is 4
	site_node collector list
}

sheets() {
	say "interviews and the profile of the site, from sheets"
	site_node import --form user_p2 --template >"$WORLD/user.heading"
	tool sheet "$WORLD/user.heading" "${USER[@]:0:5}" >"$WORLD/users.csv"
	site_node import --form user_p2 "$WORLD/users.csv"
	site_node import --form user_p2 "$WORLD/users.csv"
	kept_is 9
	tool change "${USER[5]}" "$WORLD/nobody.xml" who=
	sent 202 '' "$WORLD/nobody.xml"
	held_is 1
	site_node held show "$HELD"
	site_node held drop "$HELD"
	tool sheet "$WORLD/user.heading" "$WORLD/nobody.xml" >"$WORLD/nobody.csv"
	refused 1 'nothing was loaded' site_node import --form user_p2 "$WORLD/nobody.csv"
	cat "$WORLD/logs/refused.err"
	site_node import --form site_profile --template >"$WORLD/profile.heading"
	tool sheet "$WORLD/profile.heading" "${PROFILE[0]}" >"$WORLD/profile.csv"
	site_node import --form site_profile "$WORLD/profile.csv"
	kept_is 10
	say "a later profile takes the place of the first"
	tool change "${PROFILE[0]}" "$WORLD/later.xml" population=123456
	tool sheet "$WORLD/profile.heading" "$WORLD/later.xml" >"$WORLD/later.csv"
	refused 1 'neither a coordinator' site_node import --form site_profile "$WORLD/later.csv" --by nobody
	site_node delegation add s1 collect --from 2026-01-01
	site_node import --form site_profile "$WORLD/later.csv" --by s1
	site_node import --form site_profile "$WORLD/later.csv" --by s1
	kept_is 11
	wait_for 20 "who brought the sheet" has_act c1 "imported: user_p2"
	wait_for 20 "who brought the later profile" has_act s1 "imported: site_profile"
	[ "$(acts s1 imported)" = 1 ] || wrong "a sheet that was on file left an act"
}

counting() {
	say "counts"
	"$PARTNERSHIP/counts.py" "$WORLD/people/$SITE/truth.json" entered >"$WORLD/entered.csv"
	site_node counts set "$WORLD/entered.csv"
	counted "1,completed,staff_p1,staff,,2"
	counted "1,completed,user_p2,carer,,1"
	counted "1,completed,user_p2,former,,1"
	counted "1,completed,user_p2,user,,3"
	counted "1,eligible,staff_p1,staff,,276"
	local before
	before=$(kept R)
	site_node counts set "$WORLD/entered.csv"
	[ "$(kept R)" = "$before" ] || wrong "the same counts made a record again"
}

is_version() { [ "$(site_node status --json | json manifest)" -ge "$1" ]; }
is_closed() { ! python3 "$HERE/collect.py" "$BASE" forms | grep -q staff_p1; }
closing() {
	say "a form that is closed: corrections are taken, what does not say that it was filled in before waits"
	sed -i '/^\[form.staff_p1\]/a state = closed' "$WORLD/pack/study.ini"
	publish "$WORLD/pack"
	wait_for "$SYNC_S" "version 2 of the study" is_version 2
	wait_for 15 "the form to leave the list" is_closed
	sent 202 'coordinator' "${STAFF[3]}"
	site_node held show "$(site_node held list | awk '/not approved here/ { print $1 }')" | grep -q 'form staff_p1 is closed' ||
		wrong "it is not held for the form: $(site_node held list)"
	tool change "${STAFF[0]}" "$WORLD/late.xml" edits=yes depth=3
	sent 201 'correction' "$WORLD/late.xml"
}

world_begin
begin
codes_and_collectors
consents
decisions
sheets
counting
wait_for "$SYNC_S" "everything at the hub" all_at_hub
closing
wait_for "$SYNC_S" "everything at the hub" all_at_hub
stop "node-$SITE"
sound_memory "$WORLD/logs/node-$SITE.log"
say "tablets: all as it should be"
