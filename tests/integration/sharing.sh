#!/usr/bin/env bash
# Other research (R15): a release for it counts those alone who share and whose limits the request keeps;
# limits stand on the receipt, in `why` and in the export; codes that nobody knows are refused at each door.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITES=(australia norway sweden)
SHARING=16 # people at each site who share for health research without profit
PURPOSE="secondary-research HMB NCU: example of another study"

# shared FROM TO PERMISSIONS SITE: import these rows of a site's sheet, under these permissions.
shared() {
	local from=$1 to=$2 PERMIT=$3 site=$4
	(head -n 1 "$WORLD/$site.csv" && sed -n "$((from + 1)),$((to + 1))p" "$WORLD/$site.csv") >"$WORLD/part.csv"
	quiet load "$site" "$WORLD/part.csv"
}
# why_says ENTRY REQUEST WORDS: what is decided of it for this purpose.
why_says() {
	hub why "$1" --request "$2" --author researcher >"$WORLD/why" || wrong "why does not answer"
	grep -q "$3" "$WORLD/why" || wrong "why --request '$2' does not say '$3': $(cat "$WORLD/why")"
}

world_begin
cp -r "$STUDY" "$WORLD/study"
STUDY=$WORLD/study
sed -i 's/^\[disclosure\]$/[R15]\ntitle = The purpose lies within what was agreed\non = yes\noutcome = deny\nactions = query release export\npurposes = study-plan\npurposes.secondary = secondary-research\nduo = HMB ANY\n\n&/' "$STUDY/rules.ini"
refused 1 "nothing can be published" hub study check "$STUDY"
grep -q "'ANY' is no limit of the data use ontology" "$WORLD/logs/refused.err" "$WORLD/logs/refused.out" ||
	wrong "the check does not name the limit that nobody knows"
sed -i 's/^duo = HMB ANY$/duo = HMB/' "$STUDY/rules.ini"
study_begin "${SITES[@]}"
sites "${SITES[@]}"
for name in "${SITES[@]}"; do
	wait_for 30 "the study at $name" knows_study "$name"
	python3 "$HERE/look.py" rows "$(code_letter "$name")" $((3 * SHARING)) >"$WORLD/$name.csv"
done
PERMIT=$PERMIT,share-secondary:ANY refused 1 'there is no limit "ANY"' load norway "$WORLD/norway.csv"
for name in "${SITES[@]}"; do
	shared 1 $SHARING "$PERMIT,share-secondary:HMB+NCU" "$name"
	shared $((SHARING + 1)) $((2 * SHARING)) "$PERMIT,share-secondary:HMB+PUB" "$name"
	shared $((2 * SHARING + 1)) $((3 * SHARING)) "$PERMIT" "$name"
done
for name in "${SITES[@]}"; do wait_for "$SYNC_S" "the receipts of $name" at_hub "$name" $((3 * SHARING)); done
WRITER=$(of_node norway writer)

# Of the first people of a site, of the second and of the third.
why_says "$WRITER.1.R.1" "$PURPOSE" 'permit share-secondary (HMB NCU)'
if grep -q R15 "$WORLD/why"; then wrong "who shares in this way is left out: $(cat "$WORLD/why")"; fi
why_says "$WRITER.1.R.1" "secondary-research HMB: example" "R15 .*the request does not keep the person's limits"
why_says "$WRITER.1.R.$((SHARING + 1))" "$PURPOSE" "R15 .*the request does not keep the person's limits"
why_says "$WRITER.1.R.$((2 * SHARING + 1))" "$PURPOSE" "R15 .*the person does not permit sharing"
say "why: by the limits of each person"

printf '%s\n' "$(code_letter norway)0001" >"$WORLD/code"
node norway receipt --file "$WORLD/code" >"$WORLD/receipt" || wrong "the receipt is not printed"
grep -q 'shared with other researchers (for health research only, not for profit)' "$WORLD/receipt" ||
	wrong "the receipt does not say under which limits: $(cat "$WORLD/receipt")"
quiet as officer export fhir --all --out "$WORLD/bundle.json" --reason "example: the limits"
[ "$(grep -o '"code":"DUO:0000046"' "$WORLD/bundle.json" | wc -l)" = $((3 * SHARING)) ] ||
	wrong "the limits in the export"
say "limits: on the receipt, in the export"

keeper_unlock
for purpose in "secondary-research: example" "secondary-research NCU: example"; do
	refused 1 "R15: the request does not keep the study's limits" \
		as researcher release propose W01 --purpose "$purpose"
done
refused 1 "R15: the request states a limit that this version does not know" \
	as researcher release propose W01 --purpose "secondary-research HMB ANY: example"
# released PURPOSE FILE
released() {
	as researcher release propose W01 --purpose "$1" --json >"$WORLD/proposed" 2>"$WORLD/logs/propose.err" ||
		wrong "not staged: $(cat "$WORLD/logs/propose.err")"
	RELEASE=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$WORLD/proposed")
	release_approve
	release_publish "$2"
}
released "$PURPOSE" "$WORLD/other.csv"
expect_base ALL "$WORLD/other.csv" $((3 * SHARING))
expect_base norway "$WORLD/other.csv" $SHARING
released "study-plan: example" "$WORLD/plan.csv"
expect_base ALL "$WORLD/plan.csv" $((9 * SHARING))
say "released: $((3 * SHARING)) people to other research, $((9 * SHARING)) to the study's own"
