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
# released NAME[=VIEW]: W01 and W11 to WORLD/NAME.csv, with sites as recorded or of this view; NAME
# is the release's, too. Several may be made at once.
released() {
	local name=${1%%=*} view=recorded
	case $1 in *=*) view=${1#*=} ;; esac
	quiet as researcher release propose W01 W11 --id "$name" --sites "$view" --purpose "example: sites"
	RELEASE=$name
	release_approve
	release_publish "$WORLD/$name.csv"
	wait_for 20 "the release on the shelf" test -e "$HUB/shelf/$name/release.json"
}
agree() { python3 "$HERE/sites.py" agree "$WORLD/recorded.csv" "$WORLD/$1.csv" "${@:2}"; }
# base TABLE SITE=PEOPLE...
base() { python3 "$HERE/sites.py" base "$WORLD/$1.csv" "${@:2}" || wrong "$1: other people"; }
# first_of SITE: its first record; from what the status said once.
first_of() { printf '%s.1.R.1' "$(awk -v site="$1" '$1 == site { print $2; exit }' "$WORLD/status")"; }
# explains ENTRY WORDS [OPTION...]: `why` says so. why: or the test ends.
explains() {
	hub why "$1" "${@:3}" >"$WORLD/why"
	grep -q -- "$2" "$WORLD/why"
}
why() { explains "$@" || wrong "why $1 does not say: $2"; }
says() { hub status | grep -q -- "$1"; }
tells() { node "$1" status | grep -q -- "$2"; }
none_waits() { [ "$(node "$1" status --json | python3 "$HERE/look.py" waiting C)" = 0 ]; }
asked() { [ "$(hub site lineage --json | python3 -c 'import json, sys
print(sum(l["asked"] for l in json.load(sys.stdin)["left"]))')" = "$1" ]; }
restart() {
	all_later "$1"
	keeper_unlock
}

world_begin
open_study
hub_init "$STUDY"
hub_start
persons
at_once overseer australia norway sweden
keeper_setup
publish "$STUDY"
approvals "${SITES[@]}"
sites "${SITES[@]}"
collected() {
	wait_for 30 "the study at $1" knows_study "$1"
	python3 "$HERE/look.py" rows "$(code_letter "$1")" "${ROWS[$1]}" >"$WORLD/$1.in"
	quiet load "$1" "$WORLD/$1.in"
	wait_for "$SYNC_S" "the receipts of $1" at_hub "$1" "${ROWS[$1]}"
}
at_once collected "${SITES[@]}"
hub status >"$WORLD/status"
keeper_unlock
released before
[ ! -e "$HUB/shelf/before/notes.txt" ] || wrong "notes where nothing happened"

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

at_once released recorded old=as-of:2026-02-28 new=as-of:2026-03-01 ever=lineage
grep -q 'norway and sweden merged into usa' "$HUB/shelf/recorded/notes.txt" || wrong "the table has no note"
hub release show recorded >"$WORLD/shown"
grep -q 'here each counts under the code' "$WORLD/shown" || wrong "show has no note"
python3 "$HERE/sites.py" agree "$WORLD/before.csv" "$WORLD/recorded.csv" australia=australia \
	norway=norway sweden=sweden usa=usa >/dev/null || wrong "the change moved a figure"
agree old australia=australia norway=norway sweden=sweden usa=usa || wrong "by old sites"
grep -q 'here they count together' "$HUB/shelf/new/notes.txt" || wrong "no note of the merger"
grep -q '"name":"Australia and Pacific"' "$HUB/shelf/new/release.json" || wrong "the old name is printed"
agree new australia=australia norway=usa sweden=usa usa=usa || wrong "by new sites"
base new usa=$((ROWS[norway] + ROWS[sweden] + ROWS[usa]))
agree ever australia=australia norway=norway+sweden+usa sweden=norway+sweden+usa \
	usa=norway+sweden+usa || wrong "by lineage"
why "$(first_of norway)" 'of site norway'
say "D-13: figures by old sites, by new ones and by lineage agree"

# D-15: nobody leaves without a choice, nor on the word of one party.
day=$(date -u -d '+2 days' +%F)
refused 2 'data keep|stop|erase' as researcher site leave sweden --on "$day" --reason example
quiet as researcher site leave sweden --data stop --on "$day" --reason "example: it withdrew"
says 'the site has not agreed yet' || wrong "status does not say who has to agree"
refused 1 'does not answer' as overseer-norway site leave sweden --agree
refused 1 'has no role' as officer site leave sweden --agree
quiet as overseer-sweden site leave sweden --agree
leave() {
	quiet as researcher site leave "${1%:*}" --data "${1#*:}" --on "$day" --reason example
	quiet as "overseer-${1%:*}" site leave "${1%:*}" --agree
}
at_once leave australia:keep norway:erase
hub site lineage | grep -q 'agreed by overseer-sweden' || wrong "the site's consent is not recorded"
# Until the day everything counts, and another day between gives the same table.
approved() {
	quiet as researcher release propose W01 --id "$1" --purpose "example: sites"
	RELEASE=$1
	release_approve
}
approved waiting &
waits=$!
released "today=as-of:$(date -u +%F)"
cmp -s "$WORLD/new.csv" "$WORLD/today.csv" || wrong "two dates differ"
wait_for 30 "the word at the node" tells sweden 'this site leaves the study on'
wait "$waits" || wrong "a release was not approved"

# The day has come.
restart 259200
refused 1 'changed since the freeze' as researcher release publish waiting
at_once released after after-new=as-of:2026-03-01
base after sweden='[x]' norway='[x]' australia="${ROWS[australia]}" ALL=$((ROWS[australia] + ROWS[usa]))
base after-new usa="${ROWS[usa]}"
why "$(first_of sweden)" 'its data are not used any more'
why "$(first_of sweden)" '^as asked *permit' --true-at "$(date -u +%FT%TZ)"
why "$(first_of norway)" 'its data are to be erased'
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
[ "$(as officer erase run --json | json persons)" = "${ROWS[norway]}" ] || wrong "the persons were not deleted"
wait_for 20 "the deletion of the record of norway" explains "$(first_of norway)" 'erased'
released erased
base erased norway='[x]' australia=$((ROWS[australia] - 1))
say "D-15: later totals follow the choice"

# Where tables hide anything, two cuts of one wave are not released beside each other.
publish "$FULL"
refused 1 'names its sites otherwise' as researcher release propose W01 --purpose "example: x" \
	--sites as-of:2026-02-01
sound_memory "$WORLD"/logs/*.log
say "sites change and leave"
