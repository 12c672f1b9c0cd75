"""
# test_dag

**Français.** Prouve qu’Airflow fonctionne ici : un shell, Python, des valeurs passées d’une tâche à l’autre, une tâche par élément, et que
smartETL, sa base et son service répondent. À lancer à la main ; ne change rien.

**English.** Proves that Airflow works here: a shell, Python, values handed from task to task, a task for each element, and that smartETL,
its database and its service answer. Started by hand; changes nothing.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, task
from smartetl_command import DEFAULTS, query, require, smartetl, wait_for_database
from smartetl_events import tell_failure

with DAG(
    "test_dag",
    description="Airflow fonctionne · Airflow works",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=30),
    default_args=DEFAULTS | {"retries": 0, "execution_timeout": timedelta(minutes=5)},
    on_failure_callback=tell_failure,
    tags=["smartetl"],
) as dag:
    shell = BashOperator(task_id="shell", bash_command='echo "run {{ run_id }}"; smartetl --version', do_xcom_push=True)

    @task
    def version(said: str) -> str:
        found = smartetl("--version").strip()
        require(found == said.strip(), f"shell and Python find the same program: {found}")
        return found

    @task
    def parts() -> list[str]:
        return ["database", "service", "tables"]

    @task
    def answers(part: str) -> str:
        match part:
            case "database":
                wait_for_database("30s")
            case "service":
                smartetl("wait", "--timeout", "30s", os.environ["SMARTETL_URL"].rstrip("/") + "/readyz")
            case "tables":
                query("SELECT count(*) AS runs FROM dataset")
        return part

    @task
    def all_answer(answered: list[str], found: str) -> None:
        require(len(list(answered)) == 3, f"database, service and tables answer to {found}")

    all_answer(answers.expand(part=parts()), version(shell.output))
