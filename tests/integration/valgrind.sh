#!/usr/bin/env bash
# valgrind - the unit suites, and the programs that check and show forms, under memcheck, as the
# release preset builds them.
#
# Sanitizers see a build of their own. This sees the one that people run, with the libraries in it:
# no byte read or written outside, no branch on a byte that nobody set, no memory left behind.
# Memory that only a pointer into its middle keeps is not lost: libzmq's threads and LMDB's lists of
# pages hold theirs so. Suites that start themselves anew are left out; valgrind does not follow.
# Runs only where WEIR_FULL is set (ops/test --full); else it ends with 77 and says "skipped".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

FOUND=99
SKIPPED=77
SUITE_S=300
APART='store|sandbox|supervisor|weir_audit'
MEMCHECK=(timeout "$SUITE_S" valgrind -q --error-exitcode="$FOUND" --leak-check=full
	--errors-for-leak-kinds="definite,indirect" --show-leak-kinds="definite,indirect")
BUILD=build/release
FORMS=ops/study/partnership/forms

skip() {
	echo "skipped: $*"
	exit "$SKIPPED"
}
[ -n "${WEIR_FULL-}" ] || skip "only with ops/test --full"
command -v valgrind >/dev/null || skip "there is no valgrind"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
wrong=0

# memcheck WANTED NAME COMMAND...: it ends with this status, and valgrind has nothing to say.
memcheck() {
	local wanted=$1 name=$2 status=0
	shift 2
	"${MEMCHECK[@]}" --log-file="$scratch/memcheck" "$@" >"$scratch/out" 2>&1 || status=$?
	if [ "$status" = "$wanted" ] && [ ! -s "$scratch/memcheck" ]; then
		echo "clean $name"
		return
	fi
	echo "WRONG: $name ended with $status instead of $wanted"
	tail -n 20 "$scratch/out"
	head -n 60 "$scratch/memcheck"
	wrong=$((wrong + 1))
}

# cheat NAME CODE: a program with this fault is found out; otherwise all the rest proves nothing.
cheat() {
	local status=0
	printf '#include <stdlib.h>\nint main(void)\n{\n%s\n}\n' "$2" >"$scratch/cheat.c"
	cc -g -O0 -o "$scratch/cheat" "$scratch/cheat.c"
	"${MEMCHECK[@]}" "$scratch/cheat" >/dev/null 2>&1 || status=$?
	if [ "$status" = "$FOUND" ]; then
		echo "found $1"
	else
		echo "WRONG: $1 is not found"
		wrong=$((wrong + 1))
	fi
}

cheat "a byte behind the last" 'volatile char *p = malloc(1); p[1] = 0; free((void *)p); return 0;'
cheat "a byte that nobody set" 'volatile char *p = malloc(1); return *p ? 1 : 0;'
cheat "memory left behind" 'volatile char *p = malloc(1); p = NULL; return p != NULL;'

{
	cmake --preset release
	ctest --test-dir "$BUILD" -N -R '^unit[.]' >"$scratch/suites"
} >"$scratch/build" 2>&1 || { cat "$scratch/build" && exit 1; }
mapfile -t suites < <(sed -n 's/^ *Test *#[0-9]*: unit[.]//p' "$scratch/suites" | grep -vxE "$APART")
[ "${#suites[@]}" -gt 0 ] || { echo "WRONG: there is no suite" && exit 1; }
cmake --build "$BUILD" -j "$(nproc)" --target weir-hub "${suites[@]/#/test_}" \
	>"$scratch/build" 2>&1 || { tail -n 40 "$scratch/build" && exit 1; }

for suite in "${suites[@]}"; do memcheck 0 "suite $suite" "$BUILD/tests/test_$suite"; done

for form in "$FORMS"/*/; do
	memcheck 0 "form check $(basename "$form")" "$BUILD/bin/weir-hub" form check "$form"
	memcheck 0 "form show $(basename "$form")" "$BUILD/bin/weir-hub" form show "$form"
done
# The way of a refusal, too.
cp tests/fuzz/corpus/xform/circle "$scratch/circle.xml"
memcheck 1 "form check of a faulty form" "$BUILD/bin/weir-hub" form check "$scratch/circle.xml"
memcheck 0 "study check" "$BUILD/bin/weir-hub" study check ops/study/partnership

[ "$wrong" = 0 ]
