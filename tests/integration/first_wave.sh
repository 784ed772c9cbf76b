# shellcheck shell=bash disable=SC2034
# first_wave - the example study on a day of its first wave, by the clock of all programs; sourced behind
# lib.sh. The pack is the one of ops/study but for what partnership/pack.py changes.

PARTNERSHIP=$HERE/partnership
NOW=2027-03-10T12:00
export PYTHONDONTWRITEBYTECODE=1
WEIR_CLOCK_OFFSET_S=$(($(date -u -d "${NOW/T/ }" +%s) - $(date +%s)))
export WEIR_CLOCK_OFFSET_S

tool() { python3 "$HERE/tablets.py" "$@"; }
# example_pack DIRECTORY OPTION...: with the options of partnership/pack.py.
example_pack() { "$PARTNERSHIP/pack.py" "$SOURCE/ops/study/partnership" "$@"; }
# The hub with the pack, and its site exa with the door for tablets (BASE) and so many codes of people.
open_exa() {
	hub_open "$WORLD/pack"
	papers "$WORLD/pack" exa
	site exa
	BASE=$(open_tablet exa)
	node exa code make --count "$1" >"$WORLD/codes"
}
# [APPROACHER=CODE] fill_in DIRECTORY STAFF USERS SITE=CODES...: what so many of each site filled in, who all
# agreed in time; whom this member of the local staff approached, else nobody of the study's log.
fill_in() {
	local out=$1 staff=$2 users=$3 site words=()
	shift 3
	for site; do words+=(--site "$site"); done
	quiet "$PARTNERSHIP/people.py" "$WORLD/pack" "$out" "${words[@]}" --now "$NOW" \
		--staff "$staff" --users "$users" --extra 0 --late 0 --approacher "${APPROACHER:-}"
}
