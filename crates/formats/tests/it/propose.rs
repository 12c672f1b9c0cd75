//! Whatever a table holds, a proposal is a mapping that can be read, or none.

use std::io::Write as _;

use proptest::prelude::*;
use smartetl_formats::Settings;
use smartetl_formats::dialect::generic::MappingSet;
use smartetl_formats::propose::{Lang, Options, Table, Vocabularies, propose};

pub fn options(lang: Lang) -> Options {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Options {
        name: None,
        zone: "Europe/Paris".to_owned(),
        is_zone_given: false,
        is_zone_known: true,
        environment: None,
        vocabularies: Vocabularies {
            environments: words(&["prod", "rec", "dev"]),
            triggers: words(&["manual", "reprise"]),
        },
        lang,
    }
}

pub fn table(text: &str, path: &str) -> Option<Table> {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(text.as_bytes()).expect("it is written");
    let settings = Settings {
        path: path.to_owned(),
        ..Settings::default()
    };
    Table::read(&file, &settings).ok()
}

const NAMES: &[&str] = &[
    "run_id",
    "parent",
    "root id",
    "job",
    "étape",
    "Début",
    "fin",
    "statut",
    "durée (s)",
    "message",
    "c1",
    "horodatage",
    "niveau",
    "\"q\\",
    "env",
    "nb_lignes",
    "event",
    "code",
    "jour",
    "heure",
    "",
    "id",
];

const VALUES: &[&str] = &[
    "",
    "1",
    "2",
    "17",
    "aB3xZ9",
    "Qz81pK",
    "LOAD_SALES",
    "LOAD_STOCKS",
    "2026-01-31 06:05:04",
    "2026-01-31 06:15:04",
    "31/01/2026",
    "06:05:04",
    "OK",
    "KO",
    "en cours",
    "begin",
    "end",
    "ERROR",
    "INFO",
    "ORA-00942: table or view does not exist",
    "prod",
    "PROD_REPRISE",
    "3,5",
    "00:04:12",
    "1769839504",
    "NULL",
    "\\N",
    "\u{1F600}\u{301}",
    "a\"b\\c",
    "\u{7f}",
    "20260131060504",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_proposal_can_be_read(
        names in prop::collection::vec(prop::sample::select(NAMES), 1..9),
        rows in prop::collection::vec(prop::collection::vec(prop::sample::select(VALUES), 8), 0..12),
        second in prop::bool::ANY,
    ) {
        let quoted = |word: &str| format!("\"{}\"", word.replace('"', "\"\""));
        let line = |words: &[&str]| words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(";");
        let mut text = line(&names) + "\n";
        for row in &rows {
            text += &(line(&row[..names.len().min(8)]) + "\n");
        }
        let mut tables: Vec<Table> = table(&text, "/logs/PROD/a \"b\".csv").into_iter().collect();
        if second {
            tables.extend(table("run_id;job;begin;end;status\nr1;A;2026-01-31 06:05:04;2026-01-31 06:15:04;OK\n\
                r2;B;2026-02-01 06:05:04;2026-02-01 06:15:04;KO\n", "runs.csv"));
        }
        for lang in [Lang::En, Lang::Fr] {
            let proposal = propose(tables.clone(), &options(lang));
            prop_assert_eq!(proposal.toml.is_empty(), proposal.tables.is_empty());
            if !proposal.toml.is_empty() {
                let read = MappingSet::parse("m.toml", &proposal.toml);
                prop_assert!(read.is_ok(), "{}\n{}", read.err().map(|error| error.to_string()).unwrap_or_default(), proposal.toml);
            }
        }
    }
}
