"""What smartETL is told about runs and tasks: events of OpenLineage, and how they are sent.

Made for Airflow's own processes, so it needs nothing beyond the standard library, never waits where a task or the scheduler would wait,
and never raises. The ids are those that Airflow's OpenLineage provider gives, so that whoever tells of a run tells of the same run; an event
that is sent twice is stored once, because smartETL knows its body.

Settings, all from the environment:

SMARTETL_URL         where smartETL listens, such as http://server:8480; without it nothing is sent
SMARTETL_HTTP_TOKEN  the secret that it asks for; or SMARTETL_HTTP_TOKEN_FILE, a file with it
SMARTETL_SPOOL       a folder for what could not be sent; $AIRFLOW_HOME/smartetl-events where it is left out
"""

from __future__ import annotations

import atexit
import fcntl
import http.client
import json
import logging
import os
import threading
import time
import traceback
import urllib.error
import urllib.request
import uuid
from collections import deque
from datetime import datetime, timezone
from hashlib import sha1
from pathlib import Path
from urllib.parse import urlsplit

log = logging.getLogger(__name__)

PRODUCER = "urn:smartetl:airflow"
SPECIFICATION = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"
FACETS = "https://openlineage.io/spec/facets/"
# A facet that only Airflow has.
CUSTOM = SPECIFICATION + "RunFacet"

# What smartETL does itself is work on the nights and none of them: a word of this namespace is that of the environment SMARTETL.
OWN_DAGS = {"fusion_dag", "maintenance_dag", "test_dag"}
OWN_NAMESPACE = "smartetl-upkeep"

# A message says what happened in its first lines, a stack in its last ones.
MESSAGE_CHARACTERS = 20_000
STACK_CHARACTERS = 100_000

QUEUED_EVENTS = 1_000
SPOOLED_EVENTS = 10_000
# How long smartETL may take to answer, and the pauses before it is asked again.
ANSWER_SECONDS = 5
PAUSES_SECONDS = (0.5, 1.5)
# How long the end of a process waits for what is on its way; what is left goes to the spool.
END_SECONDS = 3
# Sent again they would be refused again: the event itself is wrong.
REFUSED = {400, 413, 415, 422}


# --- ids -------------------------------------------------------------------------------------------------------------------------------


def run_uuid(moment: datetime, name: str) -> str:
    """A UUIDv7 of a moment and a name, as the OpenLineage client derives it (`generate_static_uuid`): the same for the same."""
    moment = moment.astimezone(timezone.utc)
    digest = sha1(moment.isoformat().encode() + name.encode()).digest()
    number = int(moment.timestamp() * 1000) % 2**48 << 80 | int.from_bytes(digest, "big") >> 84
    number = number & ~(0xF000 << 64) | 7 << 76
    return str(uuid.UUID(int=number & ~(0xC000 << 48) | 0x8000 << 48))


def dag_run_uuid(namespace: str, dag_run) -> str:
    return run_uuid(moment_of(dag_run), f"{namespace}.{dag_run.dag_id}.{dag_run.clear_number or 0}")


def task_uuid(namespace: str, dag_run, task_instance) -> str:
    one = task_instance
    return run_uuid(moment_of(dag_run), f"{namespace}.{one.dag_id}.{one.task_id}.{one.try_number}.{map_index(one)}")


def moment_of(dag_run) -> datetime:
    """Runs that are started by hand or by an asset have no logical date."""
    return dag_run.logical_date or dag_run.run_after


def map_index(task_instance) -> int:
    return -1 if task_instance.map_index is None else task_instance.map_index


# --- events ----------------------------------------------------------------------------------------------------------------------------


def dag_event(kind: str, at: datetime, namespace: str, dag_run, *, error=None, tasks=None) -> dict:
    """An event about the run of a DAG. `tasks`: its task instances, at its end."""
    facets = {"airflowDagRun": facet(CUSTOM, dagRun=about_run(dag_run)), **nominal_time(dag_run), **error_message(error)}
    if tasks is not None:
        facets["airflowState"] = facet(CUSTOM, dagRunState=word(dag_run.state), **states(tasks))
    return event(kind, at, dag_run_uuid(namespace, dag_run), facets, told_namespace(namespace, dag_run), dag_run.dag_id, "DAG")


def task_event(kind: str, at: datetime, namespace: str, dag_run, task_instance, *, error=None) -> dict:
    """An event about one try of a task."""
    one = task_instance
    told = told_namespace(namespace, dag_run)
    above = {
        "run": {"runId": dag_run_uuid(namespace, dag_run)},
        "job": {"namespace": told, "name": dag_run.dag_id},
    }
    about_task = {"try_number": one.try_number, "map_index": map_index(one), "task_id": one.task_id}
    facets = {
        "parent": facet(FACETS + "1-1-0/ParentRunFacet.json", **above, root=above),
        "airflow": facet(CUSTOM, taskInstance=about_task, dagRun=about_run(dag_run)),
        **nominal_time(dag_run),
        **error_message(error),
    }
    name = f"{one.dag_id}.{one.task_id}"
    return event(kind, at, task_uuid(namespace, dag_run, one), facets, told, name, "TASK")


def told_namespace(namespace: str, dag_run) -> str:
    """The provider knows nothing of our DAGs' own namespace: where it tells of their runs, so do we."""
    is_own = dag_run.dag_id in OWN_DAGS and not provider_sends_to(os.environ.get("SMARTETL_URL", ""))
    return OWN_NAMESPACE if is_own else namespace


def event(kind: str, at: datetime, run: str, facets: dict, namespace: str, name: str, of: str) -> dict:
    kind_of_job = facet(FACETS + "2-0-3/JobTypeJobFacet.json", processingType="BATCH", integration="AIRFLOW", jobType=of)
    return {
        "eventType": kind,
        "eventTime": at.astimezone(timezone.utc).isoformat(),
        "producer": PRODUCER,
        "schemaURL": SPECIFICATION + "RunEvent",
        "run": {"runId": run, "facets": facets},
        "job": {"namespace": namespace, "name": name, "facets": {"jobType": kind_of_job}},
        "inputs": [],
        "outputs": [],
    }


def facet(schema: str, **content) -> dict:
    return {"_producer": PRODUCER, "_schemaURL": schema, **content}


def about_run(dag_run) -> dict:
    return {
        "dag_id": dag_run.dag_id,
        "run_id": dag_run.run_id,
        "run_type": word(dag_run.run_type),
        "clear_number": dag_run.clear_number or 0,
    }


def nominal_time(dag_run) -> dict:
    start = dag_run.data_interval_start
    if start is None:
        return {}
    end = dag_run.data_interval_end or start
    return {
        "nominalTime": facet(
            FACETS + "1-0-1/NominalTimeRunFacet.json", nominalStartTime=start.isoformat(), nominalEndTime=end.isoformat()
        )
    }


def error_message(error) -> dict:
    """The facet about what went wrong, without what Airflow knows to be secret."""
    if not error:
        return {}
    said = {"message": without_secrets(str(error) or type(error).__name__)[:MESSAGE_CHARACTERS], "programmingLanguage": "python"}
    if isinstance(error, BaseException) and error.__traceback__:
        stack = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        said["stackTrace"] = without_secrets(stack)[-STACK_CHARACTERS:]
    return {"errorMessage": facet(FACETS + "1-0-1/ErrorMessageRunFacet.json", **said)}


def states(tasks) -> dict:
    """What became of each task, and how long it took; 0 for one that never ran. Of the instances of a mapped task the worst one speaks."""
    order = ["failed", "upstream_failed", "running", "success"]
    said, took = {}, {}
    for one in tasks:
        state, known = word(one.state), said.get(one.task_id)
        rank = [order.index(each) if each in order else len(order) for each in (state, known)]
        if one.task_id not in said or rank[0] < rank[1]:
            said[one.task_id] = state
        seconds = one.duration
        if seconds is None and one.start_date and one.end_date:
            seconds = (one.end_date - one.start_date).total_seconds()
        took[one.task_id] = max(took.get(one.task_id, 0.0), seconds or 0.0)
    return {"tasksState": said, "tasksDuration": took}


def word(value):
    """Of Airflow's vocabularies; `None` where nothing is said."""
    return getattr(value, "value", value)


def without_secrets(text: str) -> str:
    """Airflow knows the passwords of its connections and what tasks declare to be secret."""
    try:
        from airflow.sdk._shared.secrets_masker import redact
    except ImportError:  # Another version keeps it elsewhere; smartETL redacts what it stores as well.
        return text
    return str(redact(text))


# --- sending ---------------------------------------------------------------------------------------------------------------------------


class Sender:
    """Sends events one after the other, in a thread that lives as long as there are some."""

    def __init__(self) -> None:
        self._forget()
        # Of a process that is forked, the queue belongs to its parent and the thread is not there.
        os.register_at_fork(after_in_child=self._forget)

    def put(self, event: dict) -> None:
        """Takes an event and returns at once."""
        body = json.dumps(event, separators=(",", ":"), default=str).encode()
        with self._lock:
            if not self._is_over and len(self._queue) < QUEUED_EVENTS and self._is_sending():
                self._queue.append(body)
                return
        spool(body)

    def flush(self, seconds: float = END_SECONDS) -> None:
        """Waits a moment for what is on its way, and keeps what is left for another process."""
        if (thread := self._thread) is not None:
            thread.join(seconds)
        with self._lock:
            self._is_over = self._thread is not None
        self._keep_all()

    def _forget(self) -> None:
        self._queue: deque[bytes] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_over = self._is_registered = False

    def _is_sending(self) -> bool:
        """Whether there is a thread, which is started where there is none."""
        if self._thread is not None and self._thread.is_alive():
            return True
        thread = threading.Thread(target=self._send, name="smartetl-events", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # The process is about to end.
            return False
        self._thread = thread
        if not self._is_registered:
            atexit.register(self.flush)
            self._is_registered = True
        return True

    def _send(self) -> None:
        while (body := self._first()) is not None:
            if not deliver(body, PAUSES_SECONDS):
                # What follows would fare no better.
                self._keep_all(is_end=True)
                return
            self._is_sent(body)
        deliver_spooled()

    def _first(self) -> bytes | None:
        with self._lock:
            if self._queue:
                return self._queue[0]
            self._thread = None
            return None

    def _is_sent(self, body: bytes) -> None:
        with self._lock:
            if self._queue and self._queue[0] is body:
                self._queue.popleft()

    def _keep_all(self, is_end: bool = False) -> None:
        with self._lock:
            left = list(self._queue)
            self._queue.clear()
            if is_end:
                self._thread = None
        for body in left:
            spool(body)


def deliver(body: bytes, pauses: tuple[float, ...] = ()) -> bool:
    """Whether smartETL has the event, or will never take it."""
    for pause in (*pauses, None):
        try:
            request = urllib.request.Request(
                os.environ.get("SMARTETL_URL", "").rstrip("/") + "/api/v1/lineage", body, {"content-type": "application/json"}
            )
            if secret := token():
                request.add_header("authorization", f"Bearer {secret}")
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):
                return True
        except urllib.error.HTTPError as error:
            if error.code in REFUSED:
                said = error.read(2_000).decode(errors="replace")
                log.error("smartETL refuses an event (%d): %s", error.code, said)
                return True
            trouble = f"{error.code} {error.reason}"
        except (OSError, http.client.HTTPException, ValueError) as error:
            trouble = str(error)
        if pause is not None:
            time.sleep(pause)
    log.warning("smartETL at %s takes no events now (%s): they are kept and sent later", os.environ.get("SMARTETL_URL"), trouble)
    return False


def token() -> str:
    if path := os.environ.get("SMARTETL_HTTP_TOKEN_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get("SMARTETL_HTTP_TOKEN", "")


def spool_folder() -> Path:
    home = os.environ.get("AIRFLOW_HOME") or os.path.expanduser("~/airflow")
    return Path(os.environ.get("SMARTETL_SPOOL") or os.path.join(home, "smartetl-events"))


def spool(body: bytes) -> None:
    """Keeps an event until smartETL is back. Whatever goes wrong here costs an event, never a task."""
    try:
        folder = spool_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sum(1 for _ in folder.iterdir()) >= SPOOLED_EVENTS:
            log.error("an event for smartETL is lost: %s is full", folder)
            return
        path = folder / f"{time.time_ns()}-{uuid.uuid4().hex}.json"
        part = path.with_suffix(".part")
        part.write_bytes(body)
        part.rename(path)
    except OSError as error:
        log.error("an event for smartETL is lost: it cannot be kept (%s)", error)


def deliver_spooled() -> None:
    """Sends what other processes could not send, oldest first; one process at a time does so."""
    try:
        folder = spool_folder()
        if not folder.is_dir():
            return
        with open(folder / "lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for path in sorted(folder.glob("*.json")):
                if not deliver(path.read_bytes()):
                    break
                path.unlink()
    except OSError as error:
        log.debug("what is kept for smartETL stays there for now: %s", error)


sender = Sender()


# --- for DAGs --------------------------------------------------------------------------------------------------------------------------


def namespace() -> str:
    """The one of the provider, because ids are made of it. Its name tells smartETL the environment."""
    from airflow.configuration import conf

    return conf.get("openlineage", "namespace", fallback="") or os.environ.get("OPENLINEAGE_NAMESPACE") or "default"


def provider_sends_to(url: str) -> bool:
    """Whether the provider is there, switched on, and sends to this address; or to one that only it knows."""
    try:
        from airflow.providers.openlineage import conf as provider
    except ImportError:
        return False
    if provider.is_disabled():
        return False
    if provider.config_conn_id() or provider.config_path():
        return True
    variables = [value for name, value in os.environ.items() if name.startswith("OPENLINEAGE_")]
    return urlsplit(url).netloc in json.dumps([provider.transport(), variables])


def tell_failure(context) -> None:
    """An `on_failure_callback` for tasks and DAGs: smartETL stores what went wrong as an error of the run.

    It begins and ends no run (the event is of type OTHER), so a run is counted once, whoever else tells of it; the same error told by the
    listener or the provider is one error. It matters where nobody else tells: a plugin that is not loaded, a DAG that ran out of time.
    """
    try:
        if not os.environ.get("SMARTETL_URL"):
            return
        dag_run, one, error = context.get("dag_run"), context.get("task_instance"), context.get("exception")
        now = datetime.now(timezone.utc)
        if one is not None and error:
            sender.put(task_event("OTHER", now, namespace(), dag_run, one, error=error))
        elif (reason := context.get("reason")) and reason != "task_failure":
            sender.put(dag_event("OTHER", now, namespace(), dag_run, error=reason))
    except Exception:
        log.warning("smartETL cannot be told of a failure", exc_info=True)
