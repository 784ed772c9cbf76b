#!/usr/bin/env bash
# audio [COUNT [BYTES]] - records with large files come to the hub whole, in memory that does not grow
# with them; a node that is killed meanwhile goes on behind the last piece (row 56), and a record counts
# as complete only when its file is there (row 57). Prints `name value unit` lines.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# Freed memory that the sanitizer keeps back would count as growth.
export ASAN_OPTIONS=quarantine_size_mb=1:malloc_context_size=3
COUNT=${1:-6}
BYTES=${2:-4000000}
# What sync and ledger may have more of their own at the end than before the first file: room for a
# few frames and their copies, and what allocators and sanitizers keep of it. Far less than the files.
GROWTH_KIB=${GROWTH_KIB:-24576}
LAST_BYTES=30000000 # takes long enough that something can happen meanwhile
FORMS=$HERE/openrosa/study

role() { pgrep -P "${PIDS[$1]}" -f "role $2"; }
anonymous() { python3 "$HERE/audio.py" memory "$(role "$1" "$2")"; }
# watch_begin WHOM ROLE, watch_end ROLE: the most of its own that it has between the two.
declare -A WATCHES=()
watch_begin() {
	python3 "$HERE/audio.py" watch "$(role "$1" "$2")" "$WORLD/end-$2" >"$WORLD/most-$2" &
	WATCHES[$2]=$!
}
watch_end() {
	touch "$WORLD/end-$1"
	wait "${WATCHES[$1]}"
	say "$1_most $(cat "$WORLD/most-$1") KiB"
}
none_is_missing() { [ "$(of_node exa files_missing)" = 0 ] && [ "$(of_node exa records_incomplete)" = 0 ]; }
some_is_there() { [ "$(of_node exa files_missing)" -gt 0 ]; }

world_begin
hub_open "$FORMS"
approvals exa
site exa
BASE=$(open_tablet exa)
node exa code make --count "$((COUNT + 2))" | grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}' >"$WORLD/codes"

say "a small file first, so that everything is warm"
head -n 1 "$WORLD/codes" >"$WORLD/first"
sed "1d;\$d" "$WORLD/codes" >"$WORLD/rest"
python3 "$HERE/audio.py" send "$BASE" "$WORLD/first" 1 100000
wait_for 30 "the first file at the hub" files_at_hub exa 1
sync_before=$(anonymous node-exa sync)
ledger_before=$(anonymous hub ledger)

say "$COUNT files of $BYTES bytes"
begin_s=$(date +%s.%N)
watch_begin node-exa sync
watch_begin hub ledger
watch_begin hub gate
python3 "$HERE/audio.py" send "$BASE" "$WORLD/rest" "$COUNT" "$BYTES"
wait_for "$SYNC_S" "all records at the hub" at_hub exa "$((COUNT + 1))"
wait_for 600 "all files at the hub" files_at_hub exa "$((COUNT + 1))"
wait_for 10 "whole records at the hub" none_is_missing
end_s=$(date +%s.%N)
sync_grew=$(($(anonymous node-exa sync) - sync_before))
ledger_grew=$(($(anonymous hub ledger) - ledger_before))
python3 -c "b = $COUNT * $BYTES; s = $end_s - $begin_s
print(f'files {b} bytes'); print(f'seconds {s:.1f} s'); print(f'rate {b / s / 1e6:.2f} MB/s')"
say "sync_grew $sync_grew KiB"
watch_end sync
say "ledger_grew $ledger_grew KiB"
watch_end ledger
watch_end gate
[ "$sync_grew" -lt "$GROWTH_KIB" ] || wrong "sync grew by $sync_grew KiB"
[ "$ledger_grew" -lt "$GROWTH_KIB" ] || wrong "the ledger grew by $ledger_grew KiB"

say "row 56: node, then hub killed while a file is on its way"
python3 "$HERE/audio.py" send "$BASE" <(tail -n 1 "$WORLD/codes") 1 "$LAST_BYTES" &
sender=$!
wait_for 60 "a file on its way" some_is_there
kill -KILL "$(role node-exa sync)"
wait "$sender" || true
sleep 0.5
kill -KILL "$(role hub ledger)" || true
wait_for 60 "the hub to be back" hub status
wait_for 60 "the node to be back" node exa status
wait_for 120 "the file at the hub" files_at_hub exa "$((COUNT + 2))"
wait_for 10 "whole records at the hub" none_is_missing
say "the log was witnessed up to $(of_node exa cosigned_size)"
sound_memory "$WORLD/logs/node-exa.log" "$WORLD/logs/hub.log"
