"""Tells smartETL of every run and every task of this Airflow, whatever its DAGs do.

The scheduler says when runs begin and end, each task's own process when its tries do. What is sent and how stands in `smartetl_events`.

SMARTETL_URL       where smartETL listens; without it the plugin does nothing
SMARTETL_LISTENER  auto (the default): silent where Airflow's OpenLineage provider sends to smartETL already; on; off
"""

from __future__ import annotations

import logging
import os
from datetime import datetime, timezone

import smartetl_events as events
from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

log = logging.getLogger(__name__)


def tell(event, *about, **more) -> None:
    """Listeners are guests: nothing that goes wrong here may reach the scheduler or a task."""
    try:
        events.sender.put(event(*about, **more))
    except Exception:
        log.warning("smartETL cannot be told of this", exc_info=True)


def of_run(kind: str, dag_run, at, message: str | None = None) -> dict:
    tasks = None if kind == "START" else tasks_of(dag_run)
    return events.dag_event(kind, at or now(), events.namespace(), dag_run, error=message, tasks=tasks)


def of_task(kind: str, task_instance, at, error=None) -> dict:
    dag_run = run_of(task_instance)
    return events.task_event(kind, at or now(), events.namespace(), dag_run, task_instance, error=error)


def tasks_of(dag_run):
    """The tasks as the scheduler sees them at this moment: in its own session, because what it just decided is not committed yet."""
    from airflow import settings
    from sqlalchemy.orm import object_session

    return dag_run.get_task_instances(session=object_session(dag_run) or settings.Session())


def run_of(task_instance):
    """In the process of a task it was told by the server; elsewhere it is a row of Airflow's tables."""
    told = getattr(task_instance, "_ti_context_from_server", None)
    return told.dag_run if told is not None else task_instance.dag_run


def was_rescheduled(task_instance) -> bool:
    """A sensor that comes back in the same try has begun already."""
    told = getattr(task_instance, "_ti_context_from_server", None)
    is_patient = getattr(getattr(task_instance, "task", None), "reschedule", False)
    return bool(is_patient and told is not None and told.task_reschedule_count)


def now() -> datetime:
    return datetime.now(timezone.utc)


class Listener:
    @hookimpl
    def on_dag_run_running(self, dag_run, msg):
        tell(of_run, "START", dag_run, dag_run.start_date)

    @hookimpl
    def on_dag_run_success(self, dag_run, msg):
        tell(of_run, "COMPLETE", dag_run, dag_run.end_date)

    @hookimpl
    def on_dag_run_failed(self, dag_run, msg):
        tell(of_run, "FAIL", dag_run, dag_run.end_date, msg)

    @hookimpl
    def on_task_instance_running(self, previous_state, task_instance):
        if not was_rescheduled(task_instance):
            tell(of_task, "START", task_instance, task_instance.start_date)

    @hookimpl
    def on_task_instance_success(self, previous_state, task_instance):
        tell(of_task, "COMPLETE", task_instance, task_instance.end_date)

    @hookimpl
    def on_task_instance_failed(self, previous_state, task_instance, error):
        tell(of_task, "FAIL", task_instance, task_instance.end_date, error)

    @hookimpl
    def on_task_instance_skipped(self, previous_state, task_instance):
        tell(of_task, "COMPLETE", task_instance, task_instance.end_date)

    @hookimpl
    def before_stopping(self, component):
        events.sender.flush()


def is_wanted() -> bool:
    url = os.environ.get("SMARTETL_URL")
    wish = os.environ.get("SMARTETL_LISTENER", "auto").lower()
    if not url or wish == "off":
        return False
    if wish == "on" or not events.provider_sends_to(url):
        return True
    log.info("Airflow's OpenLineage provider tells smartETL already: the listener of smartETL keeps silent")
    return False


class SmartEtlPlugin(AirflowPlugin):
    name = "smartetl"
    listeners = [Listener()] if is_wanted() else []
