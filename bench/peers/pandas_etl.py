"""pandas and SQLAlchemy as a team writes it: read_csv, one function of 12 regular expressions, groupby, to_sql.

Usage: pandas_etl.py FOLDER DATABASE_URL ZONE
"""

import json
import re
import sys
from pathlib import Path

import pandas
import sqlalchemy

RULES = [
    (re.compile(rule["regex"]), rule["category"])
    for rule in json.loads((Path(__file__).parent / "rules.json").read_text(encoding="utf-8"))
]
RUN = ["environment", "run_id"]
NAMES = {
    "pid": "run_id", "father_pid": "parent_run_id", "root_pid": "root_run_id", "context": "environment",
    "job_repository_id": "job_id", "origin": "step", "type": "error_type", "code": "error_code",
}


def classify(message):
    for regex, category in RULES:
        if regex.search(message):
            return category
    return "unknown"


def read(path, zone):
    """Reads a file; local times become UTC, a time that comes twice is the earlier one, as with smartETL."""
    rows = pandas.read_csv(path, sep=";", dtype={"job_version": str}, keep_default_na=False, na_values=[""])
    local = pandas.to_datetime(rows["moment"])
    rows["moment"] = local.dt.tz_localize(zone, ambiguous=[True] * len(rows), nonexistent="shift_forward").dt.tz_convert("UTC")
    rows = rows.rename(columns=NAMES)
    rows["parent_run_id"] = rows["parent_run_id"].where(rows["parent_run_id"] != rows["run_id"])
    return rows


def fuse(log, errors):
    """One row per run, which is what one pid did in one context; its first telling error, if it is no warning, names the category."""
    whole = log[log["step"].isna()]
    runs = log.groupby(RUN)[["project", "job", "moment"]].first()
    runs["first_row"] = log.groupby(RUN)["moment"].min()
    runs["begun"] = whole[whole["event"] == "begin"].groupby(RUN)["moment"].min()
    ends = whole[whole["event"] == "end"].sort_values("moment", kind="stable").groupby(RUN)
    runs["ended_at"] = ends["moment"].last()
    runs["said"] = ends["status"].last()
    runs["duration_reported_ms"] = ends["duration_reported_ms"].max()
    errors = errors[errors["error_type"] != "tWarn"]
    errors = errors.assign(wrapper=errors["category"] == "dependency").sort_values(["wrapper", "moment", "category"]).groupby(RUN)
    causes = errors["category"].first().to_frame()
    causes["error_rows"] = errors.size()
    causes["first_error"] = errors["moment"].min()
    runs = runs.drop(columns="moment").join(causes, how="outer").reset_index()
    runs["started_at"] = runs["begun"].fillna(runs["first_row"]).fillna(runs["first_error"])
    runs["duration_ms"] = (runs["ended_at"] - runs["begun"]) // pandas.Timedelta(milliseconds=1)
    runs["status"] = "failed"
    runs.loc[runs["said"] == "success", "status"] = "success"
    runs.loc[runs["ended_at"].isna() & runs["first_row"].notna(), "status"] = "open"
    runs["error_rows"] = runs["error_rows"].fillna(0).astype(int)
    for column in ("duration_ms", "duration_reported_ms"):
        runs[column] = runs[column].astype("Int64")
    columns = ["started_at", "ended_at", "duration_ms", "duration_reported_ms", "status", "category", "error_rows"]
    return runs[["environment", "project", "job", "run_id", *columns]]


def main(source, url, zone):
    log = read(source / "stats.csv", zone)
    log = log.rename(columns={"message_type": "event", "message": "status", "duration": "duration_reported_ms"})
    log["duration_reported_ms"] = log["duration_reported_ms"].astype("Int64")
    errors = read(source / "logs.csv", zone)
    errors["category"] = errors["message"].map(classify)
    engine = sqlalchemy.create_engine("postgresql+psycopg2://" + url.split("://", 1)[1])
    for table, rows in {"log": log, "logerreur": errors, "dataset": fuse(log, errors)}.items():
        rows.to_sql(table, engine, if_exists="replace", index=False, chunksize=10_000)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), *sys.argv[2:])
