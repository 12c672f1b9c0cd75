//! Damaged records stand where the truth says, are ill in the way it says, and all others are well.

use crate::YEAR;
use crate::read::{LogFile, Record, log_file, truth};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with a record, in smartETL's words.
fn illness(file: &LogFile, record: &Record) -> Option<&'static str> {
    if record.fields.len() != file.names.len() {
        return Some("field_count");
    }
    let field = |name: &str| {
        file.names
            .iter()
            .position(|column| column == name)
            .map(|place| &record.fields[place][..])
    };
    let job = field("job").unwrap_or_default();
    let digits = |text: &[u8]| text.iter().all(u8::is_ascii_digit);
    let moment = String::from_utf8_lossy(field("moment").unwrap_or_default()).into_owned();
    match moment.parse::<jiff::civil::DateTime>() {
        Err(_) => Some("bad_time"),
        Ok(moment) if moment.year() < 1990 => Some("time_out_of_range"),
        Ok(_) if field("pid").unwrap_or_default().len() != 6 || job.is_empty() => {
            Some("missing_value")
        }
        Ok(_) if job.contains(&0) => Some("bad_value"),
        Ok(_)
            if ["duration", "priority", "count"]
                .iter()
                .any(|name| !field(name).is_none_or(digits)) =>
        {
            Some("bad_number")
        }
        Ok(_) if !matches!(field("message_type"), None | Some(b"begin" | b"end")) => {
            Some("unknown_word")
        }
        Ok(_) => None,
    }
}

#[test]
fn damaged_records_are_exactly_those_of_the_truth() {
    let (folder, summary) = &*YEAR;
    let mut told: BTreeMap<String, BTreeSet<(i64, String)>> = BTreeMap::new();
    for reject in truth(folder.path(), "rejects.csv") {
        let line = reject["line"].parse().expect("a number");
        told.entry(reject["file"].clone())
            .or_default()
            .insert((line, reject["reason"].clone()));
    }
    let (mut good, mut bad) = (0, 0);
    for path in &summary.files {
        let name = path
            .strip_prefix(folder.path().join("logs"))
            .expect("below the folder of the logs")
            .to_string_lossy()
            .into_owned();
        let file = log_file(path);
        let found: BTreeSet<(i64, String)> = file
            .records
            .iter()
            .filter_map(|record| {
                illness(&file, record).map(|reason| (record.line, reason.to_owned()))
            })
            .collect();
        assert_eq!(found, told.remove(&name).unwrap_or_default(), "{name}");
        good += file.records.len() - found.len();
        bad += found.len() as u64;
    }
    assert!(told.is_empty(), "files that do not exist: {told:?}");
    assert_eq!(
        (good as u64, bad),
        (summary.rows_log + summary.rows_logerreur, summary.rejects)
    );
}

#[test]
fn all_reasons_that_a_single_line_can_have_occur() {
    let reasons: Vec<&str> = YEAR.1.rejects_by_reason.keys().copied().collect();
    let all = [
        "bad_number",
        "bad_time",
        "bad_value",
        "field_count",
        "missing_value",
        "time_out_of_range",
        "unknown_word",
    ];
    assert_eq!(reasons, all);
}
