//! Talend's catchers: tStatCatcher → `log`, tLogCatcher → `logerreur`, tFlowMeterCatcher → metrics in `log`; as files,
//! or as exports of the AMC tables of the same names.
//!
//! Sources of the shapes: the components' own definitions (`tStatCatcher_java.xml`, `tLogCatcher_java.xml`) and a dump of the AMC
//! database. Father and root change places between the statistics and the log: a file without header must never be
//! read with the other's order.

mod layout;
mod meter;

use smartetl_core::model::{ErrorRow, Event, LogRow, RejectReason, RowSink, RowStatus, Severity};

use self::layout::{Column, Layout, Places};
use super::{
    Claim, ColumnDoc, Confidence, Dialect, DialectPlan, Outcome, RecordParser, Refusal, Settings,
    Width, error_at, exception_class, excerpt, int, is_null_word, moment, recognise_moments, text,
};
use crate::FormatError;
use crate::container::{Record, Sample};
use crate::moment::MomentReader;

pub struct Talend;

const SYSTEM: &str = "talend";
/// The width of `message` in the AMC tables.
const MESSAGE_WIDTH: usize = 255;

impl Dialect for Talend {
    fn name(&self) -> &'static str {
        SYSTEM
    }

    fn description(&self) -> &'static str {
        "Talend's tStatCatcher, tLogCatcher and tFlowMeterCatcher, as delimited files or exports of the AMC tables. With a header: \
         columns in any order and case. Without: told apart by the number of columns and by their content. Times \
         are local: in the zone of the setting timezone, or that of --timezone."
    }

    fn columns(&self) -> Vec<ColumnDoc> {
        layout::documentation()
    }

    fn sniff(&self, sample: &Sample, _: &Settings) -> Vec<Claim> {
        let claim = |(layout, confidence): (Layout, Confidence)| Claim {
            layout: layout.name().to_owned(),
            confidence,
        };
        Layout::recognise(sample).map(claim).into_iter().collect()
    }

    fn plan(&self, sample: &Sample, settings: &Settings) -> Result<DialectPlan, FormatError> {
        let (layout, columns) = layout::of_sample(sample)?;
        let places = Places::of(&columns);
        let (moment, notes) = recognise_moments(sample, &[places.at(Column::Moment)], settings);
        Ok(DialectPlan {
            dialect: SYSTEM.to_owned(),
            layout: layout.name().to_owned(),
            columns,
            moment,
            notes,
        })
    }

    fn open(
        &self,
        plan: &DialectPlan,
        settings: &Settings,
    ) -> Result<Box<dyn RecordParser>, FormatError> {
        let layout = Layout::named(&plan.layout).ok_or_else(|| FormatError::Plan {
            reason: format!("no layout `{}`", plan.layout),
        })?;
        Ok(Box::new(Parser {
            layout,
            places: Places::of(&plan.columns),
            width: Width::of(&plan.columns),
            moments: MomentReader::new(plan.moment.clone(), settings.timezone.clone()),
            environment: settings.environment.clone(),
            host: settings.host.clone(),
        }))
    }
}

struct Parser {
    layout: Layout,
    places: Places,
    width: Width,
    moments: MomentReader,
    environment: Option<String>,
    host: Option<String>,
}

/// What all three tables say about the run.
struct Run<'a> {
    id: &'a str,
    parent: Option<&'a str>,
    root: &'a str,
    job: &'a str,
}

impl RecordParser for Parser {
    fn record(&mut self, record: &Record<'_>, sink: &mut dyn RowSink) -> Outcome {
        let refused = match self.width.check(record) {
            Err(refusal) => Err(refusal),
            Ok(()) => match self.layout {
                Layout::Stat => self.stat(record, sink),
                Layout::Log => self.error(record, sink),
                Layout::Meter => self.meter(record, sink),
            },
        };
        match refused {
            Ok(()) => Outcome::Rows(1),
            Err(refusal) => refusal.send(record, sink),
        }
    }
}

impl Parser {
    #[inline]
    fn text<'a>(&self, record: &Record<'a>, column: Column) -> Option<&'a str> {
        text(record, self.places.at(column)).filter(|text| !is_null_word(text))
    }

    /// A message keeps its spaces, and the word `null`, which Java writes as a message.
    fn message<'a>(&self, record: &Record<'a>) -> Option<&'a str> {
        record
            .get(self.places.at(Column::Message))
            .filter(|text| *text != "\\N")
    }

    fn int(&self, record: &Record<'_>, column: Column) -> Result<Option<i64>, Refusal> {
        int(record, self.places.at(column), column.name())
    }

    #[inline]
    fn run<'a>(&self, record: &Record<'a>) -> Result<Run<'a>, Refusal> {
        let required = |column: Column| {
            self.text(record, column)
                .ok_or_else(|| Refusal::missing(column.name()))
        };
        let run_id = required(Column::Pid)?;
        Ok(Run {
            id: run_id,
            parent: self
                .text(record, Column::FatherPid)
                .filter(|father| *father != run_id),
            root: self.text(record, Column::RootPid).unwrap_or(run_id),
            job: required(Column::Job)?,
        })
    }

    /// The columns that a row of `log` takes from both the statistics and the meter.
    #[inline]
    fn log_row<'a>(&'a mut self, record: &Record<'a>, event: Event) -> Result<LogRow<'a>, Refusal> {
        let place = self.places.at(Column::Moment);
        let (moment, moment_ambiguous) = match record.typed_moment(place) {
            Some(typed) => self.moments.typed(typed).map_err(|reason| {
                super::bad_moment(&self.moments, "moment", reason, record.get(place))
            })?,
            None => moment(&mut self.moments, record, place, "moment")?,
        };
        let run = self.run(record)?;
        Ok(LogRow {
            line: record.line,
            seq: 0,
            moment,
            moment_ambiguous,
            system: SYSTEM,
            environment: self.environment.as_deref(),
            host: self.host.as_deref(),
            project: self.text(record, Column::Project),
            job: run.job,
            job_id: self.text(record, Column::JobRepositoryId),
            job_version: self.text(record, Column::JobVersion),
            context: self.text(record, Column::Context),
            run_id: run.id,
            parent_run_id: run.parent,
            root_run_id: run.root,
            step: self.text(record, Column::Origin),
            attempt: None,
            map_index: None,
            event,
            status: None,
            duration_reported_ms: None,
            label: None,
            count: None,
            rows_in: None,
            rows_out: None,
            rows_rejected: None,
            message: None,
        })
    }

    fn stat(&mut self, record: &Record<'_>, sink: &mut dyn RowSink) -> Result<(), Refusal> {
        let event = match self.text(record, Column::MessageType) {
            Some(word) if word.eq_ignore_ascii_case("begin") => Event::Begin,
            Some(word) if word.eq_ignore_ascii_case("end") => Event::End,
            Some(word) => {
                let detail = format!("`{}` is neither begin nor end", excerpt(word));
                return Err(Refusal::new(
                    "message_type",
                    RejectReason::UnknownWord,
                    detail,
                ));
            }
            None => return Err(Refusal::missing("message_type")),
        };
        let duration_reported_ms = self.int(record, Column::Duration)?;
        let message = self.message(record);
        let (status, message) = match (event, message) {
            (Event::End, Some(word)) if word.eq_ignore_ascii_case("success") => {
                (Some(RowStatus::Success), None)
            }
            (Event::End, Some(word)) if word.eq_ignore_ascii_case("failure") => {
                (Some(RowStatus::Failed), None)
            }
            // Not a word of Talend's, but an end all the same.
            (Event::End, Some(word)) if !is_null_word(word) => {
                (Some(RowStatus::Unknown), Some(word))
            }
            (Event::End, _) => (None, None),
            (_, message) => (None, message.filter(|word| !is_null_word(word))),
        };
        sink.log(&LogRow {
            status,
            message,
            duration_reported_ms,
            ..self.log_row(record, event)?
        });
        Ok(())
    }

    fn meter(&mut self, record: &Record<'_>, sink: &mut dyn RowSink) -> Result<(), Refusal> {
        let count = self.int(record, Column::Count)?;
        let label = self.text(record, Column::Label);
        let kind = meter::kind(label, self.text(record, Column::Origin));
        let of = |wanted: meter::Kind| count.filter(|_| kind == Some(wanted));
        let (rows_in, rows_out, rows_rejected) = (
            of(meter::Kind::In),
            of(meter::Kind::Out),
            of(meter::Kind::Rejected),
        );
        sink.log(&LogRow {
            label,
            count,
            rows_in,
            rows_out,
            rows_rejected,
            ..self.log_row(record, Event::Metric)?
        });
        Ok(())
    }

    fn error(&mut self, record: &Record<'_>, sink: &mut dyn RowSink) -> Result<(), Refusal> {
        let priority = self.int(record, Column::Priority)?;
        let kind = self.text(record, Column::Type);
        let message = self.message(record);
        let code = self.text(record, Column::Code);
        // The columns that both tables share are read the same way.
        let base = self.log_row(record, Event::Metric)?;
        sink.error(&ErrorRow {
            error_type: kind
                .filter(|kind| *kind == JAVA_EXCEPTION)
                .and(message)
                .and_then(exception_class),
            error_code: code,
            // 0 and 1 are what Talend writes when nobody chose a code.
            code_scheme: code
                .filter(|code| !matches!(*code, "0" | "1"))
                .map(|_| SYSTEM),
            message,
            message_truncated: message.is_some_and(is_cut),
            ..error_at(&base, severity(kind, priority))
        });
        Ok(())
    }
}

const JAVA_EXCEPTION: &str = "Java Exception";

/// tWarn is a warning whatever its priority. Else 6 is fatal, 5 an error, and less a warning, unless the job died of it.
fn severity(kind: Option<&str>, priority: Option<i64>) -> Severity {
    if kind == Some("tWarn") {
        return Severity::Warning;
    }
    match priority {
        Some(6..) => Severity::Fatal,
        Some(5) | None => Severity::Error,
        Some(_) if matches!(kind, Some(JAVA_EXCEPTION | "tDie")) => Severity::Error,
        Some(_) => Severity::Warning,
    }
}

fn is_cut(message: &str) -> bool {
    message.len() >= MESSAGE_WIDTH && message.chars().count() == MESSAGE_WIDTH
}
