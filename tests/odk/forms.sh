#!/usr/bin/env bash
# forms - every form that others made is accepted or refused with a reason, and what is accepted
# loads in ODK Web Forms.
#
# FORMS: the collection (default forms in a directory "shared" beside this checkout); when it is not
# there the test says that it is skipped. BIN: the programs.
# Always true: no form makes `weir-hub form check` crash, or take longer than CHECK_S.
# Prints a line a form that was refused and, at the end, the counts.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
# shellcheck source=tests/odk/lib.sh
. "$here/lib.sh"
BIN=${BIN:-$source/build/dev/bin}
FORMS=${FORMS:-$source/../shared/forms}
CHECK_S=20

if [ ! -d "$FORMS" ]; then
	echo "skipped: there is no collection of forms in $FORMS"
	exit 0
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/forms"

accepted=()
refused=0
wrong=0
for form in "$FORMS"/xforms/*.xml "$FORMS"/xlsforms/*.xlsx; do
	name=${form##*/}
	status=0
	timeout "$CHECK_S" "$BIN/weir-hub" form check "$form" >"$scratch/out" 2>"$scratch/err" || status=$?
	reason=$(cat "$scratch/out" "$scratch/err" | sed "s|$FORMS/[a-z]*/||g" | grep -v '^$' | head -n 1 || true)
	if [ "$status" = 0 ]; then
		shown=$scratch/forms/${name%.*}.xml
		if [[ $name == *.xlsx ]]; then
			"$BIN/weir-hub" form show "$form" >"$shown"
		else
			cp "$form" "$shown"
		fi
		accepted+=("$shown")
	elif [ "$status" = 1 ] && [ -n "$reason" ]; then
		refused=$((refused + 1))
		printf 'refused %s\n        %s\n' "$name" "$reason"
		# The same reason at different places is one reason.
		sed -E "s/^[^:]*: //; s/'[^']*'/'...'/g; s/(line|row) [0-9]+/\1 N/g; s/[0-9]+/N/g" \
			<<<"$reason" >>"$scratch/reasons"
	else
		wrong=$((wrong + 1))
		echo "WRONG: $name ended the check with $status: $reason"
	fi
done

echo "accepted ${#accepted[@]}, refused $refused"
if [ -e "$scratch/reasons" ]; then sort "$scratch/reasons" | uniq -c | sort -rn; fi

if [ ${#accepted[@]} -gt 0 ]; then
	if ! odk_ready; then
		echo "skipped: rendering, since ODK's packages cannot be had"
	else
		status=0
		odk render --files "$FORMS/xforms" "${accepted[@]}" >"$scratch/rendered" || status=$?
		if [ "$status" = 3 ]; then
			echo "skipped: rendering, since there is no browser"
		else
			grep '^failed' "$scratch/rendered" | sed 's/^/WRONG: accepted, and /' || true
			tail -n 1 "$scratch/rendered"
			wrong=$((wrong + $(grep -c '^failed' "$scratch/rendered" || true)))
			[ "$status" = 0 ] || wrong=$((wrong + 1))
		fi
	fi
fi
[ "$wrong" = 0 ]
