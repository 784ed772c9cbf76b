# shellcheck shell=bash disable=SC2154
# erasing - what scripts about erasure share; sourced behind lib.sh, with SITE set.

# field NUMBER NAME, is_state NUMBER STATE: of the wish under this number, as the hub lists it.
field() {
	hub erase list --json | python3 -c 'import json, sys
for line in sys.stdin:
    one = json.loads(line)
    if one["receipt"] == sys.argv[1]: print(one[sys.argv[2]])' "$1" "$2"
}
is_state() { [ "$(field "$1" state)" = "$2" ]; }
has_wishes() { [ "$(hub erase list --json | wc -l)" = "$1" ]; }
# ask CODE: this person wishes to be erased; the number of the paper.
ask() {
	printf '%s\n' "$1" >"$WORLD/code"
	node "$SITE" change --level erase --file "$WORLD/code" >"$WORLD/paper-$1" || wrong "no receipt for $1"
	grep -oE '[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]' "$WORLD/paper-$1" | head -n 1
}
is_gone_here() { node "$SITE" erase | grep -q "$1"; }
hub_keyed() { hub "$@" --passphrase-fd 3 3< <(pass services); }
desk_unlock() { node "$SITE" desk unlock --passphrase-fd 3 3< <(pass "coordinator of $SITE"); }
search() { python3 "$HERE/erased.py" search "$@"; }

# secrets_of_hub DIR: every secret in force of a copy of the hub, as a pool of attack_hub.
secrets_of_hub() {
	{ pass services; pass holder; pass second-holder; } | "$ATTACK_HUB" secrets "$1" holder second-holder ||
		wrong "no secrets of the hub"
}
# rows_with WORDS DIR POOL: the tables of a copy of the hub's vault, all rows opened, that have one of these words.
rows_with() { "$ATTACK_HUB" find "$2" "$3" "$1" || wrong "not every row of the vault was looked at"; }
# tried NAME: a figure of the attack whose answer is in WORLD/tried.
tried() { awk -v name="$1" '$1 == name { print $2 }' "$WORLD/tried"; }
