//! Runs one query after another in one connection, each taken back, none able to write.

use sqlx::postgres::{PgConnection, PgDatabaseError, PgErrorPosition};
use sqlx::{
    AssertSqlSafe, Column as _, Executor, Row, SqlSafeStr, SqlStr, Statement, TypeInfo, ValueRef,
};

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
}

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
        Ok(Self { connection })
    }

    /// The answer, or what the server says against the query.
    ///
    /// # Errors
    /// The database is gone.
    pub async fn run(&mut self, sql: &str) -> sqlx::Result<Result<Answer, String>> {
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
                Ok(Err(told(refused, sql, before)))
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
        let (rows, values) = self
            .rows(&columns)
            .await
            .map_err(|error| (error, CURSOR.len()))?;
        Ok(Answer {
            columns,
            types,
            rows,
            values,
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

    /// How many rows there are, and their values.
    async fn rows(&mut self, columns: &[(String, Kind)]) -> sqlx::Result<(usize, Vec<String>)> {
        let fetch = safe(&format!("FETCH {ROWS} FROM answer"));
        let rows = sqlx::raw_sql(fetch)
            .fetch_all(&mut *self.connection)
            .await?;
        let named = columns.iter().position(|(name, _)| name == "__value");
        let mut values = Vec::new();
        for row in rows.iter().filter(|row| !row.is_empty()) {
            let value = row.try_get_raw(named.unwrap_or(0))?;
            if !value.is_null() {
                values.push(value.as_str().map_err(sqlx::Error::Decode)?.to_owned());
            }
        }
        Ok((rows.len(), values))
    }
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
