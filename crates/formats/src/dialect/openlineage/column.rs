//! The paths in an event that are looked at, and where they go. Nothing else of it is read, however large it is.

use super::super::ColumnDoc;

macro_rules! columns {
    ($($variant:ident = $path:literal),+ $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Column { $($variant),+ }

        impl Column {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As the specification calls it.
            pub const fn path(self) -> &'static str {
                match self { $(Self::$variant => $path),+ }
            }
        }
    };
}

columns! {
    EventType = "eventType",
    EventTime = "eventTime",
    SchemaUrl = "schemaURL",
    RunId = "run.runId",
    NominalStart = "run.facets.nominalTime.nominalStartTime",
    ParentRun = "run.facets.parent.run.runId",
    ParentNamespace = "run.facets.parent.job.namespace",
    ParentJob = "run.facets.parent.job.name",
    ParentType = "run.facets.parent.job.facets.jobType.jobType",
    RootRun = "run.facets.parent.root.run.runId",
    RootNamespace = "run.facets.parent.root.job.namespace",
    RootJob = "run.facets.parent.root.job.name",
    // The name of the facet in old versions of the integration of Airflow.
    OldParentRun = "run.facets.parentRun.run.runId",
    OldParentNamespace = "run.facets.parentRun.job.namespace",
    OldParentJob = "run.facets.parentRun.job.name",
    ErrorMessage = "run.facets.errorMessage.message",
    ErrorStack = "run.facets.errorMessage.stackTrace",
    AirflowTry = "run.facets.airflow.taskInstance.try_number",
    AirflowMapIndex = "run.facets.airflow.taskInstance.map_index",
    // Of events about tasks, and of those about the run of the DAG.
    AirflowTaskRunType = "run.facets.airflow.dagRun.run_type",
    AirflowTaskCleared = "run.facets.airflow.dagRun.clear_number",
    AirflowRunType = "run.facets.airflowDagRun.dagRun.run_type",
    AirflowCleared = "run.facets.airflowDagRun.dagRun.clear_number",
    AirflowTaskStates = "run.facets.airflowState.tasksState",
    AirflowTaskDurations = "run.facets.airflowState.tasksDuration",
    JobNamespace = "job.namespace",
    JobName = "job.name",
    Integration = "job.facets.jobType.integration",
    JobType = "job.facets.jobType.jobType",
    Version = "job.facets.sourceCodeLocation.version",
    Dataset = "dataset.name",
    Inputs = "inputs",
    Outputs = "outputs",
}

/// Where the columns stand in a record.
pub(super) struct Places([usize; Column::ALL.len()]);

impl Places {
    /// In records that have these columns.
    pub fn of(columns: &[String]) -> Self {
        Self(std::array::from_fn(|at| {
            let path = Column::ALL[at].path();
            let place = columns.iter().position(|column| column == path);
            place.unwrap_or(usize::MAX)
        }))
    }

    #[inline]
    pub fn at(&self, column: Column) -> usize {
        self.0[column as usize]
    }
}

pub(super) fn documentation() -> Vec<ColumnDoc> {
    const RUN: &str = "event of a run";
    let line = |column, target, note| ColumnDoc {
        table: RUN,
        column,
        target,
        note,
    };
    vec![
        line(
            "eventType",
            "event, status",
            "START: begin; COMPLETE, FAIL, ABORT: end with success, failed, cancelled; RUNNING: metric, it still runs; OTHER or none: \
             silent, unless it holds an error or statistics",
        ),
        line(
            "eventTime",
            "moment",
            "RFC 3339, also with a zone by name behind it; without offset: local; also epoch numbers",
        ),
        line("run.runId", "run_id", "UUIDs in small letters"),
        line("job.namespace", "project", ""),
        line(
            "job.name",
            "job",
            "of a step: what stands behind the name of its job, as step",
        ),
        line(
            "run.facets.parent",
            "parent_run_id, root_run_id, context",
            "root or else the parent is the root of the tree; context is the namespace of the root's job; of a step: run_id, job and \
             project are those of the parent",
        ),
        line(
            "job.facets.jobType",
            "",
            "tasks of Airflow and nodes of dbt are steps; without it, whose name goes on behind the parent's name and a point",
        ),
        line("job.facets.sourceCodeLocation.version", "job_version", ""),
        line(
            "run.facets.nominalTime.nominalStartTime",
            "message",
            "of a begin",
        ),
        line(
            "run.facets.errorMessage",
            "logerreur: error_type, message, stack",
            "of any event",
        ),
        line(
            "inputs[].inputFacets.dataQualityAssertions",
            "logerreur: message, severity",
            "of an end without errorMessage: a row for each test that did not hold; those with the severity warn are warnings",
        ),
        line(
            "run.facets.airflow.taskInstance",
            "attempt, map_index",
            "try_number; -1 is no index",
        ),
        line(
            "run.facets.airflow.dagRun, run.facets.airflowDagRun.dagRun",
            "context, attempt",
            "run_type stands in the context behind the namespace: manual, scheduled or backfill; rerun when clear_number is above 0; \
             a run's attempt is clear_number + 1",
        ),
        line(
            "run.facets.airflowState",
            "step, status; logerreur: step",
            "of an end: tasks that never ran (tasksDuration 0) end as tasksState says; task_failure is said of the failed ones",
        ),
        line(
            "outputs[].outputFacets.outputStatistics.rowCount",
            "rows_out",
            "summed; not of RUNNING, whose figures grow",
        ),
        line(
            "inputs[].inputFacets.inputStatistics.rowCount",
            "rows_in",
            "summed; else dataQualityMetrics.rowCount",
        ),
        ColumnDoc {
            table: "event of a dataset or of a job",
            column: "dataset, job without run",
            target: "",
            note: "silent: nothing ran",
        },
    ]
}
