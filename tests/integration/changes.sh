#!/usr/bin/env bash
# What a person chose is never released against, once a site has taken it (D-80): before anything
# was sent, while it is being sent, while a release is on its way, at a copy of the node, at a hub
# that was put back to a backup. And whoever is rung takes a person out by the receipt number.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITES=(australia norway sweden)
SITE=australia
ROWS=30
THIN_KBIT=1

hub_keyed() { hub "$@" --passphrase-fd 3 3< <(pass services); }
rows() {
	head -n 1 "$WORLD/all.csv" >"$3"
	sed -n "$(($1 + 1)),$(($2 + 1))p" "$WORLD/all.csv" >>"$3"
}
# change NODE LEVEL CODE [OPTION...]: what is printed is in WORLD/receipt.
change() {
	local name=$1 level=$2 code=$3
	shift 3
	printf '%s\n' "$code" >"$WORLD/code"
	node "$name" change --level "$level" --file "$WORLD/code" "$@" >"$WORLD/receipt" ||
		wrong "the change of $code was not taken at $name"
}
# receipt_of NODE CODE: the number of the consent that stands.
receipt_of() {
	change "$1" no-further-use "$2" --dry-run --json
	json receipt <"$WORLD/receipt"
}
# released PEOPLE WHEN: a release made now counts so many people of the site.
released() {
	release_stage W01
	release_approve
	release_publish "$WORLD/out.csv"
	[ "$(base_of "$SITE" "$WORLD/out.csv")" = "$1" ] ||
		wrong "$2: $(base_of "$SITE" "$WORLD/out.csv") people of $SITE, not $1"
	say "$2: $1 people of $SITE"
}
other_start() {
	local before name=$1
	before=$(log_lines "node-$name")
	"$BIN/weir-node" run --dir "$(node_dir "$name")" "${SANDBOX[@]}" --passphrase-fd 3 \
		>>"$WORLD/logs/node-$name.log" 2>&1 3< <(pass "$SITE") &
	PIDS[node-$name]=$!
	await_ready "node-$name" "$before"
}
is_stopped() { [ "$(node "$1" status --json | json link)" = stopped ]; }
goes_on() { [ "$(node "$1" status --json | json incarnation)" = "$2" ]; }
# line_of KBIT: the site's node has a line of so many kbit/s from now on; 0: as wide as there is.
line_of() {
	stop "node-$SITE"
	sed -i "s/^bandwidth_kbit_per_s *=.*/bandwidth_kbit_per_s = $1/" "$(node_dir "$SITE")/node.ini"
	node_start "$SITE"
}
# none_waits NODE [LANE]: all of it, of changes if it is not said, is at the hub by receipt.
none_waits() { [ "$(node "$1" status --json | python3 "$HERE/look.py" waiting "${2:-C}")" = 0 ]; }
says() { hub status | grep -q -- "$1"; }
says_not() { ! says "$1"; }

world_begin
study_begin "${SITES[@]}"
for name in "${SITES[@]}"; do
	site "$name"
	wait_for 30 "the study at $name" knows_study "$name"
	python3 "$HERE/look.py" rows "$(code_letter "$name")" 60 >"$WORLD/all.csv"
	rows 1 "$ROWS" "$WORLD/part.csv"
	quiet load "$name" "$WORLD/part.csv"
done
python3 "$HERE/look.py" rows A 60 >"$WORLD/all.csv"
for name in "${SITES[@]}"; do
	wait_for "$SYNC_S" "the receipts of $name" at_hub "$name" "$ROWS"
done
keeper_unlock
released "$ROWS" "at first"
before=$RELEASE

# Before anything of the person was sent.
stop hub
rows 31 32 "$WORLD/part.csv"
quiet load "$SITE" "$WORLD/part.csv"
change "$SITE" no-further-use A0031
hub_start
wait_for "$SYNC_S" "the receipts" at_hub "$SITE" 32
keeper_unlock
released 31 "withdrawn before it was sent"

# While it is being sent: over a line so thin that it would take minutes, and then a wide one.
line_of "$THIN_KBIT"
rows 33 50 "$WORLD/part.csv"
quiet load "$SITE" "$WORLD/part.csv"
change "$SITE" no-further-use A0050
change "$SITE" erase A0033
none_waits "$SITE" R && wrong "nothing was on its way any more when the changes were made"
line_of 0
wait_for "$SYNC_S" "the receipts" at_hub "$SITE" 50
released 47 "withdrawn while it was sent"

# While a release is on its way.
release_stage W01
change "$SITE" no-further-use A0003
wait_for 20 "the change at the hub" none_waits "$SITE"
release_approve
refused 1 'changed since the freeze' as researcher release publish "$RELEASE"
released 46 "withdrawn after the freeze"

# Contact and collection end, use goes on; an objection holds use back, and so does a death where
# the study does not say that use goes on.
change "$SITE" no-further-contact A0004
change "$SITE" no-more-collection A0005
change "$SITE" died A0006 --on "$(date -u -d yesterday +%F)"
grep -q 'Nobody of the study contacts' "$WORLD/receipt" || wrong "the receipt of a death is silent"
change "$SITE" objection A0007
wait_for 20 "the changes at the hub" none_waits "$SITE"
released 44 "an objection and a death"

# By the number of the receipt, at the hub: out of everything at once.
number=$(receipt_of "$SITE" A0008)
refused 1 'no number of a receipt' as researcher hold --receipt 1234-5678-9
as researcher hold --receipt "$number" --dry-run >"$WORLD/plan" || wrong "hold --dry-run"
grep -q "$before" "$WORLD/plan" || wrong "the plan names no release: $(cat "$WORLD/plan")"
grep -q 'W01' "$WORLD/plan" || wrong "the plan names no table"
release_stage W01
release_approve
quiet as researcher hold --receipt "$number"
refused 1 'changed since the freeze' as researcher release publish "$RELEASE"
released 43 "on hold"
says "receipt $number" || wrong "status does not say who is on hold"
refused 1 'on hold already' as officer hold --receipt "$number"
refused 1 'another person' as researcher hold lift --receipt "$number" --reason example

# A copy of the node, and the person withdraws there.
stop "node-$SITE"
cp -r "$(node_dir "$SITE")" "$(node_dir other)"
node_start "$SITE"
rows 51 51 "$WORLD/part.csv"
quiet load "$SITE" "$WORLD/part.csv"
wait_for "$SYNC_S" "the receipts" at_hub "$SITE" 51
other_start other
wait_for 20 "the copy to be stopped" is_stopped other
change other no-further-use A0009
stop "node-$SITE"
quiet node other survive --yes
wait_for "$SYNC_S" "the new beginning" goes_on other 2
wait_for "$SYNC_S" "the change at the hub" none_waits other
released 43 "withdrawn at a copy"

# The hub goes back to before: what was chosen since stands, though only the journal has it.
quiet hub_keyed backup "$WORLD/hub-copy"
number_2=$(receipt_of other A0011)
change other no-further-use A0010
wait_for 20 "the change at the hub" none_waits other
quiet as researcher hold --receipt "$number_2"
stop node-other
stop hub
quiet hub_keyed restore "$WORLD/hub-copy" --over-newer
hub_start
keeper_unlock
says 'restored from a backup' || wrong "the hub is not in recovery"
says 'only the journal has' || wrong "the withdrawal is not in force"
refused 1 'recovery\|restored' as researcher release propose W01 --purpose example
other_start other
wait_for "$SYNC_S" "the node to be heard" says_not 'restored from a backup'
wait_for "$SYNC_S" "the change at the hub" none_waits other
released 41 "withdrawn, held, and the hub put back"

# The site says which level was meant; the receipt's number does for the code.
change other no-further-contact "$number"
wait_for 20 "the change at the hub" none_waits other
wait_for 20 "the hold to end" says_not "receipt $number"
released 42 "the hold ended by the site"
quiet as officer hold lift --receipt "$number_2" --reason "example: it was somebody else"
released 43 "the hold ended by a second person"
quiet "$BIN/weir-audit" verify "$HUB/log" --key "$(cat "$HUB/vkey")"
