#!/usr/bin/env bash
# One person has one pseudonym inside a site and another one in every study, and the key that makes it
# never leaves the site (D-86), with the real programs: two studies, each with a hub and a node of the
# same site, and the same study codes in both.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PSEUDONYM_OF=${1:?the program pseudonym_of}
CODES=(N0001 N0002 N0003)
ROWS=3

# leaks HEX PLACE...: the files in which these bytes stand as they are, in hexadecimal or in base64.
leaks() {
	python3 - "$@" <<-'END'
		import base64, os, sys
		key = bytes.fromhex(sys.argv[1])
		forms = {key, key.hex().encode(), key.hex().upper().encode()}
		for shift in range(3):  # the part that no neighbour changes
		    text = base64.b64encode(bytes(shift) + key).rstrip(b"=")
		    forms.add(text[(shift * 8 + 5) // 6:-1])
		for place in sys.argv[2:]:
		    for root, _, names in os.walk(place) if os.path.isdir(place) else [("", [], [place])]:
		        for path in (os.path.join(root, name) for name in names):
		            if os.path.isfile(path) and any(form in open(path, "rb").read() for form in forms):
		                print(path)
	END
}

capture_begin() {
	local until=$((SECONDS + 10))
	command -v tcpdump >/dev/null || { say "skipped: the capture; tcpdump is not installed"; return 0; }
	tcpdump -i lo -U -s 0 -B 65536 -w "$WORLD/loopback.pcap" >"$WORLD/logs/tcpdump.log" 2>&1 &
	PIDS[tcpdump]=$!
	until grep -q 'listening on' "$WORLD/logs/tcpdump.log"; do
		if ! is_alive tcpdump; then
			say "skipped: the capture; this user may not"
			unset 'PIDS[tcpdump]'
			return 0
		fi
		[ "$SECONDS" -lt "$until" ] || wrong "tcpdump does not begin"
		sleep 0.1
	done
}

# study NAME: a hub and a node at norway, records of three people; what stands for them in NAME.people.
study() {
	local name=$1
	HUB=$WORLD/hub-$name
	PORT=$(python3 "$HERE/look.py" port)
	ADDRESS=tcp://127.0.0.1:$PORT
	study_begin norway
	site norway
	wait_for 30 "the study at norway" knows_study norway
	quiet load norway "$WORLD/rows.csv"
	wait_for "$SYNC_S" "the receipts of norway" at_hub norway "$ROWS"
	"$PSEUDONYM_OF" "$(node_dir norway)" "${CODES[@]}" >"$WORLD/$name.people"
	"$PSEUDONYM_OF" "$(node_dir norway)" "${CODES[@]}" | cmp - "$WORLD/$name.people" ||
		wrong "a code does not always stand for the same person"
	stop node-norway
	stop hub
	mv "$WORLD/nodes" "$WORLD/nodes-$name"
	mkdir "$WORLD/nodes"
}
key_of() { head -n 1 "$WORLD/$1.people"; }
people_of() { tail -n +2 "$WORLD/$1.people"; }

world_begin
python3 "$HERE/look.py" rows N "$ROWS" >"$WORLD/rows.csv"
cp -r "$STUDY" "$WORLD/other"
sed -i 's/^id = .*/id = other-study/; s|^origin = .*|origin = example.org/weir/other|' "$WORLD/other/study.ini"
capture_begin
study first
STUDY=$WORLD/other
study second
sleep 1
stop tcpdump

[ "$(people_of first | sort -u | wc -l)" = 3 ] || wrong "two people have one pseudonym"
[ "$(cat "$WORLD"/{first,second}.people | sort -u | wc -l)" = 8 ] || wrong "a pseudonym, or its key, is the same in both studies"
say "three people, and six pseudonyms in two studies"

# The search finds what it should: the key in files of each form, and a pseudonym in the node's own.
mkdir "$WORLD/planted"
python3 - "$(key_of first)" "$WORLD/planted" <<-'END'
	import base64, pathlib, sys
	key, place = bytes.fromhex(sys.argv[1]), pathlib.Path(sys.argv[2])
	place.joinpath("plain").write_bytes(b"x" + key + b"y")
	place.joinpath("hex").write_text(key.hex())
	for shift in range(3):
	    place.joinpath(f"base64-{shift}").write_bytes(base64.b64encode(b"abc"[:shift] + key + b"tail"))
END
[ "$(leaks "$(key_of first)" "$WORLD/planted" | wc -l)" = 5 ] || wrong "the search misses a form"
[ -n "$(leaks "$(people_of first | head -n 1)" "$WORLD/nodes-first")" ] || wrong "the search misses what stands at the node"

outside=("$WORLD/hub-first" "$WORLD/hub-second")
if [ -e "$WORLD/loopback.pcap" ]; then outside+=("$WORLD/loopback.pcap"); fi
for name in first second; do
	found=$(leaks "$(key_of "$name")" "${outside[@]}")
	[ -z "$found" ] || wrong "the key of the site has left it: $found"
done
say "pseudonyms: the key is in no byte that left the site"
