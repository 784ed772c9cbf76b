#!/usr/bin/env bash
# Files of records from a site without a connection: by stick, so much a bundle, on from where the hub's
# answer says (row 56), and by the courier; a record counts as complete only when its file is there
# (row 57). What a bundle brings twice, or too late, changes nothing.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/carried.sh
. "$HERE/carried.sh"
FORMS=$HERE/openrosa/study
BYTES=2500000
LARGE_BYTES=20000000 # three errands of the courier

expect() { [ "$2" = "$3" ] || wrong "$1: $2, expected $3"; }
# of_json MEMBER...: a member of a member of what is read.
of_json() { python3 -c 'import json, sys
o = json.load(sys.stdin)
for name in sys.argv[1:]:
    o = o[name]
print(o)' "$@"; }
# sent CODE BYTES: a record with a file of so many bytes, from a tablet.
sent() {
	sed -n "$1p" "$WORLD/codes" >"$WORLD/code"
	python3 "$HERE/audio.py" send "$BASE" "$WORLD/code" 1 "$2"
}
# there_and_back FILE: the bundle is read, and its answer.
there_and_back() {
	hub bundle read "$1" --json --reply "$1.reply" | head -n 1 >"$1.taken"
	quiet node exa bundle read "$1.reply"
}

world_begin
hub_init "$FORMS"
sed -i '/^\[web\]/,$ s/^listen = none/listen = 127.0.0.1:0/' "$HUB/hub.ini"
hub_start
persons
keeper_setup
publish "$FORMS"
approvals exa
site exa
BASE=$(open_tablet exa)
node exa code make --count 4 | grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}' >"$WORLD/codes"
hub_away
STICK=$WORLD/stick
mkdir "$STICK"

# A file of three bundles: what was on a stick that got lost comes again, what came twice is there once.
sent 1 "$BYTES"
node exa bundle write "$STICK/none" --files-mb 0
there_and_back "$STICK/none"
expect "records without their file" "$(of_node exa records_incomplete)" 1
quiet node exa bundle write "$STICK/lost" --files-mb 1
node exa bundle write "$STICK/first" --files-mb 1
there_and_back "$STICK/first"
pieces=$(of_json pieces taken <"$STICK/first.taken")
[ "$pieces" -gt 10 ] || wrong "the first bundle brought $pieces pieces"
files_at_hub exa 0 || wrong "a part counts as the file"
quiet node exa bundle write "$STICK/second" --files-mb 1
quiet node exa bundle write "$STICK/third" --files-mb 4
there_and_back "$STICK/second"
there_and_back "$STICK/third"
expect "pieces that the third bundle brought again" "$(of_json pieces known <"$STICK/third.taken")" "$pieces"
files_at_hub exa 1 || wrong "the file is not at the hub"
expect "records without their file" "$(of_node exa records_incomplete)" 0
there_and_back "$STICK/lost"
quiet node exa bundle read "$STICK/first.reply"
expect "pieces of a late bundle" "$(of_json pieces taken <"$STICK/lost.taken")" 0
files_at_hub exa 1 || wrong "a late answer took a file back"
node exa bundle write "$STICK/over" --json | of_json pieces | grep -qx 0 || wrong "a bundle brings what is there"

# By HTTPS: more than an errand takes, in one command.
authority
front tls tls "$WORLD/door.pem" "$WORLD/door.key" "$(cat "$HUB/run/web/web.address")"
front connect connect "$WORLD/connect.log"
courier exa url "https://127.0.0.1:${PORTS[tls]}/bundle/v1" \
	proxy "http://127.0.0.1:${PORTS[connect]}" ca "$WORLD/authority.pem" every_minutes 1440
stop node-exa
node_start exa
BASE=$(tablet_at exa "${BASE##*/}")
sent 2 "$LARGE_BYTES"
begin_s=$(date +%s.%N)
node exa bundle send
python3 -c "s = $(date +%s.%N) - $begin_s; print(f'courier {$LARGE_BYTES / s / 1e6:.2f} MB/s')"
files_at_hub exa 2 || wrong "the large file is not at the hub"
expect "records without their file" "$(of_node exa records_incomplete)" 0

# A connection goes on where a bundle ended.
sent 3 "$BYTES"
node exa bundle write "$STICK/part" --files-mb 1
there_and_back "$STICK/part"
files_at_hub exa 3 && wrong "a part is no file"
hub_back
wait_for "$SYNC_S" "the rest by a connection" files_at_hub exa 3
expect "records without their file" "$(of_node exa records_incomplete)" 0
expect "files that are missing" "$(of_node exa files_missing)" 0
[ -z "$(ls "$HUB/run/web/spool")" ] || wrong "uploads are left behind"
quiet hub check --read-data --passphrase-fd 3 3< <(pass services)
quiet node exa check --read-data
sound_memory "$WORLD/logs/node-exa.log" "$WORLD/logs/hub.log"
