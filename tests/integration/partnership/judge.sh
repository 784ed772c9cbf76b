#!/usr/bin/env bash
# judge - the calculation that judges the figures is itself judged: by print, by the golden cases, by
# repeating it, and by truths that were changed in one answer.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
pack=$(cd "$here/../../.." && pwd)/ops/study/partnership
export PYTHONDONTWRITEBYTECODE=1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

python3 "$here/figures.py" self
python3 "$here/figures.py" examples "$pack"

sites=()
for site in exa exb exc exd; do
	python3 - "$site" >"$scratch/$site.codes" <<-'END'
		import random, sys
		chance = random.Random(sys.argv[1])
		for _ in range(110):
		    print("".join(chance.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=8)))
	END
	sites+=(--site "$site=$scratch/$site.codes")
done
for run in one two; do
	python3 "$here/people.py" "$pack" "$scratch/$run" "${sites[@]}" --now 2027-07-01T12:00 >/dev/null
	python3 "$here/figures.py" make "$pack" "$scratch/$run"/*/truth.json >"$scratch/$run.csv"
done
diff -r "$scratch/one" "$scratch/two"
python3 "$here/figures.py" compare "$scratch/one.csv" "$scratch/two.csv"

# One answer changed, and one figure left out: both are found.
python3 - "$scratch/two/exb/truth.json" <<'END'
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    truth = json.load(file)
record = next(r for r in truth["records"] if r["form"] == "staff_p1" and r["counts"])
answer = record["answers"]["told_in_time"]
record["answers"]["told_in_time"] = "1" if answer != "1" else "5"
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(truth, file)
END
python3 "$here/figures.py" make "$pack" "$scratch/two"/*/truth.json | sed '/^P03,exa,.*,alpha,/d' >"$scratch/two.csv"
if python3 "$here/figures.py" compare "$scratch/two.csv" "$scratch/one.csv" >"$scratch/found"; then
	echo "a changed answer was not found" >&2
	exit 1
fi
grep -q '^P26 exb .*mean: ' "$scratch/found"
grep -q '^P26 ALL .*mean: ' "$scratch/found"
grep -q '^P03 exa .*alpha: not released' "$scratch/found"
[ "$(grep -cv -e '^P26 ' -e '^P03 exa' -e '^F04 ' "$scratch/found")" = 1 ] || {
	cat "$scratch/found"
	exit 1
}
echo "a changed answer and a missing figure are found"
