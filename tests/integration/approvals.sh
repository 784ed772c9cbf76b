#!/usr/bin/env bash
# Approvals, the delegation log and the rules with the real programs: nothing of a site counts before it
# is approved (D-88), one person suspends at once and two lift it, a condition is met by two, who takes
# consent is said at the site, an auditor asks why with the knowledge of then, a changed file is tried
# before it is signed, and a site's own rules may only be stricter (D-22).
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
ROWS=6

# outcome ENTRY [OPTION...]: what is decided about it.
outcome() {
	local entry=$1
	shift
	hub why "$entry" --json "$@" | python3 -c 'import json, sys
print(json.load(sys.stdin)["now"]["outcome"])'
}
expect() {
	local wanted=$1 found
	shift
	found=$(outcome "$@")
	[ "$found" = "$wanted" ] || wrong "why $*: $found, expected $wanted"
}
lacks_rule() { grep -q "^$2:" <<<"$(lacks "$1")"; }
leaf_of() { hub why "$1" --json | json leaf; }
newest_leaf() { hub status --json | json leaves; }
# tried WORD FILE: how many records it would permit.
tried() { hub rules try "$2" --json | python3 -c 'import json, sys
print(json.load(sys.stdin)[sys.argv[1]]["permit"])' "$1"; }

world_begin
# Its records are of a flow of data, as an approval may name one.
cp -r "$STUDY" "$WORLD/pack"
STUDY=$WORLD/pack
sed -i 's/^\[form.attitudes\]$/&\nflow = survey/' "$STUDY/study.ini"
hub_open
approval site-norway --kind site_agreement --site norway
site norway
wait_for 30 "the study at norway" knows_study norway
python3 "$HERE/look.py" rows N "$((ROWS + 1))" >"$WORLD/all.csv"
head -n "$((ROWS + 1))" "$WORLD/all.csv" >"$WORLD/norway.csv"
(head -n 1 "$WORLD/all.csv" && tail -n 1 "$WORLD/all.csv") >"$WORLD/late.csv"
refused 1 "R01: no favourable ethics opinion" load norway "$WORLD/norway.csv"
say "no opinion: nothing is collected"
refused 1 "no form of the study is of flow notes" as researcher approval add notes --kind rec \
	--decision favourable --from 2026-01-01 --flow notes
approval other-plan --kind rec --covers-protocols "2 9"
refused 1 "R01: no favourable ethics opinion" load norway "$WORLD/norway.csv"
say "an opinion on another plan opens nothing, one on a flow that no form has is refused"
before=$(newest_leaf)
approval ethics --kind rec --flow survey --covers-protocols "1 2" --submitted "$(date -u -d '-60 days' +%F)" --cost 400 \
	--review-due "$(date -u -d '+300 days' +%F)" --covers-modes "written returned-questionnaire"
says_all() { node norway status | grep -q '^approvals of this site .*: all that it needs to collect are in force$'; }
if says_all; then wrong "the site says that nothing is missing"; fi
wait_for 30 "the opinion at norway" can_collect norway
says_all || wrong "the site does not say that nothing is missing"
quiet load norway "$WORLD/norway.csv"
wait_for "$SYNC_S" "the receipts of norway" at_hub norway "$ROWS"
writer=$(of_node norway writer)
ENTRY=$writer.1.R.1
expect permit "$ENTRY"
expect deny "$ENTRY" --known-at "$((before - 1))"
before=$(newest_leaf)

quiet as officer approval suspend ethics --reason "EXAMPLE: the committee wrote"
expect deny "$ENTRY"
expect permit "$ENTRY" --known-at "$((before - 1))"
# What was asked of another day says so, and under which rules.
hub why "$ENTRY" --known-at "$((before - 1))" >"$WORLD/asked"
grep -q "up to leaf $((before - 1))\$" "$WORLD/asked" && grep -qE '^rules +version 1, [0-9a-f]{64}$' "$WORLD/asked" &&
	grep -q '^as asked *permit' "$WORLD/asked" || wrong "it does not say what was asked: $(cat "$WORLD/asked")"
if grep -q '^now' "$WORLD/asked"; then wrong "what was known before is called now"; fi
quiet as officer approval lift ethics --reason "EXAMPLE: the committee wrote again"
expect deny "$ENTRY"
refused 1 "cannot verify" as officer approval agree ethics
quiet as second-officer approval agree ethics
sleep 1
expect permit "$ENTRY"
wait_for 30 "the end of the suspension at norway" can_collect norway
refused 1 'the log has no leaf' hub why "$ENTRY" --known-at 99999
[ "$(hub why "$ENTRY" | grep -cw ethics)" = 1 ] || wrong "an approval that was suspended and lifted stands there twice"
say "suspended by one, lifted by two, and what was known before can be asked"

# A site without a link cannot know of a suspension: it collects, and the hub denies.
stop node-norway
quiet as officer approval suspend site-norway --reason "EXAMPLE: the site wrote"
stop hub
node_start norway
quiet load norway "$WORLD/late.csv"
hub_start
wait_for "$SYNC_S" "the late record" at_hub norway "$((ROWS + 1))"
expect deny "$writer.1.R.$((ROWS + 1))"
wait_for 30 "the suspension at norway" lacks_rule norway R04
quiet as officer approval lift site-norway --reason "EXAMPLE: the site wrote again"
quiet as second-officer approval agree site-norway
expect permit "$ENTRY"
expect deny "$writer.1.R.$((ROWS + 1))"
say "collected while suspended, at a site that could not know: denied for good"

refused 1 "not named" as researcher approval add vague --kind rec --from 2026-01-01 \
	--decision favourable-with-conditions
refused 1 "is not of its form" as researcher approval add odd --kind rec --from 2026-01-01 \
	--decision splendid
as researcher approval add misspelt --kind recc --from 2026-01-01 --decision favourable >"$WORLD/said" ||
	wrong "a kind that nothing asks for is not entered"
grep -q 'asks for the kind recc' "$WORLD/said" || wrong "nobody says that nothing asks for it: $(cat "$WORLD/said")"
as researcher approval add spelt --kind rec --from 2026-01-01 --decision favourable >"$WORLD/said" ||
	wrong "another opinion is not entered"
if grep -q 'asks for the kind' "$WORLD/said"; then wrong "a kind that is asked for: $(cat "$WORLD/said")"; fi
hub approval figures | grep -q '^approval_days.norway 2[0-9] working_days$' ||
	wrong "the days that approvals took: $(hub approval figures)"
say "days of approvals: $(hub approval figures | grep -c working_days) sites"

quiet node norway delegation add local-1 consent --from 2026-01-01
node norway delegation end local-1 consent --until 2026-12-31 >"$WORLD/said" || wrong "the end was not taken"
if grep -q 'no line here' "$WORLD/said"; then wrong "a line that is there is not found: $(cat "$WORLD/said")"; fi
refused 2 "" node norway delegation add local-1 sweeping --from 2026-01-01
[ "$(node norway delegation list)" = "added local-1 consent 2026-01-01 -
ended local-1 consent last day 2026-12-31" ] || wrong "the delegation log at the site"
has_duties() {
	local found
	found=$("$BIN/weir-audit" list "$HUB/log" --json --action act-received 2>/dev/null |
		grep -oE 'delegation-(added|ended)' | wc -l)
	[ "$found" -ge 2 ]
}
wait_for 30 "the delegation log at the hub" has_duties
say "delegation log: at the site and at the hub"

sed 's/^accept = given reaffirmed changed$/accept = reaffirmed/' "$STUDY/rules.ini" >"$WORLD/strict.ini"
sed 's/^accept = given reaffirmed changed$/accept = given reaffirmed changed expired/' \
	"$STUDY/rules.ini" >"$WORLD/loose.ini"
[ "$(tried now "$WORLD/strict.ini")" = "$ROWS" ] || wrong "what the rules in force permit"
[ "$(tried then "$WORLD/strict.ini")" = 0 ] || wrong "what the changed rules would permit"
say "tried: $ROWS records in force, none under the changed file"
refused 1 "loosen R07 accept" as officer rules site norway "$WORLD/loose.ini"
quiet as officer rules site norway "$WORLD/strict.ini"
expect permit "$ENTRY"
quiet as second-officer rules site norway "$WORLD/strict.ini"
expect deny "$ENTRY"
say "rules of a site: stricter ones hold, a looser one is refused by name"

# An examination later: the study of then decides, and the rules, whatever came since.
before=$(newest_leaf)
cp -r "$STUDY" "$WORLD/study-2"
sed -i 's/^version = 1/version = 2/; s/^use.pooled = .*/use.pooled = share-secondary/' "$WORLD/study-2/rules.ini"
pooled() { outcome "$1" --purpose pooled "${@:2}"; }
then=$(pooled "$ENTRY" --known-at "$((before - 3))")
publish "$WORLD/study-2"
[ "$(pooled "$ENTRY" --known-at "$((before - 3))")" = "$then" ] || wrong "what was known before the stricter study"
[ "$(hub why "$ENTRY" --purpose pooled --json | json rules_version)" = 2 ] || wrong "the rules in force are not asked"
[ "$(hub why "$ENTRY" --purpose pooled --known-at "$((before - 3))" --json | json rules_version)" = 1 ] ||
	wrong "an examination asks rules that were not in force"
refused 1 'no study was in force' hub why "$ENTRY" --known-at 0

node norway delegation end local-7 consent --until 2026-12-31 | grep -q 'no line here says that local-7 may consent' ||
	wrong "the end of what nobody was given is not remarked"

say "approvals: all held"
