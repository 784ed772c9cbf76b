#!/usr/bin/env bash
# Names and ways to reach people are kept by the desk alone (D-81: the hub has no way to list them): shown only
# while it is open and to contact only who permits it, each opening an act that names nobody; in no byte that is
# sent, in clear nowhere; copied apart, and put back.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
SITE=norway
WORDS=$(mktemp /tmp/weir.words.XXXXXX)

opens() { quiet node $SITE desk unlock --passphrase-fd 3 3< <(pass "coordinator of $SITE"); }
word() { python3 -c 'import words; print(words.word())'; }
# keep CODE: somebody with words of their own.
keep() {
	local name contact way
	name=$(word) contact=$(word) way=$(word)
	printf 'contact %s\n' "$name" "$contact" "$way" >>"$WORDS"
	printf '%s\n' "$1" "$name" "$contact" "$way" | quiet node $SITE contact add
}
show() { printf '%s\n' "$1" | node $SITE contact show "${@:2}"; }
name_of() { sed -n "$((3 * $1 - 2))s/^contact //p" "$WORDS"; }
change() { printf '%s\n' "$1" | quiet node $SITE change "${@:2}"; }
search() { python3 "$HERE/words.py" search "$WORDS" contact "$@"; }
# leaves ACT DECISION: how many the hub's log has.
leaves() {
	"$BIN/weir-audit" list --json "$HUB/log" --action act-received 2>/dev/null | python3 -c '
import json, sys
print(sum(x["reason"] == sys.argv[1] and x["decision"] == sys.argv[2] for x in json.load(sys.stdin)))' "$@"
}
has_leaves() { [ "$(leaves "$1" "$2")" -ge "$3" ]; }

export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$HERE
world_begin
mv "$WORDS" "$WORLD/words"
WORDS=$WORLD/words
cp -r "$STUDY" "$WORLD/study"
STUDY=$WORLD/study
sed -i 's/^confidentiality = consent$/&\n# how long names are kept at a site behind the last contact\nretention.contact = 12 months/' "$STUDY/study.ini"
study_begin $SITE
site $SITE
wait_for 30 "the study" knows_study $SITE
python3 "$HERE/look.py" rows "$(code_letter $SITE)" 6 >"$WORLD/rows.csv"
head -n 6 "$WORLD/rows.csv" >"$WORLD/may.csv"
sed '2,6d' "$WORLD/rows.csv" >"$WORLD/may-not.csv"
python3 "$HERE/look.py" rows "$(code_letter $SITE)" 7 | sed '2,7d' >"$WORLD/no-name.csv"
consented() { quiet node $SITE import --form attitudes --consent returned-questionnaire --permit "$PERMIT,$1" "$2"; }
consented contact,store-identifiable,inform-results "$WORLD/may.csv"
consented store-identifiable "$WORLD/may-not.csv"
consented contact "$WORLD/no-name.csv"
mapfile -t codes < <(cut -d, -f1 "$WORLD/rows.csv" | tail -n +2)

refused 1 'the desk is locked' show "${codes[0]}"
opens
for code in "${codes[@]}"; do keep "$code"; done
refused 1 'not known at this site' keep N9999
# The consent form says: "If no, none is written down".
nameless=$(cut -d, -f1 "$WORLD/no-name.csv" | tail -n +2)
refused 1 'does not permit this site to keep their name' keep "$nameless"
refused 1 'keeps no name' show "$nameless" --to-correct
refused 1 'the name is missing' node $SITE contact add --file <(printf '%s\n' "${codes[0]}")
refused 1 'no study code' node $SITE contact add --file <(printf 'not a code!\nExample\n')
refused 2 'at most 0\|takes no\|too many' node $SITE contact show "${codes[0]}"

show "${codes[0]}" | grep -q "$(name_of 1)" || wrong "the name is not shown"
refused 1 'does not permit contact' show "${codes[5]}"
# Results, and another study, are permitted apart from the rest.
show "${codes[0]}" --for results | grep -q "$(name_of 1)" || wrong "nobody can tell what was found"
refused 1 'does not permit being asked about another study' show "${codes[0]}" --for other-study
refused 1 'does not want to be told' show "${codes[5]}" --for results
refused 2 'contact, results or other-study' show "${codes[0]}" --for fun
change "${codes[1]}" --level no-further-contact
refused 1 'wants no further contact' show "${codes[1]}"
change "${codes[2]}" --level died --on "$(date -u +%F)"
refused 1 'has died' show "${codes[2]}"
change "${codes[3]}" --level no-further-use
refused 1 'ended taking part' show "${codes[3]}"
show "${codes[1]}" --to-correct | grep -q "$(name_of 2)" || wrong "the record cannot be put right"
node $SITE contact list >"$WORLD/list"
[ "$(grep -c 'not to be contacted' "$WORLD/list")" = 4 ] || wrong "the list: $(cat "$WORLD/list")"
for i in 2 3 4 6; do
	if grep -q "$(name_of $i)" "$WORLD/list"; then wrong "the list names somebody who is not to be contacted"; fi
done
grep -q "$(name_of 1)" "$WORLD/list" || wrong "the list names nobody"

# Copied apart, and put back.
quiet node $SITE contact backup "$WORLD/names.copy"
[ "$(stat -c %a "$WORLD/names.copy")" = 600 ] || wrong "everybody may read the copy"
printf '%s\n' "${codes[0]}" | quiet node $SITE contact remove
refused 1 'keeps no name' show "${codes[0]}"
node $SITE contact restore "$WORLD/names.copy" | grep -q 'put back 1 ' || wrong "nobody was put back"
show "${codes[0]}" --json | grep -q "$(name_of 1)" || wrong "not put back"
head -c 2000 "$WORLD/names.copy" >"$WORLD/cut.copy"
refused 1 'opens no more' node $SITE contact restore "$WORLD/cut.copy"
refused 1 'no copy of the names' node $SITE contact restore "$WORLD/rows.csv"

# Another start of the desk, another passphrase: what is kept is kept, and locked.
quiet node $SITE desk lock
refused 1 'the desk is locked' node $SITE contact list
stop node-$SITE
node_start $SITE
opens
show "${codes[0]}" | grep -q "$(name_of 1)" || wrong "not there after a restart"

# A code that was handed out and of whose holder no consent says yes: no name is kept, so a desk is no list of
# whom to ring.
stranger=$(node $SITE code make --count 1)
refused 1 'no consent on which the name could be kept' keep "$stranger"

# A year behind the last contact the names are due: it is said, and nothing goes by itself.
stop node-$SITE
export WEIR_CLOCK_OFFSET_S=$((380 * 86400))
node_start $SITE
node $SITE desk unlock --passphrase-fd 3 3< <(pass "coordinator of $SITE") >"$WORLD/logs/due" 2>&1 || wrong "the desk does not open: $(cat "$WORLD/logs/due")"
grep -q '6 names are kept for longer' "$WORLD/logs/due" || wrong "unlocking does not say who is due: $(cat "$WORLD/logs/due")"
node $SITE status | grep -q 'weir-node contact remove --due' || wrong "status does not say who is due"
[ "$(node $SITE contact list | grep -c 'due to be removed')" = 6 ] || wrong "the list does not say who is due"
node $SITE contact remove --due | grep -q '^6 names' || wrong "not all who are due were removed"
[ "$(node $SITE contact list | grep -c 'due')" = 0 ] || wrong "somebody who was due is left"
if node $SITE status | grep -q 'contact remove --due'; then wrong "status still says who is due"; fi
stop node-$SITE
unset WEIR_CLOCK_OFFSET_S
node_start $SITE

# The log has the acts, and nobody's name; so has everything else that left.
wait_for 40 "the acts in the log" has_leaves contact-opened permit 4
wait_for 40 "the refusals in the log" has_leaves contact-opened deny 6
has_leaves contact-kept deny 2 || wrong "the log lacks the refusals to keep a name"
for act in contact-opened-to-correct contact-kept contact-removed contacts-listed contacts-copied contacts-put-back contacts-removed-when-due; do
	has_leaves $act permit 1 || wrong "the log lacks $act"
done
mkdir "$WORLD/bundles"
quiet node $SITE bundle write --all "$WORLD/bundles/all"
if search "$WORLD/list" >/dev/null; then wrong "the search finds nothing"; fi
quiet node $SITE backup "$WORLD/backup" --passphrase-fd 3 3< <(pass $SITE)
result=$(search "$HUB" "$WORLD/bundles" "$WORLD/backup") || wrong "a name left the site: $result"
say "names sent: $result"
result=$(search "$(node_dir $SITE)" "$WORLD/names.copy" "$WORLD/logs") || wrong "a name in clear: $result"
say "names in clear at the site: $result"
[ ! -e "$WORLD/backup/desk" ] || wrong "the backup of the vault has the names"
stop node-$SITE
sound_memory "$WORLD/logs/node-$SITE.log"
say "contacts: shown to contact only who permits it, and in nothing that was sent"
