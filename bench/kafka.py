"""Through Kafka: how fast rows are sent and stored, beside a consumer as a data team writes it, and how soon they are seen.

One broker on loopback, three partitions for each topic, and the PostgreSQL of the other parts: all on the same cores. Each round sends
the files into topics of its own, from a database of its own, and lets every side read them from the beginning into a fresh one.
"""

import json
import os
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from broker import Broker
from machine import Failure, measured, run, say
from server import wait_for

HERE = Path(__file__).parent
PARTITIONS = 3
# Rows per second, the start of the process and joining the group included.
AIMS = {"consume": 80_000, "into nothing": 300_000}
# What the sides are compared by: columns that both have.
LOG = ("moment", "run_id", "parent_run_id", "root_run_id", "system", "project", "job", "job_id", "job_version", "context", "step",
       "event", "status", "duration_reported_ms", "label", "count", "message")
ERRORS = ("moment", "run_id", "parent_run_id", "root_run_id", "system", "project", "job", "context", "severity", "error_type", "step",
          "message", "error_code")
SILENT = "('unknown', 'dependency')"
LEAST_AGREEMENT = 0.9

# A file that grows.
ROWS_PER_SECOND = 5_000
SECONDS = 40
# What comes before is not counted: tables are made, caches filled.
WARM_S = 5
TICK_S = 0.02
ROWS_PER_RUN = 10
PROBE_EVERY_S = 0.05
LATENCY_AIM_S = 2.0
LATE_S = 60
HEADER = ("moment;pid;father_pid;root_pid;system_pid;project;job;job_repository_id;job_version;context;origin;message_type;message;"
          "duration\n")


def through_kafka(binary, python, server, cache, folder, repeat, repeat_python):
    """All of it; returns whether the sides hold the same rows."""
    with Broker(cache) as broker:
        good = throughput(binary, python, server, broker, folder, repeat, repeat_python)
        for way in ("follow", "produce → Kafka → consume"):
            latency(binary, server, broker, way)
    return good


def environment(servers, topics, url, **more):
    named = {"KAFKA_BOOTSTRAP_SERVERS": servers, "SMARTETL_KAFKA_TOPIC_LOG": f"{topics}.log",
             "SMARTETL_KAFKA_TOPIC_ERROR": f"{topics}.logerreur", "SMARTETL_KAFKA_TOPIC_DEAD": f"{topics}.dead",
             "SMARTETL_KAFKA_GROUP": topics, "SMARTETL_KAFKA_PARTITIONS": PARTITIONS, "SMARTETL_TIMEZONE": "Europe/Paris",
             "DATABASE_URL": url}
    return ["env", *(f"{name}={value}" for name, value in (named | more).items())]


def throughput(binary, python, server, broker, folder, repeat, repeat_python):
    names = ["consume", "two consumers", "into nothing", "python"]
    seconds, memory = {name: [] for name in ["produce", *names]}, {name: 0 for name in ["produce", *names]}
    rows = 0

    def measure(name, command):
        took, peak_mb = measured(command, label=name)
        seconds[name].append(took)
        memory[name] = max(memory[name], peak_mb)
        say(f"  {name}: {took:.2f} s, {peak_mb:.0f} MB")

    for turn in range(repeat):
        topics = f"bench{turn}"
        with_topics = lambda url: environment(broker.servers, topics, url, SMARTETL_FUSE_MODE="scheduled")
        sender = server.fresh_database("kafka produce")
        run([*with_topics(sender), binary, "migrate"], "smartetl migrate failed")
        measure("produce", [*with_topics(sender), binary, "produce", "--once", folder / "stats.csv", folder / "logs.csv"])
        rows = int(ask(sender, "SELECT sum(messages) FROM stream"))
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            if name == "python" and turn >= repeat_python:
                continue
            url = server.fresh_database(f"kafka {name}")
            if name == "python":
                topic = f"{topics}.log", f"{topics}.logerreur"
                measure(name, [python, HERE / "peers" / "kafka_consumer.py", broker.servers, *topic, url])
                continue
            run([*with_topics(url), binary, "migrate"], "smartetl migrate failed")
            command = [*with_topics(url), binary, "consume", "--once"]
            if name == "into nothing":
                command.append("--dry-run")
            if name == "two consumers":
                command = ["bash", "-c", '"$@" & first=$!; "$@" && wait "$first"', "bash", *command]
            measure(name, command)

    table(rows, seconds, memory)
    return same_rows(server, rows) if seconds["python"] else stored(server.url("kafka consume"), rows)


def table(rows, seconds, memory):
    print(f"{'Kafka':14} {'runs':>4} {'median s':>9} {'min':>7} {'max':>7} {'rows/s':>9} {'peak MB':>8}")
    for name, taken in seconds.items():
        if not taken:
            continue
        speed = rows / statistics.median(taken)
        aim = f"aim {AIMS[name]:,} {'met' if speed >= AIMS[name] else 'MISSED'}" if name in AIMS else ""
        print(f"{name:14} {len(taken):4} {statistics.median(taken):9.2f} {min(taken):7.2f} {max(taken):7.2f} {speed:9,.0f} "
              f"{memory[name]:8.0f} {aim}")
    if seconds["python"]:
        times = statistics.median(seconds["python"]) / statistics.median(seconds["consume"])
        print(f"smartetl consume is {times:.1f} times as fast as the Python consumer (expected: at least 10)")


def ask(url, query):
    return run(["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", url, "--command", query],
               "a query failed").strip()


def stored(url, rows):
    found = int(ask(url, "SELECT (SELECT count(*) FROM log) + (SELECT count(*) FROM logerreur)"))
    print(f"rows sent: {rows:,}, stored: {found:,}", "" if found == rows else "  THEY DIFFER", sep="")
    return found == rows


def same_rows(server, rows):
    """Both sides hold the same rows as multisets, and mostly the same categories."""
    ours, theirs = server.url("kafka consume"), server.url("kafka python")
    good = stored(ours, rows)
    for name, columns in (("log", LOG), ("logerreur", ERRORS)):
        # NULL and '' are the same for the peer's typeless columns.
        row = ", ".join(f"coalesce({column}::text, '')" for column in columns)
        query = f"SET TimeZone = 'UTC'; SELECT count(*), sum(hashtextextended(concat_ws(E'\\x1f', {row}), 0)::numeric) FROM {name}"
        same = ask(ours, query) == ask(theirs, query)
        print(f"{name}: {'the same rows on both sides' if same else 'THE ROWS DIFFER'}")
        good &= same
    query = "SELECT message, category, count(*) FROM logerreur GROUP BY message, category"
    sides = []
    for url in (ours, theirs):
        found = ask(url, f"SELECT coalesce(json_agg(t), '[]') FROM ({query}) t WHERE category NOT IN {SILENT}")
        sides.append({(row["message"], row["category"]): row["count"] for row in json.loads(found)})
    judged = {message for message, _ in sides[0]} & {message for message, _ in sides[1]}
    pairs = [{key: count for key, count in side.items() if key[0] in judged} for side in sides]
    agreed = sum(min(count, pairs[1].get(key, 0)) for key, count in pairs[0].items())
    share = agreed / max(1, sum(pairs[0].values()))
    print(f"category: {share:.1%} of {sum(pairs[0].values()):,} comparable errors agree")
    return good and share >= LEAST_AGREEMENT


def latency(binary, server, broker, way):
    """Appends to a file and looks when the runs are in `dataset`."""
    is_kafka = way != "follow"
    url = server.fresh_database("latency kafka" if is_kafka else "latency follow")
    topics = "latency"
    base = environment(broker.servers, topics, url)
    run([*base, binary, "migrate"], "smartetl migrate failed")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stats.csv"
        path.write_text(HEADER)
        commands = [["produce", folder], ["consume"]] if is_kafka else [["follow", folder]]
        output = open(Path(folder).parent / f"{Path(folder).name}.txt", "w+", encoding="utf-8")
        processes = [subprocess.Popen([str(part) for part in [*base, binary, *command]], stdout=output, stderr=subprocess.STDOUT)
                     for command in commands]
        try:
            measure_latency(url, path, way, processes)
        except BaseException:
            output.seek(0)
            say(output.read()[-2000:])
            raise
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.wait(60)
            output.close()
            os.unlink(output.name)


def measure_latency(url, path, way, processes):
    wait_until_read(url, path, processes)
    appended, seen, ended = {}, {}, threading.Event()
    looker = threading.Thread(target=look, args=(url, seen, ended), daemon=True)
    looker.start()
    began = time.monotonic()
    rows, tick, probe_at = 0, 0, 0.0
    clock = datetime.now(timezone.utc) - timedelta(hours=1)
    with open(path, "ab", buffering=0) as file:
        while (now := time.monotonic() - began) < SECONDS:
            wanted = int((now + TICK_S) * ROWS_PER_SECOND)
            lines, probe = [], None
            moment = (clock + timedelta(seconds=now)).strftime("%Y-%m-%d %H:%M:%S")
            if now >= probe_at:
                probe, probe_at = f"probe-{tick}", now + PROBE_EVERY_S
                lines += run_of(probe, "PROBE", moment, 2)
            while rows + len(lines) < wanted:
                lines += run_of(f"r{tick}-{len(lines)}", f"JOB_{len(lines) % 200}", moment, ROWS_PER_RUN)
            file.write("".join(lines).encode())
            if probe and now >= WARM_S:
                appended[probe] = time.monotonic()
            rows, tick = rows + len(lines), tick + 1
            time.sleep(max(0.0, began + now + TICK_S - time.monotonic()))
    took = time.monotonic() - began
    deadline = time.monotonic() + LATE_S
    while not all(probe in seen for probe in appended) and time.monotonic() < deadline:
        if any(process.poll() is not None for process in processes):
            raise Failure(f"{way}: a process ended")
        time.sleep(0.1)
    ended.set()
    looker.join()
    missing = [probe for probe in appended if probe not in seen]
    if missing:
        raise Failure(f"{way}: {len(missing)} of {len(appended)} runs were not seen within {LATE_S} s")
    late = sorted(seen[probe] - at for probe, at in appended.items())
    p50, p99 = late[len(late) // 2], late[min(len(late) - 1, int(len(late) * 0.99))]
    print(f"seen in dataset by {way}: p50 {p50:.2f} s, p99 {p99:.2f} s, at most {late[-1]:.2f} s; {len(late)} runs while {rows / took:,.0f} "
          f"rows/s were appended for {took:.0f} s (aim: p99 at most {LATENCY_AIM_S:.0f} s) {'met' if p99 <= LATENCY_AIM_S else 'MISSED'}")


def run_of(pid, job, moment, rows):
    def line(origin, kind, message="", duration=""):
        return f"{moment};{pid};{pid};{pid};1;BENCH;{job};_{job};1.0;PROD;{origin};{kind};{message};{duration}\n"

    steps = [line(f"tDB_{step}", *what) for step in range((rows - 2) // 2) for what in (("begin",), ("end", "success", 12))]
    return [line("", "begin"), *steps, line("", "end", "success", 250)]


def wait_until_read(url, path, processes):
    """A first run says that all is up."""
    moment = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
    with open(path, "a", encoding="utf-8") as file:
        file.write("".join(run_of("first", "PROBE", moment, 2)))

    def is_there():
        if any(process.poll() is not None for process in processes):
            raise Failure("a process ended before anything was read")
        return ask(url, "SELECT count(*) FROM dataset WHERE status = 'success'") != "0"

    wait_for("the first run", is_there)


def look(url, seen, ended):
    """Notes when each probe is first seen as a success."""
    number = ask(url, "SELECT job_number FROM dataset WHERE job = 'PROBE' LIMIT 1")
    with subprocess.Popen(["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", url], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, encoding="utf-8") as psql:
        while not ended.is_set():
            # Along the index of a job's runs.
            psql.stdin.write(f"SELECT run_id FROM dataset WHERE job_number = {number} AND status = 'success';\nSELECT '.';\n")
            psql.stdin.flush()
            while (line := psql.stdout.readline().strip()) != ".":
                if not line:
                    raise Failure("psql ended")
                seen.setdefault(line, time.monotonic())
            time.sleep(0.02)
        psql.stdin.close()
