//! Tables as multisets of rows: what a database holds, and a readable account of where two of them differ.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How many examples of one difference are shown.
const EXAMPLES: usize = 5;

/// A row; NULL is the empty text.
pub type Row = Vec<String>;

/// Works with a connection of its own.
pub fn connected<T>(url: &str, work: impl AsyncFnOnce(&mut PgConnection) -> T) -> T {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.expect("the server");
        let result = work(&mut connection).await;
        connection.close().await.expect("the server");
        result
    })
}

/// The rows of a statement that selects one `text[]`.
pub fn rows(url: &str, statement: &str) -> Vec<Row> {
    let rows: Vec<Vec<Option<String>>> = connected(url, async |connection| {
        sqlx::query_scalar(AssertSqlSafe(statement.to_owned()))
            .fetch_all(connection)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"))
    });
    rows.into_iter()
        .map(|row| row.into_iter().map(Option::unwrap_or_default).collect())
        .collect()
}

/// A line for each row, with a dash for what is missing.
pub fn told(rows: Vec<Row>) -> Vec<String> {
    let line = |row: Row| {
        let fields = row.iter().map(String::as_str);
        let shown = fields.map(|field| if field.is_empty() { "-" } else { field });
        shown.collect::<Vec<_>>().join(" ")
    };
    rows.into_iter().map(line).collect()
}

/// One number.
pub fn number(url: &str, statement: &str) -> i64 {
    let rows = rows(url, &format!("SELECT ARRAY[({statement})::text]"));
    rows[0][0]
        .parse()
        .unwrap_or_else(|_| panic!("{statement} gives {:?}", rows[0][0]))
}

/// Everything that must be equal in two databases that were given the same, however it was given: one row per row, as
/// JSON, without what only says how it came.
pub fn content(url: &str) -> BTreeMap<&'static str, Vec<Row>> {
    [
        ("dataset", "dataset", "'{batches,fused_at,as_of}'"),
        ("job_day", "job_day", "'{}'"),
        ("log", "log", "'{batch}'"),
        ("logerreur", "logerreur", "'{batch}'"),
        ("reject", "reject", "'{batch}'"),
        ("job", "job", "'{}'"),
        ("horizon", "horizon", "'{}'"),
        ("adrift", "adrift", "'{}'"),
        ("signature", "signature", "'{kept}'"),
        ("template", "template", "'{}'"),
        ("problem", "problem", "'{}'"),
        ("issue", "issue", "'{}'"),
    ]
    .into_iter()
    .map(|(name, table, without)| {
        let statement =
            format!("SELECT ARRAY[(to_jsonb(t) - {without}::text[])::text] FROM {table} t");
        (name, rows(url, &statement))
    })
    .collect()
}

/// # Panics
/// When two databases hold different things; the message says which.
pub fn assert_same_content(what: &str, expected: &str, found: &str) {
    assert_same_content_but(&[], what, expected, found);
}

/// The same where rows that hold one of these words are left out of what was found.
///
/// # Panics
/// As [`assert_same_content`].
pub fn assert_same_content_but(words: &[&str], what: &str, expected: &str, found: &str) {
    let (expected, mut found) = (content(expected), content(found));
    let mut report = String::new();
    for (table, expected) in expected {
        let mut found = found.remove(table).unwrap_or_default();
        found.retain(|row| !words.iter().any(|word| row[0].contains(word)));
        let (missing, extra) = apart(expected, found);
        if missing.is_empty() && extra.is_empty() {
            continue;
        }
        let _ = writeln!(
            report,
            "{table}: {} rows are missing, {} are too many",
            missing.len(),
            extra.len()
        );
        for (sign, rows) in [("-", missing), ("+", extra)] {
            for row in rows.iter().take(EXAMPLES) {
                let _ = writeln!(report, "  {sign} {}", row.join(" | "));
            }
        }
    }
    assert!(report.is_empty(), "{what}:\n{report}");
}

/// The same of what was made from a million rows: the server adds up what it holds. The rows themselves are counted.
pub fn sums(url: &str) -> Row {
    [
        ("dataset", "'{batches,fused_at,as_of}'"),
        ("job_day", "'{}'"),
        ("job", "'{}'"),
        ("horizon", "'{}'"),
        ("adrift", "'{}'"),
        ("issue", "'{}'"),
    ]
    .into_iter()
    .map(|(table, without)| {
        let hash = format!("hashtextextended((to_jsonb(t) - {without}::text[])::text, 0)");
        format!("SELECT ARRAY[count(*)::text, sum({hash}::numeric)::text] FROM {table} t")
    })
    .chain(
        ["log", "logerreur", "reject"]
            .map(|table| format!("SELECT ARRAY[count(*)::text] FROM {table}")),
    )
    .flat_map(|statement| rows(url, &statement).remove(0))
    .collect()
}

/// What is in one multiset only: of the first, of the second.
fn apart(mut left: Vec<Row>, mut right: Vec<Row>) -> (Vec<Row>, Vec<Row>) {
    left.sort();
    right.sort();
    let (mut only_left, mut only_right) = (Vec::new(), Vec::new());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    loop {
        match (left.peek(), right.peek()) {
            (None, None) => return (only_left, only_right),
            (Some(a), Some(b)) if a == b => {
                left.next();
                right.next();
            }
            (Some(a), b) if b.is_none_or(|b| a < b) => only_left.extend(left.next()),
            _ => only_right.extend(right.next()),
        }
    }
}

/// A table whose columns have names.
pub struct Named<'c> {
    pub table: &'static str,
    pub columns: &'c [&'c str],
    /// How many of the first columns tell rows apart.
    pub key: usize,
}

/// Where two multisets differ: by column where a row of the same key is on both sides. Empty when they are equal.
pub fn differences(named: &Named<'_>, truth: Vec<Row>, ours: Vec<Row>) -> String {
    let sizes = (truth.len(), ours.len());
    let (missing, extra) = apart(truth, ours);
    let mut by_key: BTreeMap<Row, Vec<Row>> = BTreeMap::new();
    for row in extra {
        by_key
            .entry(row[..named.key].to_vec())
            .or_default()
            .push(row);
    }
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in missing {
        let key = row[..named.key].join(" ");
        let Some(other) = by_key.get_mut(&row[..named.key]).and_then(Vec::pop) else {
            found
                .entry("(the row is missing)")
                .or_default()
                .push(row.join(","));
            continue;
        };
        for (column, (truth, ours)) in named.columns.iter().zip(row.iter().zip(&other)) {
            if truth != ours {
                let line = format!("{key}: truth `{truth}`, ours `{ours}`");
                found.entry(column).or_default().push(line);
            }
        }
    }
    for row in by_key.into_values().flatten() {
        found
            .entry("(the row is too much)")
            .or_default()
            .push(row.join(","));
    }
    if found.is_empty() {
        return String::new();
    }
    let mut report = format!(
        "{}: {} rows in the truth, {} here\n",
        named.table, sizes.0, sizes.1
    );
    for (column, lines) in found {
        let _ = writeln!(report, "  {column}: {} rows differ", lines.len());
        for line in lines.iter().take(EXAMPLES) {
            let _ = writeln!(report, "    {line}");
        }
    }
    report
}
