#!/usr/bin/env bash
# What a site may do at all, where people are asked: nothing is collected before every kind of approval
# that the site needs is in force, and what runs out ends that day, with no link to the hub, too (D-88);
# sites of different kinds need different sets (D-89); who may not approach people, take consent or
# collect, does not (D-81). And whom the study took out after a call is asked by the site which level they meant.
# The example study, its clock inside the first wave; site exa is of the NHS, exd a private one.
# shellcheck source=tests/integration/lib.sh disable=SC2317
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/first_wave.sh
. "$HERE/first_wave.sh"
LAST_DAY=2027-03-10
SITES=(exa exd)
PEOPLE=8
WORDS_S=20
declare -A BASE=()

held_count() { node "$1" held list --json | python3 "$HERE/look.py" count; }
is_held() { [ "$(held_count "$1")" = "$2" ]; }
records() { node "$1" status --json | python3 "$HERE/look.py" node | cut -d' ' -f2; }
has_records() { [ "$(records "$1")" = "$2" ]; }
# sent SITE STATUS FILE: a tablet of the site sends it and is answered with this.
sent() {
	python3 "$HERE/collect.py" "${BASE[$1]}" send "$3" >"$WORLD/said" 2>&1 || true
	grep -q -- "$2" "$WORLD/said" || wrong "$1, $3: expected $2: $(cat "$WORLD/said") $(lacks "$1")"
}
# held_for SITE COUNT WORDS: so many are held, one of them for these words.
held_for() {
	is_held "$1" "$2" || wrong "not $2 held at $1: $(node "$1" held list)"
	grep -q -- "$3" <<<"$(node "$1" held list --json)" ||
		wrong "none is held for '$3': $(node "$1" held list --json)"
}
says_lack() { grep -q "^$2:" <<<"$(lacks "$1")"; }
stops_to_lack() { ! says_lack "$1" "$2"; }
# does_say SITE RULE...: all of them, in one answer.
does_say() {
	local site=$1 said rule
	said=$(lacks "$site")
	shift
	for rule in "$@"; do
		grep -q "^$rule:" <<<"$said" || wrong "$site does not say $rule: $said"
	done
}
does_not_say() { stops_to_lack "$1" "$2" || wrong "$1 says $2: $(lacks "$1")"; }

begin() {
	example_pack "$WORLD/pack" --opens user_p2=2027-02-01 \
		--rule R05 --rule R11 --rule R20
	# A private provider that works with nobody of the council or of the NHS.
	sed -i '/^exd,/s/rec;la_rg;provider;hra;nhs_rg;dsa;dpia/rec;provider;dsa;dpia/' "$WORLD/pack/sites.csv"
	hub_open "$WORLD/pack"
	local site
	sites "${SITES[@]}"
	for site in "${SITES[@]}"; do
		BASE[$site]=$(open_tablet "$site")
		node "$site" code make --count "$PEOPLE" >"$WORLD/codes-$site"
	done
	APPROACHER=local-1 fill_in "$WORLD/people-exa" 2 6 "exa=$WORLD/codes-exa"
	fill_in "$WORLD/people-exd" 2 6 "exd=$WORLD/codes-exd"
	mapfile -t CONSENT < <(tool of "$WORLD/people-exa/exa" consent)
	mapfile -t USER < <(tool of "$WORLD/people-exa/exa" user_p2)
	mapfile -t CONSENT_D < <(tool of "$WORLD/people-exd/exd" consent)
	mapfile -t USER_D < <(tool of "$WORLD/people-exd/exd" user_p2)
}

# Consents of both sites as a taker on the log would hand them in; in the order of the records.
prepare() {
	local i other
	for i in "${!CONSENT[@]}"; do
		tool change "${CONSENT[i]}" "$WORLD/consent-exa-$i.xml" taken_by=local-1 approached_by=local-staff &
		other=$!
		tool change "${CONSENT_D[i]}" "$WORLD/consent-exd-$i.xml" taken_by=local-1 approached_by=care-team
		wait "$other"
	done
}

# D-81: who approached people, and who took the consent, has to be allowed to.
who_may() {
	say "D-81: who may approach people and take consent"
	local one=$WORLD/consent-exa-0.xml
	tool change "$one" "$one" mode=written witness= witnessed=no
	sent exa 202 "$one"
	held_for exa 1 "R11: who took the consent was not on the delegation log"
	node exa import --form consent --template >"$WORLD/heading"
	tool sheet "$WORLD/heading" "$one" >"$WORLD/sheet.csv"
	refused 1 'R11' node exa import --form consent "$WORLD/sheet.csv"
	quiet node exa delegation add local-1 consent --from 2027-01-01
	quiet node exd delegation add local-1 consent --from 2027-01-01
	quiet node exd delegation add local-1 collect --from 2027-01-01
	sent exa 202 "$WORLD/consent-exa-1.xml"
	held_for exa 2 "R11: who approached the person was not on the delegation log"
	quiet node exa delegation add local-1 approach --from 2027-01-01
	wait_for "$WORDS_S" "the consents to go on" is_held exa 0
	tool change "$WORLD/consent-exa-1.xml" "$WORLD/researcher.xml" approached_by=researcher
	sent exa 202 "$WORLD/researcher.xml"
	held_for exa 1 "R11: the site does not allow the kind of person who approached"
	node exa held drop "$(node exa held list --json | json 0.held)" >"$WORLD/said"
	local i
	for i in "${!CONSENT[@]}"; do
		[ "$i" = 0 ] || sent exa 201 "$WORLD/consent-exa-$i.xml"
		sent exd 201 "$WORLD/consent-exd-$i.xml"
	done
	has_records exa 0 || wrong "there are records: $(records exa)"
}

# D-88 and D-89: one kind after the other, and nothing before the last of them.
approvals_come() {
	say "D-88, D-89: nothing before all that a site of its kind needs"
	does_say exa R01 R02 R03 R20
	does_say exd R01 R03 R20
	does_not_say exd R02
	sent exa 202 "${USER[0]}"
	held_for exa 1 "R01: no favourable ethics opinion"
	sent exd 202 "${USER_D[0]}"
	held_for exd 1 "R01"
	node exa import --form user_p2 --template >"$WORLD/heading"
	tool sheet "$WORLD/heading" "${USER[1]}" >"$WORLD/sheet.csv"
	refused 1 'R01: no favourable ethics opinion' node exa import --form user_p2 "$WORLD/sheet.csv"
	grep -q 'not collected now: .*user_p2.*R02' <<<"$(node exa status)" || wrong "status: $(node exa status)"

	approval ethics --kind rec
	approval amendment --kind modification --term substantial --covers-forms user_p2@1
	wait_for "$WORDS_S" "the opinion at exa" stops_to_lack exa R01
	is_held exa 1 || wrong "one approval was enough"
	approval site-exd --kind provider --site exd
	approval share-exd --kind dsa --site exd
	approval assessed --kind dpia
	wait_for "$WORDS_S" "exd to collect" can_collect exd
	wait_for "$WORDS_S" "the record of exd to go on" is_held exd 0
	sent exd 201 "${USER_D[1]}"
	has_records exd 2 || wrong "exd has $(records exd) records"
	is_held exa 1 || wrong "exa collects with the set of exd"
	approval site-exa --kind nhs_rg --site exa
	approval share-exa --kind dsa --site exa --until "$LAST_DAY"
	wait_for "$WORDS_S" "the approvals at exa" stops_to_lack exa R20
	does_say exa R02
	is_held exa 1 || wrong "exa collects without hra"
	approval hra --kind hra
	wait_for "$WORDS_S" "the approval at exa" stops_to_lack exa R02
	[ "$(lacks exa)" = "R03: approval la_rg, which the site needs, was not in force at collection" ] ||
		wrong "exa lacks something else: $(lacks exa)"
	is_held exa 1 || wrong "exa collects without the council"
	approval council --kind la_rg --site exa
	wait_for "$WORDS_S" "exa to collect" can_collect exa
	sent exa 202 "${USER[1]}"
	held_for exa 2 "R11: who collected the record was not on the delegation log"
	quiet node exa delegation add local-1 collect --from 2027-01-01
	wait_for "$WORDS_S" "the records of exa to go on" is_held exa 0
	has_records exa 2 || wrong "exa has $(records exa) records"
}

# One officer stops it at once; two let it go on.
suspended() {
	say "D-88: suspended by one, at both sites; what was collected meanwhile does not go on by itself"
	quiet as officer approval suspend ethics --reason "EXAMPLE: the committee wrote"
	wait_for "$WORDS_S" "the suspension at exa" says_lack exa R04
	sent exa 202 "${USER[2]}"
	held_for exa 1 "R0[14]"
	wait_for "$WORDS_S" "the suspension at exd" says_lack exd R04
	sleep 1 # times are whole seconds: that of the record is not that of the lift
	quiet as officer approval lift ethics --reason "EXAMPLE: the committee wrote again"
	is_held exa 1 || wrong "lifted by one"
	quiet as second-officer approval agree ethics
	wait_for "$WORDS_S" "exa to collect again" can_collect exa
	held_for exa 1 "in force at collection"
	node exa held list --json >"$WORLD/held.json"
	node exa held drop "$(json 0.held <"$WORLD/held.json")" >"$WORLD/said" ||
		wrong "not dropped: $(cat "$WORLD/held.json"), now $(node exa held list --json)"
	sent exa 201 "${USER[4]}"
}

# The last day of an approval, at a site that the hub cannot reach.
runs_out() {
	say "D-88: what runs out ends on its day, with no link"
	wait_for "$SYNC_S" "everything at the hub" at_hub exa 2+
	stop hub
	stop node-exa
	WEIR_CLOCK_OFFSET_S=$((WEIR_CLOCK_OFFSET_S + 86400)) node_start exa
	BASE[exa]=$(tablet_at exa "${BASE[exa]##*/}")
	does_say exa R20
	sent exa 202 "${USER[3]}"
	held_for exa 1 "R03: approval dsa, which the site needs, was not in force at collection"
	sent exd 201 "${USER_D[2]}"
	hub_start
	stop node-exa
	node_start exa
	BASE[exa]=$(tablet_at exa "${BASE[exa]##*/}")
}

asks() { grep -q "to decide: the participant with receipt $1 rang" <<<"$(node exa status)"; }
asks_not() { ! asks "$1"; }
says() { grep -q -- "$1" <<<"$(hub status)"; }
says_not() { ! says "$1"; }

# Whoever is rung acts by the receipt number, and the site says which level was meant.
confirmed() {
	say "a hold by receipt number: the site is told, and says the level"
	local code number second
	code=$(grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}' "$WORLD/codes-exa" | sed -n 3p)
	printf '%s\n' "$code" >"$WORLD/code"
	number=$(node exa change --level objection --file "$WORLD/code" --dry-run --json | json receipt)
	code=$(grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}' "$WORLD/codes-exa" | sed -n 4p)
	printf '%s\n' "$code" >"$WORLD/code"
	second=$(node exa change --level objection --file "$WORLD/code" --dry-run --json | json receipt)
	quiet as researcher hold --receipt "$number"
	quiet as researcher hold --receipt "$second"
	wait_for "$WORDS_S" "the site to be told" asks "$number"
	wait_for "$WORDS_S" "the second to be listed" asks "$second"
	if grep -q "$number" <<<"$(node exd status)"; then wrong "another site is told"; fi
	printf '%s\n' "$number" >"$WORLD/code"
	quiet node exa change --level no-further-contact --file "$WORLD/code"
	asks_not "$number" || wrong "it is still asked for"
	wait_for "$WORDS_S" "the hold to end" says_not "receipt $number"
	quiet as officer hold lift --receipt "$second" --reason "example: it was somebody else"
	wait_for "$WORDS_S" "the other one to be settled" asks_not "$second"
}

# Read as a whole before any of it runs: whoever changes this file meanwhile changes no run.
{
	world_begin
	begin
	prepare
	who_may
	approvals_come
	suspended
	runs_out
	confirmed
	say "terms: all held"
	exit
}
