#!/usr/bin/env bash
# The rules as they are shipped, all 23 of them, with the real programs: from people who fill in forms to
# a release. What people say is held until an ethics opinion names the way they agreed (R07) and the
# partner they work for has agreed (R20); at the hub nothing of the NHS or of a council counts before its
# toolkit review is on file (R06); who asks for no purpose of the study, or without training or a
# contract, is refused by name (R15, R17); and what two have approved stays in until two sites have
# countersigned the log (R21).
#
# The example study, its clock inside the first wave. rules.ini is that of ops/study but for [disclosure],
# so that every figure is shown; the codebook is the one of partnership/pack.py; the plan is sealed.
# shellcheck source=tests/integration/lib.sh disable=SC2317
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/first_wave.sh
. "$HERE/first_wave.sh"
SITES=(exa exb exd) # of the NHS, of a council, and a private one
STAFF=1
USERS=5
PEOPLE=$((STAFF + USERS))
RECORDS=$((PEOPLE + 1)) # and the site's profile
WAYS=(written electronic-drawn verbal-witnessed returned-questionnaire)
NO_WAY="R07: no approval then in force names the way consent was given"
WAITING="records that stand on one wait here"
NO_PARTNER="R20: the partner organisation has no agreement in force"
TOO_FEW="held by R21: too few sites have countersigned the log lately"
RELEASE=shipped
INDICATOR=O10
declare -A BASE=()

# sent SITE STATUS FORM: all that the people of the site filled in of it is answered with this.
sent() {
	local file
	while read -r file; do
		python3 "$HERE/collect.py" "${BASE[$1]}" send "$file" >"$WORLD/logs/said-$1" 2>&1 || true
		grep -q -- "$2" "$WORLD/logs/said-$1" ||
			wrong "$1, $3: expected $2: $(cat "$WORLD/logs/said-$1") $(lacks "$1")"
	done < <(tool of "$WORLD/people/$1" "$3")
}

begin() {
	example_pack "$WORLD/pack" --opens user_p2=2027-02-01 --rule all
	sed -i 's/^sealed = no$/sealed = yes/' "$WORLD/pack/study.ini"
	hub_open "$WORLD/pack"
	sites "${SITES[@]}"
	papers "$WORLD/pack" "${SITES[@]}"
	at_once open_site "${SITES[@]}"
	local site words=()
	for site in "${SITES[@]}"; do
		BASE[$site]=$(cat "$WORLD/base-$site")
		words+=("$site=$WORLD/codes-$site")
	done
	fill_in "$WORLD/people" "$STAFF" "$USERS" "${words[@]}"
}
open_site() {
	local site=$1
	open_tablet "$site" >"$WORLD/base-$site"
	node "$site" code make --count "$PEOPLE" >"$WORLD/codes-$site"
	quiet node "$site" delegation add local-1 consent --from 2027-01-01
	quiet node "$site" delegation add local-1 collect --from 2027-01-01
}

# held_for SITE COUNT RULE: so many wait there, each for this reason.
held() { node "$1" held list --json; }
held_for() { [ "$(held "$1" | grep -oF -- "$3" | wc -l)" = "$2" ]; }
await_held() { wait_for "$SYNC_S" "$2 of $1 to wait for $3" held_for "$@"; }
# await_lacks SITE WAY...: nothing keeps the site from collecting, but that no opinion names these ways.
lacks_only() {
	local way expected=
	for way in "${@:2}"; do
		expected+=${expected:+$'\n'}"R07: no approval in force names consent that is given as $way: $WAITING"
	done
	[ "$(lacks "$1")" = "$expected" ]
}
await_lacks() { wait_for "$SYNC_S" "$1 to lack ${*:2} alone" lacks_only "$@"; }
# said_by SITE WAY...: how many consents of the site were given in one of these ways.
said_by() {
	local site=$1 way ways=()
	shift
	for way; do ways+=(-e "<mode>$way</mode>"); done
	tool of "$WORLD/people/$site" consent | xargs -d '\n' grep -lF "${ways[@]}" | wc -l
}

# What opens a site: its task on paper (R23), then who agreed.
send_consents() {
	sent "$1" 201 site_profile
	sent "$1" 201 consent
}
send_records() {
	sent "$1" 202 user_p2
	sent "$1" 202 staff_p1
	held_for "$1" "$PEOPLE" "$NO_WAY" || wrong "not $PEOPLE held at $1 for R07: $(held "$1")"
}

# R07: who agreed in a way that no opinion names waits. R20: so does staff of a partner that has not agreed.
collect() {
	local site others
	at_once send_consents "${SITES[@]}"
	for site in "${SITES[@]}"; do await_lacks "$site" "${WAYS[@]}"; done
	sleep 1 # a record says its whole second: one of the second of the site's task is before it
	at_once send_records "${SITES[@]}"
	approval one-way --kind uni_rec --covers-modes "${WAYS[0]}"
	for site in "${SITES[@]}"; do
		others=$(said_by "$site" "${WAYS[@]:1}")
		[ "$others" -lt "$PEOPLE" ] || wrong "nobody of $site agreed in the way ${WAYS[0]}"
		await_held "$site" "$others" "$NO_WAY"
		await_lacks "$site" "${WAYS[@]:1}"
	done
	approval all-ways --kind uni_rec --covers-modes "${WAYS[*]}"
	for site in "${SITES[@]}"; do
		await_held "$site" 0 "$NO_WAY"
		wait_for "$SYNC_S" "$site to collect" can_collect "$site"
	done
	say "R07: held while no opinion names the way of consent, in one way or in all"
	for site in "${SITES[@]}"; do await_held "$site" "$STAFF" "$NO_PARTNER"; done
	at_once partner_agrees "${SITES[@]}"
	for site in "${SITES[@]}"; do
		wait_for "$SYNC_S" "the records of $site at the hub" at_hub "$site" "$RECORDS"
	done
	say "R20: held while the organisation of who answered has not agreed"
}
partner_agrees() {
	local site=$1 file partner
	file=$(tool of "$WORLD/people/$site" staff_p1)
	partner=$(sed -n 's:.*<partner>\([^<]*\)</partner>.*:\1:p' "$file")
	approval "dsa-$site-partner" --kind dsa --site "$site" --partner "$partner"
}

# judged SITE: what is decided now about a record of a person there, and by which rule.
judged() {
	hub why "$(of_node "$1" writer).1.R.2" --json | python3 -c 'import json, sys
now = json.load(sys.stdin)["now"]
print(now["outcome"], *(fired["rule"] for fired in now["fired"]))'
}
expect() {
	local found
	found=$(judged "$1")
	[ "$found" = "$2" ] || wrong "a record of $1: $found, expected $2"
}
reviewed() { approval "dspt-$1" --kind dspt --site "$1"; }

# R06: asked of what the NHS and councils collect, and of nobody else.
review() {
	expect exa "hold R06"
	expect exb "hold R06"
	expect exd permit
	at_once reviewed exa exb
	expect exa permit
	expect exb permit
	say "R06: nothing counts before the toolkit review"
}

# R15, R17: why it is asked, and who asks.
propose() { as researcher release propose "$INDICATOR" --wave 1 --purpose "$@"; }
ask() {
	keeper_unlock
	refused 1 "R15: the purpose lies outside what was agreed" propose "example: of no purpose of the study"
	refused 1 "R17: the training of who asks is too old, or not known" propose "study-plan: example"
	approval training --kind training --person researcher
	refused 1 "R17: who asks has no contract or letter of access in force" propose "study-plan: example"
	approval contract --kind contract --person researcher
	quiet propose "study-plan: example" --id "$RELEASE"
	say "R15, R17: asked for a purpose of the study, by who may ask"
}

# R21: no node is there to see the second approval; one comes back, and then another, the third never.
# A node asks for the log when it greets, and countersigns it then.
countersign() {
	local site size publish
	publish=(as researcher release publish "$RELEASE" --out "$WORLD/released.csv")
	for site in "${SITES[@]}"; do stop "node-$site"; done
	release_approve
	size=$(hub status --json | json leaves)
	wait_for "$SYNC_S" "a checkpoint of both approvals" has_published "$size"
	refused 1 "$TOO_FEW" "${publish[@]}"
	come_back exa "$size"
	refused 1 "$TOO_FEW" "${publish[@]}"
	come_back exb "$size"
	quiet "${publish[@]}"
	[ "$(of_node exd cosigned_size)" -lt "$size" ] || wrong "exd has countersigned, too"
	say "R21: released once two sites of three have countersigned"
}
has_published() { [ "$(hub status --json | json published)" -ge "$1" ]; }
has_signed() { [ "$(of_node "$1" cosigned_size)" -ge "$2" ]; }
come_back() {
	node_start "$1"
	wait_for "$SYNC_S" "the cosignature of $1" has_signed "$@"
}

# What came out is what people said, of everybody; the site of the study that is not here has no figure.
compare() {
	sed -i "/^$INDICATOR,exc,.*,\\[x\\]$/d" "$WORLD/released.csv"
	python3 "$PARTNERSHIP/figures.py" make "$WORLD/pack" "$WORLD"/people/*/truth.json |
		grep -E "^(indicator|$INDICATOR)," >"$WORLD/expected.csv"
	python3 "$PARTNERSHIP/figures.py" compare "$WORLD/released.csv" "$WORLD/expected.csv" ||
		wrong "the released figures are not those of the judge"
}

{
	world_begin
	begin
	collect
	review
	ask
	countersign
	compare
	say "shipped: all held"
	exit
}
