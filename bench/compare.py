"""Do the sides of the benchmark give the same answers? A fast wrong answer is no answer.

Each dataset is reduced to one line per run: (context, run id) and status, durations, category. Runs that only smartETL can
tell are set aside and counted: a run id that was used again later (the peers see one run, it sees two), runs without begin or
end rows of their own. They may be few only.
"""

import csv
import io
import subprocess
from collections import Counter
from dataclasses import dataclass

# Computed durations are compared outside of the two days on which clocks change: the peers do not resolve the hour that
# comes twice, smartETL does.
CLOCK_CHANGE = """extract(month FROM {t}) IN (3, 10) AND extract(isodow FROM {t}) = 7 AND extract(day FROM {t}) >= 25"""
PEER = """SELECT environment, run_id, status, duration_ms, duration_reported_ms, category,
  error_rows > 0, {change}, true, started_at FROM dataset"""
# The peers know no tree and no clock: what has no end is open for them. Their category is that of the run's own first
# error; smartETL's is the cause in the run's subtree, so the two are comparable where a run has no children.
SMARTETL = """SELECT context, run_id,
  CASE WHEN status IN ('running', 'lost', 'unverified') THEN 'open' ELSE status END,
  duration_ms, duration_reported_ms, category,
  error_rows > 0 AND NOT EXISTS (SELECT 1 FROM dataset child WHERE child.parent_run_key = dataset.run_key), {change},
  evidence IN ('full', 'no_end'), started_at FROM dataset"""
# The peers' rules that speak of wrappers or know nothing say nothing about what the cause is.
SILENT = ("", "unknown", "dependency")
MOST_SET_ASIDE = 0.05


@dataclass
class Run:
    status: str
    duration: str
    reported: str
    category: str
    judged: bool
    clock_change: bool
    told_by_all: bool


def query(zone, is_smartetl):
    change = CLOCK_CHANGE.format(t=f"(started_at AT TIME ZONE '{zone}' + interval '6 hours')")
    return (SMARTETL if is_smartetl else PEER).format(change=change)


def runs(url, zone, is_smartetl):
    """All runs of a database, keys with several runs marked as not told by all; and how many lines repeat a run."""
    copy = f"COPY ({query(zone, is_smartetl)}) TO STDOUT (FORMAT csv)"
    return told(["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", url, "--command", copy], "t")


def runs_of_file(python, path, zone, is_smartetl):
    """The same of a Parquet file; `python` has DuckDB."""
    view = f"CREATE VIEW dataset AS FROM read_parquet('{path}')"
    copy = f"COPY ({query(zone, is_smartetl)}) TO '/dev/stdout' (FORMAT csv, HEADER false)"
    return told([python, "-c", f"import duckdb; duckdb.sql({view!r}); duckdb.sql({copy!r})"], "true")


def told(command, true):
    out = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    found, begun, repeated = {}, set(), 0
    for context, run_id, status, duration, reported, category, judged, change, told_by_all, start in csv.reader(io.StringIO(out)):
        key = (context, run_id)
        once = key not in found
        repeated += (key, start) in begun
        begun.add((key, start))
        found[key] = Run(status, duration, reported, category, judged == true, change == true, told_by_all == true and once)
    return found, repeated


def difference(names, sides, least_agreement):
    """Compares two sides; returns lines for people and whether they agree."""
    (left_name, right_name), ((left, left_repeated), (right, right_repeated)) = names, sides
    both = left.keys() & right.keys()
    lone = len(left) - len(both), len(right) - len(both)
    told = [k for k in both if left[k].told_by_all and right[k].told_by_all]
    aside = len(both) - len(told)
    status = Counter((left[k].status, right[k].status) for k in told if left[k].status != right[k].status)
    reported = sum(left[k].reported != right[k].reported for k in told)
    computed = [k for k in told if not left[k].clock_change]
    durations = sum(left[k].duration != right[k].duration for k in computed)
    judged = [k for k in told if left[k].judged and right[k].judged and left[k].category not in SILENT and right[k].category not in SILENT]
    categories = Counter((left[k].category, right[k].category) for k in judged if left[k].category != right[k].category)
    agreement = 1 - categories.total() / len(judged) if judged else 0
    lines = [
        f"{left_name} and {right_name}: {len(both)} runs on both sides, {lone[0]} and {lone[1]} on one side only, "
        f"{left_repeated} and {right_repeated} twice, {aside} set aside",
        f"  other status: {status.total()} of {len(told)} {describe(status)}",
        f"  other duration: {durations} of {len(computed)}; other reported duration: {reported} of {len(told)}; "
        f"sums {total(left, computed)} and {total(right, computed)} ms",
        f"  category: {agreement:.1%} of {len(judged)} comparable runs agree {describe(categories)}",
    ]
    agree = (
        not any((*lone, left_repeated, right_repeated, status.total(), durations, reported))
        and aside <= MOST_SET_ASIDE * len(both)
        and agreement >= least_agreement
    )
    return lines, agree


def total(side, keys):
    return sum(int(side[k].duration or 0) for k in keys)


def describe(pairs):
    return "; ".join(f"{left} ↔ {right}: {count}" for (left, right), count in pairs.most_common(6))
