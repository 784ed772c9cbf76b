#!/usr/bin/env bash
# forms - from a workbook to a record: converting, loading, taking in submissions.
#
# BUILD: the build directory (tests/bench/run sets it). FORMS: a collection of workbooks made by
# others (default "shared/forms" beside this checkout); without it that figure is left out.
# SUBMISSIONS: how many 50 clients send to one node (default 5000); 201 and 202 mean that it is on disk.
# programs: bench_forms bench_derive bench_load weir-node weir-hub
set -euo pipefail

bench=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$bench/../.." && pwd)
case $BUILD in
/*) ;;
*) BUILD=$source/$BUILD ;;
esac
FORMS=${FORMS:-$source/../shared/forms}
SUBMISSIONS=${SUBMISSIONS:-5000}
CLIENTS=50
PERSONS=200
export BIN=$BUILD/bin PYTHONDONTWRITEBYTECODE=1

# shellcheck source=tests/integration/lib.sh
. "$source/tests/integration/lib.sh"
world_begin

python3 "$bench/form250.py" sheets "$WORLD/form250"
workbook=()
if [ -d "$FORMS/xlsforms" ]; then
	# The largest that is one: an archive, whatever its name says.
	for book in "$FORMS"/xlsforms/*.xlsx; do
		[ "$(head -c 2 "$book")" = PK ] || continue
		[ ${#workbook[@]} -gt 0 ] && [ "$(stat -c %s "$book")" -lt "$(stat -c %s "${workbook[0]}")" ] ||
			workbook=("$book")
	done
else
	say "forms: there is no collection of workbooks in $FORMS" >&2
fi
"$BUILD/benches/bench_forms" "$WORLD/form250" "${workbook[@]}"
"$BUILD/benches/bench_derive"

# One node with one collector, and people who permit everything: each submission is checked, sealed,
# judged and durable before its answer leaves.
say "forms: a node with a form of 250 questions" >&2
python3 "$bench/form250.py" pack "$WORLD/pack"
"$source/tests/integration/partnership/pack.py" "$WORLD/pack" "$WORLD/pack"
hub_init "$WORLD/pack" >&2
hub_start
persons >&2
keeper_setup >&2
publish "$WORLD/pack" >&2
approvals exa >&2
site exa >&2
wait_for "$SYNC_S" "the study at the node" knows_study exa
wait_for "$SYNC_S" "the door" test -s "$(node_dir exa)/run/intake.address"
node exa code make --count "$PERSONS" >"$WORLD/codes"
node exa import --form consent --template >"$WORLD/heading"
python3 "$bench/form250.py" consents "$WORLD/heading" "$WORLD/codes" >"$WORLD/consents.csv"
quiet node exa import --form consent "$WORLD/consents.csv"
node exa collector add bench --name "example clients" --url "http://$(door exa)" --json \
	--requests-per-minute 6000000 --mib-per-day 1000000 >"$WORLD/collector"
base=/key/$(json token <"$WORLD/collector")
served() { python3 "$HERE/collect.py" "http://$(door exa)$base" forms; }
wait_for "$SYNC_S" "the access of the clients" served
python3 "$bench/form250.py" requests "$base" "$(door exa)" "$WORLD/codes" "$SUBMISSIONS" "$WORLD/requests"
"$BUILD/benches/bench_load" "$(door exa | sed 's/.*://')" "$CLIENTS" "$WORLD/requests"
