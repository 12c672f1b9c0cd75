"""How the DAGs call smartETL: its command line, as a person would."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import tempfile
from collections import deque
from datetime import timedelta
from urllib.parse import unquote, urlsplit, urlunsplit

from airflow.sdk.exceptions import AirflowFailException
from smartetl_events import tell_failure

log = logging.getLogger(__name__)

POOL = "smartetl"
# What all our tasks have: nobody has to be woken because a database was restarted, and none of them hangs for ever.
DEFAULTS = {
    "owner": "smartetl",
    "pool": POOL,
    "retries": 2,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(minutes=15),
    "on_failure_callback": tell_failure,
}
# Exit codes of smartETL.
DONE, FINDINGS = 0, 1
END_SECONDS = 20


class SmartEtlError(RuntimeError):
    """smartETL could not do it. Trying again may help."""


def smartetl(*arguments: str, variables: dict[str, str] | None = None) -> str:
    """What a command prints. What it says to people goes to the task's log as it comes.

    Findings (exit 1) are told at once; they would be the same at the next try. Where smartETL could not do it (exit 2) the task is tried again.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        process = subprocess.Popen(
            ["smartetl", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **(variables or {})},
        )
        said: deque[str] = deque(maxlen=20)
        try:
            for line in process.stderr:
                log.info("%s", line.rstrip())
                said.append(line)
            code = process.wait()
        finally:
            # The time of the task may be over.
            end(process)
        printed.seek(0)
        output = printed.read()
    if code == DONE:
        return output
    what = f"smartetl {arguments[0]}: exit {code}\n{''.join(said)}".rstrip()
    if code == FINDINGS:
        raise AirflowFailException(f"{what}\n{output}".rstrip())
    raise SmartEtlError(what)


def end(process: subprocess.Popen) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def query(statement: str) -> list[dict]:
    """The rows that a statement finds. smartETL lets it read and nothing else."""
    return json.loads(smartetl("sql", "--format", "json", "--timeout", "5m", statement))


def wait_for_database(timeout: str) -> None:
    """Waits until the database lets us in. The password is not shown where others see what runs."""
    address = urlsplit(os.environ["DATABASE_URL"])
    password = unquote(address.password or "")
    host = address.netloc.rpartition("@")[2]
    user = f"{address.username}@" if address.username else ""
    target = urlunsplit(address._replace(netloc=user + host))
    smartetl("wait", "--timeout", timeout, target, variables={"PGPASSWORD": password} if password else None)


def require(holds: bool, what: str) -> None:
    """Ends a check that does not hold. It would not hold at the next try either."""
    log.info("%s: %s", "holds" if holds else "DOES NOT HOLD", what)
    if not holds:
        raise AirflowFailException(what)
