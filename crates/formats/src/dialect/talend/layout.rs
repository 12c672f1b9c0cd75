//! Which of Talend's tables a source is, and where its columns stand.

use smartetl_core::model::Event;

use super::super::{ColumnDoc, Confidence, is_null_word, plain_name};
use crate::FormatError;
use crate::container::Sample;
use crate::moment::MomentFormat;
use crate::registry::unknown;

/// The width of the columns of pids.
const PID_WIDTH: usize = 20;

/// Which table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Stat,
    Log,
    Meter,
}

macro_rules! columns {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// The columns of all three tables.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Column { $($variant),+ }

        impl Column {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As Talend writes it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

columns! {
    Moment = "moment",
    Pid = "pid",
    FatherPid = "father_pid",
    RootPid = "root_pid",
    SystemPid = "system_pid",
    Project = "project",
    Job = "job",
    JobRepositoryId = "job_repository_id",
    JobVersion = "job_version",
    Context = "context",
    Origin = "origin",
    MessageType = "message_type",
    Message = "message",
    Duration = "duration",
    Priority = "priority",
    Type = "type",
    Code = "code",
    Label = "label",
    Count = "count",
    Reference = "reference",
    Thresholds = "thresholds",
}

use Column as C;

/// What tStatCatcher and tFlowMeterCatcher begin with.
const RUN: &[Column] = &[
    C::Moment,
    C::Pid,
    C::FatherPid,
    C::RootPid,
    C::SystemPid,
    C::Project,
    C::Job,
    C::JobRepositoryId,
    C::JobVersion,
    C::Context,
    C::Origin,
];

impl Layout {
    const ALL: [Self; 3] = [Self::Stat, Self::Log, Self::Meter];

    pub fn name(self) -> &'static str {
        match self {
            Self::Stat => "tstatcatcher",
            Self::Log => "tlogcatcher",
            Self::Meter => "tflowmetercatcher",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.name() == name)
    }

    /// The order in which Talend writes the columns. Root and father stand the other way round in the log.
    pub fn order(self) -> Vec<Column> {
        match self {
            Self::Stat => [RUN, &[C::MessageType, C::Message, C::Duration]].concat(),
            Self::Log => vec![
                C::Moment,
                C::Pid,
                C::RootPid,
                C::FatherPid,
                C::Project,
                C::Job,
                C::Context,
                C::Priority,
                C::Type,
                C::Origin,
                C::Message,
                C::Code,
            ],
            Self::Meter => [RUN, &[C::Label, C::Count, C::Reference, C::Thresholds]].concat(),
        }
    }

    /// The columns that no other of the three has, and that a source must have to be this one.
    fn telling(self) -> &'static [Column] {
        match self {
            Self::Stat => &[C::MessageType],
            Self::Log => &[C::Priority, C::Type],
            Self::Meter => &[C::Label, C::Count],
        }
    }

    /// Which table a sample is, and how sure that is.
    pub fn recognise(sample: &Sample) -> Option<(Self, Confidence)> {
        match &sample.columns {
            Some(columns) => Self::of_header(columns),
            None => Self::of_content(sample),
        }
    }

    fn of_header(columns: &[String]) -> Option<(Self, Confidence)> {
        let places = Places::of(columns);
        let has = |column: &Column| places.at(*column) != Places::NOWHERE;
        let layout = Self::ALL
            .into_iter()
            .find(|layout| layout.telling().iter().all(has))?;
        let order = layout.order();
        let found = order.iter().filter(|column| has(column)).count();
        // A table cut down to what no row can do without is still one; one that lacks just that shall hear so.
        let enough = [C::Moment, C::Pid, C::Job].iter().all(has);
        let confidence = if enough {
            60 + found * 40 / order.len()
        } else {
            found * 100 / order.len()
        };
        Some((layout, Confidence(confidence as u8)))
    }

    /// By the words in a column that only this table has there; the number of columns alone says nothing sure.
    fn of_content(sample: &Sample) -> Option<(Self, Confidence)> {
        let rows = sample.rows.len();
        let share = |layout: Self| {
            let fits = sample.rows.iter().filter(|row| layout.fits(row)).count();
            (fits * 100).checked_div(rows).unwrap_or(0)
        };
        let best = Self::ALL.into_iter().max_by_key(|layout| share(*layout))?;
        (share(best) >= 50).then(|| (best, Confidence(share(best) as u8)))
    }

    fn fits(self, row: &[Option<String>]) -> bool {
        let order = self.order();
        let width = order.len();
        let field = |column: Column| {
            let place = order.iter().position(|own| *own == column)?;
            row.get(place)?.as_deref().map(str::trim)
        };
        if row.len() < width || row[width..].iter().any(Option::is_some) {
            return false;
        }
        let is_time =
            field(C::Moment).is_some_and(|text| MomentFormat::recognise(&[text]).is_some());
        // A pid is a short random word.
        let is_pid = |text: &str| {
            text.len() <= PID_WIDTH
                && !text.contains(' ')
                && text.contains(|sign: char| sign.is_ascii_alphabetic())
        };
        if !is_time
            || field(C::Job).is_none()
            || !field(C::Pid).is_some_and(is_pid)
            || [C::FatherPid, C::RootPid]
                .iter()
                .any(|column| !field(*column).is_none_or(|text| is_pid(text) || is_null_word(text)))
        {
            return false;
        }
        let number = |column: Column| field(column).and_then(|text| text.parse::<i64>().ok());
        match self {
            Self::Stat => field(C::MessageType).is_some_and(|word| {
                [Event::Begin, Event::End]
                    .iter()
                    .any(|event| word.eq_ignore_ascii_case(event.as_str()))
            }),
            Self::Log => {
                number(C::Priority).is_some_and(|priority| (1..=6).contains(&priority))
                    && field(C::Type).is_some_and(|word| word.parse::<i64>().is_err())
            }
            Self::Meter => number(C::Count).is_some() && field(C::Label).is_some(),
        }
    }
}

/// The table and the names of the columns of a sample, in its order.
pub(super) fn of_sample(sample: &Sample) -> Result<(Layout, Vec<String>), FormatError> {
    let missing = |column: Column, columns: &[String], hint| FormatError::MissingColumn {
        dialect: super::SYSTEM.to_owned(),
        column: column.name().to_owned(),
        columns: columns.join(", "),
        hint,
    };
    let Some((layout, _)) = Layout::recognise(sample) else {
        return Err(match &sample.columns {
            Some(columns) => missing(
                C::MessageType,
                columns,
                "message_type makes it a tStatCatcher, priority and type a tLogCatcher, label and count a \
                 tFlowMeterCatcher; if the delimiter or the header was guessed wrongly, set it",
            ),
            None => unknown(sample),
        });
    };
    let columns = match &sample.columns {
        Some(columns) if sample.shape.has_optional_columns() => {
            let places = Places::of(columns);
            let order = layout.order().into_iter();
            let others = order.filter(|column| places.at(*column) == Places::NOWHERE);
            let others = others.map(|column| column.name().to_owned());
            columns.iter().cloned().chain(others).collect()
        }
        Some(columns) => columns.clone(),
        None => layout
            .order()
            .iter()
            .map(|column| column.name().to_owned())
            .collect(),
    };
    let places = Places::of(&columns);
    for column in [C::Moment, C::Pid, C::Job] {
        if places.at(column) == Places::NOWHERE {
            return Err(missing(
                column,
                &columns,
                "export the table with all of its columns",
            ));
        }
    }
    Ok((layout, columns))
}

/// Where each column stands in a source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places([usize; Column::ALL.len()]);

impl Places {
    /// No record has a field here.
    pub const NOWHERE: usize = usize::MAX;

    /// By name, in any case and with any separators (`FATHER_PID`, `fatherPid`, `tstatcatcher.father_pid`).
    pub fn of(columns: &[String]) -> Self {
        let names: Vec<String> = columns.iter().map(|name| plain_name(name)).collect();
        let mut places = [Self::NOWHERE; Column::ALL.len()];
        for column in Column::ALL {
            let wanted = plain_name(column.name());
            if let Some(place) = names.iter().position(|name| *name == wanted) {
                places[*column as usize] = place;
            }
        }
        Self(places)
    }

    #[inline]
    pub fn at(&self, column: Column) -> usize {
        self.0[column as usize]
    }
}

pub(super) fn documentation() -> Vec<ColumnDoc> {
    let line = |layout: Layout, column: Column| {
        let (target, note) = match (layout, column) {
            (_, C::Moment) => ("moment", "local time; missing: reject"),
            (_, C::Pid) => ("run_id", "missing: reject"),
            (_, C::FatherPid) => ("parent_run_id", "NULL where it is the pid"),
            (_, C::RootPid) => ("root_run_id", "the pid where it is missing"),
            (_, C::Project) => ("project", ""),
            (_, C::Job) => ("job", "missing: reject"),
            (_, C::JobRepositoryId) => ("job_id", ""),
            (_, C::JobVersion) => ("job_version", ""),
            (_, C::Context) => ("context", ""),
            (_, C::Origin) => ("step", "empty: a row of the whole run"),
            (_, C::MessageType) => ("event", "begin, end; else reject"),
            (Layout::Stat, C::Message) => (
                "status",
                "success, failure → failed; else unknown, and kept as message",
            ),
            (_, C::Message) => (
                "message, error_type",
                "`<class>:` of a Java Exception; message_truncated at 255 characters",
            ),
            (_, C::Duration) => ("duration_reported_ms", "milliseconds"),
            (_, C::Priority) => (
                "severity",
                "6 fatal, 5 error, less warning unless Java Exception or tDie",
            ),
            (_, C::Type) => ("severity", "tWarn: warning"),
            (_, C::Code) => ("error_code", "code_scheme talend unless 0 or 1"),
            (_, C::Label) => (
                "label",
                "its words decide between rows_in, rows_out and rows_rejected",
            ),
            (_, C::Count) => ("count, rows_in, rows_out, rows_rejected", ""),
            (_, C::SystemPid | C::Reference | C::Thresholds) => ("", "not used"),
        };
        ColumnDoc {
            table: layout.name(),
            column: column.name(),
            target,
            note,
        }
    };
    Layout::ALL
        .into_iter()
        .flat_map(|layout| {
            let order = layout.order().into_iter();
            order.map(move |column| line(layout, column))
        })
        .collect()
}
