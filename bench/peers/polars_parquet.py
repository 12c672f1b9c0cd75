"""Polars without a server: files → one row per run in a Parquet file, lazily and on all cores.

Usage: polars_parquet.py FOLDER FILE.parquet ZONE
"""

import json
import sys
from pathlib import Path

import polars as pl
from polars import col

RULES = json.loads((Path(__file__).parent / "rules.json").read_text(encoding="utf-8"))
RUN = ["environment", "run_id"]
NAMES = {"pid": "run_id", "context": "environment", "origin": "step", "type": "error_type"}


def read(path, zone, texts):
    """Local times become UTC; a time that comes twice is the earlier one, as with smartETL."""
    overrides = dict.fromkeys(texts, pl.String)
    rows = pl.scan_csv(path, separator=";", schema_overrides=overrides, infer_schema_length=0)
    moment = (col("moment").str.to_datetime("%Y-%m-%d %H:%M:%S")
              .dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC"))
    return rows.rename(NAMES, strict=False).with_columns(moment)


def classification():
    cases = pl
    for rule in RULES:
        cases = cases.when(col("message").str.contains(rule["regex"])).then(pl.lit(rule["category"]))
    return cases.otherwise(pl.lit("unknown"))


def fuse(log, errors):
    """One row per run, which is what one pid did in one context; its first telling error, if it is no warning, names the category."""
    whole = col("step").is_null()
    begin, end = whole & (col("message_type") == "begin"), whole & (col("message_type") == "end")
    ends = col("moment").filter(end)
    runs = log.group_by(RUN).agg(
        col("project").first(), col("job").first(),
        col("moment").filter(begin).min().alias("begun"), ends.max().alias("ended_at"),
        col("duration").filter(end).cast(pl.Int64).max().alias("duration_reported_ms"),
        col("message").filter(end).sort_by(ends).last().alias("said"),
        col("moment").min().alias("first_row"),
    )
    causes = errors.filter(col("error_type") != "tWarn").with_columns(category=classification()).group_by(RUN).agg(
        col("project").first().alias("error_project"), col("job").first().alias("error_job"),
        col("category").sort_by(col("category") == "dependency", "moment", "category").first(),
        pl.len().alias("error_rows"), col("moment").min().alias("first_error"),
    )
    status = (pl.when(col("ended_at").is_null() & col("first_row").is_not_null()).then(pl.lit("open"))
              .when(col("said") == "success").then(pl.lit("success")).otherwise(pl.lit("failed")))
    return runs.join(causes, on=RUN, how="full", coalesce=True).select(
        "environment", pl.coalesce("project", "error_project"), pl.coalesce("job", "error_job"), "run_id",
        pl.coalesce("begun", "first_row", "first_error").alias("started_at"), "ended_at",
        (col("ended_at") - col("begun")).dt.total_milliseconds().alias("duration_ms"), "duration_reported_ms",
        status.alias("status"), "category", col("error_rows").fill_null(0),
    )


def main(source, target, zone):
    log = read(source / "stats.csv", zone, ["job_version"])
    errors = read(source / "logs.csv", zone, [])
    fuse(log, errors).sink_parquet(target, compression="zstd")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
