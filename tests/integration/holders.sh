#!/usr/bin/env bash
# Who holds the study key is changed by two who hold it; who was removed, or is out of office, opens
# nothing, and signs nothing that ledger or keeper take.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# by_two A B COMMAND...: both passphrases, in this order.
by_two() {
	local a=$1 b=$2
	shift 2
	hub "$@" --by "$a" --by "$b" --reason "example: holders change" --passphrase-fd 3 \
		3< <(pass "$a"; pass "$b")
}
holders_are() { [ "$(hub holder list | tr '\n' ' ')" = "$1 " ]; }
keeper_is() { [ "$(hub keeper status --json | json state)" = "$1" ]; }
in_log() { "$BIN/weir-audit" list "$HUB/log" --json --action "$1" 2>/dev/null | grep -q .; }

world_begin
hub_init
hub_start
persons
person third-holder holder
# Two are too few: said when they are named, and by status until there is a third.
warned='only holder and second-holder hold the study key'
says() { hub status >"$WORLD/status"; grep -q -- "$1" "$WORLD/status"; }
if says 'hold the study key'; then wrong "status warns of a key that is not there"; fi
hub keeper setup --holder holder --holder second-holder --passphrase-fd 3 \
	3< <(pass root) >"$WORLD/setup" 2>/dev/null
grep -q "$warned" "$WORLD/setup" || wrong "setup does not warn of two holders"
publish
says "$warned: when one of them loses the passphrase" || wrong "status does not warn of two holders"
says 'holder add ID --by holder --by second-holder' || wrong "status does not name the command"
# Holders: never one alone, never fewer than two, each in office and with the role.
holders_are "holder second-holder" || wrong "the holders of the setup"
refused 1 'add another one first' by_two holder second-holder holder remove second-holder
refused 1 'holds the study key already' by_two holder second-holder holder add holder
refused 1 'has not the role' by_two holder second-holder holder add officer
refused 1 'nobody of the study' by_two holder second-holder holder add nobody
refused 1 'do not hold the study key together' by_two holder third-holder holder add third-holder
refused 2 'twice' hub holder add third-holder --by holder --by holder --reason x
cp -r "$HUB/keys" "$WORLD/keys-before"
quiet by_two holder second-holder holder add third-holder
holders_are "holder second-holder third-holder" || wrong "nobody was added"
if says 'hold the study key: when'; then wrong "three holders are warned of"; fi
by_two third-holder second-holder holder remove holder >"$WORLD/removed"
grep -q 'only second-holder and third-holder' "$WORLD/removed" || wrong "nobody is told that two are left"
holders_are "second-holder third-holder" || wrong "nobody was removed"
says 'only second-holder and third-holder hold' || wrong "status forgets its warning"
wait_for 10 "the agreement in the log" in_log holders-agreed
refused 1 'no holder' as holder keeper unlock
quiet as third-holder keeper unlock
quiet as second-holder keeper unlock
keeper_is open || wrong "the two who hold the key do not open it"
quiet hub keeper lock
# The boxes from before open a study key that opens nothing any more.
cp "$WORLD/keys-before/holders" "$WORLD/holders-now"
cmp -s "$HUB/keys/holders" "$WORLD/holders-now" && wrong "the pairs were not made anew"
mv "$HUB/keys/holders" "$WORLD/holders-now"
cp "$WORLD/keys-before/holders" "$HUB/keys/holders"
quiet as holder keeper unlock
refused 1 'box\|changed\|open' as second-holder keeper unlock
mv "$WORLD/holders-now" "$HUB/keys/holders"
quiet hub keeper lock
say "old pairs open nothing"

# Out of office: neither the ledger nor the keeper takes anything of this person.
quiet as officer person revoke third-holder --reason "example: left"
refused 1 'no longer in office' by_two second-holder third-holder holder add holder
refused 1 'no longer in office' as third-holder keeper unlock
say "holders changed"
