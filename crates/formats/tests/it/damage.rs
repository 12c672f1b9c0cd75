//! Damage of every kind: never a panic, and what was whole before it comes out.

use proptest::prelude::*;
use smartetl_formats::{AtEnd, Position};

use crate::support::{fixture, paris, plan_of, read_text};

#[test]
fn a_text_cut_anywhere_gives_the_records_before_the_cut() {
    for name in [
        "talend/stat.csv",
        "talend/log.csv",
        "talend/meter_without_header.txt",
        "airflow/task_instance.csv",
        "airflow/task_instance.jsonl",
        "openlineage/edges.jsonl",
        "openlineage/events.json",
        "openlineage/events_on_one_line.json",
    ] {
        let bytes = fixture(name);
        let plan = plan_of(&bytes, &paris()).expect("a good fixture");
        let whole = read_text(&bytes, &plan, &paris(), Position::START, AtEnd::Take);
        for length in 0..bytes.len() {
            let cut = read_text(
                &bytes[..length],
                &plan,
                &paris(),
                Position::START,
                AtEnd::Leave,
            );
            assert_eq!(
                cut.rows.lines,
                whole.rows.lines[..cut.rows.lines.len()],
                "{name} cut at {length}"
            );
            assert_eq!(
                cut.rejected, 0,
                "{name} cut at {length}: what is not finished is left"
            );
            let taken = read_text(
                &bytes[..length],
                &plan,
                &paris(),
                Position::START,
                AtEnd::Take,
            );
            assert!(taken.records() >= cut.records());
            assert_eq!(taken.error, None);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        // Whether it is taken for something or not: no panic.
        if let Ok(plan) = plan_of(&bytes, &paris()) {
            let reading = read_text(&bytes, &plan, &paris(), Position::START, AtEnd::Take);
            prop_assert_eq!(i64::from(reading.records()), reading.end.record);
        }
    }

    #[test]
    fn fixtures_with_random_damage_lose_nothing(
        which in 0..9_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let names = [
            "talend/stat.csv", "talend/log.csv", "talend/meter.csv", "airflow/task_instance.csv",
            "talend/log_without_header_windows_1252.csv", "airflow/task_instance.jsonl",
            "openlineage/edges.jsonl", "openlineage/events.json", "openlineage/events_on_one_line.json",
        ];
        let mut bytes = fixture(names[which]);
        let plan = plan_of(&bytes, &paris()).expect("a good fixture");
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let reading = read_text(&bytes, &plan, &paris(), Position::START, AtEnd::Take);
        // A byte may have turned the head into that of packed data or UTF-16, which then ends in an error.
        if reading.error.is_none() && !bytes.starts_with(b"\xFF\xFE") && !bytes.starts_with(b"\xFE\xFF") {
            prop_assert_eq!(i64::from(reading.records()), reading.end.record);
            prop_assert!(bytes.starts_with(&reading.raw));
            let rest = &bytes[reading.raw.len()..];
            prop_assert!(rest.iter().all(|byte| plan.shape.is_blank(*byte)), "left: {:?}", rest);
        }
    }
}
