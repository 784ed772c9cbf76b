#!/usr/bin/env bash
# Sites merge, split, are renamed and leave (D-13, D-15): figures by old sites, by new ones and by
# lineage agree, for any date; no record changes where it was collected; a site leaves only with a
# choice for its data that both parties agreed to, and later totals follow it.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITES=(australia norway sweden usa)
declare -A ROWS=([australia]=31 [norway]=34 [sweden]=37 [usa]=33)

# The example study, whose tables hide nothing here: sums are looked at. FULL is as it stands.
FULL=$STUDY
open_study() {
	cp -r "$FULL" "$WORLD/study"
	sed -i '/^\[disclosure\]/,$d' "$WORLD/study/rules.ini"
	printf '[disclosure]\nuse = default\napprovers = 2 people\n' >>"$WORLD/study/rules.ini"
	STUDY=$WORLD/study
}
# overseer SITE: the person who answers for it.
overseer() {
	quiet hub person add "overseer-$1" --name "Example overseer" --organisation "$1" \
		--role overseer --passphrase-fd 3 3< <(pass root; pass "overseer-$1")
}
# released NAME [OPTION...]: W01 and W11 to WORLD/NAME.csv.
released() {
	local name=$1
	shift
	release_stage W01 W11 "$@"
	release_approve
	release_publish "$WORLD/$name.csv"
	wait_for 20 "the release on the shelf" test -e "$HUB/shelf/$RELEASE/release.json"
}
agree() { python3 "$HERE/sites.py" agree "$WORLD/recorded.csv" "$WORLD/$1.csv" "${@:2}"; }
# base TABLE SITE PEOPLE
base() {
	local n
	n=$(python3 "$HERE/sites.py" base "$WORLD/$1.csv" "$2")
	[ "$n" = "$3" ] || wrong "$1: $n people of $2, not $3"
}
entry_of() {
	hub status --json | python3 -c 'import json, sys
print(next(n["writer"] for n in json.load(sys.stdin)["nodes"] if n["site"] == sys.argv[1]))' "$1"
}
says() { hub status | grep -q -- "$1"; }
tells() { node "$1" status | grep -q -- "$2"; }
none_waits() { [ "$(node "$1" status --json | python3 "$HERE/look.py" waiting C)" = 0 ]; }
asked() { [ "$(hub site lineage --json | python3 -c 'import json, sys
print(sum(l["asked"] for l in json.load(sys.stdin)["left"]))')" = "$1" ]; }
restart() {
	local name
	for name in "${SITES[@]}"; do stop "node-$name"; done
	stop hub
	export WEIR_CLOCK_OFFSET_S=$1
	hub_start
	for name in "${SITES[@]}"; do node_start "$name"; done
	keeper_unlock
}

world_begin
open_study
hub_init "$STUDY"
hub_start
persons
for name in australia norway sweden; do overseer "$name"; done
keeper_setup
publish "$STUDY"
approvals "${SITES[@]}"
for name in "${SITES[@]}"; do site "$name"; done
for name in "${SITES[@]}"; do
	wait_for 30 "the study at $name" knows_study "$name"
	python3 "$HERE/look.py" rows "$(code_letter "$name")" "${ROWS[$name]}" >"$WORLD/$name.in"
	quiet load "$name" "$WORLD/$name.in"
done
for name in "${SITES[@]}"; do wait_for "$SYNC_S" "the receipts of $name" at_hub "$name" "${ROWS[$name]}"; done
keeper_unlock
released before
[ ! -e "$HUB/shelf/$RELEASE/notes.txt" ] || wrong "notes where nothing happened"

# D-13: Norway and Sweden merge into what is called usa here; Australia is renamed.
refused 2 'into SITE is needed' as researcher site merge norway sweden --on 2026-03-01 --reason example
refused 1 'has no denmark' as researcher site merge norway denmark --into usa --on 2026-03-01 --reason example
refused 1 'no role' as approver site merge norway sweden --into usa --on 2026-03-01 --reason example
quiet as researcher site merge norway sweden --into usa --on 2026-03-01 --reason "example: boundaries"
refused 1 'ended on 2026-03-01' as researcher site split norway --into norway --into australia \
	--on 2026-05-01 --reason example
quiet as officer site rename australia --name "Australia and Pacific" --on 2026-02-01 --reason example
# A change with a wrong day is struck by another person and said again.
quiet as researcher site split usa --into usa --into australia --on 2026-07-01 --reason "example: wrong"
refused 1 'needs officer' as second-researcher site strike --change 3 --reason example
quiet as officer site strike --change 3 --reason "example: it never happened"
hub site lineage | grep -q 'struck by officer' || wrong "the struck change is not told"
hub site list --sites as-of:2026-04-01 | grep -Eq '^norway +usa ' || wrong "norway does not count for usa"

released recorded
grep -q 'norway and sweden merged into usa' "$HUB/shelf/$RELEASE/notes.txt" || wrong "the table has no note"
hub release show "$RELEASE" | grep -q 'here each counts under the code' || wrong "show has no note"
python3 "$HERE/sites.py" agree "$WORLD/before.csv" "$WORLD/recorded.csv" australia=australia \
	norway=norway sweden=sweden usa=usa >/dev/null || wrong "the change moved a figure"
released old --sites as-of:2026-02-28
agree old australia=australia norway=norway sweden=sweden usa=usa || wrong "by old sites"
released new --sites as-of:2026-03-01
grep -q 'here they count together' "$HUB/shelf/$RELEASE/notes.txt" || wrong "no note of the merger"
grep -q '"name":"Australia and Pacific"' "$HUB/shelf/$RELEASE/release.json" || wrong "the old name is printed"
agree new australia=australia norway=usa sweden=usa usa=usa || wrong "by new sites"
base new usa $((ROWS[norway] + ROWS[sweden] + ROWS[usa]))
released ever --sites lineage
agree ever australia=australia norway=norway+sweden+usa sweden=norway+sweden+usa \
	usa=norway+sweden+usa || wrong "by lineage"
hub why "$(entry_of norway).1.R.1" | grep -q 'of site norway' || wrong "the record changed its origin"
say "D-13: figures by old sites, by new ones and by lineage agree"

# D-15: nobody leaves without a choice, nor on the word of one party.
day=$(date -u -d '+2 days' +%F)
refused 2 'data keep|stop|erase' as researcher site leave sweden --on "$day" --reason example
quiet as researcher site leave sweden --data stop --on "$day" --reason "example: it withdrew"
says 'the site has not agreed yet' || wrong "status does not say who has to agree"
refused 1 'does not answer' as overseer-norway site leave sweden --agree
refused 1 'has no role' as officer site leave sweden --agree
quiet as overseer-sweden site leave sweden --agree
for name in australia:keep norway:erase; do
	quiet as researcher site leave "${name%:*}" --data "${name#*:}" --on "$day" --reason example
	quiet as "overseer-${name%:*}" site leave "${name%:*}" --agree
done
hub site lineage | grep -q 'agreed by overseer-sweden' || wrong "the site's consent is not recorded"
# Until the day everything counts, and another day between gives the same table.
released today --sites "as-of:$(date -u +%F)"
cmp -s "$WORLD/new.csv" "$WORLD/today.csv" || wrong "two dates differ"
wait_for 30 "the word at the node" tells sweden 'this site leaves the study on'
release_stage W01
release_approve
waiting=$RELEASE

# The day has come.
restart 259200
refused 1 'changed since the freeze' as researcher release publish "$waiting"
released after
base after sweden '[x]'
base after norway '[x]'
base after australia "${ROWS[australia]}"
base after ALL $((ROWS[australia] + ROWS[usa]))
released after-new --sites as-of:2026-03-01
base after-new usa "${ROWS[usa]}"
hub why "$(entry_of sweden).1.R.1" | grep -q 'its data are not used any more' || wrong "why is silent"
hub why "$(entry_of sweden).1.R.1" --true-at "$(date -u +%FT%TZ)" | grep -q "^now *permit" || wrong "why forgets before"
hub why "$(entry_of norway).1.R.1" | grep -q 'its data are to be erased' || wrong "why is silent"
for name in australia sweden norway; do
	tells "$name" 'this site left the study on' || wrong "$name is not told"
	python3 "$HERE/look.py" rows "$(code_letter "$name")" 60 | sed -n '1p;60,61p' >"$WORLD/late.in"
	refused 1 'left the study on' load "$name" "$WORLD/late.in"
done
# What participants choose there is still taken and sent.
printf 'A0003\n' >"$WORLD/code"
quiet node australia change --level no-further-use --file "$WORLD/code"
wait_for 30 "the change at the hub" none_waits australia

# Erased: each person of the site goes the way of erasure.
wait_for 60 "every person of norway" asked "${ROWS[norway]}"
says "erasure was begun for ${ROWS[norway]} of its persons" || wrong "status does not say it"
hub erase run | grep -q "^${ROWS[norway]} persons" || wrong "the persons were not deleted"
hub why "$(entry_of norway).1.R.1" | grep -q 'erased' || wrong "a record of norway is still there"
released erased
base erased norway '[x]'
base erased australia $((ROWS[australia] - 1))
say "D-15: later totals follow the choice"

# Where tables hide anything, two cuts of one wave are not released beside each other.
publish "$FULL"
for name in "${SITES[@]}"; do wait_for 30 "the study at $name" knows_study "$name"; done
refused 1 'names its sites otherwise' as researcher release propose W01 --purpose "example: x" \
	--sites as-of:2026-02-01
sound_memory "$WORLD"/logs/*.log
say "sites change and leave"
