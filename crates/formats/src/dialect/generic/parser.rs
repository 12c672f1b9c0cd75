//! A mapping at work: records become rows.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;
use smartetl_core::model::{ErrorRow, Event, LogRow, RejectReason, RowSink, RowStatus, Severity};

use super::super::{Outcome, RecordParser, Refusal, Settings, Width};
use super::mapping::Mapping;
use super::resolve::{ResolvedError, ResolvedLog, ResolvedRun, Resolver};
use super::value::{ResolvedCondition, all_hold};
use crate::container::{Record, Sample};
use crate::error::FormatError;
use crate::moment::{MomentFormat, MomentReader};

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
            Some((value, unit)) => value.millis(*unit, record)?,
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

    /// The texts of moments in a sample.
    pub fn moments_of(&self, sample: &Sample) -> Vec<String> {
        let logs = self.rules.logs.iter().map(|rule| &rule.moment);
        let errors = self.rules.errors.iter().map(|rule| &rule.moment);
        let (mut texts, mut columns) = (Vec::new(), Vec::new());
        for moment in logs.chain(errors) {
            if moment.joined {
                texts.extend(sample.rows.iter().filter_map(|row| {
                    moment.parts(|column| row.get(column)?.as_deref().map(str::trim))
                }));
            } else {
                columns.extend(&moment.columns);
            }
        }
        columns.sort_unstable();
        columns.dedup();
        for column in columns {
            texts.extend(sample.values(column).map(str::to_owned));
        }
        texts
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
