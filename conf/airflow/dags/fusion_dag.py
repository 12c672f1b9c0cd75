"""
# fusion_dag

**Français.** Chaque heure : attend la base, lance `smartetl fuse` (qui sait lui-même jusqu’où il est allé), puis contrôle `dataset`. Avec
`fuse.mode = scheduled` c’est le seul qui fusionne ; avec `live` il rattrape ce qui aurait été manqué. Une seule exécution à la fois, pas de
rattrapage des heures passées : une fusion prend tout ce qui est nouveau.

Un contrôle qui échoue dit ce qu’il a trouvé et ne défait rien. Les seuils sont les paramètres du DAG.

- `smartetl_fusion` (asset) : une fusion a eu lieu ; `extra` dit ce qu’elle a fait.
- `smartetl_dataset` (asset) : `dataset` est à jour et tous les contrôles sont bons. À utiliser comme déclencheur de vos propres DAGs.

**English.** Every hour: waits for the database, runs `smartetl fuse` (which knows itself how far it has come), then checks `dataset`. With
`fuse.mode = scheduled` it is the only one that fuses; with `live` it reconciles. One run at a time, no catching up: one fusion takes
whatever is new.

A check that fails says what it found and undoes nothing. The thresholds are the parameters of the DAG.

- `smartetl_fusion` (asset): a fusion was made; `extra` says what it did.
- `smartetl_dataset` (asset): `dataset` is up to date and all checks hold. Let your own DAGs be started by it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from airflow.sdk import DAG, Asset, Param, task
from smartetl_command import DEFAULTS, log, query, require, smartetl, wait_for_database
from smartetl_events import tell_failure

FUSION = Asset("smartetl_fusion")
DATASET = Asset("smartetl_dataset")

EXAMPLES = 5
BACKWARDS = f"""
    SELECT job, environment, run_id, started_at, ended_at FROM dataset
    WHERE ended_at < started_at OR duration_ms < 0
    ORDER BY started_at DESC LIMIT {EXAMPLES}"""
TORN = f"""
    SELECT run.job, run.environment, run.run_id, run.started_at FROM dataset AS run
    LEFT JOIN dataset AS root ON root.run_key = run.root_run_key
    LEFT JOIN dataset AS parent ON parent.run_key = run.parent_run_key
    WHERE root.run_key IS NULL OR (run.parent_run_key IS NOT NULL AND parent.run_key IS NULL)
    ORDER BY run.started_at DESC LIMIT {EXAMPLES}"""
UNMAPPED = f"""
    SELECT count(*) AS runs, count(*) FILTER (WHERE environment = 'UNMAPPED') AS unmapped,
        array_to_string((array_agg(DISTINCT context) FILTER (WHERE environment = 'UNMAPPED'))[:{EXAMPLES}], ', ') AS contexts
    FROM dataset WHERE batches && ARRAY(SELECT batch FROM batch WHERE batch > {{before}})"""
REJECTED = """
    SELECT coalesce(sum(records), 0)::bigint AS records, coalesce(sum(rejects), 0)::bigint AS rejects,
        (SELECT string_agg(reason || ' ' || times, ', ' ORDER BY times DESC) FROM (
            SELECT reason, count(*) AS times FROM reject WHERE batch > {before} GROUP BY reason) AS reasons) AS reasons
    FROM batch WHERE batch > {before}"""
LEFT_OUT = """
    SELECT count(*) AS batches FROM batch
    WHERE NOT fused AND committed_at < (SELECT as_of FROM fuse_state) - interval '10 minutes'"""
SOURCES = """
    SELECT system, environment, last_event_at, silent_s / 3600.0 AS hours, is_silent FROM grafana_source
    WHERE grafana_wakes(environment) ORDER BY last_event_at DESC"""

with DAG(
    "fusion_dag",
    description="Fusion horaire et contrôles de dataset · hourly fusion and checks of dataset",
    doc_md=__doc__,
    schedule="@hourly",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    default_args=DEFAULTS,
    on_failure_callback=tell_failure,
    tags=["smartetl"],
    params={
        "reject_share": Param(0.01, type="number", minimum=0, maximum=1, description="rejects among the new records, at most"),
        "rejects": Param(20, type="integer", minimum=0, description="so many new rejects are no matter, whatever their share"),
        "unmapped_share": Param(0.2, type="number", minimum=0, maximum=1, description="new runs of unknown environment: more give a warning"),
        "fresh_hours": Param(26, type="number", minimum=0, description="how long a source may be silent that should not be"),
    },
) as dag:

    @task(execution_timeout=timedelta(minutes=10))
    def wait_for_the_database() -> None:
        wait_for_database("5m")

    @task(execution_timeout=timedelta(hours=1), inlets=[FUSION], outlets=[FUSION])
    def fuse(inlet_events=None, outlet_events=None) -> dict:
        known = inlet_events[FUSION]
        before = known[-1].extra.get("last_batch", 0) if len(known) else 0
        answer = json.loads(smartetl("fuse", "--format", "json"))
        answer["overlaps"] = len(answer["overlaps"])
        state = query(
            "SELECT as_of, (SELECT coalesce(max(batch), 0) FROM batch WHERE fused) AS last_batch, "
            "(SELECT count(*) FROM dataset) AS runs_in_dataset FROM fuse_state"
        )[0]
        done = {**answer, **state, "batch_before": before}
        outlet_events[FUSION].extra = done
        return done

    @task
    def time_goes_forward() -> None:
        """No run ends before it begins."""
        found = query(BACKWARDS)
        require(not found, f"no run ends before it begins: {found or 'none does'}")

    @task
    def trees_are_whole() -> None:
        """The root and the parent of each run are runs too."""
        found = query(TORN)
        require(not found, f"the root and the parent of each run are there: {found or 'all are'}")

    @task
    def environments_are_known(done: dict, params=None) -> float:
        """Contexts that nobody has mapped stay few. `dataset` is right all the same, so this is said and fails nothing."""
        found = query(UNMAPPED.format(before=int(done["batch_before"])))[0]
        share = found["unmapped"] / max(found["runs"], 1)
        said = f"{found['unmapped']} of {found['runs']} new runs are of an unknown environment; contexts: {found['contexts'] or 'none'}"
        is_few = share <= params["unmapped_share"]
        (log.info if is_few else log.warning)("%s (a warning above %.0f %%; setting `environments`)", said, 100 * params["unmapped_share"])
        return share

    @task
    def rejects_are_few(done: dict, params=None) -> int:
        """Of what came since the last fusion, nearly everything could be read."""
        found = query(REJECTED.format(before=int(done["batch_before"])))[0]
        is_few = found["rejects"] <= max(params["rejects"], params["reject_share"] * found["records"])
        said = f"{found['rejects']} of {found['records']} new records were rejected; reasons: {found['reasons'] or 'none'}"
        require(is_few, f"{said} (at most {params['reject_share']:.0%} or {params['rejects']}; table `reject`)")
        return found["rejects"]

    @task
    def logs_are_fresh(params=None) -> str | None:
        """What should arrive arrives, and nothing that arrived was left out of the fusion."""
        left_out = query(LEFT_OUT)[0]["batches"]
        require(left_out == 0, f"{left_out} batches are stored and not fused")
        sources = query(SOURCES)
        silent = [
            f"{one['system']} in {one['environment']} for {one['hours']:.1f} h"
            for one in sources
            if one["is_silent"] and one["hours"] > params["fresh_hours"]
        ]
        said = f"sources that say nothing although they did on days like this one: {', '.join(silent) or 'none'}"
        require(not silent, f"{said} (at most {params['fresh_hours']} h; view `grafana_source`)")
        return sources[0]["last_event_at"] if sources else None

    @task(outlets=[DATASET])
    def publish(done: dict, unmapped_share: float, rejects: int, last_event_at: str | None, outlet_events=None) -> dict:
        """Says to whoever waits for it that `dataset` is up to date and checked."""
        summary = {**done, "unmapped_share": round(unmapped_share, 4), "new_rejects": rejects, "last_event_at": last_event_at}
        outlet_events[DATASET].extra = summary
        return summary

    fused = fuse()
    few, known, fresh = rejects_are_few(fused), environments_are_known(fused), logs_are_fresh()
    forward, whole = time_goes_forward(), trees_are_whole()
    published = publish(fused, known, few, fresh)
    wait_for_the_database() >> fused >> [forward, whole, few, known, fresh] >> published
