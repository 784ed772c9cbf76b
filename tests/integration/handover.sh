#!/usr/bin/env bash
# A node is handed over to a new coordinator (D-14): what the one before had opens nothing any more,
# the data stay readable for the new one, the act is in the log. A lost passphrase is replaced by the
# printed sheet, which is used once. Persons are examples.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITEOPENS=${1:?the program siteopens}
SITE=sweden
ROWS=12
MORE=18
OLD="coordinator of $SITE"

keyed() {
	local person=$1
	shift
	node $SITE "$@" --passphrase-fd 3 3< <(pass "$person")
}
# change OLD NEW COMMAND...: asks for the passphrase that opens, then for the new one.
change() {
	local old=$1 new=$2
	shift 2
	node $SITE "$@" --passphrase-fd 3 3< <(pass "$old"; pass "$new")
}
code_of() { grep -oE '([0-9A-Z]{4}-){6}[0-9A-Z]{4}' "$1"; }
desk_is() { [ "$(node $SITE desk status --json | json desk)" = "$1" ]; }

world_begin
study_begin $SITE
site $SITE
wait_for 30 "the study" knows_study $SITE
python3 "$HERE/look.py" rows "$(code_letter $SITE)" "$ROWS" >"$WORLD/rows.csv"
quiet load $SITE "$WORLD/rows.csv"
wait_for "$SYNC_S" "the receipts" at_hub $SITE "$ROWS"
STUDY_ID=$(hub status --json | json study)
opened_by() {
	"$SITEOPENS" "$(node_dir $SITE)" "$STUDY_ID" "$(pass $SITE)" "$(pass "$1")" |
		awk '$1 == "attitudes" { print $2 }'
}
[ "$(opened_by "$OLD")" = "$ROWS" ] || wrong "the coordinator reads not all records"

# The sheet: a second one makes the first worthless.
keyed "$OLD" recovery sheet >"$WORLD/sheet-1" || wrong "no sheet"
keyed "$OLD" recovery sheet >"$WORLD/sheet-2" || wrong "no second sheet"
code_of "$WORLD/sheet-1" >"$WORLD/code-1"
code_of "$WORLD/sheet-2" >"$WORLD/code-2"
refused 1 'opens nothing here' keyed anna recovery passphrase --file "$WORLD/code-1"
tr '23456789' '34567892' <"$WORLD/code-2" >"$WORLD/misread"
refused 1 'compare it' keyed anna recovery passphrase --file "$WORLD/misread"

# The hand-over: act in the log, old bytes gone, old passphrase worthless, desk locked.
quiet keyed "$OLD" desk unlock
cp -r "$(node_dir $SITE)/desk" "$WORLD/desk-before"
head -c 512 "$WORLD/desk-before/review.key" | tail -c 384 | xxd -p | tr -d '\n' >"$WORLD/bytes"
printf 'box %s\n' "$(cat "$WORLD/bytes")" >"$WORLD/words"
if python3 "$HERE/erased.py" search "$WORLD/words" "$(node_dir $SITE)" >/dev/null; then
	wrong "the search finds nothing even before"
fi
refused 1 'wrong passphrase' change bela anna handover --to anna
change "$OLD" anna handover --to anna >"$WORLD/sheet-3" || wrong "not handed over"
python3 "$HERE/erased.py" search "$WORLD/words" "$(node_dir $SITE)" || wrong "the old box is still there"
desk_is locked || wrong "the desk of the one before is still open"
refused 1 'wrong passphrase' keyed "$OLD" desk unlock
refused 1 'wrong passphrase' change "$OLD" bela handover --to bela
refused 1 'opens nothing here' keyed bela recovery passphrase --file "$WORLD/code-2"
if opened_by "$OLD" >/dev/null 2>&1; then wrong "the one before still opens the store"; fi
[ "$(opened_by anna)" = "$ROWS" ] || wrong "the new coordinator reads not all records"
# The number of the review key rises with it: what the one before kept aside opens nothing new. The old one
# goes when a backup holds what it opened.
keyed anna desk unlock >"$WORLD/said" 2>&1 || wrong "the desk does not open for anna: $(cat "$WORLD/said")"
desk_is open || wrong "the desk does not open for anna"
grep -q 'make one with .weir-node backup' "$WORLD/said" || wrong "nobody asks for a backup: $(cat "$WORLD/said")"
is_renewed() { grep -q 'review key was renewed' "$WORLD/logs/node-$SITE.log"; }
asks_for() { node $SITE status --json | grep -q "\"command\":\"$1\""; }
if is_renewed; then wrong "a number was destroyed without a backup"; fi
asks_for 'weir-node backup DIR' || wrong "status does not ask for a backup"
quiet node $SITE backup "$WORLD/backup" --passphrase-fd 3 3< <(pass $SITE)
asks_for 'weir-node desk unlock' || wrong "status does not say what is next"
quiet keyed anna desk unlock
wait_for 30 "the next number of the review key" is_renewed
python3 "$HERE/look.py" rows "$(code_letter $SITE)" "$MORE" >"$WORLD/rows.csv"
quiet load $SITE "$WORLD/rows.csv"
wait_for "$SYNC_S" "more receipts" at_hub $SITE "$MORE"
[ "$(opened_by anna)" = "$MORE" ] || wrong "the new coordinator reads not all records"
cp -r "$(node_dir $SITE)" "$WORLD/nodes/mixed"
cp "$WORLD/desk-before/review.key" "$WORLD/nodes/mixed/desk/review.key"
opened=$("$SITEOPENS" "$WORLD/nodes/mixed" "$STUDY_ID" "$(pass $SITE)" "$(pass "$OLD")" |
	awk '$1 == "attitudes" { print $2 }')
[ "$opened" -le "$ROWS" ] || wrong "keys from before open $opened records, also new ones"
if grep 'names cannot be looked through' "$WORLD/logs/node-$SITE.log"; then wrong "the names do not open"; fi
ROWS=$MORE
wait_for 30 "the act in the log" has_act c1 "desk-handed-over: anna"
wait_for 30 "who opened the desk" has_act anna desk-unlocked

# A passphrase that is lost; the sheet is used once, and a new one printed.
code_of "$WORLD/sheet-3" >"$WORLD/code-3"
node $SITE recovery passphrase --file "$WORLD/code-3" --passphrase-fd 3 3< <(pass "anna again") \
	>"$WORLD/sheet-4" || wrong "the sheet does not open"
refused 1 'wrong passphrase' keyed anna desk unlock
quiet keyed "anna again" desk unlock
refused 1 'opens nothing here' keyed anna recovery passphrase --file "$WORLD/code-3"
[ "$(opened_by "anna again")" = "$ROWS" ] || wrong "anna reads not all records"

# Gone without a word: the sheet hands over, too.
code_of "$WORLD/sheet-4" >"$WORLD/code-4"
refused 1 'neither a coordinator' node $SITE handover --to bela --sheet --by nobody --file "$WORLD/code-4"
node $SITE handover --to bela --sheet --file "$WORLD/code-4" --passphrase-fd 3 3< <(pass bela) \
	>"$WORLD/sheet-5" || wrong "the sheet does not hand over"
refused 1 'wrong passphrase' keyed "anna again" desk unlock
[ "$(opened_by bela)" = "$ROWS" ] || wrong "bela reads not all records"
wait_for 30 "all acts in the log" has_act anna "coordinator-passphrase-set: anna, by the recovery sheet"
wait_for 30 "who used the second sheet" has_act bela "desk-handed-over: bela, by the recovery sheet"
[ "$(acts sheet "")" = 0 ] || wrong "the sheet is nobody, and acts"
quiet load $SITE "$WORLD/rows.csv"
say "handed over three times; $ROWS records open for the coordinator in office alone"
