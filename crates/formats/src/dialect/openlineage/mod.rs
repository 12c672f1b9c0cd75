//! Events of OpenLineage, as Airflow, Spark, dbt and others send them: one event is one record.
//!
//! Sources of the shapes: the JSON schemas of the specification (1-0-0 to 2-0-2), and events that Marquez takes although they
//! are not of the schema. Where an event belongs is decided in `place`, by what the event says alone.

mod airflow;
mod assertions;
mod column;
mod dataset;
mod place;
mod statistics;

use std::borrow::Cow;

use jiff::tz::TimeZone;
use smartetl_core::model::{
    ErrorRow, Event, LogRow, Moment, RejectReason, RowSink, RowStatus, Severity,
};

use self::airflow::Tasks;
use self::column::{Column, Places};
use self::place::{JobRun, Place, Said};
use super::{
    Claim, ColumnDoc, Confidence, Dialect, DialectPlan, Outcome, RecordParser, Refusal, Settings,
    bad_moment, error_at, exception_class, excerpt, int, text,
};
use crate::FormatError;
use crate::container::{Record, Sample, Shape};
use crate::moment::{MomentFormat, MomentReader};

pub struct OpenLineage;

const SYSTEM: &str = "openlineage";
const LAYOUT: &str = "events";
/// No namespace and no name of a job is longer.
const NAME_BYTES: usize = 1_000;

impl Dialect for OpenLineage {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    fn description(&self) -> &'static str {
        "Events of OpenLineage, as lines of JSON or as a document that holds one event or a list of them, of versions 1 and 2 of the \
         specification. Only the paths below are looked at, whatever else an event holds. Times without offset are local: in the zone \
         of the setting timezone, or that of --timezone. doc/openlineage.md says how events become runs."
    }

    fn columns(&self) -> Vec<ColumnDoc> {
        column::documentation()
    }

    fn sniff(&self, sample: &Sample, _: &Settings) -> Vec<Claim> {
        let claim = |confidence| Claim {
            layout: LAYOUT.to_owned(),
            confidence,
        };
        recognise(sample).map(claim).into_iter().collect()
    }

    fn plan(&self, sample: &Sample, settings: &Settings) -> Result<DialectPlan, FormatError> {
        if !is_json(sample) {
            return Err(FormatError::MissingColumn {
                dialect: SYSTEM.to_owned(),
                column: Column::EventTime.path().to_owned(),
                columns: sample.describe(),
                hint: "events are JSON: one on each line, or a document of them",
            });
        }
        Ok(plan(settings))
    }

    fn plan_of_messages(&self, settings: &Settings) -> Result<Option<DialectPlan>, FormatError> {
        Ok(Some(plan(settings)))
    }

    fn open(
        &self,
        plan: &DialectPlan,
        settings: &Settings,
    ) -> Result<Box<dyn RecordParser>, FormatError> {
        Ok(Box::new(Parser {
            places: Places::of(&plan.columns),
            moments: MomentReader::new(plan.moment.clone(), settings.timezone.clone()),
            environment: settings.environment.clone(),
            host: settings.host.clone(),
        }))
    }
}

/// It is the same whatever a source holds.
fn plan(settings: &Settings) -> DialectPlan {
    DialectPlan {
        dialect: SYSTEM.to_owned(),
        layout: LAYOUT.to_owned(),
        columns: Column::ALL
            .iter()
            .map(|column| column.path().to_owned())
            .collect(),
        moment: settings
            .moment_format
            .clone()
            .unwrap_or(MomentFormat::YearFirst),
        notes: Vec::new(),
    }
}

fn is_json(sample: &Sample) -> bool {
    matches!(sample.shape, Shape::Jsonl(_) | Shape::Json(_))
}

/// How sure it is that the objects of a sample are events: the share of those that have a time, a subject, and a word of the
/// specification's.
fn recognise(sample: &Sample) -> Option<Confidence> {
    let columns = sample.columns.as_ref().filter(|_| is_json(sample))?;
    let at = |path: &str| columns.iter().position(|column| column == path);
    let places = [
        "eventTime",
        "run.runId",
        "job.name",
        "dataset.name",
        "eventType",
        "producer",
        "schemaURL",
    ]
    .map(at);
    let events = sample.rows.iter().filter(|row| {
        let values = places.map(|place| row.get(place?)?.as_deref());
        let [time, run, job, dataset, kind, producer, schema] = values;
        let said = |text: Option<&str>| {
            text.is_some_and(|text| text.to_lowercase().contains("openlineage"))
        };
        let of_the_specification = said(producer) || said(schema);
        let known = of_the_specification
            || producer.is_some()
            || schema.is_some()
            || kind.is_some_and(|word| Kind::parse(word).is_some());
        let subject = run.is_some() && job.is_some() && known
            || (job.is_some() || dataset.is_some()) && of_the_specification;
        time.is_some() && subject
    });
    let share = events.count() * 100 / sample.rows.len().max(1);
    (share > 0).then_some(Confidence(share as u8))
}

/// What an event tells about its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Start,
    Running,
    Complete,
    Fail,
    Abort,
    /// Something else: the run need not have begun, or may be over.
    Other,
}

impl Kind {
    fn parse(word: &str) -> Option<Self> {
        let words = [
            ("START", Self::Start),
            ("RUNNING", Self::Running),
            ("COMPLETE", Self::Complete),
            ("FAIL", Self::Fail),
            ("ABORT", Self::Abort),
            ("OTHER", Self::Other),
        ];
        let found = words
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(word));
        found.map(|(_, kind)| *kind)
    }

    fn meaning(self) -> (Event, Option<RowStatus>) {
        match self {
            Self::Start => (Event::Begin, Some(RowStatus::Running)),
            Self::Running => (Event::Metric, Some(RowStatus::Running)),
            Self::Complete => (Event::End, Some(RowStatus::Success)),
            Self::Fail => (Event::End, Some(RowStatus::Failed)),
            Self::Abort => (Event::End, Some(RowStatus::Cancelled)),
            Self::Other => (Event::Metric, None),
        }
    }
}

struct Parser {
    places: Places,
    moments: MomentReader,
    environment: Option<String>,
    host: Option<String>,
}

impl RecordParser for Parser {
    fn record(&mut self, record: &Record<'_>, sink: &mut dyn RowSink) -> Outcome {
        match self.event(record, sink) {
            Ok(0) => Outcome::Silent,
            Ok(rows) => Outcome::Rows(rows),
            Err(refusal) => refusal.send(record, sink),
        }
    }
}

impl Parser {
    /// Hands over the rows of an event, and says how many there are.
    fn event(&mut self, record: &Record<'_>, sink: &mut dyn RowSink) -> Result<u32, Refusal> {
        let kind = match self.text(record, Column::EventType) {
            None => Kind::Other,
            Some(word) => Kind::parse(word).ok_or_else(|| {
                let detail = format!(
                    "`{}` is none of START, RUNNING, COMPLETE, FAIL, ABORT and OTHER",
                    excerpt(word)
                );
                Refusal::new("eventType", RejectReason::UnknownWord, detail)
            })?,
        };
        let Some(own) = self.text(record, Column::RunId) else {
            return if self.is_without_run(record) {
                Ok(0)
            } else {
                Err(Refusal::missing(Column::RunId.path()))
            };
        };
        let (moment, moment_ambiguous) = self.moment(record)?;
        let job = self
            .text(record, Column::JobName)
            .ok_or_else(|| Refusal::missing(Column::JobName.path()))?;
        let Some(place) = place::of(self.said(record, own, job)) else {
            return Ok(0);
        };
        // Keys of tables hold both, and PostgreSQL takes none of more than 2,700 bytes.
        for (column, name) in [
            (Column::JobNamespace, place.project),
            (Column::JobName, Some(place.job)),
        ] {
            if name.is_some_and(|name| name.len() > NAME_BYTES) {
                let detail = format!("a name of more than {NAME_BYTES} bytes");
                return Err(Refusal::new(column.path(), RejectReason::BadValue, detail));
            }
        }
        let (event, status) = kind.meaning();
        let (rows_in, rows_out) = match kind {
            // Not final.
            Kind::Start | Kind::Running => (None, None),
            _ => (
                statistics::rows_in(record.get(self.places.at(Column::Inputs))),
                statistics::rows_out(record.get(self.places.at(Column::Outputs))),
            ),
        };
        let context = self.context(record, place.context);
        let base = LogRow {
            context: context.as_deref(),
            ..self.row(record, &place, moment, moment_ambiguous)
        };
        let nominal = self
            .text(record, Column::NominalStart)
            .filter(|_| event == Event::Begin && place.step.is_none())
            .map(|time| format!("nominal time {time}"));
        let mut rows = 0;
        if kind != Kind::Other || rows_in.is_some() || rows_out.is_some() {
            sink.log(&LogRow {
                event,
                status,
                rows_in,
                rows_out,
                message: nominal.as_deref(),
                ..base.clone()
            });
            rows += 1;
        }
        let tasks = if event == Event::End && place.step.is_none() {
            Tasks::of(
                record.get(self.places.at(Column::AirflowTaskStates)),
                record.get(self.places.at(Column::AirflowTaskDurations)),
            )
        } else {
            Tasks::default()
        };
        for (task, status) in &tasks.without_events {
            sink.log(&LogRow {
                seq: rows,
                event,
                status: Some(*status),
                ..of_task(&base, task)
            });
            rows += 1;
        }
        let message = record.get(self.places.at(Column::ErrorMessage));
        let stack = record.get(self.places.at(Column::ErrorStack));
        if message == Some(airflow::TASK_FAILURE) && !tasks.failed.is_empty() {
            for task in &tasks.failed {
                sink.error(&error(&of_task(&base, task), rows, message, stack));
                rows += 1;
            }
        } else if message.is_some() || stack.is_some() {
            sink.error(&error(&base, rows, message, stack));
            rows += 1;
        } else if event == Event::End {
            let severity = match kind {
                Kind::Fail => Severity::Error,
                _ => Severity::Warning,
            };
            let inputs = record.get(self.places.at(Column::Inputs));
            for (message, severity) in assertions::failed(inputs, severity) {
                sink.error(&ErrorRow {
                    severity,
                    ..error(&base, rows, Some(&message), None)
                });
                rows += 1;
            }
        }
        Ok(rows as u32)
    }

    #[inline]
    fn text<'a>(&self, record: &Record<'a>, column: Column) -> Option<&'a str> {
        text(record, self.places.at(column))
    }

    /// An event about a dataset, or about a job that is described and does not run.
    fn is_without_run(&self, record: &Record<'_>) -> bool {
        let has = |column| self.text(record, column).is_some();
        let is_run_event = self
            .text(record, Column::SchemaUrl)
            .is_some_and(|url| url.ends_with("/RunEvent"));
        let is_described = has(Column::Dataset) || has(Column::JobName);
        is_described && !is_run_event && !has(Column::EventType)
    }

    fn said<'a>(&self, record: &Record<'a>, own: &'a str, job: &'a str) -> Said<'a> {
        let job_run = |run, namespace, name| {
            Some(JobRun {
                run_id: place::run_id(self.text(record, run)?),
                namespace: self.text(record, namespace),
                job: self.text(record, name),
            })
        };
        Said {
            own: JobRun {
                run_id: place::run_id(own),
                namespace: self.text(record, Column::JobNamespace),
                job: Some(job),
            },
            job,
            integration: self.text(record, Column::Integration),
            job_type: self.text(record, Column::JobType),
            parent: job_run(
                Column::ParentRun,
                Column::ParentNamespace,
                Column::ParentJob,
            )
            .or_else(|| {
                job_run(
                    Column::OldParentRun,
                    Column::OldParentNamespace,
                    Column::OldParentJob,
                )
            }),
            parent_type: self.text(record, Column::ParentType),
            root: job_run(Column::RootRun, Column::RootNamespace, Column::RootJob),
        }
    }

    /// What started the run, where Airflow says so, and the namespace of the root's job.
    fn context<'a>(&self, record: &Record<'a>, namespace: Option<&'a str>) -> Option<Cow<'a, str>> {
        let run_type = [Column::AirflowTaskRunType, Column::AirflowRunType]
            .into_iter()
            .find_map(|column| self.text(record, column));
        let started_by = airflow::started_by(run_type, self.cleared(record).unwrap_or(0));
        match (namespace, started_by) {
            // Of several words the first one counts: Airflow knows it best.
            (Some(namespace), Some(word)) => Some(format!("{word} {namespace}").into()),
            (one, other) => one.or(other).map(Cow::Borrowed),
        }
    }

    /// How often Airflow was told to run the same again.
    fn cleared(&self, record: &Record<'_>) -> Option<i32> {
        [Column::AirflowTaskCleared, Column::AirflowCleared]
            .into_iter()
            .find_map(|column| self.small(record, column, 0))
    }

    /// A number; what another version of the integration writes in another way is no reason to lose the event.
    fn small(&self, record: &Record<'_>, column: Column, least: i32) -> Option<i32> {
        let found = int(record, self.places.at(column), column.path()).ok()??;
        i32::try_from(found).ok().filter(|small| *small >= least)
    }

    /// What all rows of an event say.
    fn row<'a>(
        &'a self,
        record: &Record<'a>,
        place: &'a Place<'a>,
        moment: Moment,
        moment_ambiguous: bool,
    ) -> LogRow<'a> {
        let is_step = place.step.is_some();
        let (attempt, map_index) = if is_step {
            (
                self.small(record, Column::AirflowTry, 1),
                self.small(record, Column::AirflowMapIndex, 0),
            )
        } else {
            let cleared = self.small(record, Column::AirflowCleared, 0);
            (cleared.and_then(|cleared| cleared.checked_add(1)), None)
        };
        LogRow {
            line: record.line,
            seq: 0,
            moment,
            moment_ambiguous,
            system: SYSTEM,
            environment: self.environment.as_deref(),
            host: self.host.as_deref(),
            project: place.project,
            job: place.job,
            job_id: None,
            job_version: self.text(record, Column::Version).filter(|_| !is_step),
            context: None,
            run_id: &place.run_id,
            parent_run_id: place.parent_run_id.as_deref(),
            root_run_id: &place.root_run_id,
            step: place.step,
            attempt,
            map_index,
            event: Event::Metric,
            status: None,
            duration_reported_ms: None,
            label: None,
            count: None,
            rows_in: None,
            rows_out: None,
            rows_rejected: None,
            message: None,
        }
    }

    /// The time of an event, which tools write in more ways than RFC 3339 has.
    fn moment(&mut self, record: &Record<'_>) -> Result<(Moment, bool), Refusal> {
        let name = Column::EventTime.path();
        let found = self
            .text(record, Column::EventTime)
            .ok_or_else(|| Refusal::missing(name))?;
        // Java puts the name of the zone behind: `…+01:00[Europe/Paris]`.
        let (clock, zone) = match found
            .strip_suffix(']')
            .and_then(|time| time.split_once('['))
        {
            Some((clock, zone)) => (clock, Some(zone)),
            None => (found, None),
        };
        let read = match zone {
            Some(zone) if !has_offset(clock) => match TimeZone::get(zone) {
                Ok(zone) => MomentReader::new(self.moments.format().clone(), zone).read(clock),
                Err(_) => Err(RejectReason::BadTime),
            },
            _ => self.moments.read(clock),
        };
        let read = match read {
            Err(RejectReason::BadTime) => epoch(clock),
            read => read,
        };
        read.map_err(|reason| bad_moment(&self.moments, name, reason, Some(found)))
    }
}

/// Whether a time says how far it is from UTC.
fn has_offset(clock: &str) -> bool {
    clock.ends_with(['Z', 'z'])
        || clock
            .get("yyyy-MM-dd".len()..)
            .is_some_and(|time| time.contains(['+', '-']))
}

/// A number of seconds, milli-, micro- or nanoseconds since 1970, by its length.
#[cold]
fn epoch(number: &str) -> Result<(Moment, bool), RejectReason> {
    match MomentFormat::recognise(&[number]) {
        Some((
            format @ (MomentFormat::EpochSeconds
            | MomentFormat::EpochMillis
            | MomentFormat::EpochMicros
            | MomentFormat::EpochNanos),
            _,
        )) => MomentReader::new(format, TimeZone::UTC).read(number),
        _ => Err(RejectReason::BadTime),
    }
}

/// The same, of a task of the run.
fn of_task<'a>(base: &LogRow<'a>, task: &'a str) -> LogRow<'a> {
    LogRow {
        step: Some(task),
        attempt: None,
        job_version: None,
        ..base.clone()
    }
}

fn error<'a>(
    base: &LogRow<'a>,
    seq: i32,
    message: Option<&'a str>,
    stack: Option<&'a str>,
) -> ErrorRow<'a> {
    ErrorRow {
        seq,
        error_type: message
            .and_then(exception_class)
            .or_else(|| class_of_stack(stack?)),
        message,
        stack,
        ..error_at(base, Severity::Error)
    }
}

/// Java names the class at the beginning of a stack, Python at its end.
fn class_of_stack(stack: &str) -> Option<&str> {
    let lines = || stack.lines().map(str::trim_end);
    let first = lines().find(|line| !line.is_empty())?;
    if !first.starts_with("Traceback") {
        let thread = first.strip_prefix("Exception in thread \"");
        let first = thread.and_then(|rest| rest.split_once("\" "));
        let first = first.map_or_else(|| stack.trim_start(), |(_, rest)| rest);
        return exception_class(first);
    }
    // More lines of the message may follow.
    let top = lines().filter(|line| line.starts_with(|sign: char| sign.is_alphabetic()));
    top.filter_map(exception_class).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_of_a_stack_stands_where_its_language_writes_it() {
        for (stack, expected) in [
            (
                "java.lang.IllegalStateException: no table\n\tat a.B.c(B.java:1)",
                Some("java.lang.IllegalStateException"),
            ),
            (
                "Exception in thread \"main\" java.io.IOException: full\n\tat a.B.c(B.java:1)",
                Some("java.io.IOException"),
            ),
            (
                "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\n    f()\nKeyError: 'x'\n",
                Some("KeyError"),
            ),
            (
                "Traceback (most recent call last):\n  File \"a.py\", line 1\nshop.errors.NoStock: none left\nDETAIL:  for shop 7",
                Some("shop.errors.NoStock"),
            ),
            ("Traceback (most recent call last):\n  File \"a.py\"", None),
            ("it went wrong", None),
            ("", None),
        ] {
            assert_eq!(class_of_stack(stack), expected, "{stack}");
        }
    }
}
