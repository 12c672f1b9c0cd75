"""DuckDB: parallel CSV reader, one CASE of 12 regular expressions, a fuse in SQL, COPY to PostgreSQL.

Usage: duckdb_etl.py FOLDER DATABASE_URL ZONE files|pipes

files: the plain way; COPY TO three CSV files, then `psql \\copy` of each.
pipes: the fastest way we found; named pipes instead of files, and `log` in two halves over two connections at once.

DuckDB's own postgres extension is not used: it has to be downloaded from DuckDB's server, which not every machine reaches.
"""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
STATS = {
    "moment": "TIMESTAMP", "pid": "VARCHAR", "father_pid": "VARCHAR", "root_pid": "VARCHAR", "system_pid": "BIGINT",
    "project": "VARCHAR", "job": "VARCHAR", "job_repository_id": "VARCHAR", "job_version": "VARCHAR",
    "context": "VARCHAR", "origin": "VARCHAR", "message_type": "VARCHAR", "message": "VARCHAR", "duration": "BIGINT",
}
LOGS = {
    "moment": "TIMESTAMP", "pid": "VARCHAR", "root_pid": "VARCHAR", "father_pid": "VARCHAR", "project": "VARCHAR",
    "job": "VARCHAR", "context": "VARCHAR", "priority": "INTEGER", "type": "VARCHAR", "origin": "VARCHAR",
    "message": "VARCHAR", "code": "INTEGER",
}


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def read_csv(path, columns):
    return f"read_csv({quoted(str(path))}, delim=';', header=true, quote='\"', escape='\"', auto_detect=false, columns={columns})"


def classification():
    rules = json.loads((HERE / "rules.json").read_text(encoding="utf-8"))
    cases = " ".join(f"WHEN regexp_matches(message, {quoted(r['regex'])}) THEN {quoted(r['category'])}" for r in rules)
    return f"CASE {cases} ELSE 'unknown' END"


# A run is what one pid did in one context; its first telling error, if it is no warning, names the category.
FUSE = """
WITH runs AS (
  SELECT environment, run_id, any_value(project) AS project, any_value(job) AS job,
         min(moment) FILTER (step IS NULL AND event = 'begin') AS begun,
         max(moment) FILTER (step IS NULL AND event = 'end') AS ended,
         max(duration_reported_ms) FILTER (step IS NULL AND event = 'end') AS reported,
         arg_max(status, moment) FILTER (step IS NULL AND event = 'end') AS said,
         min(moment) AS first_row
  FROM log GROUP BY environment, run_id
), causes AS (
  SELECT environment, run_id, any_value(project) AS project, any_value(job) AS job,
         count(*) AS error_rows, min(moment) AS first_error,
         arg_min(category, (category = 'dependency', moment, category)) AS category
  FROM logerreur WHERE error_type <> 'tWarn' GROUP BY environment, run_id
)
SELECT environment, coalesce(runs.project, causes.project), coalesce(runs.job, causes.job), run_id,
       coalesce(begun, first_row, first_error) AS started_at, ended AS ended_at,
       epoch_ms(ended) - epoch_ms(begun) AS duration_ms, reported,
       CASE WHEN ended IS NULL AND first_row IS NOT NULL THEN 'open' WHEN said = 'success' THEN 'success' ELSE 'failed' END,
       category, coalesce(error_rows, 0)
FROM runs FULL JOIN causes USING (environment, run_id)
"""
TABLES = {"log": "FROM log", "logerreur": "FROM logerreur", "dataset": FUSE}


def psql(url, *arguments):
    return ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", url, *arguments]


def copy_from(path, table):
    return f"--command=\\copy {table} FROM '{path}' WITH (FORMAT csv)"


def write(duck, query, path):
    duck.execute(f"COPY ({query}) TO {quoted(str(path))} (FORMAT csv, HEADER false)")


def through_files(duck, url, folder):
    for table, query in TABLES.items():
        write(duck, query, folder / table)
    subprocess.run(psql(url, *[copy_from(folder / table, table) for table in TABLES]), check=True)


def through_pipe(duck, query, table, url, pipe):
    """Streams a query's rows into a table."""
    os.mkfifo(pipe)
    reader = subprocess.Popen(psql(url, copy_from(pipe, table)))
    write(duck, query, pipe)
    if reader.wait() != 0:
        raise SystemExit(f"psql could not write the table {table}")


def through_pipes(duck, url, folder):
    half = duck.execute("SELECT count(*) // 2 FROM log").fetchone()[0]
    with ThreadPoolExecutor() as pool:
        first = pool.submit(through_pipe, duck.cursor(), f"FROM log WHERE rowid < {half}", "log", url, folder / "first")
        through_pipe(duck, f"FROM log WHERE rowid >= {half}", "log", url, folder / "second")
        for table in ("logerreur", "dataset"):
            through_pipe(duck, TABLES[table], table, url, folder / table)
        first.result()


def main(source, url, zone, way):
    subprocess.run(psql(url, f"--file={HERE / 'tables.sql'}"), check=True)
    duck = duckdb.connect(config={"threads": os.cpu_count(), "autoinstall_known_extensions": False})
    duck.execute("SET preserve_insertion_order = false")
    moment = f"timezone({quoted(zone)}, moment) AS moment"
    duck.execute(f"""CREATE TABLE log AS SELECT {moment}, pid AS run_id, nullif(father_pid, pid) AS parent_run_id,
        root_pid AS root_run_id, system_pid, project, job, job_repository_id AS job_id, job_version, context AS environment,
        nullif(origin, '') AS step, message_type AS event, message AS status, duration AS duration_reported_ms
        FROM {read_csv(source / 'stats.csv', STATS)}""")
    duck.execute(f"""CREATE TABLE logerreur AS SELECT {moment}, pid AS run_id, root_pid AS root_run_id,
        nullif(father_pid, pid) AS parent_run_id, project, job, context AS environment, priority, type AS error_type,
        origin AS step, message, code AS error_code, {classification()} AS category
        FROM {read_csv(source / 'logs.csv', LOGS)}""")
    with tempfile.TemporaryDirectory() as folder:
        {"files": through_files, "pipes": through_pipes}[way](duck, url, Path(folder))


if __name__ == "__main__":
    if len(sys.argv) != 5 or sys.argv[4] not in ("files", "pipes"):
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), *sys.argv[2:])
