#!/usr/bin/env bash
# Numbered keys are renewed when an officer asks, and monthly: the old intake number is destroyed once
# the nodes have the new one and a backup holds the keyring, and what it had sealed still opens. A node
# that was away for longer than sixty days seals for a ledger key that is destroyed: the hub refuses
# that by name, the node seals anew, and nothing is lost.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITE=sweden
AWAY=norway
ROWS=24
MORE=30
LAST=32
DAYS=61

key_is() { [ "$(hub status --json | json "keys.$1.$2")" = "$3" ]; }
waits_for() { hub status | grep -qE -- "$1"; }
hub_keyed() { hub "$@" --passphrase-fd 3 3< <(pass services); }
rows_for() { python3 "$HERE/look.py" rows "$(code_letter "$1")" "$2" >"$WORLD/rows-$1.csv"; }

world_begin
study_begin $SITE $AWAY
sites $SITE $AWAY
wait_for 30 "the study" knows_study $SITE
wait_for 30 "the study at the other site" knows_study $AWAY
rows_for $SITE $ROWS
rows_for $AWAY $ROWS
quiet load $SITE "$WORLD/rows-$SITE.csv"
quiet load $AWAY "$WORLD/rows-$AWAY.csv"
wait_for "$SYNC_S" "the receipts" at_hub $SITE "$ROWS"
wait_for "$SYNC_S" "the receipts of the other site" at_hub $AWAY "$ROWS"
stop node-$AWAY

# Renewal when asked: made, told, kept, destroyed; what was sealed before opens.
keeper_unlock
refused 1 'no role' as researcher keys renew --reason "example: no officer"
quiet as officer keys renew --reason "example: a laptop was lost"
wait_for 45 "a new intake number" key_is intake newest 2
wait_for 20 "a new ledger key" key_is ledger newest 2
hub status | grep -q 'study publish' || wrong "the status does not say what to do"
publish
wait_for 10 "the number in the manifest" key_is intake told 2
wait_for 10 "the ledger key in the manifest" key_is ledger told 2
sleep 1
quiet hub_keyed backup "$WORLD/backup"
python3 - "$WORLD/backup/backup.json" <<'PY' || wrong "the paper does not name the keyring"
import json, sys
k = json.load(open(sys.argv[1]))["keyring"]
sys.exit(0 if k["epoch"] >= 2 and k["keys"] > 0 else 1)
PY
wait_for 20 "what is waited for" waits_for "for $AWAY .*has not taken the version"
wait_for 20 "the word of the site" eval "! waits_for 'for $SITE '"
key_is intake oldest 1 || wrong "a number was destroyed that a node may still seal for"

# Sixty days later: the other node never came.
quiet hub keeper lock
stop hub
stop node-$SITE
WEIR_CLOCK_OFFSET_S=$((DAYS * 86400))
export WEIR_CLOCK_OFFSET_S
hub_start
node_start $SITE
wait_for 40 "the old ledger key destroyed" key_is ledger oldest 2
keeper_unlock
wait_for 40 "the number of the month" key_is intake newest 3
key_is intake oldest 1 || wrong "a number was destroyed that no backup of this epoch outlives"
sleep 1
quiet hub_keyed backup "$WORLD/later"
wait_for 40 "the old intake number destroyed" key_is intake oldest 2
node_start $AWAY
rows_for $AWAY $MORE
wait_for "$SYNC_S" "the word of the hub that the study is in force" can_collect $AWAY
quiet load $AWAY "$WORLD/rows-$AWAY.csv"
wait_for "$SYNC_S" "the records of the node that was away" at_hub $AWAY "$MORE"
grep -q 'sealing anew' "$WORLD/logs/node-$AWAY.log" || wrong "the node was not told of the key"
release_stage W01
release_approve
release_publish "$WORLD/after.csv"
[ "$(base_of sweden "$WORLD/after.csv")" = "$ROWS" ] || wrong "a table has a base of $(base_of sweden "$WORLD/after.csv")"
# The start after it destroys number 1 in the file of the services, too; all goes on.
cp "$HUB/keys/service.key" "$WORLD/service.key"
stop hub
hub_start
cmp -s "$HUB/keys/service.key" "$WORLD/service.key" && wrong "the first ledger key is still in service.key"
rows_for $AWAY $LAST
quiet load $AWAY "$WORLD/rows-$AWAY.csv"
wait_for "$SYNC_S" "records after the start" at_hub $AWAY "$LAST"
say "renewed: number 1 is destroyed, all $ROWS records open"
