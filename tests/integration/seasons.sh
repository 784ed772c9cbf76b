#!/usr/bin/env bash
# Waves with seasons (D-18): a winter window takes records between its dates only, a winter is
# compared with a winter and with nothing else, and the figures are those of a plain recount of what
# was loaded. A site of few people keeps nobody else's table back and is in none (D-24).
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITES=(norway sweden usa)
LAST=3 # a window ends so many days after it opens

day() { date -u -d "+$1 days" +%F; }
# wave NUMBER SEASON DAY: open from this day on, counted from today.
wave() {
	printf '\n[wave.%s]\ntitle = Example %s %s\ndesign = fresh-sample\nseason = %s\n' "$1" "$2" "$1" "$2"
	printf 'attitudes.opens = %s\nattitudes.closes = %s\n' "$(day "$3")" "$(day $(($3 + LAST)))"
}
seasons_study() {
	cp -r "$STUDY" "$WORLD/study"
	STUDY=$WORLD/study
	sed -i '/^\[wave.1\]/,/^attitudes.closes/d' "$STUDY/study.ini"
	{ wave 1 winter -1; wave 2 summer 5; wave 3 winter 10; wave 4 '' 20; } >>"$STUDY/study.ini"
	# A plan that was fixed before the first record; figures of two sites are shown, too.
	sed -i "s/^date = .*/date = $(day -20)/" "$STUDY/study.ini"
	sed -i 's/^sites.min = .*/sites.min = 2 sites/; s/^zero = .*/zero = show/' "$STUDY/rules.ini"
	sed -i '/^\[disclosure\]/i [R22]\ntitle = The record was collected in a window of the wave\non = yes\noutcome = hold\nactions = collect aggregate\n' "$STUDY/rules.ini"
}
# at DAYS: everything goes on so many days later.
at() { all_later $(($1 * 86400)); }
# answers WAVE SITE FIRST ROWS SEED: a sheet of people who answered at the site in that wave.
answers() { python3 "$HERE/seasons.py" answers "$(code_letter "$2")" "${@:3}" >"$WORLD/$1-$2.csv"; }
# collected WAVE SITE=TOTAL...: loaded at each site, and all that it has at the hub.
collected() {
	wave_now=$1
	at_once collect "${@:2}"
}
collect() {
	quiet load "${1%=*}" "$WORLD/$wave_now-${1%=*}.csv"
	wait_for "$SYNC_S" "the receipts of ${1%=*}" at_hub "${1%=*}" "${1#*=}"
}
# propose ARGUMENTS...: of the indicators that the recount knows.
propose() { as researcher release propose W01 W02 W03 W04 --purpose "example: winters" "$@"; }
none_waits() { [ "$(node "$1" status --json | python3 "$HERE/look.py" waiting C)" = 0 ]; }
# shows WORDS: `release show` of the last release says so.
shows() {
	hub release show "$RELEASE" >"$WORLD/shown"
	grep -q -- "$1" "$WORLD/shown" || wrong "show does not say $1"
}

world_begin
seasons_study
study_begin "${SITES[@]}"
sites "${SITES[@]}"
for name in "${SITES[@]}"; do wait_for 30 "the study at $name" knows_study "$name"; done

# The first winter; few answer in what is called usa here.
answers 1 norway 1 60 1
answers 1 sweden 1 80 2
answers 1 usa 1 6 3
collected 1 norway=60 sweden=80 usa=6
keeper_unlock
refused 1 'wave 2 is of season summer and wave 1 of season winter' propose --wave 2 --compare 1
refused 1 'wave 4 has no season' propose --wave 4 --compare 1
refused 1 'wave 3 is not earlier than wave 1' propose --wave 1 --compare 3
refused 1 'no wave 9' propose --wave 9 --compare 1
refused 2 'compare needs --wave' propose --compare 1

# D-24: the small site is in no figure, and keeps nobody's back.
release_stage W01 W02 W03 W04 --wave 1
release_approve
release_publish "$WORLD/small.csv"
python3 "$HERE/seasons.py" small "$WORLD/small.csv" usa "$WORLD"/1-*.csv ||
	wrong "a figure rests on the small site"
say "D-24: a site of fewer people than the threshold is in no figure"

# Between the windows nothing is taken, of no wave.
at 4
answers late norway 200 2 9
refused 1 'takes no records today' load norway "$WORLD/late-norway.csv"
refused 1 'takes no records of wave 1 today' load norway "$WORLD/late-norway.csv" --wave 1
refused 1 'takes no records of wave 3 today' load norway "$WORLD/late-norway.csv" --wave 3

# The summer, and the next winter: some of the same people, some others.
at 6
answers 2 norway 1 40 4
answers 2 sweden 1 40 5
answers 2 usa 1 40 6
collected 2 norway=100 sweden=120 usa=46
at 11
answers 3 norway 30 70 7
answers 3 sweden 50 60 8
answers 3 usa 1 30 9
collected 3 norway=170 sweden=180 usa=76
keeper_unlock
refused 1 'wave 3 is of season winter and wave 2 of season summer' propose --wave 3 --compare 2
release_stage W01 W02 W03 W04 --wave 3 --compare 1
shows 'wave 3 is compared with wave 1, both of season winter'
shows 'norway .* n 70 (then 60, change 10)'
release_approve
release_publish "$WORLD/winters.csv"
wait_for 20 "the release on the shelf" test -e "$HUB/shelf/$RELEASE/release.json"
grep -q 'people of the two waves are not paired' "$HUB/shelf/$RELEASE/notes.txt" || wrong "no note of the waves"
python3 "$HERE/seasons.py" compare "$WORLD/winters.csv" "$WORLD"/3-*.csv -- "$WORLD"/1-*.csv ||
	wrong "the figures are not those of a recount"
# Somebody who wants no further use is in neither wave any more.
printf 'N0040\n' >"$WORLD/code"
quiet node norway change --level no-further-use --file "$WORLD/code"
wait_for 30 "the change at the hub" none_waits norway
release_stage W01 --wave 3 --compare 1
shows 'norway .* n 69 (then 59, change 10)'
sound_memory "$WORLD"/logs/*.log
say "D-18: winter is compared with winter"
