#!/usr/bin/env bash
# partnership - the whole example study: from people who fill in forms to every figure, against a
# calculation that shares nothing with the programs.
#
# Four sites, each with 60 staff, 40 people who use services, a profile, and three people more who do
# not count, send what ODK Collect would send; ODK's own engine, where it can be had, sends some too.
# Then all indicators are released and compared cell by cell with partnership/figures.py.
# The clock of all programs stands inside the first wave (WEIR_CLOCK_OFFSET_S); the pack is the one of
# ops/study but for what partnership/pack.py changes.
#
# SEED: another one gives other people. WITHOUT: indicators that are not compared, joined by commas.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/integration/first_wave.sh
. "$HERE/first_wave.sh"
# shellcheck source=tests/odk/lib.sh
. "$SOURCE/tests/odk/lib.sh"

SEED=${SEED:-1}
WITHOUT=${WITHOUT-}
SITES=(exa exb exc exd)
PEOPLE=103
# Of each site: three late consents leave their records aside for a while, one refused stays aside.
REFUSED=1
HELD=$((3 + REFUSED))
declare -A AGREEMENT=([exa]=nhs_rg [exb]=la_rg [exc]=provider [exd]=provider)
declare -A BASE=()

# asked ID SITE DAYS_AGO COST OPTION...: an approval, and for the judge when it was asked for and what it
# cost. SITE "": of the whole study.
asked() {
	local id=$1 site=$2 day cost=$4
	day=$(date -u -d "-$3 days" +%F)
	shift 4
	approval "$id" ${site:+--site "$site"} --submitted "$day" --cost "$cost" "$@"
	printf '%s,%s,%s,%s\n' "$site" "$day" "$(date -u -d '-30 days' +%F)" "$cost" >>"$WORLD/approvals.csv"
}

begin() {
	say "the pack"
	example_pack "$WORLD/pack" --opens user_p2=2027-02-01
	hub_open "$WORLD/pack"
	asked ethics "" 200 1500 --kind rec
	asked hra "" 150 801 --kind hra
	local site kind ago=190
	for site in "${SITES[@]}"; do
		asked "site-$site" "$site" "$ago" "$((ago * 7))" --kind "${AGREEMENT[$site]}"
		ago=$((ago + 11))
	done
	# What else they need, of which nobody noted days and cost.
	for kind in screc la_rg nhs_rg dsa dpia; do approval "all-${kind/_/-}" --kind "$kind"; done
	approval amendment --kind modification --term substantial --covers-forms user_p2@1
}

make_codes() { node "$1" code make --count "$PEOPLE" >"$WORLD/codes-$1"; }

people() {
	local site words=()
	for site in "${SITES[@]}"; do words+=(--site "$site=$WORLD/codes-$site"); done
	"$PARTNERSHIP/people.py" "$WORLD/pack" "$WORLD/sent" "${words[@]}" --seed "$SEED" --now "$NOW"
}

# What the site knows and no form says.
enter_counts() {
	local site=$1 truth=$WORLD/sent/$1/truth.json
	"$PARTNERSHIP/counts.py" "$truth" entered >"$WORLD/entered-$site.csv"
	"$PARTNERSHIP/counts.py" "$truth" coded >"$WORLD/coded-$site.csv"
	quiet node "$site" counts set "$WORLD/entered-$site.csv"
	quiet node "$site" counts set "$WORLD/coded-$site.csv" --coded
}

send() {
	local site=$1
	"$PARTNERSHIP/send.py" "${BASE[$site]}" "$WORLD/sent/$site" --held "$HELD" --log "$WORLD/logs/sent-$site" ||
		wrong "what people of $site filled in was not taken"
}

# All but the refused one are kept, and everything is at the hub by receipt; records of counts come on top.
are_at_hub() { at_hub "$1" $((PEOPLE + 1 - REFUSED))+; }

# The forms as the node gives them out, with ODK's engine: what people.py sent is what the engine would
# have sent. This takes a while, and all else goes on beside it.
FORMS=(consent staff_p1 user_p2 site_profile)
check_with_engine() {
	local form
	for form in "${FORMS[@]}"; do
		odk engine "$WORLD/forms/$form.xml" --files "$WORLD/forms" --check "$WORLD/sent/$1"
	done
}
engine_begin() {
	if ! odk_ready; then
		say "skipped: submissions of ODK's engine, since its packages cannot be had"
		return 0
	fi
	mkdir -p "$WORLD/forms"
	python3 "$HERE/collect.py" "${BASE[$1]}" get "$WORLD/forms"
	check_with_engine "$1" >"$WORLD/logs/engine" 2>&1 &
	PIDS[engine]=$!
}
# Then the engine fills in forms itself: taken as well. Nobody of these permits pooled figures, so none of
# them counts.
engine_end() {
	local pid=${PIDS[engine]-}
	[ -n "$pid" ] || return 0
	unset "PIDS[engine]"
	wait "$pid" || wrong "what people.py sent is not what ODK's engine would have sent: $(cat "$WORLD/logs/engine")"
	cat "$WORLD/logs/engine"
	local site=$1 form code words=(--set wave=1 --set form_version_shown=1 --set taken_by=local-1
		--set approacher=local-1 --set collected_by=local-1
		--set given_by=self --set event=given --set valid_until=2030-01-01
		--set permit_collect_direct=yes --set permit_use_aggregate=no)
	for code in $(node "$site" code make --count 10); do words+=(--set "participant=$code"); done
	for form in "${FORMS[@]}"; do
		[ "$form" != site_profile ] || continue
		odk engine "$WORLD/forms/$form.xml" --files "$WORLD/forms" --seed "$SEED" --count 10 \
			--out "$WORLD/engine/$form" "${words[@]}"
		"$PARTNERSHIP/send.py" "${BASE[$site]}" "$WORLD/engine/$form" ||
			wrong "what ODK's engine filled in was not taken"
	done
}

# release FILE INDICATOR...
release() {
	local file=$1
	shift
	release_stage "$@" --wave 1
	release_approve
	release_publish "$file"
}
# All in one release: the item non-response of F04 is that of the forms the release opens.
release_all() {
	local ids
	keeper_unlock
	read -ra ids <<<"$(python3 -c 'import csv, sys
print(*(row["id"] for row in csv.DictReader(sys.stdin)))' <"$WORLD/pack/codebook.csv")"
	release "$WORLD/released.csv" "${ids[@]}"
}

judge() {
	python3 "$PARTNERSHIP/figures.py" examples "$WORLD/pack"
	python3 "$PARTNERSHIP/approvals.py" "$WORLD/approvals.csv" "$WORLD"/sent/*/truth.json
	python3 "$PARTNERSHIP/figures.py" make "$WORLD/pack" "$WORLD"/sent/*/truth.json >"$WORLD/expected.csv"
	python3 "$PARTNERSHIP/figures.py" compare "$WORLD/released.csv" "$WORLD/expected.csv" --without "$WITHOUT" ||
		wrong "the released figures are not those of the judge"
}

world_begin
begin
sites "${SITES[@]}"
for site in "${SITES[@]}"; do
	say "site $site"
	BASE[$site]=$(open_tablet "$site")
	make_codes "$site"
done
people
engine_begin exa
for site in "${SITES[@]}"; do
	send "$site"
	enter_counts "$site"
done
for site in "${SITES[@]}"; do
	wait_for "$SYNC_S" "the records of $site at the hub" are_at_hub "$site"
done
release_all
judge
engine_end exa
say "partnership: every figure is the judge's"
