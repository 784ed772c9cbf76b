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
# shellcheck source=tests/odk/lib.sh
. "$SOURCE/tests/odk/lib.sh"

PARTNERSHIP=$HERE/partnership
SEED=${SEED:-1}
WITHOUT=${WITHOUT-F05,O13,O14}
SITES=(exa exb exc exd)
PEOPLE=103
NOW=2027-03-10T12:00
# Of each site: three late consents leave their records aside for a while, one refused stays aside.
HELD=8
declare -A AGREEMENT=([exa]=nhs_rg [exb]=la_rg [exc]=provider [exd]=provider)
declare -A DOOR=() TOKEN=()
export PYTHONDONTWRITEBYTECODE=1
WEIR_CLOCK_OFFSET_S=$(($(date -u -d "${NOW/T/ }" +%s) - $(date +%s)))
export WEIR_CLOCK_OFFSET_S

begin() {
	say "the pack"
	"$PARTNERSHIP/pack.py" "$SOURCE/ops/study/partnership" "$WORLD/pack" --opens user_p2=2027-02-01
	hub_init "$WORLD/pack"
	persons
	keeper_setup
	hub_start
	keeper_unlock
	publish "$WORLD/pack"
	approval ethics --kind rec
	local site
	for site in "${SITES[@]}"; do
		approval "site-$site" --kind "${AGREEMENT[$site]}" --site "$site"
	done
}

# The door of a node listens where its settings say.
open_door() {
	local site=$1
	DOOR[$site]=$(python3 "$HERE/look.py" port)
	stop "node-$site"
	printf '\n[intake]\nlisten = 127.0.0.1:%s\n' "${DOOR[$site]}" >>"$(node_dir "$site")/weir-node.ini"
	node_start "$site"
	node "$site" collector add tablet --name "example tablet" >"$WORLD/token-$site"
	TOKEN[$site]=$(grep -oE '[A-Za-z0-9!$_-]{64}' "$WORLD/token-$site" | head -n 1)
}
base() { printf 'http://127.0.0.1:%s/key/%s' "${DOOR[$1]}" "${TOKEN[$1]}"; }

# Cards print codes in groups; people.py takes them as they come.
make_codes() {
	node "$1" code make --count "$PEOPLE" >"$WORLD/cards-$1"
	grep -oE '\b[0-9A-Z]{4}-?[0-9A-Z]{4}\b' "$WORLD/cards-$1" >"$WORLD/codes-$1"
}

people() {
	local site words=()
	for site in "${SITES[@]}"; do words+=(--site "$site=$WORLD/codes-$site"); done
	"$PARTNERSHIP/people.py" "$WORLD/pack" "$WORLD/sent" "${words[@]}" --seed "$SEED" --now "$NOW"
}

# What the site knows and no form says, as `weir-node counts` takes it.
enter_counts() {
	local site=$1
	python3 "$PARTNERSHIP/counts.py" "$WORLD/sent/$site/truth.json" >"$WORLD/counts-$site.csv"
	quiet node "$site" counts set --file "$WORLD/counts-$site.csv"
}

send() {
	local site=$1
	"$PARTNERSHIP/send.py" "$(base "$site")" "$WORLD/sent/$site" --held "$HELD" --log "$WORLD/logs/sent-$site" ||
		wrong "what people of $site filled in was not taken"
}

# The forms that the node gives out, filled in by ODK's engine for people of one site: taken as well.
engine() {
	if ! odk_ready; then
		say "skipped: submissions of ODK's engine, since its packages cannot be had"
		return 0
	fi
	local site=$1 form code
	node "$site" code make --count 10 >"$WORLD/more-cards"
	mapfile -t codes < <(grep -oE '\b[0-9A-Z]{4}-?[0-9A-Z]{4}\b' "$WORLD/more-cards")
	local words=()
	for code in "${codes[@]}"; do words+=(--set "participant=$code"); done
	for form in consent staff_p1 user_p2 site_profile; do
		"$BIN/weir-hub" form show "$WORLD/pack/forms/$form" --xform >"$WORLD/$form.xml"
		odk engine "$WORLD/$form.xml" --files "$WORLD/pack/forms/$form" --check "$WORLD/sent/$site"
		[ "$form" != site_profile ] || continue
		odk engine "$WORLD/$form.xml" --files "$WORLD/pack/forms/$form" --seed "$SEED" --count 10 \
			--out "$WORLD/engine/$form" "${words[@]}" --set wave=1 --set form_version_shown=1 \
			--set taken_by=local-1 --set permit_use_aggregate=no
		"$PARTNERSHIP/send.py" "$(base "$site")" "$WORLD/engine/$form" --held 10 ||
			wrong "what ODK's engine filled in was not taken"
	done
}

# release FILE INDICATOR...
release() {
	local file=$1
	shift
	release_stage "$@"
	release_approve
	release_publish "$file"
}
indicators_of() {
	python3 - "$WORLD/pack/codebook.csv" "$1" <<-'END'
		import csv, sys
		with open(sys.argv[1], newline="", encoding="utf-8") as file:
		    print(*(row["id"] for row in csv.DictReader(file) if row["form"] == sys.argv[2]))
	END
}
release_all() {
	local form ids
	# One release a form, then what joins forms and what the nodes count.
	for form in staff_p1 user_p2 site_profile "staff_p1;user_p2" system; do
		read -ra ids <<<"$(indicators_of "$form")"
		release "$WORLD/released-${form/;/-}.csv" "${ids[@]}"
	done
}

judge() {
	python3 "$PARTNERSHIP/figures.py" examples "$WORLD/pack"
	python3 "$PARTNERSHIP/figures.py" make "$WORLD/pack" "$WORLD"/sent/*/truth.json >"$WORLD/expected.csv"
	python3 "$PARTNERSHIP/figures.py" compare "$WORLD"/released-*.csv "$WORLD/expected.csv" --without "$WITHOUT" ||
		wrong "the released figures are not those of the judge"
}

world_begin
begin
for site in "${SITES[@]}"; do
	say "site $site"
	site "$site"
	wait_for "$SYNC_S" "the study at $site" knows_study "$site"
	open_door "$site"
	make_codes "$site"
done
people
for site in "${SITES[@]}"; do
	send "$site"
	enter_counts "$site"
done
# Of each site: 104 records but for the refused one, and what tells of people.
for site in "${SITES[@]}"; do
	wait_for "$SYNC_S" "the records of $site at the hub" at_hub "$site" 103
done
release_all
judge
engine exa
say "partnership: every figure is the judge's"
