//! Where an event belongs: to a run of its own, or as a step to the run of its parent.
//!
//! An event is looked at alone, so this is told by what it says itself: the type of its job, and the facet about its parent. It must
//! come out the same for all events of a run.

use std::borrow::Cow;

/// A job and one of its runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct JobRun<'a> {
    pub run_id: Cow<'a, str>,
    pub namespace: Option<&'a str>,
    pub job: Option<&'a str>,
}

/// What an event says about itself and those above it.
#[derive(Clone, Debug, Default)]
pub(super) struct Said<'a> {
    pub own: JobRun<'a>,
    pub job: &'a str,
    pub integration: Option<&'a str>,
    pub job_type: Option<&'a str>,
    pub parent: Option<JobRun<'a>>,
    pub parent_type: Option<&'a str>,
    pub root: Option<JobRun<'a>>,
}

/// Where the rows of an event belong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    pub run_id: Cow<'a, str>,
    pub project: Option<&'a str>,
    pub job: &'a str,
    pub step: Option<&'a str>,
    pub parent_run_id: Option<Cow<'a, str>>,
    pub root_run_id: Cow<'a, str>,
    /// The namespace of the root's job: one word for the whole tree, so that its environment is one.
    pub context: Option<&'a str>,
}

/// What kind of a thing a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Run,
    Step,
    /// A query inside of a step, which tells the same itself.
    Detail,
}

/// `None`: the event is about a detail of a step, and the step says the same.
pub(super) fn of(said: Said<'_>) -> Option<Place<'_>> {
    let own_id = &said.own.run_id;
    // Some tools name a run as its own parent.
    let root = said.root.filter(|root| root.run_id != *own_id);
    let parent = said
        .parent
        .filter(|parent| parent.run_id != *own_id)
        .or_else(|| root.clone());
    let Some(parent) = parent else {
        return Some(Place {
            root_run_id: said.own.run_id.clone(),
            run_id: said.own.run_id,
            project: said.own.namespace,
            job: said.job,
            step: None,
            parent_run_id: None,
            context: said.own.namespace,
        });
    };
    let own_kind = said
        .job_type
        .and_then(|of| kind(said.integration.unwrap_or_default(), of));
    let parent_is_step = match said.parent_type.and_then(|of| kind("", of)) {
        Some(kind) => kind == Kind::Step,
        // Only a run has steps.
        None if own_kind == Some(Kind::Step) => false,
        None => root.as_ref().is_some_and(|root| {
            root.run_id != parent.run_id && name_within(&parent, root).is_some()
        }),
    };
    let within = name_within(&said.own, &parent);
    let is_step = match own_kind {
        Some(Kind::Detail) if parent_is_step || within.is_some() => return None,
        Some(kind) => kind == Kind::Step && !parent_is_step,
        None => within.is_some() && !parent_is_step,
    };
    let top = match &root {
        Some(root) => root,
        None if !is_step && is_started_by_task(said.integration, &parent) => &said.own,
        None => &parent,
    };
    let (root_run_id, context) = (top.run_id.clone(), top.namespace.or(said.own.namespace));
    Some(match parent.job {
        Some(job) if is_step => Place {
            step: Some(within.unwrap_or(said.job)),
            run_id: parent.run_id,
            project: parent.namespace,
            job,
            // What stands above the run is told by its own events.
            parent_run_id: None,
            root_run_id,
            context,
        },
        _ => Place {
            run_id: said.own.run_id,
            project: said.own.namespace,
            job: said.job,
            step: None,
            // Of a step's run only the root is known.
            parent_run_id: Some(match &root {
                Some(root) if parent_is_step => root.run_id.clone(),
                _ => parent.run_id,
            }),
            root_run_id,
            context,
        },
    })
}

/// By the integration and the type that it gives to a job; `None` where that says nothing.
fn kind(integration: &str, job_type: &str) -> Option<Kind> {
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(job_type));
    if integration.eq_ignore_ascii_case("DBT") && is(&["SQL"]) {
        Some(Kind::Detail)
    } else if is(&["TASK", "MODEL", "TEST", "SNAPSHOT", "SEED", "SOURCE"]) {
        Some(Kind::Step)
    } else {
        is(&["DAG", "JOB", "APPLICATION", "PROJECT", "PIPELINE"]).then_some(Kind::Run)
    }
}

/// Whether the parent of a run of Spark or dbt is a task, `dag.task`. No run has the id of a task, so without a root that is named, the
/// run is the top of its own steps.
fn is_started_by_task(integration: Option<&str>, parent: &JobRun<'_>) -> bool {
    let is_tool = integration.is_some_and(|tool| {
        ["SPARK", "DBT"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(tool))
    });
    is_tool && parent.job.is_some_and(|job| job.contains('.'))
}

/// What stands behind the name of the job above and a point: tasks are called `dag.task`, queries of Spark `application.query`.
fn name_within<'a>(below: &JobRun<'a>, above: &JobRun<'_>) -> Option<&'a str> {
    let rest = below.job?.strip_prefix(above.job?)?.strip_prefix('.')?;
    (below.namespace == above.namespace && !rest.is_empty()).then_some(rest)
}

/// A run id as it is compared: UUIDs are written in small letters.
pub(super) fn run_id(text: &str) -> Cow<'_, str> {
    let is_uuid = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_uuid && text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `run namespace/job`
    fn job_run(text: &str) -> JobRun<'_> {
        let (run, job) = text.split_once(' ').expect("a run and a job");
        let (namespace, job) = job.split_once('/').expect("a namespace and a name");
        JobRun {
            run_id: run.into(),
            namespace: Some(namespace),
            job: Some(job),
        }
    }

    #[track_caller]
    fn check(own: &str, kind: &str, above: &[&str], expected: &str) {
        let own = job_run(own);
        let (integration, job_type) = kind.split_once(' ').unwrap_or_default();
        let (parent, parent_type) = match above.first() {
            Some(parent) => match parent.split_once(" as ") {
                Some((parent, kind)) => (Some(job_run(parent)), Some(kind)),
                None => (Some(job_run(parent)), None),
            },
            None => (None, None),
        };
        let said = Said {
            job: own.job.expect("a name"),
            own,
            integration: Some(integration).filter(|word| !word.is_empty()),
            job_type: Some(job_type).filter(|word| !word.is_empty()),
            parent,
            parent_type,
            root: above.get(1).map(|root| job_run(root)),
        };
        let found = of(said).map_or("a detail".to_owned(), |place| {
            format!(
                "{} {}/{} step {} parent {} root {} of {}",
                place.run_id,
                place.project.unwrap_or("-"),
                place.job,
                place.step.unwrap_or("-"),
                place.parent_run_id.as_deref().unwrap_or("-"),
                place.root_run_id,
                place.context.unwrap_or("-"),
            )
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn a_run_without_parent_is_a_root() {
        let expected = "r prod/load step - parent - root r of prod";
        check("r prod/load", "", &[], expected);
        check("r prod/load", "AIRFLOW DAG", &[], expected);
        // A task whose DAG is not told stands alone.
        check("r prod/load", "AIRFLOW TASK", &[], expected);
        check("r prod/load", "", &["r prod/load", "r prod/load"], expected);
    }

    #[test]
    fn a_task_is_a_step_of_its_dag() {
        let expected = "d prod/dag step load parent - root d of prod";
        let dag = "d prod/dag";
        check("t prod/dag.load", "AIRFLOW TASK", &[dag], expected);
        check("t prod/dag.load", "airflow task", &[dag, dag], expected);
        // Without the type of the job, by its name.
        check("t prod/dag.load", "", &[dag], expected);
        check(
            "t prod/dag.group.load",
            "AIRFLOW TASK",
            &["d prod/dag", "c prod/controller"],
            "d prod/dag step group.load parent - root c of prod",
        );
        check(
            "t prod/other",
            "AIRFLOW TASK",
            &[dag],
            "d prod/dag step other parent - root d of prod",
        );
    }

    #[test]
    fn what_a_task_starts_is_a_child_of_its_dag() {
        let expected = "s spark/app step - parent d root d of prod";
        let dag = "d prod/dag";
        check(
            "s spark/app",
            "SPARK APPLICATION",
            &["t prod/dag.load as TASK", dag],
            expected,
        );
        check("s spark/app", "", &["t prod/dag.load", dag], expected);
        // Where the root is not told, the parent is all that is known.
        check(
            "s spark/app",
            "",
            &["t prod/dag.load"],
            "s spark/app step - parent t root t of prod",
        );
        // Of Spark and dbt it is known that a task is no run: theirs is then the top of its own steps.
        check(
            "s spark/app",
            "SPARK APPLICATION",
            &["t prod/dag.load"],
            "s spark/app step - parent t root s of spark",
        );
        check(
            "q spark/app.insert",
            "SPARK SQL_JOB",
            &["s spark/app"],
            "s spark/app step insert parent - root s of spark",
        );
        check(
            "q spark/app.insert",
            "SPARK SQL_JOB",
            &["s spark/app", dag],
            "s spark/app step insert parent - root d of prod",
        );
        // Spark without events of the application: the query's parent is the task.
        check(
            "q spark/app.insert",
            "SPARK SQL_JOB",
            &["t prod/dag.load", dag],
            "q spark/app.insert step - parent d root d of prod",
        );
    }

    #[test]
    fn nodes_of_dbt_are_steps_and_their_queries_details() {
        let project = "p prod/dbt-run-shop";
        check(
            "m prod/db.shop.orders",
            "DBT MODEL",
            &[project],
            "p prod/dbt-run-shop step db.shop.orders parent - root p of prod",
        );
        check(
            "q prod/db.shop.orders.sql.1",
            "DBT SQL",
            &["m prod/db.shop.orders as MODEL", project],
            "a detail",
        );
        check(
            "q prod/db.shop.orders.sql.1",
            "DBT SQL",
            &["m prod/db.shop.orders"],
            "a detail",
        );
        check(
            "p prod/dbt-run-shop",
            "DBT JOB",
            &["t prod/dag.dbt", "d prod/dag"],
            "p prod/dbt-run-shop step - parent d root d of prod",
        );
    }

    #[test]
    fn a_child_of_another_namespace_has_the_word_of_its_root() {
        check(
            "c tools/export",
            "",
            &["p prod/load"],
            "c tools/export step - parent p root p of prod",
        );
        // A name that goes on without a point, and one in another namespace, are no steps.
        check(
            "c prod/load2",
            "",
            &["p prod/load"],
            "c prod/load2 step - parent p root p of prod",
        );
        check(
            "c b/load.x",
            "",
            &["p a/load"],
            "c b/load.x step - parent p root p of a",
        );
        check(
            "c prod/load.",
            "",
            &["p prod/load"],
            "c prod/load. step - parent p root p of prod",
        );
    }

    #[test]
    fn uuids_are_compared_in_small_letters() {
        for (text, expected) in [
            (
                "0190A0F2-7B1C-7AAA-8BBB-0123456789AB",
                "0190a0f2-7b1c-7aaa-8bbb-0123456789ab",
            ),
            ("Run-A", "Run-A"),
            ("", ""),
        ] {
            assert_eq!(run_id(text), expected);
        }
    }
}
