"""Tells smartETL of as many runs as it is asked to, after something that is no event. Then it stays until nothing is left to be told, or ends."""

import sys
import time
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace as Known

import smartetl_events as events

# Fewer than are told.
events.QUEUED_EVENTS = 20
first, last, stays = sys.argv[1:]
events.sender.put({"eventType": "nothing"})
for number in range(int(first), int(last)):
    at = datetime(2026, 3, 1, tzinfo=timezone.utc) + timedelta(hours=number)
    run = Known(
        dag_id="told",
        run_id=f"run {number}",
        logical_date=at,
        run_after=at,
        clear_number=0,
        run_type="scheduled",
        state="success",
        data_interval_start=at,
        data_interval_end=at,
    )
    events.sender.put(events.dag_event("COMPLETE", at, "airflow-prod", run, tasks=[]))
while stays == "stays" and any(events.spool_folder().glob("*.json")):
    time.sleep(0.02)
