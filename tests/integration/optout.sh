#!/usr/bin/env bash
# A study by section 251 support (R12): nothing of a person is collected before somebody looked at the national
# opt-out, nothing of one who opted out, and nothing is released on a look that is too old; who agrees needs none.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITES=(australia norway sweden)
ROWS=48

# look SITE RESULT FROM TO [OPTION...]: what the national service answered of these rows of the site's sheet.
look() {
	local site=$1 result=$2 from=$3 to=$4 i
	shift 4
	echo code,result >"$WORLD/look.csv"
	for ((i = from; i <= to; i++)); do printf '%s%04d,%s\n' "$(code_letter "$site")" "$i" "$result"; done >>"$WORLD/look.csv"
	node "$site" optout "$WORLD/look.csv" --source MESH "$@"
}
# rows SITE FROM TO FILE
rows() { (head -n 1 "$WORLD/$1.csv" && sed -n "$(($2 + 1)),$(($3 + 1))p" "$WORLD/$1.csv") >"$4"; }
bare() { node "$1" import --form attitudes "$2"; }
day() { date -u -d "$1" +%FT%TZ; }

world_begin
cp -r "$STUDY" "$WORLD/study"
STUDY=$WORLD/study
sed -i 's/^confidentiality = consent$/confidentiality = s251/' "$STUDY/study.ini"
refused 1 "nothing can be published" hub study check "$STUDY"
for words in "section 251 support needs \[R12\]" "does not need 'cag'"; do
	grep -q "$words" "$WORLD/logs/refused.err" "$WORLD/logs/refused.out" || wrong "the check does not say: $words"
done
sed -i 's/^\[disclosure\]$/[R12]\ntitle = The national opt-out was looked at\non = yes\noutcome = deny\nactions = collect aggregate release\nbasis = s251\nchecked.within = 30 days\n\n&/' "$STUDY/rules.ini"
sed -i 's/rec;site_agreement/rec;site_agreement;cag/' "$STUDY/sites.csv"
study_begin "${SITES[@]}"
approval support --kind cag
sites "${SITES[@]}"
for name in "${SITES[@]}"; do
	wait_for 30 "the study at $name" knows_study "$name"
	wait_for 30 "the approvals at $name" can_collect "$name"
	python3 "$HERE/look.py" rows "$(code_letter "$name")" "$ROWS" >"$WORLD/$name.csv"
done

refused 1 "R12: the national opt-out was not checked" bare norway "$WORLD/norway.csv"
quiet look norway in 1 "$ROWS" --checked "$(day '-30 days -1 minute')"
refused 1 "R12: the last check of the national opt-out is too old" bare norway "$WORLD/norway.csv"
refused 2 "a day that is to come" look norway in 1 "$ROWS" --checked "$(day '+1 hour')"
refused 1 "'in' or 'out' is wanted" look norway maybe 1 1 --checked "$(day now)"
refused 2 "--source is needed" node norway optout "$WORLD/look.csv" --checked "$(day now)"
for name in "${SITES[@]}"; do quiet look "$name" in 1 "$ROWS" --checked "$(day '-29 days')"; done
refused 1 "a later look at the opt-out is on file" look norway in 1 1 --checked "$(day '-29 days -1 hour')"
# The last of them has opted out since: on paper this person agrees all the same, the one before does not.
quiet look norway out $((ROWS - 1)) "$ROWS" --checked "$(day '-1 hour')"
refused 1 "R12: the person has opted out" bare norway "$WORLD/norway.csv"
say "at the site: looked at, not too long ago, and not opted out"

rows norway 1 $((ROWS - 2)) "$WORLD/part.csv"
quiet bare norway "$WORLD/part.csv"
rows norway "$ROWS" "$ROWS" "$WORLD/part.csv"
quiet load norway "$WORLD/part.csv"
for name in australia sweden; do quiet bare "$name" "$WORLD/$name.csv"; done
for name in australia sweden; do wait_for "$SYNC_S" "the receipts of $name" at_hub "$name" "$ROWS"; done
wait_for "$SYNC_S" "the receipts of norway" at_hub norway $((ROWS - 1))
keeper_unlock
release_stage W01
release_approve
release_publish "$WORLD/first.csv"
expect_base ALL "$WORLD/first.csv" $((3 * ROWS - 1))
expect_base norway "$WORLD/first.csv" $((ROWS - 1))
say "released: who did not opt out, and who agreed"

# One more opts out: the hub knows of it as soon as the site says so.
quiet look sweden out 1 1 --checked "$(day now)"
is_out() {
	hub why "$1" >"$WORLD/why"
	grep -q "R12 .*the person has opted out" "$WORLD/why"
}
WRITER=$(of_node sweden writer)
wait_for "$SYNC_S" "the look at the hub" is_out "$WRITER.1.R.1"
grep -q "opt-out-checked out" "$WORLD/why" || wrong "why does not show the look: $(cat "$WORLD/why")"
soon=$(date -u -d '+2 days' +%FT%TZ)
hub why "$WRITER.1.R.2" --true-at "$soon" >"$WORLD/why"
grep -q "R12 .*the last check of the national opt-out is too old" "$WORLD/why" || wrong "in two days the look is too old: $(cat "$WORLD/why")"
release_stage W01
release_approve
release_publish "$WORLD/second.csv"
expect_base sweden "$WORLD/second.csv" $((ROWS - 1))
[ "$(leaves opt-out-checked | cut -d' ' -f1)" -gt $((3 * ROWS)) ] || wrong "looks at the opt-out are not in the log"
say "opted out since: in no later release, and why says so"
