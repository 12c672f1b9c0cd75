"""
# maintenance_dag

**Français.** Chaque jour à 12 h 30 (heure de `SMARTETL_TIMEZONE`), quand les nuits sont finies :

- `backup` : toutes les tables dans un fichier de `SMARTETL_BACKUPS` (par défaut `$AIRFLOW_HOME/backups`) ; puis `forget_old_backups` ne garde que les
  plus récents (paramètre `keep_backups`).
- `verify` : `smartetl verify` prouve que tout ce qui a été lu est là, une fois et inchangé. Ce qu’il trouve fait échouer la tâche.
- `prune` : si tout est prouvé et sauvegardé, `smartetl prune` purge les lignes des arbres plus anciens que `SMARTETL_RETENTION_MONTHS` ; sans cette variable,
  tout est gardé.

**English.** Every day at 12:30 (time of `SMARTETL_TIMEZONE`), when the nights are over:

- `backup`: all tables into a file of `SMARTETL_BACKUPS` (`$AIRFLOW_HOME/backups` where it is left out); then `forget_old_backups` keeps only the newest
  ones (parameter `keep_backups`).
- `verify`: `smartetl verify` proves that whatever was read is there, once and unchanged. What it finds makes the task fail.
- `prune`: once all is proved and backed up, `smartetl prune` removes the rows of trees that are older than `SMARTETL_RETENTION_MONTHS`; without that variable
  everything is kept.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow.sdk import DAG, CronTriggerTimetable, Param, task
from smartetl_command import DEFAULTS, log, smartetl, wait_for_database
from smartetl_events import tell_failure

PATTERN = "smartetl-*.backup"
# What only reads lets the hourly fusion go on, however long it takes.
READING = "smartetl_reading"


def backups() -> Path:
    home = os.environ.get("AIRFLOW_HOME") or os.path.expanduser("~/airflow")
    return Path(os.environ.get("SMARTETL_BACKUPS") or os.path.join(home, "backups"))


with DAG(
    "maintenance_dag",
    description="Sauvegarde, vérification et purge quotidiennes · daily backup, proof and retention",
    doc_md=__doc__,
    schedule=CronTriggerTimetable("30 12 * * *", timezone=os.environ.get("SMARTETL_TIMEZONE") or "UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=8),
    default_args=DEFAULTS,
    on_failure_callback=tell_failure,
    tags=["smartetl"],
    params={"keep_backups": Param(7, type="integer", minimum=1, description="so many backups are kept")},
) as dag:

    @task(execution_timeout=timedelta(minutes=10))
    def wait_for_the_database() -> None:
        wait_for_database("5m")

    @task(pool=READING, execution_timeout=timedelta(hours=2))
    def backup() -> str:
        folder = backups()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        now = datetime.now(timezone.utc)
        path = folder / f"smartetl-{now:%Y-%m-%dT%H%M%SZ}.backup"
        # What a try that was killed left behind is no backup.
        part = path.with_suffix(".part")
        for left in (*folder.glob("*.part"), *folder.glob(".smartetl-*")):
            left.unlink()
        smartetl("backup", str(part))
        part.rename(path)
        return str(path)

    @task
    def forget_old_backups(newest: str, params=None) -> list[str]:
        """Only after a new one was written; names begin with their moment, so they stand in its order."""
        old = sorted(Path(newest).parent.glob(PATTERN))[: -params["keep_backups"]]
        for path in old:
            path.unlink()
            log.info("%s is removed", path)
        return [path.name for path in old]

    @task(pool=READING, execution_timeout=timedelta(hours=4))
    def verify() -> dict:
        return json.loads(smartetl("verify", "--format", "json"))

    @task(execution_timeout=timedelta(hours=2))
    def prune() -> dict:
        """Only what was proved, and stands in a backup."""
        return json.loads(smartetl("prune", "--format", "json"))

    there = wait_for_the_database()
    there >> [written := backup(), proved := verify()]
    forget_old_backups(written)
    [written, proved] >> prune()
