#!/usr/bin/env bash
# Sites without a connection: what they keep goes to the hub on a stick or through a proxy, comes
# back as receipts, and is there once, however often it is carried (row 72 of the fault matrix).
# What was edited, belongs elsewhere, or is of a copy or a revoked node is refused.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/carried.sh
. "$HERE/carried.sh"
SITES=(australia norway sweden)
ROWS=24
MORE=36
STICK=

rows() { python3 "$HERE/look.py" rows "$(code_letter "$1")" "$2" >"$WORLD/$1-$2.csv"; }
load_rows() {
	rows "$1" "$2"
	quiet load "$1" "$WORLD/$1-$2.csv"
}
# written SITE FILE [OPTION...]: a bundle of this site in a file.
written() {
	local site=$1 file=$2
	shift 2
	quiet node "$site" bundle write "$file" "$@"
}
# taken FILE LANE: how many entries of a lane the hub takes out of a bundle.
taken() { hub bundle read "$1" --json | python3 -c 'import json, sys
print(json.load(sys.stdin)["lanes"][int(sys.argv[1])]["taken"])' "$2"; }
expect() { [ "$2" = "$3" ] || wrong "$1: $2, expected $3"; }
# changed FILE OFFSET NEW: a copy of it with one bit turned over.
changed() {
	python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[2]) % len(data)] ^= 1
open(sys.argv[3], "wb").write(data)' "$1" "$2" "$3"
}
# The hub has as many control entries and records of the site as the site itself.
same_at_hub() {
	local both
	mapfile -t both < <(counts "$1")
	local there
	read -r -a there <<<"${both[1]}"
	expect "$1 at the hub" "${there[*]:0:2}" "${both[0]}"
}
# cosigned SITE: how many leaves of the log its node has vouched for.
cosigned() { sed -n 2p "$HUB"/log/cosigned/"$1"-*; }
has_manifest() { [ "$(node "$1" status --json | json manifest)" -ge "$2" ]; }

world_begin
hub_init
sed -i '/^\[web\]/,$ s/^listen = none/listen = 127.0.0.1:0/' "$HUB/hub.ini"
hub_start
persons
keeper_setup
publish
approvals "${SITES[@]}"
for name in "${SITES[@]}"; do
	site "$name"
	wait_for 30 "the study at $name" knows_study "$name"
done
wait_for 30 "the cosignature of australia" cosigned australia
hub_away
STICK=$WORLD/stick
mkdir "$STICK"

# A stick both ways: everything arrives, once, and the receipts come back.
load_rows australia "$ROWS"
node australia bundle write "$STICK"
seen=$(cosigned australia)
bundle=$(ls "$STICK"/weir-australia-to-hub-*.bundle)
hub bundle read "$bundle" --reply "$STICK/reply"
same_at_hub australia
if at_hub australia "$ROWS"; then wrong "receipts before the answer was read"; fi
node australia bundle read "$STICK/reply"
at_hub australia "$ROWS" || wrong "no receipts after the answer was read"

# Twice, and in the wrong order: nothing changes (row 72).
before=$(counts australia)
expect "taken again" "$(taken "$bundle" 1)" 0
quiet node australia bundle read "$STICK/reply"
load_rows australia "$MORE"
written australia "$STICK/second"
load_rows australia $((MORE + 12))
written australia "$STICK/third"
expect "taken of the third" "$(taken "$STICK/third" 1)" $((MORE + 12 - ROWS))
[ "$(cosigned australia)" -gt "$seen" ] || wrong "the log is not vouched for by stick"
expect "taken of the second, late" "$(taken "$STICK/second" 1)" 0
same_at_hub australia
[ "$(counts australia)" != "$before" ] || wrong "nothing arrived"
quiet hub bundle write "$STICK/receipts" --node australia
quiet node australia bundle read "$STICK/receipts"
at_hub australia $((MORE + 12)) || wrong "no receipts for the third bundle"
quiet node australia bundle read "$STICK/reply"
at_hub australia $((MORE + 12)) || wrong "an old answer took receipts back"
refused 1 'there already' node australia bundle write "$STICK/third"

# Edited, cut short, or of somebody else: refused, and nothing changes (row 72).
before=$(counts australia)
size=$(stat -c %s "$bundle")
for at in 3 20 60 100 150 $((size / 2)) $((size - 1)); do
	changed "$bundle" "$at" "$STICK/edited"
	refused 1 'changed\|no bundle\|not of its form\|cut short\|head of the bundle' \
		hub bundle read "$STICK/edited"
done
head -c $((size - 10)) "$bundle" >"$STICK/edited"
refused 1 'cut short' hub bundle read "$STICK/edited"
(cat "$bundle" && echo) >"$STICK/edited"
refused 1 'behind the end' hub bundle read "$STICK/edited"
changed "$STICK/reply" 300 "$STICK/edited"
refused 1 'changed' node australia bundle read "$STICK/edited"
refused 1 'for the hub' node australia bundle read "$bundle"
refused 1 'for a node' hub bundle read "$STICK/reply"
refused 1 'another node' node norway bundle read "$STICK/reply"
refused 1 'no bundle' hub bundle read "$STUDY/study.ini"
refused 1 'no such file' hub bundle read "$STICK/nothing"
refused 1 'no node' hub bundle write "$STICK/nothing" --node iceland
[ "$(counts australia)" = "$before" ] || wrong "a refused bundle changed something"

# Another hub of the same study has other keys, and knows no such node.
first=$HUB
HUB=$WORLD/other
ADDRESS=tcp://127.0.0.1:$(python3 "$HERE/look.py" port) hub_init
stop hub
hub_start
refused 1 'another hub' hub bundle read "$bundle"
stop hub
HUB=$first
hub_start

# A new version of the study travels the same way.
cp -r "$STUDY" "$WORLD/study-2"
sed -i '0,/^title = /s/^title = .*/title = example: the second version/' "$WORLD/study-2/study.ini"
publish "$WORLD/study-2"
quiet hub bundle write "$STICK/study" --node norway
has_manifest norway 2 && wrong "norway has a connection"
node norway bundle read "$STICK/study"
wait_for 10 "the second version at norway" has_manifest norway 2

# The only way out is a proxy that knows CONNECT, with TLS at the other end.
authority
front tls tls "$WORLD/door.pem" "$WORLD/door.key" "$(cat "$HUB/run/web/web.address")"
front connect connect "$WORLD/connect.log"
load_rows sweden "$ROWS"
refused 1 'no address' node sweden bundle send
courier sweden url "https://127.0.0.1:${PORTS[tls]}/bundle/v1" \
	proxy "http://127.0.0.1:${PORTS[connect]}" ca "$WORLD/stranger.pem"
stop node-sweden
node_start sweden
refused 1 'certificate' node sweden bundle send
courier sweden proxy "http://127.0.0.1:1"
refused 3 'the proxy http://127.0.0.1:1 of .courier. in node.ini cannot be reached' node sweden bundle send
courier sweden proxy "http://127.0.0.1:${PORTS[connect]}" ca "$WORLD/authority.pem"
node sweden bundle send
at_hub sweden "$ROWS" || wrong "no receipts through the proxy"
same_at_hub sweden
wait_for 10 "the second version at sweden" has_manifest sweden 2
grep -qx "CONNECT 127.0.0.1:${PORTS[tls]} 200" "$WORLD/connect.log" || wrong "not through the proxy"
load_rows sweden "$MORE"
quiet node sweden bundle send
at_hub sweden "$MORE" || wrong "no receipts for what came later"
# And by itself, soon after the start.
stop node-sweden
node_start sweden
MORE=$((MORE + 6))
load_rows sweden "$MORE"
wait_for 40 "the courier of sweden" at_hub sweden "$MORE"
door=http://$(cat "$HUB/run/web/web.address")
expect "a bundle for somebody else" "$(curl -s -o "$WORLD/said" -w '%{http_code}' \
	--data-binary "@$STICK/reply" "$door/bundle/v1")" 403
expect "no bundle" "$(curl -s -o "$WORLD/said" -w '%{http_code}' \
	--data-binary "@$STICK/edited" "$door/bundle/v1")" 400
expect "another route" "$(curl -s -o "$WORLD/said" -w '%{http_code}' "$door/bundle/v2")" 404
[ -z "$(ls "$HUB/run/web/spool")" ] || wrong "uploads are left behind"
say "through the proxy: $(counts sweden | tail -n 1)"

# A copy of a node that carries bundles, too: the second one is refused and set apart.
load_rows norway "$ROWS"
stop node-norway
cp -r "$(node_dir norway)" "$WORLD/nodes/copy"
node_start norway
load_rows norway "$MORE"
written norway "$STICK/norway"
stop node-norway
node_begin_copy() {
	"$BIN/weir-node" run --dir "$WORLD/nodes/copy" "${SANDBOX[@]}" --passphrase-fd 3 \
		>>"$WORLD/logs/node-copy.log" 2>&1 3< <(pass norway) &
	PIDS[node-copy]=$!
}
before_copy=$(log_lines node-copy)
node_begin_copy
await_ready node-copy "$before_copy"
python3 "$HERE/look.py" rows N $((MORE + 6)) | awk -v skip="$MORE" 'NR == 1 || NR > skip' \
	>"$WORLD/copy.csv"
quiet load copy "$WORLD/copy.csv"
written copy "$STICK/copy"
stop node-copy
expect "taken of norway" "$(taken "$STICK/norway" 1)" "$MORE"
refused 1 'in use twice' hub bundle read "$STICK/copy"
refused 1 'until somebody has looked' hub bundle read "$STICK/norway"
node_start norway
same_at_hub norway

# And a connection goes on where the bundles ended: nothing is lost, nothing is there twice.
load_rows australia 60
hub_back
wait_for "$SYNC_S" "the receipts of australia" at_hub australia 60
wait_for "$SYNC_S" "the receipts of sweden" at_hub sweden "$MORE"
same_at_hub australia
same_at_hub sweden

# What was revoked sends no more, by no way (row 72); what it sent before stays.
written sweden "$STICK/sweden" --all
before=$(counts sweden)
quiet as officer node revoke "$(hub status | awk '$1 == "sweden" { print $2; exit }')" --reason example
refused 1 'was revoked' hub bundle read "$STICK/sweden"
refused 1 'no node' hub bundle write "$STICK/nothing" --node sweden
expect "of a revoked node" "$(curl -s -o "$WORLD/said" -w '%{http_code}' --data-binary \
	"@$STICK/sweden" "http://$(cat "$HUB/run/web/web.address")/bundle/v1")" 403
grep -q 'was revoked' "$WORLD/said" || wrong "the door says: $(cat "$WORLD/said")"
[ "$(counts sweden)" = "$before" ] || wrong "a revoked node changed something"
quiet hub check --read-data --passphrase-fd 3 3< <(pass services)
quiet node australia check --read-data
sound_memory "$WORLD"/logs/*.log
say "connected again: $(counts australia | tail -n 1)"
