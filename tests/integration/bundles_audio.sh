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

is_served() { python3 -c "import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=5)" "http://$(door "$1")/healthz"; }
of_node() { node exa status --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["files"][sys.argv[1]])' "$1"; }
of_hub() { hub status --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["nodes"][0][sys.argv[1]])' "$1"; }
expect() { [ "$2" = "$3" ] || wrong "$1: $2, expected $3"; }
files_at_hub() { [ "$(of_node at_hub)" = "$1" ]; }
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
wait_for 30 "the study at exa" knows_study exa
wait_for 30 "the door of exa" is_served exa
node exa collector add tablet --name "Example tablet" --url "http://$(door exa)" --json \
	--requests-per-minute 60000 --mib-per-day 100000 >"$WORLD/collector"
BASE=http://$(door exa)/key/$(json token <"$WORLD/collector")
node exa code make --count 4 | grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}' >"$WORLD/codes"
wait_for 10 "the access of the collector" python3 "$HERE/collect.py" "$BASE" forms
hub_away
STICK=$WORLD/stick
mkdir "$STICK"

# A file of three bundles: what was on a stick that got lost comes again, what came twice is there once.
sent 1 "$BYTES"
node exa bundle write "$STICK/none" --files-mb 0
there_and_back "$STICK/none"
expect "records without their file" "$(of_hub records_incomplete)" 1
quiet node exa bundle write "$STICK/lost" --files-mb 1
node exa bundle write "$STICK/first" --files-mb 1
there_and_back "$STICK/first"
pieces=$(of_json pieces taken <"$STICK/first.taken")
[ "$pieces" -gt 10 ] || wrong "the first bundle brought $pieces pieces"
expect "files at the hub" "$(of_node at_hub)" 0
quiet node exa bundle write "$STICK/second" --files-mb 1
quiet node exa bundle write "$STICK/third" --files-mb 4
there_and_back "$STICK/second"
there_and_back "$STICK/third"
expect "pieces that the third bundle brought again" "$(of_json pieces known <"$STICK/third.taken")" "$pieces"
expect "files at the hub" "$(of_node at_hub)" 1
expect "records without their file" "$(of_hub records_incomplete)" 0
there_and_back "$STICK/lost"
quiet node exa bundle read "$STICK/first.reply"
expect "pieces of a late bundle" "$(of_json pieces taken <"$STICK/lost.taken")" 0
files_at_hub 1 || wrong "a late answer took a file back"
node exa bundle write "$STICK/over" --json | of_json pieces | grep -qx 0 || wrong "a bundle brings what is there"

# By HTTPS: more than an errand takes, in one command.
authority
front tls tls "$WORLD/door.pem" "$WORLD/door.key" "$(cat "$HUB/run/web/web.address")"
front connect connect "$WORLD/connect.log"
courier exa url "https://127.0.0.1:${PORTS[tls]}/bundle/v1" \
	proxy "http://127.0.0.1:${PORTS[connect]}" ca "$WORLD/authority.pem" every_minutes 1440
stop node-exa
node_start exa
wait_for 30 "the door of exa" is_served exa
BASE=http://$(door exa)/key/$(json token <"$WORLD/collector")
sent 2 "$LARGE_BYTES"
begin_s=$(date +%s.%N)
node exa bundle send
python3 -c "s = $(date +%s.%N) - $begin_s; print(f'courier {$LARGE_BYTES / s / 1e6:.2f} MB/s')"
files_at_hub 2 || wrong "the large file is not at the hub"
expect "records without their file" "$(of_hub records_incomplete)" 0

# A connection goes on where a bundle ended.
sent 3 "$BYTES"
node exa bundle write "$STICK/part" --files-mb 1
there_and_back "$STICK/part"
files_at_hub 3 && wrong "a part is no file"
hub_back
wait_for "$SYNC_S" "the rest by a connection" files_at_hub 3
expect "records without their file" "$(of_hub records_incomplete)" 0
expect "files that are missing" "$(of_hub files_missing)" 0
[ -z "$(ls "$HUB/run/web/spool")" ] || wrong "uploads are left behind"
quiet hub check --read-data --passphrase-fd 3 3< <(pass services)
quiet node exa check --read-data
sound_memory "$WORLD/logs/node-exa.log" "$WORLD/logs/hub.log"
