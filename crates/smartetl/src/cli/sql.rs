//! `smartetl sql STATEMENT`: one statement, through a session that cannot write unless `--write` says so.
//!
//! Values are never decoded: the server writes each type as text, and that text is what is printed.

use super::{Context, Database, Outcome, reader};
use crate::errors::{self, ErrorCode, Failure};
use crate::output::{self, Column, ColumnKind, Format, Printer, Sheet};
use crate::reason::Reason;
use crate::time::parse_duration;
use futures_util::TryStreamExt;
use sqlx::postgres::{
    PgColumn, PgConnection, PgDatabaseError, PgErrorPosition, PgRow, PgTypeInfo, PgTypeKind,
};
use sqlx::{
    AssertSqlSafe, Column as _, Connection, Either, Executor, Row, SqlStr, Statement, TypeInfo,
    ValueRef,
};
use std::io::Read;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The statement; `-` reads it from stdin, `@FILE` from a file
    // It may begin with a comment: `-- …`.
    #[arg(allow_hyphen_values = true)]
    statement: String,
    /// How to write the result; a table where it is left out, or records where the terminal is too narrow for it
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Allow the statement to change the database
    #[arg(long)]
    write: bool,
    /// Stop the statement after this time; 0 means never
    #[arg(long, default_value = "0", value_parser = parse_duration)]
    timeout: Duration,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let statement = read_statement(&args.statement)?;
    let database = Database::open(context).await?;
    let timeout = args.timeout.as_millis().to_string();
    let options = database
        .options()?
        .options([("statement_timeout", timeout)]);
    let mut connection = if args.write {
        database.connect_with(options).await?
    } else {
        reader::connect(&database, options).await?
    };
    match print(&mut connection, &statement, args.format, context).await {
        Ok(()) => {
            // A session that only breaks off, in the middle of its transaction, is a line in the server's log each time.
            connection.close().await.ok();
            Ok(Outcome::Done)
        }
        Err(error) => Err(explain(error, &statement, args.write)),
    }
}

fn read_statement(argument: &str) -> anyhow::Result<String> {
    let unreadable = |place: &str, error: std::io::Error| {
        Failure::new(
            ErrorCode::Unreadable,
            format!("cannot read the statement: {}", errors::reason(&error)),
        )
        .at(place.to_owned())
    };
    let text = if argument == "-" {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .map_err(|error| unreadable("stdin", error))?;
        text
    } else if let Some(path) = argument.strip_prefix('@') {
        std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?
    } else {
        argument.to_owned()
    };
    if text.starts_with('-') && !text.contains(char::is_whitespace) {
        return Err(Failure::new(
            ErrorCode::Usage,
            [
                format!("there is no flag `{text}`"),
                format!("il n’y a pas d’option `{text}`"),
            ],
        )
        .hint([
            "`smartetl sql --help` lists them",
            "`smartetl sql --help` les donne",
        ])
        .into());
    }
    if text.trim().trim_end_matches(';').trim().is_empty() {
        return Err(Failure::new(
            ErrorCode::Usage,
            ["the statement is empty", "l’instruction est vide"],
        )
        .hint([
            "for example: `smartetl sql \"SELECT * FROM dataset LIMIT 10\"`",
            "par exemple\u{a0}: `smartetl sql \"SELECT * FROM dataset LIMIT 10\"`",
        ])
        .into());
    }
    Ok(text)
}

async fn print(
    connection: &mut PgConnection,
    statement: &str,
    format: Option<Format>,
    context: &Context,
) -> anyhow::Result<()> {
    // The extended protocol takes one statement only; what passed it is then asked for in text form.
    let prepared = (&mut *connection).prepare(safe(statement)).await?;
    let columns: Vec<Column> = prepared.columns().iter().map(column).collect();
    let has_rows = !columns.is_empty();
    let mut printer = Printer::new(
        columns,
        format,
        output::terminal_width(),
        context.colour,
        output::stdout(),
    );
    let mut changed = 0;
    {
        let mut results = sqlx::raw_sql(safe(statement)).fetch_many(&mut *connection);
        while let Some(result) = results.try_next().await? {
            match result {
                Either::Left(done) => changed += done.rows_affected(),
                Either::Right(row) => printer.row(fields(&row)?).map_err(output::closed)?,
            }
        }
    }
    if has_rows || format == Some(Format::Json) {
        if printer.finish().map_err(output::closed)?.cut {
            context.say("… stands for what was cut to fit; --format records or csv has it all");
        }
    } else {
        let rows = if changed == 0 {
            String::new()
        } else {
            format!(", {} changed", output::counted(changed, "row", "rows"))
        };
        context.say(&format!("done{rows}"));
    }
    Ok(())
}

/// Reads a small result whole; `query` is one of the program's own.
pub(super) async fn fetch(
    connection: &mut PgConnection,
    query: &'static str,
) -> anyhow::Result<Sheet> {
    let prepared = (&mut *connection)
        .prepare(SqlStr::from_static(query))
        .await?;
    let mut sheet = Sheet::new(prepared.columns().iter().map(column).collect());
    for row in sqlx::raw_sql(query).fetch_all(&mut *connection).await? {
        sheet.rows.push(fields(&row)?);
    }
    Ok(sheet)
}

/// The statement is the user's own, sent as the user's own role.
fn safe(statement: &str) -> SqlStr {
    use sqlx::SqlSafeStr;
    AssertSqlSafe(statement.to_owned()).into_sql_str()
}

fn fields(row: &PgRow) -> anyhow::Result<Vec<Option<String>>> {
    (0..row.len())
        .map(|index| {
            let value = row.try_get_raw(index)?;
            if value.is_null() {
                return Ok(None);
            }
            let text = value.as_str().map_err(sqlx::Error::Decode)?;
            Ok(Some(text.to_owned()))
        })
        .collect()
}

fn column(column: &PgColumn) -> Column {
    Column {
        name: column.name().to_owned(),
        kind: kind(column.type_info()),
    }
}

fn kind(of: &PgTypeInfo) -> ColumnKind {
    match (of.kind(), of.name()) {
        (PgTypeKind::Array(element), _) => match kind(element) {
            ColumnKind::Number => ColumnKind::NumberArray,
            _ => ColumnKind::TextArray,
        },
        (PgTypeKind::Domain(base), _) => kind(base),
        (_, "INT2" | "INT4" | "INT8" | "OID" | "FLOAT4" | "FLOAT8" | "NUMERIC") => {
            ColumnKind::Number
        }
        (_, "BOOL") => ColumnKind::Boolean,
        (_, "JSON" | "JSONB") => ColumnKind::Json,
        (_, "TIMESTAMP" | "TIMESTAMPTZ") => ColumnKind::Moment,
        _ => ColumnKind::Text,
    }
}

/// The server's own words, the place in the statement, and what to do.
fn explain(error: anyhow::Error, statement: &str, write: bool) -> anyhow::Error {
    if let Some(sqlx::Error::Protocol(_)) = error.downcast_ref() {
        return Failure::new(
            ErrorCode::StatementFailed,
            "the answer to this statement is not rows",
        )
        .hint("COPY to or from the client goes through psql; SELECT with --format csv writes CSV")
        .into();
    }
    let Some(sqlx::Error::Database(refused)) = error.downcast_ref() else {
        return error;
    };
    let refused: &PgDatabaseError = refused.downcast_ref();
    let code = errors::code_of(&error);
    let mut message = refused.message().to_owned();
    if let Some(detail) = refused.detail() {
        message = format!("{message} ({detail})");
    }
    let mut failure = Failure::new(code, message);
    if let Some(PgErrorPosition::Original(position)) = refused.position() {
        failure = failure.at(place(statement, position));
    }
    let hint = match (refused.code(), refused.hint()) {
        ("25001" | "25006" | "2D000" | "42501", _) if !write => Some(Reason::from([
            "`smartetl sql` only reads; add --write to change the database",
            "`smartetl sql` ne fait que lire\u{a0}; ajoutez --write pour modifier la base",
        ])),
        ("42601", _) if refused.message().contains("multiple commands") => Some(Reason::from([
            "give one statement at a time",
            "donnez une seule instruction à la fois",
        ])),
        ("57014", _) => Some(Reason::from([
            "allow more with --timeout",
            "accordez plus de temps avec --timeout",
        ])),
        (_, hint) => hint.map(Reason::from),
    };
    failure.hint = hint;
    failure.into()
}

/// `statement:LINE:COLUMN` of a position that counts characters from 1.
fn place(statement: &str, position: usize) -> String {
    let before: String = statement.chars().take(position.saturating_sub(1)).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    format!("statement:{line}:{column}")
}
