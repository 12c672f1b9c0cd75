//! All tables as they stand at one moment, and back into an empty database. What lies between the two, a file or anything
//! else, is of no concern here.

mod restore;
mod snapshot;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::StoreError;
use crate::schema::{Applied, Made, applied, made_by_migrations, own_tables};

pub use restore::{Access, Restore, settle};
pub use snapshot::Snapshot;

/// What a database holds, apart from the rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Those that made the tables, by version.
    pub migrations: Vec<Applied>,
    /// In the order in which they can be filled.
    pub relations: Vec<Relation>,
}

impl Contents {
    /// The version of the tables.
    pub fn version(&self) -> i64 {
        let versions = self.migrations.iter().map(|migration| migration.version);
        versions.max().unwrap_or(0)
    }

    /// How many tables there are, each with all its months.
    pub fn tables(&self) -> usize {
        let tables = self.relations.iter().map(Relation::table);
        tables.collect::<BTreeSet<_>>().len()
    }
}

/// What rows are copied from and to: a table, or a month of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    pub name: String,
    /// The table that it is a month of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month_of: Option<String>,
    pub columns: Vec<Column>,
}

impl Relation {
    fn table(&self) -> &str {
        self.month_of.as_deref().unwrap_or(&self.name)
    }

    /// Its name with those of its columns, as COPY wants them.
    fn target(&self) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| quoted(&column.name))
            .collect();
        format!("{} ({})", quoted(&self.name), columns.join(", "))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    /// As PostgreSQL writes it.
    #[serde(rename = "type")]
    pub kind: String,
}

/// How far a sequence, or the numbers of an identity column, have come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    pub name: String,
    /// `None` when it gave no number yet.
    pub last: Option<i64>,
}

/// A table, the one that it is a month of, its columns and their types.
type Described = (String, Option<String>, Vec<String>, Vec<String>);

/// What the tables of this database are. Those that no migration made are none of ours.
async fn contents(connection: &mut PgConnection) -> Result<Contents, StoreError> {
    let rows: Vec<Described> = sqlx::query_as(RELATIONS)
        .bind(own_tables())
        .fetch_all(&mut *connection)
        .await?;
    let relations = rows.into_iter().map(|(name, month_of, names, kinds)| {
        let columns = names.into_iter().zip(kinds);
        Relation {
            name,
            month_of,
            columns: columns.map(|(name, kind)| Column { name, kind }).collect(),
        }
    });
    Ok(Contents {
        relations: relations.collect(),
        migrations: applied(connection).await?,
    })
}

/// Tables in the given order, each replaced by its months where it has such; columns that are computed are left out.
pub(crate) const RELATIONS: &str = "SELECT filled.relname::text, CASE WHEN filled.relispartition THEN whole.relname::text END, \
     (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute \
      WHERE attrelid = filled.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''), \
     (SELECT array_agg(format_type(atttypid, atttypmod) ORDER BY attnum) FROM pg_attribute \
      WHERE attrelid = filled.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') \
     FROM unnest($1::text[]) WITH ORDINALITY AS own (name, place) \
     JOIN pg_namespace ON nspname = current_schema() \
     JOIN pg_class AS whole ON whole.relnamespace = pg_namespace.oid AND whole.relname = own.name \
     JOIN pg_class AS filled ON filled.relkind = 'r' AND (filled.oid = whole.oid \
         OR filled.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = whole.oid)) \
     ORDER BY place, filled.relname";

/// Sequences that were made as such, and those of identity columns.
async fn sequences(connection: &mut PgConnection) -> Result<Vec<Sequence>, StoreError> {
    let made = made_by_migrations().into_iter();
    let made = made.filter(|(made, _)| *made == Made::Sequence);
    let rows: Vec<(String, Option<i64>)> = sqlx::query_as(SEQUENCES)
        .bind(made.map(|(_, name)| name).collect::<Vec<_>>())
        .bind(own_tables())
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(name, last)| Sequence { name, last })
        .collect())
}

pub(crate) const SEQUENCES: &str = "SELECT number.relname::text, pg_sequence_last_value(number.oid) FROM pg_class AS number \
     JOIN pg_namespace ON nspname = current_schema() AND pg_namespace.oid = number.relnamespace \
     WHERE number.relkind = 'S' AND (number.relname = ANY ($1::text[]) OR EXISTS (SELECT FROM pg_depend \
         JOIN pg_class AS owner ON owner.oid = refobjid \
         WHERE classid = 'pg_class'::regclass AND objid = number.oid AND deptype IN ('a', 'i') \
         AND owner.relnamespace = number.relnamespace AND owner.relname = ANY ($2::text[]))) \
     ORDER BY 1";

/// The tables of ours that are there, quoted and with commas between them; empty when there is none.
async fn present(connection: &mut PgConnection) -> Result<String, StoreError> {
    let rows: Vec<(String,)> = sqlx::query_as(PRESENT)
        .bind(own_tables())
        .fetch_all(connection)
        .await?;
    let names: Vec<String> = rows.iter().map(|(name,)| quoted(name)).collect();
    Ok(names.join(", "))
}

pub(crate) const PRESENT: &str = "SELECT relname::text FROM pg_class \
     JOIN pg_namespace ON nspname = current_schema() AND pg_namespace.oid = relnamespace \
     WHERE relkind IN ('r', 'p') AND relname = ANY ($1::text[]) ORDER BY 1";

/// A name as SQL writes it, whatever stands in it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
