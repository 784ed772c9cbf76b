#!/usr/bin/env bash
# No one person can open, and no one person can release; the operator's own secrets do neither.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
FORGED=${FORGED:-$BIN/../attack/weir-hub-forged}
SITES=(australia norway sweden)

# with WHOSE-PASSPHRASE PERSON COMMAND...: decide as a person with somebody's passphrase.
with() {
	local whose=$1 person=$2
	shift 2
	hub "$@" --by "$person" --passphrase-fd 3 3< <(pass "$whose"; pass "$whose")
}
forge() {
	local how=$1 person=$2
	shift 2
	WEIR_FORGE=$how "$FORGED" "$@" --dir "$HUB" --by "$person" --passphrase-fd 3 \
		3< <(pass "$person")
}
state_of() { hub release show "$RELEASE" --json | json state; }
approvals_of() { hub release show "$RELEASE" --json | python3 "$HERE/look.py" count approvals; }
keeper_state() { hub keeper status --json | json state; }

world_begin
hub_init
hub_start
persons
person operator operator
person author researcher approver
person second-author researcher approver
keeper_setup
publish
approvals "${SITES[@]}"
sites_loaded 48 "${SITES[@]}"

say "opening"
refused 1 'passphrase' with services holder keeper unlock
refused 1 'passphrase' with operator holder keeper unlock
refused 1 'holder' as operator keeper unlock
quiet as holder keeper unlock
refused 1 'two different\|another holder\|second holder\|same' as holder keeper unlock
[ "$(keeper_state)" != open ] || wrong "one holder alone opened the keeper"
quiet as second-holder keeper unlock
[ "$(keeper_state)" = open ] || wrong "two holders did not open the keeper"

say "proposing"
refused 1 'passphrase' with services author release propose W01 --purpose x
refused 1 'no role that may' as operator release propose W01 --purpose x
as author release propose W01 --purpose "example" --json >"$WORLD/propose" || wrong "not staged"
RELEASE=$(json id <"$WORLD/propose")

say "approving"
refused 1 'passphrase' with services approver release approve "$RELEASE"
refused 1 'no role that may' as operator release approve "$RELEASE"
refused 1 'author' as author release approve "$RELEASE"
refused 1 'other bytes\|not over these bytes\|digest' forge bytes approver release approve "$RELEASE"
[ "$(approvals_of)" = 0 ] || wrong "a refused approval counts"
refused 1 'used before' forge replay approver release approve "$RELEASE"
[ "$(approvals_of)" = 1 ] || wrong "a replayed approval counts twice, or the first not at all"
refused 1 'approved it already\|already' as approver release approve "$RELEASE"
[ "$(approvals_of)" = 1 ] || wrong "one approver counts twice"
refused 1 'approv' as author release publish "$RELEASE"
[ "$(state_of)" = staged ] || wrong "one approval was enough: $(state_of)"

say "naming persons"
refused 1 'passphrase' hub person add helper --role approver --organisation example \
	--passphrase-fd 3 3< <(pass services; pass helper)
refused 1 'verify\|another\|entered' as researcher approval verify \
	"$(as researcher approval add own --kind rec --decision favourable --from 2026-01-01 --json | json approval)"
quiet as officer study publish "$STUDY"
refused 1 'another\|itself\|proposed' as officer study verify

# D-95: nobody acts for two organisations, neither where the key file lies nor where it does not.
refused 1 'officer is an id of the study already' hub person add officer --role approver \
	--organisation "Other example" --passphrase-fd 3 3< <(pass root; pass officer)
mv "$HUB/persons/officer.key" "$WORLD/officer.key"
refused 1 'there is a person officer already' hub person add officer --role approver \
	--organisation "Other example" --passphrase-fd 3 3< <(pass root; pass officer)
mv "$WORLD/officer.key" "$HUB/persons/officer.key"

say "another study's root and keys of the same names"
(
	HUB=$WORLD/other
	mkdir "$HUB"
	ADDRESS=tcp://127.0.0.1:$(python3 "$HERE/look.py" port)
	hub_init
	hub_start
	person approver approver
	person second-approver approver
	stop hub
)
unset 'PIDS[other]'
mkdir "$WORLD/mine"
cp -r "$HUB/persons" "$WORLD/mine/persons"
cp "$WORLD/other/persons/second-approver.key" "$HUB/persons/second-approver.key"
refused 1 'not signed by' as second-approver release approve "$RELEASE"
cp "$WORLD/mine/persons/second-approver.key" "$HUB/persons/second-approver.key"
[ "$(approvals_of)" = 1 ] || wrong "a key of another study approved"

quiet as second-approver release approve "$RELEASE"
refused 1 'passphrase' with services researcher release publish "$RELEASE"
refused 1 'no role that may' as operator release publish "$RELEASE"
[ "$(state_of)" = approved ] || wrong "the release is $(state_of)"
[ ! -e "$HUB/shelf/$RELEASE/released.csv" ] || wrong "the shelf shows what nobody published"
quiet as researcher release publish "$RELEASE"
[ "$(state_of)" = released ] || wrong "the release is $(state_of)"
quiet "$BIN/weir-audit" verify "$HUB/log" --key "$(cat "$HUB/vkey")"
say "two approvers who are not the author released it"
