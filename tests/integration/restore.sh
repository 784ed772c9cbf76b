#!/usr/bin/env bash
# A node that is put back to a backup, copied, or emptied goes on when a person says so: what any
# copy sent is there again, what only this one has is sent once, and what was withdrawn stays
# withdrawn. Rows 41, 42, 44, 45, 46, 47, 48 and 54 of the fault matrix.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITE=australia
ROWS=20

hub_keyed() { hub "$@" --passphrase-fd 3 3< <(pass services); }
node_keyed() { node "$SITE" "$@" --passphrase-fd 3 3< <(pass "$SITE"); }

# rows FROM TO FILE: these rows of the sheet.
rows() {
	head -n 1 "$WORLD/all.csv" >"$3"
	sed -n "$(($1 + 1)),$(($2 + 1))p" "$WORLD/all.csv" >>"$3"
}
# keep NAME FROM TO: the node of this directory loads these rows.
keep() {
	rows "$2" "$3" "$WORLD/part.csv"
	quiet load "$1" "$WORLD/part.csv"
}
# other_start NAME: a copy of the node runs in a directory of its own, with the same keys.
other_start() {
	local before name=$1
	before=$(log_lines "node-$name")
	"$BIN/weir-node" run --dir "$(node_dir "$name")" "${SANDBOX[@]}" --passphrase-fd 3 \
		>>"$WORLD/logs/node-$name.log" 2>&1 3< <(pass "$SITE") &
	PIDS[node-$name]=$!
	await_ready "node-$name" "$before"
}
link_of() { node "$1" status --json | json link; }
is_stopped() { [ "$(link_of "$1")" = stopped ]; }
# decides NAME WORDS: status says these words, and the command, and none that only we use.
decides() {
	node "$1" status >"$WORLD/logs/status-$1"
	grep -q "$2" "$WORLD/logs/status-$1" || wrong "status of $1 does not say: $2"
	grep -q 'weir-node survive' "$WORLD/logs/status-$1" || wrong "status names no command"
	if grep -qiE 'fork|clone|lane|denied|incarnation' "$WORLD/logs/status-$1"; then
		wrong "status of $1 speaks to engineers"
	fi
}
goes_on() { [ "$(node "$1" status --json | json incarnation)" = "$2" ]; }
# survives NAME NUMBER: this copy is chosen and opens this incarnation.
survives() {
	quiet node "$1" survive --yes
	wait_for "$SYNC_S" "the new beginning of $1" goes_on "$1" "$2"
}
# same NAME C R: so many entries here, all at the hub by receipt; and the hub has so many records.
same() {
	wait_for "$SYNC_S" "the receipts of $1" at_hub "$1" "$3"
	[ "$(node "$1" status --json | python3 "$HERE/look.py" node)" = "$2 $3" ] ||
		wrong "$1 has $(node "$1" status --json | python3 "$HERE/look.py" node), not $2 $3"
	# shellcheck disable=SC2046
	set -- "$1" "$2" "$3" $(permitted)
	[ $(($4 + $5 + $6)) = "$3" ] || wrong "the hub has $4 + $5 + $6 records, not $3"
}
# What the hub says of the site's records: permitted, held, denied.
permitted() { hub status --json | python3 "$HERE/look.py" hub "$SITE" | cut -d' ' -f3-; }
withdraw() {
	printf '%s\n' "$2" >"$WORLD/code"
	node "$1" change --level no-further-use --file "$WORLD/code"
}
is_connected() { [ "$(link_of last)" = connected ]; }
recovery_is_over() { ! hub status --json | grep -q '"recovery"'; }

world_begin
study_begin "$SITE"
site "$SITE"
wait_for 30 "the study at $SITE" knows_study "$SITE"
python3 "$HERE/look.py" rows A 90 >"$WORLD/all.csv"

# Each row makes two control entries (key, consent) and one record.
keep "$SITE" 1 "$ROWS"
same "$SITE" 40 20
refused 1 'nothing to decide' node "$SITE" survive --yes
quiet node_keyed backup "$WORLD/copy-1"

# Row 44: put back, nothing new collected. Row 41's half at the node: the withdrawal that was made
# after the backup is known again.
keep "$SITE" 21 30
withdraw "$SITE" A0022 >"$WORLD/receipt"
same "$SITE" 61 30
before=$(permitted)
stop "node-$SITE"
quiet node_keyed restore "$WORLD/copy-1" --over-newer
node_start "$SITE"
wait_for 20 "the node to be stopped" is_stopped "$SITE"
decides "$SITE" 'put back to an earlier state'
refused 1 'typed yes' node "$SITE" survive </dev/null
survives "$SITE" 2
same "$SITE" 61 30
[ "$(permitted)" = "$before" ] || wrong "the hub judges otherwise: $(permitted), was $before"
grep -q . <<<"$(node "$SITE" status | grep 'came back from the hub')" || wrong "status is silent"
rows 22 22 "$WORLD/part.csv"
node "$SITE" import --form attitudes --consent returned-questionnaire --permit "$PERMIT" \
	"$WORLD/part.csv" >"$WORLD/logs/again" 2>&1 || true
same "$SITE" 61 30
# Whose code was in no backup can still withdraw.
withdraw "$SITE" A0029 >"$WORLD/receipt"
same "$SITE" 62 30
quiet node "$SITE" check --read-data
say "put back, nothing new: $(permitted)"

# Row 45: put back, and collected on before anybody saw it; the same file is loaded once more.
stop "node-$SITE"
quiet node_keyed restore "$WORLD/copy-1" --over-newer
node_start "$SITE"
keep "$SITE" 31 40
wait_for 20 "the node to be stopped" is_stopped "$SITE"
keep "$SITE" 41 42
survives "$SITE" 3
same "$SITE" 86 42
quiet node "$SITE" check --read-data
rows 1 42 "$WORLD/part.csv"
load "$SITE" "$WORLD/part.csv" >"$WORLD/logs/again" 2>&1 || true
same "$SITE" 86 42
say "put back, with new entries: $(permitted)"

# Row 46: a copy, both running. The second one is stopped; the first is chosen.
stop "node-$SITE"
cp -r "$(node_dir "$SITE")" "$(node_dir other)"
node_start "$SITE"
keep "$SITE" 43 45
same "$SITE" 92 45
other_start other
wait_for 20 "the copy to be stopped" is_stopped other
keep other 46 47
stop node-other
stop "node-$SITE"

# Row 47: used in turns. What the copy has is not lost: it is the one that goes on.
other_start other
wait_for 20 "the copy to be stopped" is_stopped other
decides other 'let'
survives other 4
same other 96 47
node_start "$SITE"
wait_for 20 "the first one to be stopped" is_stopped "$SITE"
decides "$SITE" 'let'
stop node-other
keep "$SITE" 48 50
survives "$SITE" 5
same "$SITE" 102 50
quiet node "$SITE" check --read-data
say "copied and used in turns: $(permitted)"

# Row 48: the vault is gone, the keys are there.
stop "node-$SITE"
rm -r "$(node_dir "$SITE")/vault"
node_start "$SITE"
wait_for 20 "the empty node to be stopped" is_stopped "$SITE"
survives "$SITE" 6
same "$SITE" 102 50
wait_for 30 "the study at $SITE" knows_study "$SITE"
withdraw "$SITE" A0050 >"$WORLD/receipt"
rows 1 50 "$WORLD/part.csv"
load "$SITE" "$WORLD/part.csv" >"$WORLD/logs/again" 2>&1 || true
same "$SITE" 103 50
quiet node "$SITE" check --read-data
say "emptied: $(permitted)"

# Row 41: the hub goes back, and so does the node.
quiet hub_keyed backup "$WORLD/hub-copy"
quiet node_keyed backup "$WORLD/copy-2"
keep "$SITE" 51 55
withdraw "$SITE" A0051 >"$WORLD/receipt"
same "$SITE" 114 55
stop "node-$SITE"
stop hub
cp -r "$(node_dir "$SITE")" "$(node_dir last)"
quiet hub_keyed restore "$WORLD/hub-copy" --over-newer
quiet node_keyed restore "$WORLD/copy-2" --over-newer
hub_start
node_start "$SITE"
wait_for 20 "the node to be stopped" is_stopped "$SITE"
hub status | grep -q 'restored from a backup' || wrong "the hub is not in recovery"
survives "$SITE" 7
same "$SITE" 103 50
keep "$SITE" 56 56
same "$SITE" 105 51
# The log knows of entries that neither has: nothing is released until a person has decided.
if recovery_is_over; then wrong "the recovery is over, and entries are missing"; fi
say "hub and node put back: $(permitted)"

# Row 42: a copy that has more comes instead; what neither had is sent again.
stop "node-$SITE"
other_start last
wait_for 20 "the copy to be stopped" is_stopped last
survives last 8
same last 116 56
# All that the hub had is said again: nobody has to waive anything.
wait_for 20 "the end of the recovery" recovery_is_over
quiet node last check --read-data
quiet "$BIN/weir-audit" verify "$HUB/log" --key "$(cat "$HUB/vkey")"
quiet hub_keyed check --read-data
say "all of it is there once: $(permitted)"

# Row 16: a bit of a stored answer is turned over, in an earlier incarnation; it is found, and
# fetched again from the hub.
stop node-last
sed -i 's/^scrub = .*/scrub = 0/' "$(node_dir last)/node.ini"
python3 "$HERE/damage.py" part "$(node_dir last)/vault/data.mdb" 1 R 3 answers
refused 1 'damaged' node last check --read-data
other_start last
wait_for "$SYNC_S" "the link" at_hub last 56
node last scrub >"$WORLD/logs/scrub" || wrong "scrub: $(cat "$WORLD/logs/scrub")"
grep -qx 'damaged 1 count' "$WORLD/logs/scrub" || wrong "scrub found: $(cat "$WORLD/logs/scrub")"
grep -qx 'mended 1 count' "$WORLD/logs/scrub" || wrong "scrub mended: $(cat "$WORLD/logs/scrub")"
quiet node last check --read-data
say "damaged and fetched again: $(tr '\n' ' ' <"$WORLD/logs/scrub")"

# The same at the hub, in the same earlier incarnation; its node has it.
stop hub
python3 "$HERE/damage.py" part "$HUB/vault/data.mdb" 1 R 3 answers
hub_start
wait_for "$SYNC_S" "the link" is_connected
hub scrub >"$WORLD/logs/scrub" || wrong "scrub of the hub: $(cat "$WORLD/logs/scrub")"
grep -qx 'damaged 1 count' "$WORLD/logs/scrub" || wrong "the hub found: $(cat "$WORLD/logs/scrub")"
grep -qx 'mended 1 count' "$WORLD/logs/scrub" || wrong "the hub mended: $(cat "$WORLD/logs/scrub")"
quiet hub_keyed check --read-data
say "damaged at the hub and fetched again: $(tr '\n' ' ' <"$WORLD/logs/scrub")"
