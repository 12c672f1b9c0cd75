"""DuckDB without a server: files → one row per run in a Parquet file, by the SQL of duckdb_etl.py.

Usage: duckdb_parquet.py FOLDER FILE.parquet ZONE
"""

import os
import sys
from pathlib import Path

import duckdb

from duckdb_etl import FUSE, LOGS, STATS, classification, quoted, read_csv


def main(source, target, zone):
    duck = duckdb.connect(config={"threads": os.cpu_count(), "autoinstall_known_extensions": False})
    duck.execute("SET preserve_insertion_order = false")
    moment = f"timezone({quoted(zone)}, moment) AS moment"
    # Tables and not views: the fuse reads them more than once.
    duck.execute(f"""CREATE TABLE log AS SELECT {moment}, pid AS run_id, project, job, context AS environment,
        nullif(origin, '') AS step, message_type AS event, message AS status, duration AS duration_reported_ms
        FROM {read_csv(source / 'stats.csv', STATS)}""")
    duck.execute(f"""CREATE TABLE logerreur AS SELECT {moment}, pid AS run_id, project, job, context AS environment,
        type AS error_type, {classification()} AS category FROM {read_csv(source / 'logs.csv', LOGS)}""")
    names = "environment, project, job, run_id, started_at, ended_at, duration_ms, duration_reported_ms, status, category, error_rows"
    duck.execute(f"COPY (SELECT * FROM ({FUSE}) AS runs ({names})) TO {quoted(str(target))} (FORMAT parquet, COMPRESSION zstd)")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
