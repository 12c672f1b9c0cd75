//! Damaged records: each is a copy of a good one with one thing broken, and does not touch its neighbours.

use super::Table;
use super::record::Cell;
use std::borrow::Cow;

/// How a record is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wound {
    FieldsMissing,
    FieldsTooMany,
    NoSuchDate,
    LongAgo,
    NoPid,
    NoJob,
    NotANumber,
    NoSuchWord,
    NulByte,
}

const ALL: [Wound; 9] = [
    Wound::FieldsMissing,
    Wound::NoSuchDate,
    Wound::LongAgo,
    Wound::NoPid,
    Wound::NulByte,
    Wound::NotANumber,
    Wound::FieldsTooMany,
    Wound::NoSuchWord,
    Wound::NoJob,
];

/// What a file can suffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Suffers {
    /// Text, with fields that can be too few or too many.
    pub(crate) is_text: bool,
    /// Moments are text.
    pub(crate) moment_is_text: bool,
}

impl Wound {
    /// The next one of this list that fits the file; `calm` leaves out what makes a file look binary at its beginning.
    pub(crate) fn choose(number: usize, table: Table, suffers: Suffers, calm: bool) -> Self {
        let fits = |wound: &Self| match wound {
            Self::FieldsMissing | Self::FieldsTooMany | Self::NotANumber => suffers.is_text,
            Self::NoSuchDate => suffers.moment_is_text,
            Self::NoSuchWord => table == Table::Stats,
            Self::NulByte => !calm,
            Self::LongAgo | Self::NoPid | Self::NoJob => true,
        };
        let fitting: Vec<Self> = ALL.into_iter().filter(fits).collect();
        fitting[number % fitting.len()]
    }

    /// smartETL's word for it.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::FieldsMissing | Self::FieldsTooMany => "field_count",
            Self::NoSuchDate => "bad_time",
            Self::LongAgo => "time_out_of_range",
            Self::NoPid | Self::NoJob => "missing_value",
            Self::NotANumber => "bad_number",
            Self::NoSuchWord => "unknown_word",
            Self::NulByte => "bad_value",
        }
    }

    /// Breaks the record.
    pub(crate) fn hurt(self, table: Table, cells: &mut Vec<Cell>) {
        let text = |text: &'static str| Cell::Text(Cow::Borrowed(text));
        match self {
            Self::FieldsMissing => cells.truncate(5),
            Self::FieldsTooMany => cells.extend([text("reste"), Cell::Int(17)]),
            Self::NoSuchDate => cells[0] = text("2025-02-30 25:61:00"),
            // 1900-01-01 00:00:00
            Self::LongAgo => cells[0] = Cell::Moment(-2_208_988_800_000),
            Self::NoPid => cells[1] = Cell::Null,
            Self::NoJob => cells[table.place("job")] = Cell::Null,
            Self::NotANumber => {
                let column = match table {
                    Table::Stats => "duration",
                    Table::Logs => "priority",
                    Table::Meter => "count",
                };
                cells[table.place(column)] = text("douze");
            }
            Self::NoSuchWord => cells[table.place("message_type")] = text("debut"),
            Self::NulByte => {
                if let Cell::Text(job) = &mut cells[table.place("job")] {
                    job.to_mut().insert(2, '\0');
                }
            }
        }
    }
}
