//! Every statement of the store is one that the server accepts.
//!
//! The statements are taken out of the source files, so that none can be forgotten.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

/// What a statement begins with. COPY and what makes tables cannot be prepared; other tests run them.
const VERBS: &[&str] = &["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];

/// Tables that only the transaction of a prune has.
const PASSING: &[&str] = &[
    "CREATE TEMP TABLE staying AS SELECT system, root_run_id FROM dataset",
    "CREATE TEMP TABLE fresh AS SELECT system, root_run_id FROM dataset",
    "CREATE TEMP TABLE retiring AS SELECT system, root_run_id FROM dataset",
    "CREATE TEMP TABLE gone_through AS SELECT batch FROM batch",
    "CREATE TEMP TABLE going_day AS SELECT environment, business_day FROM dataset",
    "CREATE TEMP TABLE staying_log (LIKE log)",
    "CREATE TEMP TABLE staying_logerreur (LIKE logerreur)",
];

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let mut files = Vec::new();
    rust_files(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
        &mut files,
    );
    let texts: Vec<(PathBuf, String)> = files
        .into_iter()
        .map(|path| {
            (
                path.clone(),
                std::fs::read_to_string(path).expect("a source file"),
            )
        })
        .collect();
    let constants: BTreeMap<String, String> =
        texts.iter().flat_map(|(_, text)| constants(text)).collect();
    let database = smartetl_testkit::database().await;
    let mut connection = crate::connect(&database).await;
    for table in PASSING {
        let made = sqlx::raw_sql(AssertSqlSafe(*table))
            .execute(&mut connection)
            .await;
        made.expect(table);
    }
    let mut prepared = 0;
    for (path, text) in &texts {
        for literal in literals(text) {
            let Some(statement) = statement(&literal, &constants) else {
                continue;
            };
            let answer = connection
                .prepare(AssertSqlSafe(statement.clone()).into_sql_str())
                .await;
            if let Err(error) = answer {
                panic!("{}: {error}\n{statement}", path.display());
            }
            prepared += 1;
        }
    }
    assert!(prepared >= 30, "only {prepared} statements were found");
}

/// A literal as a statement, if it is one; names of constants in braces are filled in.
fn statement(literal: &str, constants: &BTreeMap<String, String>) -> Option<String> {
    if !VERBS.iter().any(|verb| literal.starts_with(verb)) {
        return None;
    }
    let mut statement = literal.to_owned();
    for (name, value) in constants {
        statement = statement.replace(&format!("{{{name}}}"), value);
    }
    Some(statement)
}

fn rust_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the crate") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// `const NAME: &str = "…"`.
fn constants(text: &str) -> Vec<(String, String)> {
    text.split("const ")
        .skip(1)
        .filter_map(|rest| {
            let (name, value) = rest.split_once(": &str =")?;
            let value = literals(value).into_iter().next()?;
            name.chars()
                .all(|c| c.is_ascii_uppercase() || c == '_')
                .then(|| (name.to_owned(), value))
        })
        .collect()
}

/// The string literals of a source file, unescaped; comments and characters are passed over.
fn literals(text: &str) -> Vec<String> {
    let mut literals = Vec::new();
    for line_free in without_comments(text).split('\u{0}') {
        let mut chars = line_free.chars().peekable();
        while let Some(c) = chars.next() {
            if c == '\'' {
                // A character such as '"'; a lifetime has no second quote so close.
                let mut ahead = chars.clone();
                let first = ahead.next();
                if first == Some('\\') {
                    ahead.next();
                }
                if ahead.next() == Some('\'') {
                    chars = ahead;
                }
                continue;
            }
            if c != '"' {
                continue;
            }
            let mut literal = String::new();
            while let Some(c) = chars.next() {
                match c {
                    '"' => break,
                    '\\' => match chars.next() {
                        Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
                        Some('n') => literal.push('\n'),
                        Some(other) => literal.push(other),
                        None => {}
                    },
                    c => literal.push(c),
                }
            }
            literals.push(literal);
        }
    }
    literals
}

fn without_comments(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn literals_are_found() {
    let text = "// \"no\"\nlet a = '\"'; f(\"SELECT \\\n      1 \\\"x\\\"\"); let b: &'static str = \"y\";";
    assert_eq!(literals(text), ["SELECT 1 \"x\"", "y"]);
}
