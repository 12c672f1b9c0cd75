//! Tables out of the database, as tuples.

use std::fmt::Write;

use jiff::civil::Date;
use smartetl_core::model::Moment;
use sqlx::PgConnection;

use crate::StoreError;
use crate::ledger::copy_out;

/// The columns of a table in order, each with the name of its type.
///
/// # Errors
/// When the server is gone, or has no such table.
pub async fn columns(
    connection: &mut PgConnection,
    table: &str,
) -> Result<Vec<(String, String)>, StoreError> {
    Ok(sqlx::query_as(COLUMNS)
        .bind(table)
        .fetch_all(connection)
        .await?)
}

pub(crate) const COLUMNS: &str = "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute \
     WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum";

/// A condition that rows must meet.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition<'c> {
    /// One of these text columns is one of these words.
    OneOf(&'c [&'c str], &'c [String]),
    /// A text column is like this, in which `*` stands for anything.
    Like(&'c str, &'c str),
    Day(&'c str, Date),
    /// From this day on.
    FromDay(&'c str, Date),
    /// Until this day, with it.
    ToDay(&'c str, Date),
    /// From this moment on.
    Since(&'c str, Moment),
    /// Before this moment.
    Until(&'c str, Moment),
}

/// Gives the rows of a table as tuples with these columns, whose names and that of the table must be those of the schema.
///
/// # Errors
/// When the server refuses or is gone, and those of `take`.
pub async fn rows<E: From<StoreError>>(
    connection: &mut PgConnection,
    table: &str,
    columns: &[&str],
    conditions: &[Condition<'_>],
    order: &str,
    take: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let columns = columns.join(", ");
    let filter = filter(conditions);
    let order = match order {
        "" => String::new(),
        order => format!(" ORDER BY {order}"),
    };
    let statement =
        format!("COPY (SELECT {columns} FROM {table}{filter}{order}) TO STDOUT (FORMAT binary)");
    copy_out(connection, &statement, take).await
}

fn filter(conditions: &[Condition<'_>]) -> String {
    let mut text = String::new();
    for (number, condition) in conditions.iter().enumerate() {
        text.push_str(if number == 0 { " WHERE " } else { " AND " });
        let written = match condition {
            Condition::OneOf(columns, words) => {
                let words: Vec<String> = words.iter().map(|word| literal(word)).collect();
                let words = words.join(", ");
                let columns = columns
                    .iter()
                    .map(|column| format!("{column} IN ({words})"));
                write!(text, "({})", columns.collect::<Vec<_>>().join(" OR "))
            }
            Condition::Like(column, pattern) => {
                write!(text, "{column} LIKE {}", literal(&like(pattern)))
            }
            Condition::Day(column, day) => write!(text, "{column} = {}", literal(&day.to_string())),
            Condition::FromDay(column, day) => {
                write!(text, "{column} >= {}", literal(&day.to_string()))
            }
            Condition::ToDay(column, day) => {
                write!(text, "{column} <= {}", literal(&day.to_string()))
            }
            Condition::Since(column, at) => {
                write!(text, "{column} >= {}", literal(&at.timestamp().to_string()))
            }
            Condition::Until(column, at) => {
                write!(text, "{column} < {}", literal(&at.timestamp().to_string()))
            }
        };
        written.expect("writing to memory cannot fail");
    }
    text
}

/// What LIKE is given for a name in which `*` stands for anything.
pub fn like(pattern: &str) -> String {
    pattern
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
        .replace('*', "%")
}

/// A text as SQL writes it; sessions have `standard_conforming_strings`, which is PostgreSQL's default.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_users_stay_words() {
        let words = ["PROD".to_owned(), "x'; DROP TABLE log; --".to_owned()];
        assert_eq!(
            filter(&[
                Condition::OneOf(&["environment"], &words),
                Condition::Like("job", "J_*100%"),
                Condition::Since("moment", Moment(0)),
            ]),
            " WHERE (environment IN ('PROD', 'x''; DROP TABLE log; --')) AND job LIKE 'J\\_%100\\%' \
             AND moment >= '1970-01-01T00:00:00Z'"
        );
    }
}
