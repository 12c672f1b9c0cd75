//! Writing what the world did as Talend's catchers would have: statistics, errors and flow meters, in files of mixed
//! kinds. It must never decide what happened, only how it looks; damaged records are its own and are told to the truth.

mod columnar;
mod damage;
mod layout;
mod record;
mod text;

pub(crate) use layout::Emitter;
pub(crate) use record::job_version;

/// A damaged record: where it stands and why it cannot become a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Path below the folder of the logs, with `/`.
    pub(crate) file: String,
    /// Line (text) or row (Parquet), from 1.
    pub(crate) line: i64,
    /// A word of smartETL's list of reject reasons.
    pub(crate) reason: &'static str,
}

/// The three catchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Stats,
    Logs,
    Meter,
}

impl Table {
    pub(crate) const ALL: [Self; 3] = [Self::Stats, Self::Logs, Self::Meter];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stats => "stats",
            Self::Logs => "logs",
            Self::Meter => "meter",
        }
    }

    /// Column names in the order of a file without header.
    pub(crate) fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Stats => &[
                "moment",
                "pid",
                "father_pid",
                "root_pid",
                "system_pid",
                "project",
                "job",
                "job_repository_id",
                "job_version",
                "context",
                "origin",
                "message_type",
                "message",
                "duration",
            ],
            // Root and father stand the other way round here.
            Self::Logs => &[
                "moment",
                "pid",
                "root_pid",
                "father_pid",
                "project",
                "job",
                "context",
                "priority",
                "type",
                "origin",
                "message",
                "code",
            ],
            Self::Meter => &[
                "moment",
                "pid",
                "father_pid",
                "root_pid",
                "system_pid",
                "project",
                "job",
                "job_repository_id",
                "job_version",
                "context",
                "origin",
                "label",
                "count",
                "reference",
                "thresholds",
            ],
        }
    }

    /// Where a column stands in `columns`.
    pub(crate) fn place(self, column: &str) -> usize {
        self.columns()
            .iter()
            .position(|name| *name == column)
            .expect("only columns of the list above are asked for")
    }

    pub(crate) fn is_number(column: &str) -> bool {
        matches!(
            column,
            "system_pid" | "duration" | "priority" | "code" | "count" | "reference"
        )
    }
}

/// Writes a moment (milliseconds since 1970) as `yyyy-MM-dd HH:mm:ss` with this sign in the middle.
pub(crate) fn civil(out: &mut String, moment: i64, between: char) {
    let second = moment.div_euclid(1_000);
    let (day, clock) = (second.div_euclid(86_400), second.rem_euclid(86_400));
    // Days to civil date, with March as the first month (Howard Hinnant, "chrono-compatible low-level date algorithms").
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    digits(out, year, 4);
    out.push('-');
    digits(out, month, 2);
    out.push('-');
    digits(out, day_of_year - (153 * shifted + 2) / 5 + 1, 2);
    out.push(between);
    for (n, part) in [clock / 3_600, clock / 60 % 60, clock % 60]
        .into_iter()
        .enumerate()
    {
        if n > 0 {
            out.push(':');
        }
        digits(out, part, 2);
    }
}

fn digits(out: &mut String, number: i64, width: u32) {
    for place in (0..width).rev() {
        let digit = number / 10_i64.pow(place) % 10;
        out.push(char::from(b'0' + digit as u8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_people_read_them() {
        for (moment, text) in [
            (0, "1970-01-01 00:00:00"),
            (951_782_400_000, "2000-02-29 00:00:00"),
            (1_761_441_305_999, "2025-10-26 01:15:05"),
            (-1_000, "1969-12-31 23:59:59"),
        ] {
            let mut out = String::new();
            civil(&mut out, moment, ' ');
            assert_eq!(out, text);
        }
    }
}
