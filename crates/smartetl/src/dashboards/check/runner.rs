//! Runs one query after another in one connection, each taken back, none able to write.

use sqlx::postgres::{PgConnection, PgDatabaseError, PgErrorPosition, PgRow};
use sqlx::{
    AssertSqlSafe, Column as _, Executor, Row, SqlSafeStr, SqlStr, Statement, TypeInfo, ValueRef,
};
use std::collections::BTreeSet;

/// How many rows of an answer are fetched: enough that an expression which fails for some of them does so.
const ROWS: usize = 1000;

/// What makes a cursor of a query, whose rows need not all be fetched.
const CURSOR: &str = "DECLARE answer NO SCROLL CURSOR FOR ";

/// What a column holds, as far as Grafana minds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Moment,
    Number,
    Other,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub columns: Vec<(String, Kind)>,
    /// The types of the columns, in PostgreSQL's words.
    pub types: Vec<String>,
    pub rows: usize,
    /// The first column, and that named `__value`, of each row.
    pub values: Vec<String>,
    /// The texts of a row that another row has as well.
    pub twice: Option<Vec<String>>,
}

/// Why there is no answer.
#[derive(Debug)]
pub struct Refusal {
    /// The server's words, and the line of the query that they are about.
    pub said: String,
    /// Whether the reader may not see what the query asks for.
    pub is_forbidden: bool,
}

/// SQLSTATE of what a role may not do, or rows that row-level security hides.
const FORBIDDEN: &str = "42501";

pub struct Runner<'c> {
    connection: &'c mut PgConnection,
}

impl<'c> Runner<'c> {
    /// `connection`: in a transaction.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn new(connection: &'c mut PgConnection) -> sqlx::Result<Self> {
        // A cursor would be planned for its first rows, and Grafana reads all of them.
        connection
            .execute("SET LOCAL cursor_tuple_fraction = 1")
            .await?;
        // Tables whose rows are hidden would look empty; so they are an error.
        connection.execute("SET LOCAL row_security = off").await?;
        Ok(Self { connection })
    }

    /// The answer, or what the server says against the query.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn run(&mut self, sql: &str) -> sqlx::Result<Result<Answer, Refusal>> {
        self.connection.execute("SAVEPOINT query").await?;
        let ran = self.fetch(sql.trim().trim_end_matches(';')).await;
        // Also closes the cursor.
        self.connection
            .execute("ROLLBACK TO SAVEPOINT query")
            .await?;
        match ran {
            Ok(answer) => Ok(Ok(answer)),
            Err((sqlx::Error::Database(refused), before)) => {
                let refused: &PgDatabaseError = refused.downcast_ref();
                Ok(Err(Refusal {
                    said: told(refused, sql, before),
                    is_forbidden: refused.code() == FORBIDDEN,
                }))
            }
            Err((error, _)) => Err(error),
        }
    }

    /// An error comes with how many characters the server was sent before the query.
    async fn fetch(&mut self, sql: &str) -> Result<Answer, (sqlx::Error, usize)> {
        let (columns, types) = self.columns(sql).await.map_err(|error| (error, 0))?;
        let cursor = safe(&format!("{CURSOR}{sql}"));
        let opened = sqlx::raw_sql(cursor).execute(&mut *self.connection).await;
        opened.map_err(|error| (error, CURSOR.len()))?;
        let rows = self
            .rows(&columns)
            .await
            .map_err(|error| (error, CURSOR.len()))?;
        Ok(Answer {
            columns,
            types,
            rows: rows.count,
            values: rows.values,
            twice: rows.twice,
        })
    }

    async fn columns(&mut self, sql: &str) -> sqlx::Result<(Vec<(String, Kind)>, Vec<String>)> {
        // The extended protocol takes one statement only, and says which columns come also where no rows do.
        let prepared = (&mut *self.connection).prepare(safe(sql)).await?;
        let mut columns = Vec::new();
        let mut types = Vec::new();
        for column in prepared.columns() {
            let name = column.type_info().name();
            columns.push((column.name().to_owned(), kind(name)));
            types.push(name.to_owned());
        }
        Ok((columns, types))
    }

    async fn rows(&mut self, columns: &[(String, Kind)]) -> sqlx::Result<Rows> {
        let fetch = safe(&format!("FETCH {ROWS} FROM answer"));
        let rows = sqlx::raw_sql(fetch)
            .fetch_all(&mut *self.connection)
            .await?;
        let named = columns.iter().position(|(name, _)| name == "__value");
        let mut found = Rows {
            count: rows.len(),
            ..Rows::default()
        };
        let mut seen = BTreeSet::new();
        for row in &rows {
            if !row.is_empty() {
                found.values.extend(cell(row, named.unwrap_or(0))?);
            }
            let mut texts = Vec::new();
            for (index, (_, kind)) in columns.iter().enumerate() {
                if *kind == Kind::Other {
                    texts.push(cell(row, index)?.unwrap_or_default());
                }
            }
            if !seen.insert(texts.clone()) {
                found.twice.get_or_insert(texts);
            }
        }
        Ok(found)
    }
}

/// What rows hold.
#[derive(Default)]
struct Rows {
    count: usize,
    values: Vec<String>,
    twice: Option<Vec<String>>,
}

/// A value as a text; `None` where it is null.
fn cell(row: &PgRow, index: usize) -> sqlx::Result<Option<String>> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(None);
    }
    let text = value.as_str().map_err(sqlx::Error::Decode)?;
    Ok(Some(text.to_owned()))
}

/// The query comes from the files, and this connection cannot write.
fn safe(sql: &str) -> SqlStr {
    AssertSqlSafe(sql.to_owned()).into_sql_str()
}

fn kind(name: &str) -> Kind {
    match name {
        "TIMESTAMPTZ" | "TIMESTAMP" | "DATE" => Kind::Moment,
        "INT2" | "INT4" | "INT8" | "FLOAT4" | "FLOAT8" | "NUMERIC" => Kind::Number,
        _ => Kind::Other,
    }
}

/// The server's words, and the line of the query that they are about.
fn told(refused: &PgDatabaseError, sql: &str, before: usize) -> String {
    let mut text = refused.message().to_owned();
    if let Some(PgErrorPosition::Original(position)) = refused.position() {
        let sql = sql.trim();
        let position = position.saturating_sub(before);
        let before: String = sql.chars().take(position.saturating_sub(1)).collect();
        let line = before.matches('\n').count();
        if let Some(shown) = sql.lines().nth(line) {
            let shown: String = shown.trim().chars().take(120).collect();
            text = format!("{text} [{}: {shown}]", line + 1);
        }
    }
    if let Some(hint) = refused.hint() {
        text = format!("{text} ({hint})");
    }
    text
}
