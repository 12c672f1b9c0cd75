//! `doc/formats.md` is generated from the registry, the mapping's source and the vocabularies, and is current.

use std::fmt::Write as _;
use std::path::PathBuf;

use smartetl_core::model::RejectReason;
use smartetl_formats::dialect::generic::SHIPPED;
use smartetl_formats::registry::DIALECTS;

const MAPPING_SOURCE: &str = include_str!("../../src/dialect/generic/mapping.rs");

#[test]
fn the_page_about_formats_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../doc/formats.md");
    let page = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == page,
        "doc/formats.md is not current: run the tests with UPDATE_DOCS=1"
    );
}

const RECOGNITION: &str = "
## Recognition

What a file is read as is decided by its content: its first 64 KiB, never its name. `smartetl load --dry-run` says it without a database: \
container, encoding, dialect and table or mapping, how sure, the form of times and their zone, and what the first 500 records would give. `load` \
says it in a line: `read: 18 files as talend tstatcatcher (100 %), 2 as mapping airflow_task_instance (98 %)`.

How sure a mapping is, is made of four shares: of the columns under `recognise` that are there (30 %), of all columns that it names (20 %), of the \
times that are written in its form (30 %), of the words that its vocabulary, our own or a condition knows (20 %). A table of Talend with a header counts 60 % \
and its share of the columns; without, the share of records that look like one. Events of OpenLineage count by the share of objects that are one. Below 50 % nothing is taken; where the first is less than 10 % before the second, \
nothing is guessed: `--dialect` or `--mapping` says which.

Where nothing fits, the file is refused, with what to do next: `smartetl map FILE -o mapping.toml`. Files of tools that are not read yet are called by \
their name: run_results.json, manifest.json and JSON logs of dbt, event logs of Spark, task logs of Airflow, text of log4j and structlog.

Of a folder or a pattern, what is no log at all (pictures, archives, prose, configuration, programs) is passed over, told in one line, and no reason for \
exit code 1. A table that nothing knows, or an empty file, is an error when `load` finds it for the first time, and when it changed; as long as it stays as it was it is counted only: `3 files that are no logs, as before`. Whatever is named by itself is always an error of that file. Where there is no log at all, the exit code is 2.
";

fn page() -> String {
    let mut page = String::from(
        "# Formats\n\nWritten by `UPDATE_DOCS=1 cargo test -p smartetl-formats`; change the sources instead.\n\n\
         ## Containers\n\n\
         - **CSV**: delimiter `;`, `,`, tab or `|`; quotes `\"`, doubled inside; line ends LF, CR LF or CR, also mixed; fields may \
         hold delimiters and line ends when quoted; blank lines are skipped; with or without header, which may come again where files were put behind each other: such records are silent. UTF-8 (with or without byte order mark, also in the middle), \
         windows-1252, ISO-8859-15 and other single-byte encodings, UTF-16 with byte order mark. All of it is recognised from the first \
         64 KiB and can be set.\n\
         - **JSON lines** (`.jsonl`, `.ndjson`, `.json`): one object on each line. What is nested goes by its path, `error.message`; lists \
         stay as the JSON text that they are, strings lose quotes and escapes, numbers are taken as they are written, null is NULL; of a key \
         that comes twice the last one counts. The columns are the keys of the first 64 KiB and all that a mapping names: these may come \
         with a later record, and what else comes later is not read. A line that is no object is a reject. UTF-8, or what CSV may be \
         written in.\n\
         - **JSON documents**: one object over several lines, a list of objects, or several behind each other; each object is a record, \
         read as that of a line is. They are taken where a dialect or a mapping knows the objects. An object that is damaged costs only itself \
         where the next one begins a line that is indented no deeper; on one line, it costs the rest of it.\n\
         - **Parquet**: snappy, gzip, zstd, lz4 or uncompressed; texts, numbers, dates, timestamps of any unit (without zone: local time).\n\
         - **Packed**: gzip and zstd around CSV and JSON, recognised by their first bytes. Of what is cut, or has something else behind it, the \
         whole records are read, and the rest is told; zeros behind gzip are padding.\n\n\
         A table in which two columns have the same name is refused. A quote that is not closed within 2 MiB or 100,000 lines, or that is closed inside a field, costs the line it opened in. Objects \
         that are nested more than 32 deep are not read where a column lies that deep. A record of more than 16 MiB is cut into rejects of that size. \
         Systems, environments, projects and jobs with names of more than 600 bytes are cut, and end in a hash that keeps them apart.\n\n\
         ## Why a record is rejected\n\n| reason |\n|---|\n",
    );
    for reason in RejectReason::ALL {
        writeln!(page, "| `{reason}` |").expect("writing to a String does not fail");
    }
    page.push_str(RECOGNITION);
    page.push_str("\n## Dialects\n");
    for dialect in DIALECTS {
        write!(
            page,
            "\n### {}\n\n{}\n",
            dialect.name(),
            dialect.description()
        )
        .expect("as above");
        let mut table = "";
        for line in dialect.columns() {
            if line.table != table {
                table = line.table;
                write!(page, "\n| {table} | goes to | |\n|---|---|---|\n").expect("as above");
            }
            writeln!(
                page,
                "| {} | {} | {} |",
                line.column, line.target, line.note
            )
            .expect("as above");
        }
    }
    page.push_str("\n## Mappings\n\nA mapping is written in TOML; unknown keys are refused. A file holds one at its top, or several, each under `[[mapping]]` with its \
         tables below (`[mapping.run]`, `[[mapping.log]]`, `[mapping.vocabulary.status]`, …); names are unique. `--mapping FILE`, which may \
         be repeated and may be a folder, gives mappings of which each file must fit one: nothing else is considered. The setting `load.mappings` \
         names files and folders whose mappings are considered beside the dialects for whatever is read. Between several that fit, \
         the surest is taken; near each other, yours before those that come with smartETL, then the one with more columns under \
         `recognise`; what is still undecided is refused. These come with smartETL and go by name: ");
    let names: Vec<String> = SHIPPED
        .iter()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    writeln!(page, "{}.", names.join(", ")).expect("as above");
    page.push_str(&keys_of_mappings());
    let (name, toml) = SHIPPED[0];
    write!(page, "\nAs an example, `{name}`:\n\n```toml\n{toml}```\n").expect("as above");
    page
}

/// The structs of the mapping's source with their fields and comments.
fn keys_of_mappings() -> String {
    let mut text = String::new();
    let mut comment = Vec::new();
    for line in MAPPING_SOURCE.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("/// ") {
            comment.push(words);
        } else if line.starts_with("#[") {
            if let Some((_, name)) = line.split_once("rename = \"") {
                comment.insert(0, name.trim_end_matches("\")]"));
                comment.insert(0, "rename");
            }
        } else {
            let words = std::mem::take(&mut comment);
            if line.starts_with("pub struct ") && !line.contains('(') {
                write!(text, "\n{}\n\n| key | |\n|---|---|\n", words.join(" ")).expect("as above");
            } else if let Some((name, kind)) = line
                .strip_prefix("pub ")
                .and_then(|field| field.split_once(": "))
            {
                if line.starts_with("pub fn") || line.starts_with("pub const") || words.is_empty() {
                    continue;
                }
                let (name, words) = match words.as_slice() {
                    ["rename", name, rest @ ..] => (*name, rest),
                    _ => (name, words.as_slice()),
                };
                let optional = ["Option", "Vec", "BTreeMap"]
                    .iter()
                    .any(|start| kind.starts_with(start))
                    || matches!(name, "description" | "vocabulary");
                let needed = if optional { "" } else { " Required." };
                writeln!(text, "| `{name}` | {}{needed} |", words.join(" ")).expect("as above");
            }
        }
    }
    text
}
