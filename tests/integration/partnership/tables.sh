#!/usr/bin/env bash
# tables - every indicator of the example study, worked out by the keeper's own computation, against
# the calculation of figures.py; without hub, keys and network.
#
#   tables.sh PROGRAM [SEED...]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
pack=$(cd "$here/../../.." && pwd)/ops/study/partnership
program=$1
shift
export PYTHONDONTWRITEBYTECODE=1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$here/pack.py" "$pack" "$scratch/pack" --opens user_p2=2027-02-01
for seed in "${@:-1}"; do
	sites=()
	for site in exa exb exc exd; do
		python3 - "$site$seed" >"$scratch/$site.codes" <<-'END'
			import random, sys
			chance = random.Random(sys.argv[1])
			for _ in range(110):
			    print("".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=8)))
		END
		sites+=(--site "$site=$scratch/$site.codes")
	done
	rm -rf "$scratch/sent"
	"$here/people.py" "$scratch/pack" "$scratch/sent" "${sites[@]}" --seed "$seed" \
		--now 2027-03-10T12:00 >/dev/null
	python3 "$here/figures.py" make "$scratch/pack" "$scratch"/sent/*/truth.json >"$scratch/expected.csv"
	python3 "$here/tables.py" "$scratch"/sent/*/truth.json >"$scratch/lines"
	"$program" "$scratch/pack" <"$scratch/lines" >"$scratch/released.csv"
	python3 "$here/figures.py" compare "$scratch/released.csv" "$scratch/expected.csv"
done
