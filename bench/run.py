#!/usr/bin/env python3
"""`make bench`: files → PostgreSQL with classification and fusion, beside what others need for the same; then through Kafka and over HTTP.

All sides write to one PostgreSQL 17 (smartETL's embedded one, fsync on), each to a database of its own, one after the
other and in turn, so that a slow minute of the machine hits all of them. Figures are medians. The exit code is 1 when
the answers of the sides differ; a missed aim is printed and changes nothing.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

import compare
import grouping
import kafka
import posting
import web
from machine import Failure, build, classifying_speed, data, describe_load, describe_machine, measured, need, reading_speed, say, venv
from server import Server, start_times

HERE = Path(__file__).parent
ZONE = "Europe/Paris"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "smartetl" / "bench"

# Everything this benchmark knows of smartETL's command line, apart from server.py.
# 200 jobs, as many days as give about a million rows of `log` (and 26,000 of `logerreur`).
SIMULATE = ["simulate", "--plain", "--jobs", "200", "--seed", "1"]
DAYS = 320
AS_OF = "2030-01-01T00:00:00Z"


def smartetl_load(binary, folder, url):
    files = [folder / "stats.csv", folder / "logs.csv"]
    return [binary, "load", *files, "--as-of", AS_OF, "--timezone", ZONE, "--database-url", url]


# The aims: smartETL's time is at most this share of the peer's.
AIMS = {"copy": 1.2, "duckdb files": 1 / 2, "duckdb pipes": 1 / 2, "pandas": 1 / 30}
RSS_LIMIT_MB = 250
# Without a database: smartETL's time is at most this share of the faster peer's.
FILE_AIM = 0.7
# Rounds through Kafka at most.
KAFKA_ROUNDS = 3
# Sides that fuse nothing.
WITHOUT_RUNS = ("copy", "load only")
# smartETL's rules are its own and more than 12; where both say what a cause is, they should mostly say the same.
LEAST_AGREEMENT = {"pandas": 1.0, "smartetl": 0.9}


def sides(binary, python, folder):
    """Name → command for a database URL."""
    peers = HERE / "peers"
    return {
        "smartetl": lambda url: smartetl_load(binary, folder, url),
        "load only": lambda url: ["env", "SMARTETL_FUSE_MODE=scheduled", *smartetl_load(binary, folder, url)],
        "copy": lambda url: ["bash", peers / "copy.sh", folder, url],
        "duckdb files": lambda url: [python, peers / "duckdb_etl.py", folder, url, ZONE, "files"],
        "duckdb pipes": lambda url: [python, peers / "duckdb_etl.py", folder, url, ZONE, "pipes"],
        "pandas": lambda url: [python, peers / "pandas_etl.py", folder, url, ZONE],
    }


def file_sides(binary, python, folder, target):
    """Name → command that writes the runs to a Parquet file."""
    peers = HERE / "peers"
    return {
        "smartetl": [binary, "fuse", folder / "stats.csv", folder / "logs.csv", "--to", target / "smartetl.parquet", "--force",
                     "--as-of", AS_OF, "--set", f"timezone={ZONE}"],
        "polars": [python, peers / "polars_parquet.py", folder, target / "polars.parquet", ZONE],
        "duckdb": [python, peers / "duckdb_parquet.py", folder, target / "duckdb.parquet", ZONE],
    }


def to_files(binary, python, folder, repeat):
    """Files → one row per run in a Parquet file, without any database; returns whether the answers agree."""
    with tempfile.TemporaryDirectory() as target:
        commands = file_sides(binary, python, folder, Path(target))
        seconds, memory = {name: [] for name in commands}, {name: 0 for name in commands}
        names = list(commands)
        for turn in range(repeat):
            for name in names[turn % len(names):] + names[:turn % len(names)]:
                took, peak_mb = measured(commands[name], label=name)
                seconds[name].append(took)
                memory[name] = max(memory[name], peak_mb)
        medians = {name: statistics.median(taken) for name, taken in seconds.items()}
        print(f"{'to Parquet':14} {'runs':>4} {'median s':>9} {'min':>7} {'max':>7} {'peak MB':>8}")
        for name, taken in seconds.items():
            print(f"{name:14} {len(taken):4} {medians[name]:9.2f} {min(taken):7.2f} {max(taken):7.2f} {memory[name]:8.0f}")
        share = medians["smartetl"] / min(medians["polars"], medians["duckdb"])
        print(f"smartetl takes {share:.2f} × of the faster one (aim: at most {FILE_AIM}) {'met' if share <= FILE_AIM else 'MISSED'}")
        found = {name: compare.runs_of_file(python, Path(target) / f"{name}.parquet", ZONE, name == "smartetl") for name in commands}
        return agreement(found, "duckdb")


def interleave(server, commands, repeat, repeat_pandas):
    """Runs every side `repeat` times, each round beginning with another one; returns seconds and peak memory."""
    seconds, memory = {name: [] for name in commands}, {name: 0 for name in commands}
    names = list(commands)
    for turn in range(repeat):
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            if name == "pandas" and turn >= repeat_pandas:
                continue
            url = server.fresh_database(name)
            took, peak_mb = measured(commands[name](url), label=name)
            seconds[name].append(took)
            memory[name] = max(memory[name], peak_mb)
            say(f"  round {turn + 1}: {name} {took:.2f} s, {peak_mb:.0f} MB")
    return seconds, memory


def table(seconds, memory):
    ours = statistics.median(seconds["smartetl"])
    print(f"{'side':14} {'runs':>4} {'median s':>9} {'min':>7} {'max':>7} {'peak MB':>8} {'smartetl takes':>15} {'aim':>7}")
    for name, taken in seconds.items():
        if not taken:
            continue
        median = statistics.median(taken)
        verdict = ""
        if name in AIMS:
            verdict = f"{ours / median:13.2f} × {AIMS[name]:6.2f} {'met' if ours <= AIMS[name] * median else 'MISSED'}"
        print(f"{name:14} {len(taken):4} {median:9.2f} {min(taken):7.2f} {max(taken):7.2f} {memory[name]:8.0f} {verdict}")


def rss(label, peak_mb):
    print(f"peak memory of smartetl, {label}: {peak_mb:.0f} MB (aim: at most {RSS_LIMIT_MB}) {'met' if peak_mb <= RSS_LIMIT_MB else 'MISSED'}")


def answers(server, names):
    """Compares each side that ran with the plain DuckDB peer."""
    found = {name: compare.runs(server.url(name), ZONE, name == "smartetl") for name in names if name not in WITHOUT_RUNS}
    return agreement(found, "duckdb files")


def agreement(found, standard):
    """Prints how the answers of each side differ from those of one; returns whether they agree."""
    good = True
    for name in found:
        if name == standard:
            continue
        lines, agree = compare.difference((name, standard), (found[name], found[standard]), LEAST_AGREEMENT.get(name, 1.0))
        print("\n".join(lines), "" if agree else "  THE ANSWERS DIFFER", sep="\n")
        good &= agree
    return good


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--repeat", type=int, default=5, help="rounds (default 5)")
    options.add_argument("--repeat-pandas", type=int, default=1, help="in how many of them pandas takes part, a minute each (default 1)")
    options.add_argument("--large", action="store_true", help="load ten times the rows as well, once")
    options.add_argument("--kafka", action="store_true", help="only what goes through Kafka")
    options.add_argument("--post", action="store_true", help="only what is posted over HTTP")
    options.add_argument("--web", action="store_true", help="only how soon the web app is there, with ten times the rows")
    options.add_argument("--group", action="store_true", help="only how fast errors are grouped and classified")
    options.add_argument("--repeat-python", type=int, default=1, help="in how many of three rounds through Kafka the Python consumer takes part (default 1)")
    options.add_argument("--binary", type=Path, help="measure this program instead of building one")
    options.add_argument("--data", type=Path, help="a folder with stats.csv and logs.csv instead of simulated ones")
    options.add_argument("--keep", action="store_true", help="keep the server's folder for a look afterwards")
    given = options.parse_args()

    need()
    CACHE.mkdir(parents=True, exist_ok=True)
    python = venv(CACHE, HERE / "requirements.txt")
    if given.group:
        print(describe_load())
        grouping.grouping(HERE.parent, CACHE, python)
        return 0
    binary = given.binary or build(HERE.parent)
    folder = given.data or data(CACHE, binary, SIMULATE, DAYS * 10 if given.web else DAYS)
    commands = sides(binary, python, folder)
    print(describe_machine(folder))
    if given.web:
        with Server(binary, CACHE / "server", given.keep) as server:
            web.pages(HERE.parent, binary, server, folder, smartetl_load)
        return 0
    if given.kafka or given.post:
        with Server(binary, CACHE / "server", given.keep) as server:
            good = not given.kafka or through_kafka(given, binary, python, server, folder)
            if given.post:
                good &= posting.posting(binary, server)
            return 0 if good else 1
    starts = start_times(binary, CACHE, given.repeat)
    print(f"embedded server: first start {starts.first:.2f} s (aim 5), warm start {starts.warm:.2f} s (aim 1), smartetl's own start included")

    files_good = to_files(binary, python, folder, given.repeat)
    if not given.binary:
        print(reading_speed(HERE.parent))
        print(classifying_speed(HERE.parent))
        grouping.grouping(HERE.parent, CACHE, python)
    with Server(binary, CACHE / "server", given.keep) as server:
        seconds, memory = interleave(server, commands, given.repeat, given.repeat_pandas)
        table(seconds, memory)
        rss("these rows", memory["smartetl"])
        good = answers(server, [name for name, taken in seconds.items() if taken])
        if given.large:
            large = data(CACHE, binary, SIMULATE, DAYS * 10)
            print(describe_machine(large))
            for name, command in sides(binary, python, large).items():
                if name in ("smartetl", "copy"):
                    took, peak_mb = measured(command(server.fresh_database(name)), label=name)
                    print(f"{name}: {took:.1f} s, {peak_mb:.0f} MB")
                    if name == "smartetl":
                        rss("ten times the rows", peak_mb)
        good &= through_kafka(given, binary, python, server, folder)
        good &= posting.posting(binary, server)
    return 0 if good and files_good else 1


def through_kafka(given, binary, python, server, folder):
    print(describe_machine(folder))
    return kafka.through_kafka(binary, python, server, CACHE, folder, min(given.repeat, KAFKA_ROUNDS), given.repeat_python)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"bench: {failure}")
