//! `doc/dataset.md` and `doc/dataset.fr.md` are current: what stands below their marks is generated from the comments of the
//! database, in French by `meanings/fr.json`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sqlx::PgConnection;

/// Whoever changes the tables says here where a new one stands in the manual.
const TABLES: [&str; 64] = [
    "dataset",
    "job_day",
    "log",
    "logerreur",
    "error",
    "problem",
    "template",
    "template_alias",
    "signature",
    "override",
    "job",
    "run_history",
    "issue",
    "issue_act",
    "reject",
    "batch",
    "source",
    "checkpoint",
    "stream",
    "stream_high",
    "posted",
    "consumer",
    "consumer_partition",
    "process",
    "horizon",
    "adrift",
    "fuse_state",
    "pruned",
    "retired",
    "environment_word",
    "upkeep",
    "account",
    "session",
    "api_token",
    "audit",
    "task",
    "upload",
    "grafana_environment",
    "grafana_family",
    "grafana_application",
    "grafana_job",
    "grafana_day",
    "grafana_job_day",
    "grafana_due",
    "grafana_run",
    "grafana_error",
    "grafana_source",
    "grafana_batch",
    "grafana_reject",
    "grafana_reject_rate",
    "grafana_lag",
    "grafana_consumer",
    "grafana_group",
    "grafana_fusion",
    "grafana_clock_gap",
    "grafana_table_size",
    "grafana_space",
    "grafana_upkeep",
    "grafana_storm",
    "grafana_vital_failed",
    "grafana_no_end",
    "grafana_process",
    "grafana_unreadable",
    "grafana_own_job",
];
/// What is generated stands below it.
const MARK: &str = "<!-- Below: written by `UPDATE_DOCS=1 cargo test -p smartetl-store`. -->\n";

struct Words {
    headings: [&'static str; 3],
    /// English → the language; `None` in English.
    meanings: Option<BTreeMap<String, String>>,
}

impl Words {
    fn meaning<'a>(&'a self, english: &'a str) -> &'a str {
        match &self.meanings {
            None => english,
            Some(meanings) => meanings
                .get(english)
                .unwrap_or_else(|| panic!("meanings/fr.json lacks `{english}`")),
        }
    }
}

#[tokio::test]
async fn the_pages_about_the_tables_are_current() {
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    let tables = tables(&mut connection).await;
    let french: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../meanings/fr.json")).expect("a table of texts");
    let unused: Vec<_> = french
        .keys()
        .filter(|english| {
            !tables.iter().any(|table| {
                table.meaning == **english
                    || table
                        .columns
                        .iter()
                        .any(|[.., meaning]| meaning == *english)
            })
        })
        .collect();
    assert!(unused.is_empty(), "meanings that nothing has: {unused:?}");
    for (page, words) in [
        (
            "dataset.md",
            Words {
                headings: ["column", "type", "meaning"],
                meanings: None,
            },
        ),
        (
            "dataset.fr.md",
            Words {
                headings: ["colonne", "type", "sens"],
                meanings: Some(french),
            },
        ),
    ] {
        check(page, &generated(&tables, &words));
    }
}

fn check(page: &str, generated: &str) {
    let path = format!("{}/../../doc/{page}", env!("CARGO_MANIFEST_DIR"));
    let stored = std::fs::read_to_string(&path).expect("the page is there");
    let (by_hand, _) = stored.split_once(MARK).expect("the page has its mark");
    let current = format!("{by_hand}{MARK}{generated}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &current).expect("the page can be written");
        return;
    }
    assert!(
        stored == current,
        "doc/{page} is not current: run `UPDATE_DOCS=1 cargo test -p smartetl-store`"
    );
}

fn generated(tables: &[Table], words: &Words) -> String {
    let mut text = String::new();
    let [column, kind, meaning] = words.headings;
    for table in tables {
        let _ = write!(
            text,
            "\n## {}\n\n{}.\n\n| {column} | {kind} | {meaning} |\n|---|---|---|\n",
            table.name,
            words.meaning(&table.meaning)
        );
        for [name, kind, meaning] in &table.columns {
            let _ = writeln!(
                text,
                "| `{name}` | {kind} | {} |",
                words.meaning(meaning).replace('|', "\\|")
            );
        }
    }
    text
}

struct Table {
    name: &'static str,
    meaning: String,
    /// Name, type, meaning.
    columns: Vec<[String; 3]>,
}

async fn tables(connection: &mut PgConnection) -> Vec<Table> {
    let all: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relnamespace = current_schema()::regnamespace
         AND relkind IN ('r', 'p', 'v') AND NOT relispartition AND relname <> '_sqlx_migrations'",
    )
    .fetch_all(&mut *connection)
    .await
    .expect("the tables");
    for table in &all {
        assert!(TABLES.contains(&table.as_str()), "{table} has no place");
    }
    let mut tables = Vec::new();
    for name in TABLES {
        let meaning = sqlx::query_scalar("SELECT obj_description($1::regclass, 'pg_class')")
            .bind(name)
            .fetch_one(&mut *connection)
            .await
            .expect("every table says what it is");
        let columns: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT attname::text, format_type(atttypid, NULL), col_description(attrelid, attnum) FROM pg_attribute
             WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        )
        .bind(name)
        .fetch_all(&mut *connection)
        .await
        .expect("every column says what it is");
        tables.push(Table {
            name,
            meaning,
            columns: columns
                .into_iter()
                .map(|(name, kind, meaning)| {
                    let kind = match kind.as_str() {
                        "timestamp with time zone" => "timestamptz".to_owned(),
                        "time without time zone" => "time".to_owned(),
                        _ => kind,
                    };
                    [name, kind, meaning]
                })
                .collect(),
        });
    }
    tables
}
