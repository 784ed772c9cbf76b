#!/usr/bin/env bash
# Backups are made while records come in, are whole, and go back: the hub fills up again from its
# sites and releases nothing until it has; a damaged byte is found and named; nothing is lost and
# nothing is there twice.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITES=(australia norway)
ROWS=48

# hub_keyed COMMAND...: a command of weir-hub that asks for the passphrase of the services.
hub_keyed() { hub "$@" --passphrase-fd 3 3< <(pass services); }
node_keyed() {
	local site=$1
	shift
	node "$site" "$@" --passphrase-fd 3 3< <(pass "$site")
}
# Of a backup: how many entries it holds.
entries_in() { json entries <"$1/backup.json"; }
# damage FILE OFFSET: one bit of this byte is turned over.
damage() {
	python3 -c 'import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2])); b = f.read(1); f.seek(-1, 1); f.write(bytes([b[0] ^ 1]))' "$1" "$2"
}
# offset_of FILE [BACKUP]: where the longest run of bytes without zeros begins, sealed content; one
# that stands in FILE once and in a backup just made of it, so that it lies in no page that is free.
offset_of() {
	python3 -c 'import re, sys
data, kept = (open(name, "rb").read() for name in (sys.argv[1], sys.argv[-1]))
runs = sorted(re.finditer(rb"[^\0]{64,}", data), key=lambda m: m.start() - m.end())
print(next(m.start() for m in runs if data.count(m[0]) == 1 and m[0] in kept) + 32)' "$@"
}

# id_of SITE: the digits that status shows for its node.
id_of() { hub status | awk -v site="$1" '$1 == site { print $2; exit }'; }

world_begin
study_begin "${SITES[@]}"
for name in "${SITES[@]}"; do
	site "$name"
	wait_for 30 "the study at $name" knows_study "$name"
	python3 "$HERE/look.py" rows "$(code_letter "$name")" "$ROWS" >"$WORLD/$name.csv"
	head -n $((ROWS / 2 + 1)) "$WORLD/$name.csv" >"$WORLD/$name-1.csv"
	quiet load "$name" "$WORLD/$name-1.csv"
done
for name in "${SITES[@]}"; do
	wait_for "$SYNC_S" "the receipts of $name" at_hub "$name" $((ROWS / 2))
done

# Both sides are copied, and copied again while the rest comes in.
quiet node_keyed australia backup "$WORLD/node-copy" --keys "$WORLD/node-keys"
quiet hub_keyed backup "$WORLD/hub-copy" --keys "$WORLD/hub-keys"
# What becomes of sites after the backup stands in the journal, too.
quiet as researcher site merge australia norway --into sweden --on 2026-03-01 --reason "example: boundaries"
quiet as researcher site rename usa --name "Example name" --on 2026-03-01 --reason "example: a mistake"
quiet as officer site strike --change 2 --reason "example: it never happened"
hub site lineage --json >"$WORLD/lineage"
grep -q '"kind":"merge"' "$WORLD/lineage" || wrong "there is no merger"
for name in "${SITES[@]}"; do load "$name" "$WORLD/$name.csv" >"$WORLD/logs/load-$name" 2>&1 & done
quiet hub_keyed backup "$WORLD/hub-live"
quiet node_keyed australia backup "$WORLD/node-live"
for job in $(jobs -p); do
	for pid in "${PIDS[@]}"; do [ "$job" != "$pid" ] || continue 2; done
	wait "$job" || true
done
for name in "${SITES[@]}"; do
	wait_for "$SYNC_S" "the receipts of $name" at_hub "$name" "$ROWS"
done
say "copied under load: $(entries_in "$WORLD/hub-live") entries at the hub," \
	"$(entries_in "$WORLD/node-live") at australia"
if find "$WORLD/hub-copy" "$WORLD/node-copy" -name '*.key' | grep -q .; then
	wrong "a key is in a backup"
fi
refused 1 'there already' hub_keyed backup "$WORLD/hub-copy" --keys "$WORLD/no-keys"
refused 1 'there already' node_keyed australia backup "$WORLD/node-copy" --keys "$WORLD/no-keys"
[ ! -e "$WORLD/no-keys" ] || wrong "keys are copied though there is no backup that they belong to"
refused 1 'there already' hub_keyed backup "$WORLD/hub-second" --keys "$WORLD/hub-keys"
[ ! -e "$WORLD/hub-second" ] || wrong "there is a backup whose keys have no place"
refused 1 'directory of the backup' hub_keyed backup "$WORLD/hub-second" --keys "$WORLD/hub-second/keys"

# Whole beside the running writers, and with every byte read.
for how in '' --read-data; do
	quiet hub_keyed check ${how:+"$how"}
	quiet node australia check ${how:+"$how"}
done
[ "$(node australia check --json | json count)" = 0 ] || wrong "a whole vault has findings"
before_norway=$(counts norway)
before_australia=$(counts australia)
say "whole: $before_australia"

# What lies in these is in use there, for the byte that will be damaged.
quiet hub_keyed backup "$WORLD/hub-fresh" --keys "$WORLD/hub-fresh-keys"
quiet node_keyed australia backup "$WORLD/node-fresh" --keys "$WORLD/node-fresh-keys"

# Nobody puts a backup below a running writer, over more than it has, or into the wrong place.
refused 1 'running' hub_keyed restore "$WORLD/hub-copy"
refused 1 'running' node australia restore "$WORLD/node-copy"
for name in "${SITES[@]}"; do stop "node-$name"; done
stop hub
refused 1 'lacks' hub_keyed restore "$WORLD/hub-copy"
refused 1 'lacks' node australia restore "$WORLD/node-copy"
refused 1 'another installation' node norway restore "$WORLD/node-copy"
refused 1 'changed, or is' hub_keyed restore "$WORLD/node-copy"
refused 1 'no backup' hub_keyed restore "$WORLD/logs"

# A damaged byte: the backup is refused, the vault's check names the entry.
cp -r "$WORLD/node-copy" "$WORLD/node-damaged"
damage "$WORLD/node-damaged/vault/data.mdb" "$(offset_of "$WORLD/node-damaged/vault/data.mdb")"
refused 1 'damaged' node australia restore "$WORLD/node-damaged" --over-newer
cp -r "$(node_dir australia)/vault" "$WORLD/vault-whole"
at=$(offset_of "$(node_dir australia)/vault/data.mdb" "$WORLD/node-fresh/vault/data.mdb")
damage "$(node_dir australia)/vault/data.mdb" "$at"
refused 1 '.' node australia check --read-data
cat "$WORLD/logs/refused.out"
rm -r "$(node_dir australia)/vault"
mv "$WORLD/vault-whole" "$(node_dir australia)/vault"
quiet node australia check --read-data
cp -r "$HUB/vault" "$WORLD/vault-whole"
damage "$HUB/vault/data.mdb" "$(offset_of "$HUB/vault/data.mdb" "$WORLD/hub-fresh/vault/data.mdb")"
refused 1 '.' hub_keyed check --read-data
cat "$WORLD/logs/refused.out"
rm -r "$HUB/vault"
mv "$WORLD/vault-whole" "$HUB/vault"
quiet hub_keyed check --read-data

# The hub goes back to its backup: it says so, asks its nodes for the rest, and releases nothing
# until it has heard all of them.
quiet hub_keyed restore "$WORLD/hub-copy" --over-newer
refused 1 'went backwards' hub_keyed check
hub_start
node_start australia
wait_for "$SYNC_S" "the receipts of australia" at_hub australia "$ROWS"
[ "$(counts australia)" = "$before_australia" ] || wrong "australia: $(counts australia)"
keeper_unlock
hub status >"$WORLD/status"
grep -q 'restored from a backup' "$WORLD/status" || wrong "status does not tell of the recovery"
one_waits() { [ "$(hub status --json | python3 "$HERE/look.py" count recovery.waits)" = 1 ]; }
wait_for 20 "australia to be heard" one_waits
sed -n '/^recovery/,/^$/p' "$WORLD/status"
refused 1 'restored from a backup' as researcher release propose W01 --purpose "example"
refused 1 'needs officer' as researcher recovery waive "$(id_of norway)" --reason "example"
refused 1 'nothing waits' as officer recovery waive "$(id_of australia)" --reason "example"
node_start norway
wait_for "$SYNC_S" "the receipts of norway" at_hub norway "$ROWS"
[ "$(counts norway)" = "$before_norway" ] || wrong "norway: $(counts norway)"
recovery_is_over() { ! hub status --json | grep -q '"recovery"'; }
wait_for 20 "the end of the recovery" recovery_is_over
is_logged() { [ "$(leaves recovery-over)" = "1 1" ]; }
wait_for 20 "the leaf that the recovery is over" is_logged
if grep -q 'acts of persons' "$WORLD/status"; then wrong "entries are taken for acts of persons"; fi
hub site lineage --json | cmp -s - "$WORLD/lineage" || wrong "a restore took a merger back"
quiet "$BIN/weir-audit" verify "$HUB/log" --key "$(cat "$HUB/vkey")"
quiet hub_keyed check --read-data
release_stage W01
release_approve
release_publish "$WORLD/after.csv"
say "the hub is whole again: $(counts australia)"

# A node goes back to its backup: the hub has more of it and says so; nothing is lost there.
stop node-australia
quiet node_keyed australia restore "$WORLD/node-copy" --over-newer
quiet node australia check --read-data
node_start australia
is_stopped() { [ "$(node australia status --json | json link)" = stopped ]; }
wait_for 20 "australia to be stopped" is_stopped
node australia status | tail -n 2
quiet hub_keyed check --read-data
[ "$(hub status --json | python3 "$HERE/look.py" hub australia)" = \
	"$(tail -n 1 <<<"$before_australia")" ] || wrong "the hub has not what australia sent"

# A node whose directory is lost comes back from backup and keys.
stop node-australia
mv "$(node_dir australia)" "$WORLD/lost"
mkdir "$(node_dir australia)"
refused 1 'keys of this node are not here' node australia restore "$WORLD/node-live"
quiet node australia restore "$WORLD/node-live" --keys "$WORLD/node-keys"
quiet node australia check --read-data
say "a lost node is back from $(entries_in "$WORLD/node-live") entries"
