#!/usr/bin/env bash
# A form changes while it is in use: a new version goes to one site first, a site without a link
# still fills in the old one, figures count both, the form is closed, and what nobody published is
# kept aside.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITES=(australia norway sweden)
ROWS=24
MORE=12

# pack NAME SITES STATE: version 2 of the example form, which asks one question more.
pack() {
	local dir=$WORLD/$1 form=$WORLD/$1/forms/attitudes
	cp -r "$STUDY" "$dir"
	sed -i 's/attitudes,1,/attitudes,2,/' "$form/settings.csv"
	sed -i 's/Gender,,/Your gender,,/' "$form/survey.csv"
	sed -i '/yes_no,religion,/{p;s/religion,[^,]*/work,Do you work?/}' "$form/survey.csv"
	sed -i "s/^records = one/records = one\n$2\nstate = $3/" "$dir/study.ini"
}
# sheet LETTER FIRST COUNT VERSION: rows of one form version.
sheet() {
	python3 "$HERE/look.py" rows "$1" $(($2 + $3 - 1)) | awk -F, -v OFS=, -v first="$2" -v version="$4" '
		NR == 1 || NR > first { print $0 (version == 2 ? (NR == 1 ? ",work" : ",yes") : "") }'
}
listen_on() { sed -i "s|^listen = tcp:.*|listen = $1|" "$HUB/hub.ini"; }
# Nobody reaches the hub; its officers do.
hub_away() {
	stop hub
	listen_on "tcp://127.0.0.1:$(python3 "$HERE/look.py" port)"
	hub_start
}
hub_back() {
	stop hub
	listen_on "$ADDRESS"
	hub_start
}
has_manifest() { [ "$(node "$1" status --json | json manifest)" -ge "$2" ]; }
status_says() { hub status | grep -q "$1"; }

world_begin
study_begin "${SITES[@]}"
for name in "${SITES[@]}"; do sheet "$(code_letter "$name")" 1 "$ROWS" 1 >"$WORLD/$name.csv"; done
sites_loaded "$ROWS" "${SITES[@]}"
say "version 1: $ROWS people at each site"

pack second 'sites = norway' open
hub study diff "$WORLD/second" >"$WORLD/diff" || wrong "study diff refuses the second version"
for words in 'version 1 becomes 2' 'work: the question is new' 'gender: the question reads differently' \
	"sites: the key is new: 'norway'"; do
	grep -q "$words" "$WORLD/diff" || wrong "study diff does not say: $words"
done
sed 's/^/  /' "$WORLD/diff"

# An old name with a new meaning, and a change without a new version, are refused by name.
cp -r "$WORLD/second" "$WORLD/meaning"
sed -i 's/^select_one yes_no,religion,/integer,religion,/' "$WORLD/meaning/forms/attitudes/survey.csv"
refused 1 'religion: the type was select_one and becomes integer' hub study diff "$WORLD/meaning"
refused 1 'religion: the type was select_one and becomes integer' \
	hub study publish "$WORLD/meaning" --by officer
cp -r "$STUDY" "$WORLD/silent"
sed -i 's/Gender,,/Your gender,,/' "$WORLD/silent/forms/attitudes/survey.csv"
refused 1 'it differs and is still version 1' hub study publish "$WORLD/silent" --by officer

# Published while no site has a link: australia goes on with version 1.
hub_away
publish "$WORLD/second"
sheet A $((ROWS + 1)) "$MORE" 1 >"$WORLD/old.csv"
quiet load australia "$WORLD/old.csv"
hub_back
for name in "${SITES[@]}"; do
	wait_for "$SYNC_S" "the second manifest at $name" has_manifest "$name" 2
done
sheet N $((ROWS + 1)) "$MORE" 2 >"$WORLD/new.csv"
refused 1 'R01: the change that brought this form was not agreed to' load norway "$WORLD/new.csv"
node norway status | grep -q 'not collected now: .*attitudes.*R01: the change' ||
	wrong "norway does not say what it waits for: $(node norway status)"
approval change --kind modification --term minor --covers-forms attitudes@2
wait_for 30 "the change of the study at norway" can_collect norway
quiet load norway "$WORLD/new.csv"
wait_for "$SYNC_S" "the receipts of australia" at_hub australia $((ROWS + MORE))
wait_for "$SYNC_S" "the receipts of norway" at_hub norway $((ROWS + MORE))
status_says "form attitudes 1: $((ROWS + MORE)) permit, 0 hold, 0 deny" ||
	wrong "version 1 is not taken: $(hub status)"
status_says "form attitudes 2: $MORE permit, 0 hold, 0 deny" || wrong "version 2 is not taken: $(hub status)"
say "version 2 at norway, version 1 late from australia: all permitted"

# The form is not rolled out at sweden.
sheet S $((ROWS + 1)) "$MORE" 2 >"$WORLD/early.csv"
refused 1 'form attitudes is not given out at this site' load sweden "$WORLD/early.csv"

keeper_unlock
release_stage W01
release_approve
release_publish "$WORLD/both.csv"
expect_base australia "$WORLD/both.csv" $((ROWS + MORE))
expect_base norway "$WORLD/both.csv" $((ROWS + MORE))
expect_base ALL "$WORLD/both.csv" $((3 * ROWS + 2 * MORE))
say "figures count both versions"

# A version that nobody published: the node keeps it aside for a person to look at.
BASE=$(open_tablet norway)
cat >"$WORLD/never.xml" <<'END'
<data xmlns:orx="http://openrosa.org/xforms" id="attitudes" version="9">
<participant>N0001</participant><poverty>1</poverty>
<orx:meta><orx:instanceID>uuid:00000000-0000-4000-8000-000000000009</orx:instanceID></orx:meta>
</data>
END
sends() { python3 "$HERE/collect.py" "$BASE" send "$WORLD/never.xml" >"$WORLD/logs/tablet.log" 2>&1; }
wait_for 30 "the access of the collector" sends
node norway held list >"$WORLD/held"
grep -q 'attitudes *form version not known' "$WORLD/held" || wrong "the unknown version is not kept aside: $(cat "$WORLD/held")"
say "a version that nobody published is kept aside"

# Closed, and everywhere; norway has not heard of it yet.
BEFORE=$(date -u -d '-1 second' +%FT%TZ)
pack third '# everywhere' closed
hub_away
publish "$WORLD/third"
sheet N $((ROWS + MORE + 1)) "$MORE" 2 >"$WORLD/late.csv"
quiet load norway "$WORLD/late.csv"
hub_back
wait_for "$SYNC_S" "what was collected after closing" status_says 'closed before the record was collected'
wait_for "$SYNC_S" "the third manifest" has_manifest norway 3
status_says "form attitudes 2: $MORE permit, $MORE hold, 0 deny" || wrong "not held: $(hub status)"
held=$(of_node norway writer).1.R.$((ROWS + MORE + 1))
hub why "$held" >"$WORLD/why"
grep -q 'the form was closed before' "$WORLD/why" || wrong "why does not say it: $(cat "$WORLD/why")"
say "what was collected after closing is held"

# What comes late counts by when it was filled in; what does not say, and comes now, waits at the node.
is_kept_aside() { python3 "$HERE/collect.py" "$BASE" send "$WORLD/never.xml" >"$WORLD/logs/tablet.log" 2>&1; }
sed -i 's/version="9"/version="2"/; s/000000000009/000000000010/; s|<poverty>.*</poverty>|&<religion>yes</religion><work>yes</work><degree>no</degree><age>30</age><gender>female</gender>|' "$WORLD/never.xml"
wait_for 10 "the tablet" is_kept_aside
node norway held show "$(node norway held list | awk '/not approved here/ { print $1 }')" >"$WORLD/held"
grep -q 'form attitudes is closed: it takes corrections only, and what says that it was filled in before' "$WORLD/held" ||
	wrong "what came late from the tablet is not held: $(cat "$WORLD/held")"
sheet N $((ROWS + 2 * MORE + 1)) "$MORE" 2 >"$WORLD/later.csv"
refused 1 'form attitudes is closed: it takes corrections only' load norway "$WORLD/later.csv"
quiet load norway "$WORLD/later.csv" --filled-in "$BEFORE"
wait_for "$SYNC_S" "what was filled in before" at_hub norway $((ROWS + 3 * MORE))
status_says "form attitudes 2: $((2 * MORE)) permit, $MORE hold, 0 deny" || wrong "not taken: $(hub status)"
say "filled in before closing, and late: taken; else it waits, or is refused in words"

sound_memory "$WORLD"/logs/*.log
