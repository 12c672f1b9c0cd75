//! A mapping at work: its columns resolved to places, its words to vocabularies.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;
use smartetl_core::model::{
    ErrorRow, Event, LogRow, Moment, RejectReason, RowSink, RowStatus, Severity,
};

use super::super::{
    ColumnDoc, Outcome, RecordParser, Refusal, Settings, Width, bad_moment, excerpt, plain_name,
    text,
};
use super::mapping::{Condition, ErrorRule, EventFrom, LogRule, Mapping, Run, Unit, Value};
use super::path::{names_of_template, parts_of_path};
use crate::container::Record;
use crate::error::FormatError;
use crate::moment::{MomentFormat, MomentReader};
use crate::number::{parse_int, parse_scaled};

pub(super) struct Parser {
    rules: Rules,
    moments: MomentReader,
    width: Width,
}

struct Rules {
    system: String,
    run: ResolvedRun,
    logs: Vec<ResolvedLog>,
    errors: Vec<ResolvedError>,
    silent: Vec<ResolvedCondition>,
    statuses: HashMap<String, RowStatus>,
    severities: HashMap<String, Severity>,
    events: HashMap<String, Event>,
}

/// Where a value stands.
#[derive(Default)]
struct Resolved {
    /// How the mapping calls it, for rejects.
    name: String,
    columns: Vec<usize>,
    nulls: Vec<String>,
    /// A constant, a part of the path, or the default.
    otherwise: Option<String>,
}

struct ResolvedRun {
    job: Resolved,
    run_id: Resolved,
    parent_run_id: Resolved,
    root_run_id: Resolved,
    environment: Resolved,
    host: Resolved,
    project: Resolved,
    job_id: Resolved,
    job_version: Resolved,
    context: Resolved,
    step: Resolved,
    attempt: Resolved,
    map_index: Resolved,
}

struct ResolvedLog {
    event: Result<Event, Resolved>,
    moment: Resolved,
    when: Vec<ResolvedCondition>,
    status: Resolved,
    duration: Option<(Resolved, Unit)>,
    label: Resolved,
    count: Resolved,
    rows_in: Resolved,
    rows_out: Resolved,
    rows_rejected: Resolved,
    message: Resolved,
}

struct ResolvedError {
    moment: Resolved,
    when: Vec<ResolvedCondition>,
    severity: Resolved,
    error_type: Resolved,
    error_code: Resolved,
    code_scheme: Resolved,
    message: Resolved,
    message_width: Option<usize>,
    stack: Resolved,
}

struct ResolvedCondition {
    value: Resolved,
    any_of: Option<Vec<String>>,
    not_in: Option<Vec<String>>,
    filled: Option<bool>,
}

impl Resolved {
    fn get<'a>(&'a self, record: &Record<'a>) -> Option<&'a str> {
        let filled = |column: &usize| {
            text(record, *column).filter(|found| !self.nulls.iter().any(|null| null == found))
        };
        self.columns
            .iter()
            .find_map(filled)
            .or(self.otherwise.as_deref())
    }

    fn int(&self, record: &Record<'_>) -> Result<Option<i64>, Refusal> {
        match self.get(record) {
            None => Ok(None),
            Some(found) => parse_int(found)
                .map(Some)
                .ok_or_else(|| Refusal::number(self.name.clone(), found)),
        }
    }

    fn small_int(&self, record: &Record<'_>) -> Result<Option<i32>, Refusal> {
        let Some(number) = self.int(record)? else {
            return Ok(None);
        };
        i32::try_from(number)
            .map(Some)
            .map_err(|_| Refusal::number(self.name.clone(), &number.to_string()))
    }

    fn required<'a>(&'a self, record: &Record<'a>) -> Result<&'a str, Refusal> {
        self.get(record)
            .ok_or_else(|| Refusal::missing(self.name.clone()))
    }

    fn moment(
        &self,
        record: &Record<'_>,
        moments: &mut MomentReader,
    ) -> Result<(Moment, bool), Refusal> {
        let typed = self
            .columns
            .iter()
            .find_map(|column| record.typed_moment(*column));
        let read = match typed {
            Some(typed) => moments.typed(typed),
            None => moments.read(self.required(record)?),
        };
        read.map_err(|reason| bad_moment(moments, self.name.clone(), reason, self.get(record)))
    }

    /// The member of a vocabulary that the word means.
    fn word<T: Copy>(
        &self,
        record: &Record<'_>,
        words: &HashMap<String, T>,
    ) -> Result<Option<T>, Refusal> {
        let Some(found) = self.get(record) else {
            return Ok(None);
        };
        if let Some(meaning) = words
            .get(found)
            .or_else(|| words.get(&found.to_lowercase()))
        {
            return Ok(Some(*meaning));
        }
        let detail = format!("the mapping has no meaning for `{}`", excerpt(found));
        Err(Refusal::new(
            self.name.clone(),
            RejectReason::UnknownWord,
            detail,
        ))
    }
}

impl ResolvedCondition {
    fn holds(&self, record: &Record<'_>) -> bool {
        let found = self.value.get(record).unwrap_or_default();
        let among = |words: &Vec<String>| words.iter().any(|word| word.eq_ignore_ascii_case(found));
        self.any_of.as_ref().is_none_or(among)
            && !self.not_in.as_ref().is_some_and(among)
            && self.filled.is_none_or(|filled| filled != found.is_empty())
    }
}

fn all_hold(conditions: &[ResolvedCondition], record: &Record<'_>) -> bool {
    conditions.iter().all(|condition| condition.holds(record))
}

impl RecordParser for Parser {
    fn record(&mut self, record: &Record<'_>, sink: &mut dyn RowSink) -> Outcome {
        let rows = match self.width.check(record) {
            Ok(()) => self.rules.rows(record, &mut self.moments),
            Err(refusal) => Err(refusal),
        };
        match rows {
            Ok((logs, errors)) => {
                for row in &logs {
                    sink.log(row);
                }
                for row in &errors {
                    sink.error(row);
                }
                match logs.len() + errors.len() {
                    0 => Outcome::Silent,
                    count => Outcome::Rows(count as u32),
                }
            }
            Err(refusal) => refusal.send(record, sink),
        }
    }
}

type Rows<'a> = (Vec<LogRow<'a>>, Vec<ErrorRow<'a>>);

impl Rules {
    /// All rows of a record, or why it gives none.
    fn rows<'a>(
        &'a self,
        record: &Record<'a>,
        moments: &mut MomentReader,
    ) -> Result<Rows<'a>, Refusal> {
        let mut logs = Vec::new();
        let mut errors = Vec::new();
        for rule in self.logs.iter().filter(|rule| all_hold(&rule.when, record)) {
            logs.push(LogRow {
                seq: logs.len() as i32,
                ..self.log(rule, record, moments)?
            });
        }
        for rule in self
            .errors
            .iter()
            .filter(|rule| all_hold(&rule.when, record))
        {
            let seq = (logs.len() + errors.len()) as i32;
            errors.push(ErrorRow {
                seq,
                ..self.error(rule, record, moments)?
            });
        }
        if logs.is_empty() && errors.is_empty() && !all_hold(&self.silent, record) {
            return Err(Refusal {
                column: self.silent.first().map(|condition| condition.value.name.clone().into()),
                reason: RejectReason::MissingValue,
                detail: "the condition of no row holds, and the record is none that the mapping calls silent".to_owned(),
            });
        }
        Ok((logs, errors))
    }

    fn log<'a>(
        &'a self,
        rule: &'a ResolvedLog,
        record: &Record<'a>,
        moments: &mut MomentReader,
    ) -> Result<LogRow<'a>, Refusal> {
        let run = &self.run;
        let (moment, moment_ambiguous) = rule.moment.moment(record, moments)?;
        let run_id = run.run_id.required(record)?;
        let duration_reported_ms = match &rule.duration {
            None => None,
            Some((value, unit)) => match value.get(record) {
                None => None,
                Some(found) => Some(
                    parse_scaled(found, unit.millis())
                        .ok_or_else(|| Refusal::number(value.name.clone(), found))?,
                ),
            },
        };
        Ok(LogRow {
            line: record.line,
            seq: 0,
            moment,
            moment_ambiguous,
            system: &self.system,
            environment: run.environment.get(record),
            host: run.host.get(record),
            project: run.project.get(record),
            job: run.job.required(record)?,
            job_id: run.job_id.get(record),
            job_version: run.job_version.get(record),
            context: run.context.get(record),
            run_id,
            parent_run_id: run
                .parent_run_id
                .get(record)
                .filter(|parent| *parent != run_id),
            root_run_id: run.root_run_id.get(record).unwrap_or(run_id),
            step: run.step.get(record),
            attempt: run.attempt.small_int(record)?,
            map_index: run.map_index.small_int(record)?,
            event: match &rule.event {
                Ok(event) => *event,
                Err(value) => value
                    .word(record, &self.events)?
                    .ok_or_else(|| Refusal::missing(value.name.clone()))?,
            },
            status: rule.status.word(record, &self.statuses)?,
            duration_reported_ms,
            label: rule.label.get(record),
            count: rule.count.int(record)?,
            rows_in: rule.rows_in.int(record)?,
            rows_out: rule.rows_out.int(record)?,
            rows_rejected: rule.rows_rejected.int(record)?,
            message: rule.message.get(record),
        })
    }

    fn error<'a>(
        &'a self,
        rule: &'a ResolvedError,
        record: &Record<'a>,
        moments: &mut MomentReader,
    ) -> Result<ErrorRow<'a>, Refusal> {
        let run = &self.run;
        let (moment, moment_ambiguous) = rule.moment.moment(record, moments)?;
        let run_id = run.run_id.required(record)?;
        let message = rule.message.get(record);
        let error_code = rule.error_code.get(record);
        Ok(ErrorRow {
            line: record.line,
            seq: 0,
            moment,
            moment_ambiguous,
            system: &self.system,
            environment: run.environment.get(record),
            host: run.host.get(record),
            project: run.project.get(record),
            job: run.job.required(record)?,
            context: run.context.get(record),
            run_id,
            parent_run_id: run
                .parent_run_id
                .get(record)
                .filter(|parent| *parent != run_id),
            root_run_id: run.root_run_id.get(record).unwrap_or(run_id),
            step: run.step.get(record),
            attempt: run.attempt.small_int(record)?,
            map_index: run.map_index.small_int(record)?,
            severity: rule
                .severity
                .word(record, &self.severities)?
                .unwrap_or(Severity::Error),
            error_type: rule.error_type.get(record),
            error_code,
            code_scheme: error_code.and_then(|_| rule.code_scheme.get(record)),
            message,
            message_truncated: rule.message_width.is_some_and(|width| {
                message.is_some_and(|message| message.chars().count() == width)
            }),
            stack: rule.stack.get(record),
        })
    }
}

impl Parser {
    pub fn new(
        mapping: &Mapping,
        columns: &[String],
        moment: MomentFormat,
        settings: &Settings,
    ) -> Result<Self, FormatError> {
        let resolver = Resolver::new(mapping, columns, settings)?;
        let zone = match &mapping.zone {
            None => settings.timezone.clone(),
            Some(name) => {
                TimeZone::get(name).map_err(|error| resolver.unusable(error.to_string()))?
            }
        };
        let rules = Rules {
            system: mapping.system.clone(),
            run: resolver.run(&mapping.run, settings)?,
            logs: mapping
                .log
                .iter()
                .map(|rule| resolver.log(rule))
                .collect::<Result<_, _>>()?,
            errors: mapping
                .error
                .iter()
                .map(|rule| resolver.error(rule))
                .collect::<Result<_, _>>()?,
            silent: resolver.conditions(&mapping.silent)?,
            statuses: words(
                &mapping.vocabulary.status,
                RowStatus::ALL,
                RowStatus::as_str,
            ),
            severities: words(
                &mapping.vocabulary.severity,
                Severity::ALL,
                Severity::as_str,
            ),
            events: words(&mapping.vocabulary.event, Event::ALL, Event::as_str),
        };
        Ok(Self {
            rules,
            moments: MomentReader::new(moment, zone),
            width: Width::of(columns),
        })
    }

    /// The columns that hold moments.
    pub fn moment_columns(&self) -> Vec<usize> {
        let logs = self.rules.logs.iter().map(|rule| &rule.moment);
        let errors = self.rules.errors.iter().map(|rule| &rule.moment);
        let mut columns: Vec<usize> = logs
            .chain(errors)
            .flat_map(|value| value.columns.iter().copied())
            .collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }
}

/// The words of the mapping, in lower case, and our own.
fn words<T: Copy>(
    given: &BTreeMap<String, T>,
    own: &[T],
    name: impl Fn(T) -> &'static str,
) -> HashMap<String, T> {
    let own = own.iter().map(|member| (name(*member).to_owned(), *member));
    own.chain(
        given
            .iter()
            .map(|(word, member)| (word.to_lowercase(), *member)),
    )
    .collect()
}

struct Resolver<'m> {
    mapping: &'m Mapping,
    columns: &'m [String],
    plain: Vec<String>,
    path: BTreeMap<String, String>,
}

impl<'m> Resolver<'m> {
    fn new(
        mapping: &'m Mapping,
        columns: &'m [String],
        settings: &Settings,
    ) -> Result<Self, FormatError> {
        let mut resolver = Self {
            mapping,
            columns,
            plain: columns.iter().map(|name| plain_name(name)).collect(),
            path: BTreeMap::new(),
        };
        if let Some(template) = &mapping.path {
            if names_of_template(template).is_none() {
                return Err(resolver.unusable(format!(
                    "`{template}` is no template: write names as {{name}}"
                )));
            }
            resolver.path =
                parts_of_path(template, &settings.path).ok_or_else(|| FormatError::Path {
                    path: settings.path.clone(),
                    template: template.clone(),
                    mapping: mapping.name.clone(),
                })?;
        }
        Ok(resolver)
    }

    fn unusable(&self, reason: String) -> FormatError {
        FormatError::Mapping {
            name: self.mapping.name.clone(),
            reason,
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|own| own == name);
        exact.or_else(|| self.plain.iter().position(|own| *own == plain_name(name)))
    }

    fn column(&self, name: &str) -> Result<usize, FormatError> {
        self.find(name).ok_or_else(|| FormatError::MissingColumn {
            dialect: format!("generic, mapping {}", self.mapping.name),
            column: name.to_owned(),
            columns: self.columns.join(", "),
            hint: "export the table with this column, or change the mapping; without header columns are called 1, 2, 3, …",
        })
    }

    fn value(&self, value: &Value) -> Result<Resolved, FormatError> {
        let spec = &value.0;
        let nulls = self
            .mapping
            .nulls
            .iter()
            .chain(&spec.nulls)
            .cloned()
            .collect();
        let mut resolved = Resolved {
            nulls,
            otherwise: spec.default.clone(),
            ..Resolved::default()
        };
        if let Some(name) = &spec.column {
            resolved.columns.push(self.column(name)?);
            resolved.name.clone_from(name);
        } else if let Some(first) = spec.columns.first() {
            resolved.columns = spec
                .columns
                .iter()
                .filter_map(|name| self.find(name))
                .collect();
            if resolved.columns.is_empty() {
                self.column(first)?;
            }
            resolved.name.clone_from(first);
        } else if let Some(constant) = &spec.constant {
            resolved.name.clone_from(constant);
            resolved.otherwise = Some(constant.clone());
        } else if let Some(part) = &spec.path {
            let found = self
                .path
                .get(part)
                .ok_or_else(|| self.unusable(format!("no `{{{part}}}` in its path template")))?;
            resolved.name.clone_from(part);
            resolved.otherwise = Some(found.clone());
        }
        Ok(resolved)
    }

    fn optional(&self, value: Option<&Value>) -> Result<Resolved, FormatError> {
        value.map_or_else(|| Ok(Resolved::default()), |value| self.value(value))
    }

    fn conditions(&self, conditions: &[Condition]) -> Result<Vec<ResolvedCondition>, FormatError> {
        let resolve = |condition: &Condition| {
            Ok(ResolvedCondition {
                value: Resolved {
                    name: condition.column.clone(),
                    columns: vec![self.column(&condition.column)?],
                    nulls: self.mapping.nulls.clone(),
                    otherwise: None,
                },
                any_of: condition.any_of.clone(),
                not_in: condition.not_in.clone(),
                filled: condition.filled,
            })
        };
        conditions.iter().map(resolve).collect()
    }

    fn run(&self, run: &Run, settings: &Settings) -> Result<ResolvedRun, FormatError> {
        let or_flag = |flag: &Option<String>, value: Option<&Value>| match flag {
            Some(flag) => Ok(Resolved {
                otherwise: Some(flag.clone()),
                ..Resolved::default()
            }),
            None => self.optional(value),
        };
        Ok(ResolvedRun {
            job: self.value(&run.job)?,
            run_id: self.value(&run.run_id)?,
            parent_run_id: self.optional(run.parent_run_id.as_ref())?,
            root_run_id: self.optional(run.root_run_id.as_ref())?,
            environment: or_flag(&settings.environment, run.environment.as_ref())?,
            host: or_flag(&settings.host, run.host.as_ref())?,
            project: self.optional(run.project.as_ref())?,
            job_id: self.optional(run.job_id.as_ref())?,
            job_version: self.optional(run.job_version.as_ref())?,
            context: self.optional(run.context.as_ref())?,
            step: self.optional(run.step.as_ref())?,
            attempt: self.optional(run.attempt.as_ref())?,
            map_index: self.optional(run.map_index.as_ref())?,
        })
    }

    fn log(&self, rule: &LogRule) -> Result<ResolvedLog, FormatError> {
        Ok(ResolvedLog {
            event: match &rule.event {
                EventFrom::Always(event) => Ok(*event),
                EventFrom::Value(value) => Err(self.value(value)?),
            },
            moment: self.value(&rule.moment)?,
            when: self.conditions(&rule.when)?,
            status: self.optional(rule.status.as_ref())?,
            duration: match &rule.duration {
                None => None,
                Some(duration) => {
                    let spec = super::ValueSpec {
                        column: Some(duration.column.clone()),
                        ..Default::default()
                    };
                    Some((self.value(&Value(spec))?, duration.unit))
                }
            },
            label: self.optional(rule.label.as_ref())?,
            count: self.optional(rule.count.as_ref())?,
            rows_in: self.optional(rule.rows_in.as_ref())?,
            rows_out: self.optional(rule.rows_out.as_ref())?,
            rows_rejected: self.optional(rule.rows_rejected.as_ref())?,
            message: self.optional(rule.message.as_ref())?,
        })
    }

    fn error(&self, rule: &ErrorRule) -> Result<ResolvedError, FormatError> {
        Ok(ResolvedError {
            moment: self.value(&rule.moment)?,
            when: self.conditions(&rule.when)?,
            severity: self.optional(rule.severity.as_ref())?,
            error_type: self.optional(rule.error_type.as_ref())?,
            error_code: self.optional(rule.error_code.as_ref())?,
            code_scheme: self.optional(rule.code_scheme.as_ref())?,
            message: self.optional(rule.message.as_ref())?,
            message_width: rule.message_width,
            stack: self.optional(rule.stack.as_ref())?,
        })
    }
}

/// What a shipped mapping does, for the manual.
pub(super) fn documentation(table: &'static str, mapping: &'static Mapping) -> Vec<ColumnDoc> {
    let run = &mapping.run;
    let mut lines: Vec<(Option<&'static Value>, &'static str, &'static str)> = vec![
        (Some(&run.job), "job", "missing: reject"),
        (Some(&run.run_id), "run_id", "missing: reject"),
        (run.parent_run_id.as_ref(), "parent_run_id", ""),
        (run.root_run_id.as_ref(), "root_run_id", ""),
        (run.environment.as_ref(), "environment", ""),
        (run.host.as_ref(), "host", ""),
        (run.project.as_ref(), "project", ""),
        (run.job_id.as_ref(), "job_id", ""),
        (run.job_version.as_ref(), "job_version", ""),
        (run.context.as_ref(), "context", ""),
        (run.step.as_ref(), "step", ""),
        (run.attempt.as_ref(), "attempt", ""),
        (run.map_index.as_ref(), "map_index", ""),
    ];
    for rule in &mapping.log {
        let which = match &rule.event {
            EventFrom::Always(event) => event.as_str(),
            EventFrom::Value(_) => "event as it says",
        };
        lines.push((Some(&rule.moment), "moment", which));
        lines.push((rule.status.as_ref(), "status", which));
    }
    for rule in &mapping.error {
        lines.push((Some(&rule.moment), "moment", "error"));
        lines.push((rule.message.as_ref(), "message", "error"));
    }
    let durations = mapping
        .log
        .iter()
        .filter_map(|rule| rule.duration.as_ref())
        .map(|duration| ColumnDoc {
            table,
            column: &duration.column,
            target: "duration_reported_ms",
            note: "as the tool says; can be wrong",
        });
    let columns = lines.into_iter().filter_map(|(value, target, note)| {
        let spec = &value?.0;
        let column = spec
            .column
            .as_deref()
            .or(spec.columns.first().map(String::as_str))?;
        Some(ColumnDoc {
            table,
            column,
            target,
            note,
        })
    });
    columns.chain(durations).collect()
}
