#!/usr/bin/env bash
# Who is at the other end: a hub that is not the one of the invitation gets nothing (row 71), and a
# laptop that was replaced stays closed at its last numbers (row 49).
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
ROWS=24

join() {
	"$BIN/weir-node" join --dir "$1" --file "$2" --coordinator c1 --kdf interactive --wait 4 \
		--passphrase-fd 3 3< <(pass x; pass y)
}
# of_hub DIGITS: standing and last numbers of an installation.
of_hub() { hub status --json | python3 -c 'import json, sys
for node in json.load(sys.stdin)["nodes"]:
    if node["writer"] == sys.argv[1]:
        print(node["standing"], json.dumps(node["lanes"]))' "$1"; }
digits() { hub status --json | python3 -c 'import json, sys
print(next(n["writer"] for n in json.load(sys.stdin)["nodes"] if n["standing"] != "revoked"))'; }
load_rows() {
	python3 "$HERE/look.py" rows "$1" "$2" >"$WORLD/$1.csv"
	quiet load norway "$WORLD/$1.csv"
}
is_told() { [ "$(node norway status --json | json link)" = refused ]; }

world_begin
study_begin norway
mkdir "$WORLD/x"

say "row 71: at the address of the invitation somebody else listens, with keys of their own"
invitation norway
stop hub
first=$HUB
HUB=$WORLD/other
hub_init
hub_start
refused 1 'did not prove to be the hub' join "$WORLD/x" "$WORLD/invite-norway"
[ "$(hub status --json | json nodes)" = "[]" ] || wrong "the other hub has a node"
grep -q 'invitation\|joined' "$WORLD/logs/hub.log" && wrong "the other hub was asked"
stop hub
HUB=$first
hub_start
# The same line at the same address: its secret was not spent there.
mkdir -p "$(node_dir norway)"
join_begin norway
quiet as second-researcher admit "$(invitation_id norway)" \
	--groups "$(groups_of "$WORLD/logs/join-norway.log")"
join_end norway
intake_at norway 0
node_start norway
wait_for 30 "the study at norway" knows_study norway

say "row 49: the laptop is replaced"
load_rows A "$ROWS"
wait_for "$SYNC_S" "receipts of the old laptop" at_hub norway "$ROWS"
old=$(digits)
before=$(of_hub "$old")
stop node-norway
quiet as officer node revoke "$old" --reason "example: the laptop was replaced"
mv "$(node_dir norway)" "$WORLD/nodes/old"
rm "$WORLD/logs/join-norway.log" # its digits are of the old one
site norway
wait_for 30 "the study at the new laptop" knows_study norway
load_rows N "$ROWS"
wait_for "$SYNC_S" "receipts of the new laptop" at_hub norway "$ROWS"
[ "$(of_hub "$old")" = "revoked [${before#*[}" ] || wrong "the last numbers moved: $(of_hub "$old")"
new=$(digits)
[ "$new" != "$old" ] || wrong "the new laptop is the old one"
# Turned on once more, the old one learns why and sends nothing.
mv "$(node_dir norway)" "$WORLD/nodes/new"
stop node-norway
mv "$WORLD/nodes/old" "$(node_dir norway)"
node_start norway
wait_for 30 "the old laptop to know" is_told
node norway status | grep -q 'does not admit' || wrong "the old laptop does not say why it waits"
load_rows S "$ROWS"
sleep 1
[ "$(of_hub "$old")" = "revoked [${before#*[}" ] || wrong "the last numbers moved: $(of_hub "$old")"
sound_memory "$WORLD"/logs/*.log
