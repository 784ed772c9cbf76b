#!/usr/bin/env bash
# A hub whose journal is lost does not start until an officer has said so (row 43); then it is in
# recovery until its node was heard. So is one that is restored without its journal. A node that is
# revoked is refused at its next message (row 36). A pause and backups are said to nodes and people.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITES=(australia)
ROWS=8

id_of() { hub status | awk -v site="$1" '$1 == site { print $2; exit }'; }
hub_keyed() { hub "$@" --passphrase-fd 3 3< <(pass services); }
hub_keyed_check() { hub check --read-data --passphrase-fd 3 3< <(pass services); }
says() { hub status | grep -q "$1"; }
says_not() { ! says "$1"; }

world_begin
study_begin "${SITES[@]}"
site australia
wait_for 30 "the study at australia" knows_study australia
python3 "$HERE/look.py" rows "$(code_letter australia)" "$ROWS" >"$WORLD/rows.csv"
quiet load australia "$WORLD/rows.csv"
wait_for "$SYNC_S" "the receipts of australia" at_hub australia "$ROWS"
before=$(counts australia)

# Backups: noted, named, forgotten.
says 'no backup is noted' || wrong "status does not ask for a backup"
hub backup "$WORLD/copy" --passphrase-fd 3 3< <(pass services) >"$WORLD/made"
id=$(grep -oE 'noted as [0-9a-f]{8}' "$WORLD/made" | cut -d' ' -f3)
says "backup    $id" || wrong "status does not name the backup"
refused 1 'no backup' hub backup forget 00000000
quiet hub backup forget "$id"
says 'no backup is noted' || wrong "the backup was not forgotten"

# A pause.
quiet hub drain --retry 1
says 'no node is served' || wrong "status does not tell of the pause"
quiet hub drain --off
says_not 'no node is served' || wrong "the pause did not end"

# The journal is lost. Nobody can waive that beforehand.
refused 1 'has not missed its journal' as officer recovery journal --reason "example: in case"
stop hub
readies=$(grep -cx ready "$WORLD/logs/hub.log")
mv "$HUB/journal/journal" "$WORLD/journal"
hub_begin
asks_officer() { grep -q 'weir-hub recovery journal' "$WORLD/logs/hub.log"; }
wait_for "$START_S" "the hub to refuse its start" asks_officer
if [ "$(grep -cx ready "$WORLD/logs/hub.log")" != "$readies" ]; then wrong "it started without"; fi
stop hub
refused 2 'reason' as officer recovery journal
refused 1 'researcher is no officer' as researcher recovery journal --reason "example: its disk broke"
quiet as officer recovery journal --reason "example: its disk broke"
cp "$HUB/run/journal-waiver" "$WORLD/old-waiver"
hub_start
says 'restored from a backup' || wrong "the hub is not in recovery"
is_logged() { [ "$(leaves journal-waived)" = "1 1" ]; }
wait_for 20 "the leaf of the waiver" is_logged
says_over() { says_not 'restored from a backup'; }
wait_for "$SYNC_S" "australia to be heard" says_over
[ "$(counts australia)" = "$before" ] || wrong "australia: $(counts australia)"
[ -e "$HUB/run/journal-waiver" ] && wrong "the waiver is still there"
[ -e "$HUB/run/journal-lost" ] && wrong "the loss is still asked about"
stop hub
hub_start
says_not 'restored from a backup' || wrong "a start is another recovery"

# The journal and the vault are lost together: a restore says that the journal is, and again the hub
# starts only when an officer has waived it.
quiet hub_keyed backup "$WORLD/second"
stop hub
readies=$(grep -cx ready "$WORLD/logs/hub.log")
asked=$(grep -c 'weir-hub recovery journal' "$WORLD/logs/hub.log")
rm -r "$HUB/journal" "$HUB/vault"
refused 1 'say --journal-lost' hub_keyed restore "$WORLD/second"
[ -e "$HUB/vault" ] && wrong "a refused restore left a vault"
quiet hub_keyed restore "$WORLD/second" --journal-lost
# The word about an earlier loss is none about this one.
cp "$WORLD/old-waiver" "$HUB/run/journal-waiver"
hub_begin
asks_again() { [ "$(grep -c 'weir-hub recovery journal' "$WORLD/logs/hub.log")" -gt "$asked" ]; }
wait_for "$START_S" "the hub to refuse its start" asks_again
if [ "$(grep -cx ready "$WORLD/logs/hub.log")" != "$readies" ]; then wrong "it started without"; fi
stop hub
quiet as officer recovery journal --reason "example: the machine burned"
hub_start
says 'restored from a backup' || wrong "the hub is not in recovery"
wait_for "$SYNC_S" "australia to be heard" says_over
[ "$(counts australia)" = "$before" ] || wrong "australia: $(counts australia)"
stop hub
refused 1 'journal-lost is not said' hub_keyed restore "$WORLD/second" --over-newer --journal-lost
hub_start

# A node is revoked.
refused 1 'needs officer' as researcher node revoke "$(id_of australia)" --reason "example"
quiet as officer node revoke "$(id_of australia)" --reason "example: the machine was stolen"
says 'revoked' || wrong "status does not say that the node is revoked"
revoked_is_logged() { [ "$(leaves node-revoked)" = "1 1" ]; }
wait_for 20 "the leaf of the revocation" revoked_is_logged
quiet "$BIN/weir-audit" verify "$HUB/log" --key "$(cat "$HUB/vkey")"
quiet hub_keyed_check
say "the journal was waived, the node revoked: $before"
