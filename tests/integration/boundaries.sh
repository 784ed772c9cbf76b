#!/usr/bin/env bash
# The boundaries of confidentiality hold with the real programs (D-84, D-91).
#
# Every site-only item of the example study carries a distinct marker, the study codes are others. None
# of them, nor a digest of one, is in what goes to the hub, in a bundle, or in a file of the hub; how
# long a site-only answer is shows in no bundle. What would let one travel is refused whole.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=tests/integration/first_wave.sh
. "$HERE/first_wave.sh"
SITEOPENS=${1:?the program siteopens}
TRESPASS=${TRESPASS:-$BIN/../attack/weir-node-trespass}
LONG=9000

helper() { python3 "$HERE/boundaries.py" "$@"; }
post() { python3 "$HERE/collect.py" "$BASE" send "$@"; }
words_in() { python3 "$HERE/words.py" search "$SENT/words" "$@"; }

begin() {
	example_pack "$WORLD/pack" --opens user_p2=2027-02-01
	hub_open "$WORLD/pack"
	papers "$WORLD/pack" exa
}

# capture NAME FILTER: what passes over the loopback; none where this user may not.
CAPTURES=()
capture() {
	local until=$((SECONDS + 10))
	command -v tcpdump >/dev/null || { say "skipped: the capture; tcpdump is not installed"; return 0; }
	tcpdump -i lo -U -s 0 -B 65536 -w "$WORLD/$1.pcap" "$2" >"$WORLD/logs/tcpdump-$1.log" 2>&1 &
	PIDS[$1]=$!
	until grep -q 'listening on' "$WORLD/logs/tcpdump-$1.log"; do
		if ! is_alive "$1"; then
			say "skipped: the capture; this user may not"
			unset "PIDS[$1]"
			return 0
		fi
		[ "$SECONDS" -lt "$until" ] || wrong "tcpdump does not begin"
		sleep 0.1
	done
	CAPTURES+=("$1")
}
captured() {
	local name
	for name in "${CAPTURES[@]}"; do
		sleep 1
		stop "$name"
		grep -q '^0 packets dropped by kernel' "$WORLD/logs/tcpdump-$name.log" || wrong "the capture has gaps"
		[ "$(stat -c %s "$WORLD/$name.pcap")" -gt 20000 ] || wrong "the capture $name is too small"
	done
}

# outside: all that left the site.
outside() {
	printf '%s\n' "$HUB" "$WORLD/bundles"
	[ ! -e "$WORLD/sync.pcap" ] || printf '%s\n' "$WORLD/sync.pcap"
}

bundle() {
	quiet node exa bundle write --all "$WORLD/bundles/$1"
	stat -c %s "$WORLD/bundles/$1"
}

# A short and a long site-only answer, all else the same, make bundles longer by the same.
length_shows_nowhere() {
	local none short long
	helper long "$SENT" "$(sed -n 6p "$WORLD/codes")" 1
	helper long "$SENT" "$(sed -n 7p "$WORLD/codes")" "$LONG"
	none=$(bundle none)
	post "$SENT/long-1.xml" | grep -q '^201' || wrong "the short answer was not taken"
	short=$(bundle short)
	post "$SENT/long-$LONG.xml" | grep -q '^201' || wrong "the long answer was not taken"
	long=$(bundle long)
	[ "$short" -gt "$none" ] || wrong "a record does not lengthen the bundle"
	[ $((long - short)) -lt $((short - none + LONG / 10)) ] ||
		wrong "the length shows: $none, $short, $long bytes"
	say "bundles of $none, $short and $long bytes: $LONG letters more at the site show in none"
}

# What another client sends is kept aside whole, or refused; never trimmed and sent.
crafted_is_not_trimmed() {
	local name before after said
	helper crafted "$SENT" "$(sed -n 8p "$WORLD/codes")"
	before=$(records)
	for name in repeat twice version; do
		said=$(post "$SENT/crafted-$name.xml" 2>&1) || true
		grep -qE '^202|status 4' <<<"$said" || wrong "crafted $name was taken: $said"
		say "  $name: $said"
	done
	after=$(records)
	[ "$before" = "$after" ] || wrong "a crafted submission became an entry: $before, then $after"
}
records() { node exa status --json | python3 "$HERE/look.py" node; }

# A program that is not weir's hands sync a record whose site-only answer would travel.
trespass_is_refused() {
	local before
	node exa import --form user_p2 --template >"$WORLD/heading.csv"
	helper sheet "$SENT" "$(sed -n 8p "$WORLD/codes")" "$WORLD/heading.csv"
	before=$(records)
	refused 1 'does not let travel open' "$TRESPASS" import --dir "$(node_dir exa)" \
		--form user_p2 "$SENT/sheet.csv"
	[ "$before" = "$(records)" ] || wrong "something of it was kept"
	quiet node exa import --form user_p2 "$SENT/sheet.csv"
	[ "$before" != "$(records)" ] || wrong "the sheet itself cannot be loaded"
	before=$(records)
	node exa import --form user_p2 "$SENT/sheet.csv" | grep -qx 'already_loaded 1 rows' ||
		wrong "the same sheet was loaded twice"
	[ "$before" = "$(records)" ] || wrong "the same sheet made records"
}

# The desk keeps a name: it is in nothing that is sent (contacts.sh has the rest).
keep_a_name() {
	quiet node exa desk unlock --passphrase-fd 3 3< <(pass "coordinator of exa")
	helper contact "$SENT" "$(sed -n 8p "$WORLD/codes")" >"$WORLD/contact"
	quiet node exa contact add --file "$WORLD/contact"
	node exa contact show --to-correct --file <(head -n 1 "$WORLD/contact") >"$WORLD/shown" ||
		wrong "the name is not shown"
	if words_in contact "$WORLD/shown" >/dev/null; then wrong "another name is shown"; fi
	words_in contact "$(node_dir exa)" >"$WORLD/logs/found" || wrong "a name in clear: $(cat "$WORLD/logs/found")"
}

# With every secret of the site no record of a form with site_reads = nobody opens, and all others do.
what_the_site_opens() {
	local form opened all forms=0
	"$SITEOPENS" "$(node_dir exa)" partnership "$(pass exa)" "$(pass "coordinator of exa")" \
		>"$WORLD/opened" || wrong "the site's secrets cannot be tried"
	while read -r form opened all; do
		forms=$((forms + 1))
		if [ "$form" = staff_p1 ]; then
			[[ $opened = 0 && $all -gt 0 ]] || wrong "$form: $opened of $all open at the site"
		else
			[ "$opened" = "$all" ] || wrong "$form: only $opened of $all open at the site"
		fi
		say "with every secret of the site: $opened of $all records of $form open"
	done <"$WORLD/opened"
	[ "$forms" = 4 ] || wrong "records of $forms forms, and not of 4"
}

world_begin
begin
capture sync "tcp port $PORT"
site exa
BASE=$(open_tablet exa)
capture tablet "tcp port $(door exa | sed 's/.*://')"
mkdir "$WORLD/bundles"
SENT=$WORLD/sent
node exa code make --count 8 >"$WORLD/codes"
helper make "$WORLD/pack" "$SENT" "$WORLD/codes" "$NOW"
python3 "$PARTNERSHIP/send.py" "$BASE" "$SENT" --log "$WORLD/logs/sent" ||
	wrong "what was filled in was not taken"
wait_for "$SYNC_S" "the records at the hub" at_hub exa 6+
crafted_is_not_trimmed
trespass_is_refused
keep_a_name
length_shows_nowhere
wait_for "$SYNC_S" "everything at the hub" at_hub exa 8+
captured

# The search can fail: it finds all of it where it was sent, and on the way to the node.
if words_in site "$SENT"/*.xml >"$WORLD/logs/found"; then wrong "the search finds nothing"; fi
say "as sent by the tablet: $(tail -n 1 "$WORLD/logs/found")"
if [ -e "$WORLD/tablet.pcap" ] && words_in site "$WORLD/tablet.pcap" >"$WORLD/logs/found"; then
	wrong "the capture of the tablet shows nothing"
fi
mapfile -t places < <(outside)
for kind in site name code contact; do
	result=$(words_in "$kind" "${places[@]}") || wrong "$kind left the site: $result"
	say "$kind: $result"
done
result=$(helper digests "$SENT/digests" "${places[@]}" "$(node_dir exa)") || wrong "a digest: $result"
say "$result"
# Of what stays, the words and the files are sealed at the site, too.
result=$(words_in site "$(node_dir exa)") || wrong "in clear at the site: $result"
say "in clear at the site: $result"
stop node-exa
what_the_site_opens
sound_memory "$WORLD/logs/node-exa.log"
say "boundaries: nothing of the site alone left it"
