"""Prints pairs that must be equal: an id that our events carry, and the one that Airflow's provider of OpenLineage gives."""

import json
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace as Known

import smartetl_events as events
from airflow.providers.openlineage.utils.utils import build_dag_run_ol_run_id, build_task_instance_ol_run_id

AT = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=timezone.utc)
LOCAL = AT.astimezone(timezone(timedelta(hours=2)))
pairs = []
for moment, after, cleared in [(AT, LOCAL, 0), (None, AT, 0), (LOCAL, AT, 2), (datetime(1999, 12, 31, tzinfo=timezone.utc), AT, None)]:
    run = Known(dag_id="ventes_été", logical_date=moment, run_after=after, clear_number=cleared)
    pairs.append((events.dag_run_uuid("airflow-prod", run), build_dag_run_ol_run_id(run.dag_id, moment or after, cleared or 0)))
    for attempt, index in [(1, -1), (2, 0), (3, 17)]:
        task = Known(dag_id=run.dag_id, task_id="load.shops", try_number=attempt, map_index=index)
        theirs = build_task_instance_ol_run_id(run.dag_id, task.task_id, attempt, moment or after, index)
        pairs.append((events.task_uuid("airflow-prod", run, task), theirs))
print(json.dumps(pairs))
