#!/usr/bin/env bash
# No answer stands in clear in any file of nodes and hub, nor in what goes over the loopback; and a
# program that does not seal is found out by the same search.
#
# The test study is that of tests/data/wvs with two text answers more, `remark` for the hub and
# `note` for the site alone. Both carry random words; the sheet they come in lies apart.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
UNSEALED=${UNSEALED:-$BIN/../attack/weir-node-unsealed}
ROWS=240

make_study() {
	STUDY=$WORLD/study
	cp -r "$SOURCE/tests/data/wvs/study" "$STUDY"
	cat >>"$STUDY/forms/attitudes/survey.csv" <<-'EOF'
		text,remark,What else would you like to say?,,,,,,,,,,,,,,free_text,hub,,
		text,note,What should the site know?,,,,,,,,,,,,,,free_text,site,,
	EOF
}
search() { python3 "$HERE/words.py" search "$@"; }

# What is searched holds what it should: the same search finds a word that was put there.
planted_is_found() {
	local forms kind
	mkdir -p "$WORLD/planted"
	printf 'remark %s\n' abcdefghijklmnopqrstuvwx >"$WORLD/planted.words"
	for kind in 0 1 2; do
		{ head -c "$kind" /dev/zero; printf abcdefghijklmnopqrstuvwx; printf 'tail'; } |
			base64 -w0 >"$WORLD/planted/base64-$kind"
	done
	printf abcdefghijklmnopqrstuvwx | od -An -v -tx1 | tr -d ' \n' >"$WORLD/planted/hex"
	printf 'x\0abcdefghijklmnopqrstuvwx\0' >"$WORLD/planted/plain"
	forms=$(search "$WORLD/planted.words" remark "$WORLD/planted" || true)
	[ "$(grep -c "^$WORLD/planted/" <<<"$forms")" = 5 ] || wrong "the search misses a form: $forms"
	say "a planted word is found plain, in base64 three times and in hex"
}

capture_begin() {
	CAPTURE=
	if ! command -v tcpdump >/dev/null; then
		say "skipped: the capture; tcpdump is not installed"
		return 0
	fi
	tcpdump -i lo -U -s 0 -B 65536 -w "$WORLD/loopback.pcap" \
		>"$WORLD/logs/tcpdump.log" 2>&1 &
	PIDS[tcpdump]=$!
	local until=$((SECONDS + 10))
	until grep -q 'listening on' "$WORLD/logs/tcpdump.log"; do
		if ! is_alive tcpdump; then
			say "skipped: the capture; this user may not: $(head -n 1 "$WORLD/logs/tcpdump.log")"
			unset 'PIDS[tcpdump]'
			return 0
		fi
		[ "$SECONDS" -lt "$until" ] || wrong "tcpdump does not begin"
		sleep 0.1
	done
	CAPTURE=$WORLD/loopback.pcap
}
capture_end() {
	[ -n "$CAPTURE" ] || return 0
	# Whether it saw the way at all: the hub's port has to have carried the sealed rows.
	sleep 1
	stop tcpdump
	grep -q '^0 packets dropped by kernel' "$WORLD/logs/tcpdump.log" || wrong "the capture has gaps"
	[ "$(stat -c %s "$CAPTURE")" -gt $((ROWS * 256)) ] || wrong "the capture is too small"
}

# all_places: everything that nodes and hub wrote, and what they sent.
all_places() { printf '%s\n' "$HUB" "$WORLD/nodes" "$WORLD/logs" ${CAPTURE:+"$CAPTURE"}; }
at_the_hub() { printf '%s\n' "$HUB" ${CAPTURE:+"$CAPTURE"}; }

world_begin
mkdir "$WORLD/input"
make_study
planted_is_found
python3 "$HERE/words.py" make "$ROWS" S "$WORLD/input/sweden.csv" "$WORLD/input/words"
study_begin sweden norway
capture_begin
site sweden
wait_for 30 "the study at sweden" knows_study sweden
quiet load sweden "$WORLD/input/sweden.csv"
wait_for "$SYNC_S" "the receipts of sweden" at_hub sweden "$ROWS"
keeper_unlock
release_stage W04
capture_end
# shellcheck disable=SC2046 # one path a line, none with blanks
result=$(search "$WORLD/input/words" remark $(all_places)) || wrong "answers in clear: $result"
say "answers for the hub: $result"
# shellcheck disable=SC2046
result=$(search "$WORLD/input/words" note $(at_the_hub)) || wrong "site answers left: $result"
say "answers for the site alone: $result"

# The same with a node that does not seal.
python3 "$HERE/words.py" make 20 N "$WORLD/input/norway.csv" "$WORLD/input/unsealed"
site norway
wait_for 30 "the study at norway" knows_study norway
quiet "$UNSEALED" import --dir "$(node_dir norway)" --form attitudes \
	--consent returned-questionnaire --permit "$PERMIT" "$WORLD/input/norway.csv"
if result=$(search "$WORLD/input/unsealed" remark "$WORLD/nodes" "$HUB"); then
	wrong "a program that does not seal was not found out"
fi
say "a node that does not seal is found out: $result"
