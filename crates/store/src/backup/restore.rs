//! Rows back into an empty database, with tables of the version that they had: all of them or none.

use std::collections::BTreeSet;

use sqlx::postgres::PgCopyIn;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Transaction};

use super::{Contents, Relation, Sequence, contents, present, quoted, sequences};
use crate::schema::{
    applied, check_known, check_tables, collided, latest, made_by_migrations, migrate_to,
};
use crate::{Month, StoreError, collision, ensure_months, indexes};

/// One number for the lock under which one restore at a time works: "rest" in ASCII.
const RESTORE_LOCK: i64 = 0x7265_7374;

/// One transaction, from the tables to the last row.
#[derive(Debug)]
pub struct Restore {
    transaction: Transaction<'static, Postgres>,
}

impl Restore {
    /// Makes sure that nothing is there, and makes the tables that the contents were taken from.
    ///
    /// # Errors
    /// When the database is not empty, the contents are of a later version, of another build or of no build, or the server
    /// refuses or is gone. Nothing has changed then.
    pub async fn begin(pool: &PgPool, of: &Contents) -> Result<Self, StoreError> {
        check_known(&of.migrations)?;
        let transaction = collision::tried_again(collided, async || {
            let mut transaction = pool.begin().await?;
            make_tables(&mut transaction, of).await?;
            Ok(transaction)
        })
        .await?;
        Ok(Self { transaction })
    }

    /// Where the binary COPY stream of a relation goes.
    ///
    /// # Errors
    /// When the server refuses or is gone.
    pub async fn fill(
        &mut self,
        relation: &Relation,
    ) -> Result<PgCopyIn<&mut PgConnection>, StoreError> {
        let statement = format!("COPY {} FROM STDIN (FORMAT binary)", relation.target());
        Ok(self.transaction.copy_in_raw(&statement).await?)
    }

    /// Numbers go on where they were, the tables become those of this version, and all of it is there. Nobody is logged in, and no
    /// process of that time runs.
    ///
    /// # Errors
    /// When the server refuses or is gone.
    pub async fn finish(mut self, numbers: &[Sequence]) -> Result<Access, StoreError> {
        let own = sequences(&mut self.transaction).await?;
        for Sequence { name, last } in numbers {
            if !own.iter().any(|sequence| sequence.name == *name) {
                return Err(StoreError::OtherRelation {
                    version: latest(),
                    relation: name.clone(),
                });
            }
            let Some(last) = last else { continue };
            let next = last.saturating_add(1);
            // Unlike setval, this is undone with the transaction.
            let statement = format!("ALTER SEQUENCE {} RESTART WITH {next}", quoted(name));
            sqlx::query(AssertSqlSafe(statement))
                .execute(&mut *self.transaction)
                .await?;
        }
        migrate_to(&mut self.transaction, latest()).await?;
        for statement in OF_THAT_TIME {
            sqlx::query(statement)
                .execute(&mut *self.transaction)
                .await?;
        }
        let (accounts, tokens) = sqlx::query_as(ACCESS)
            .fetch_one(&mut *self.transaction)
            .await?;
        self.transaction.commit().await?;
        Ok(Access { accounts, tokens })
    }

    /// Takes everything back.
    ///
    /// # Errors
    /// When the server is gone, which has the same effect.
    pub async fn undo(self) -> Result<(), StoreError> {
        Ok(self.transaction.rollback().await?)
    }
}

/// Who may come in after a restore.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    pub accounts: i64,
    /// Tokens that have not expired.
    pub tokens: i64,
}

pub(crate) const ACCESS: &str = "SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM api_token WHERE expires_at IS NULL OR expires_at > now())";

const OF_THAT_TIME: [&str; 2] = ["DELETE FROM session", "DELETE FROM process"];

async fn make_tables(connection: &mut PgConnection, of: &Contents) -> Result<(), StoreError> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)")
        .bind(RESTORE_LOCK)
        .execute(&mut *connection)
        .await?;
    match check_tables(connection).await {
        Ok(()) | Err(StoreError::OlderTables { .. }) => {
            make_sure_of_nothing(connection).await?;
            // Migrations only go forward: empty tables of a later version are made anew.
            if applied(connection).await? != of.migrations {
                remove(connection).await?;
            }
        }
        Err(StoreError::NoTables) => {}
        Err(error) => return Err(error),
    }
    migrate_to(connection, of.version()).await?;
    let months: Option<BTreeSet<Month>> = of
        .relations
        .iter()
        .filter_map(|relation| Some((relation.month_of.as_deref()?, &relation.name)))
        .map(|(table, name)| Month::of_partition(table, name))
        .collect();
    ensure_months(connection, &months.unwrap_or_default()).await?;
    compare(&contents(connection).await?, of)
}

/// From here on nobody writes until the end of the transaction.
async fn make_sure_of_nothing(connection: &mut PgConnection) -> Result<(), StoreError> {
    let tables = present(connection).await?;
    let lock = format!("LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE");
    sqlx::query(AssertSqlSafe(lock))
        .execute(&mut *connection)
        .await?;
    for table in tables.split(", ") {
        // What an empty database says of itself: who looked after it, that it was proved, backed up or fused.
        let of_itself = match table {
            "\"upkeep\"" => Some("DELETE FROM upkeep"),
            "\"process\"" => Some("DELETE FROM process"),
            "\"fuse_state\"" => Some("DELETE FROM fuse_state WHERE NOT EXISTS (SELECT FROM batch)"),
            _ => None,
        };
        if let Some(statement) = of_itself {
            sqlx::query(statement).execute(&mut *connection).await?;
        }
        let one = format!("TABLE {table} LIMIT 1");
        let row = sqlx::query(AssertSqlSafe(one))
            .fetch_optional(&mut *connection)
            .await?;
        if row.is_some() {
            return Err(StoreError::NotEmpty {
                table: table.replace('"', ""),
            });
        }
    }
    Ok(())
}

/// What somebody else built upon them is in the way: it is not removed. A view that a later migration made anew may need what came
/// after it: what is still needed is tried again as long as something else goes.
async fn remove(connection: &mut PgConnection) -> Result<(), StoreError> {
    let made = made_by_migrations().into_iter().rev();
    let made = made.map(|(made, name)| (made.word(), name));
    let mut left: Vec<_> = made.chain([("TABLE", "_sqlx_migrations")]).collect();
    while !left.is_empty() {
        let mut needed = Vec::new();
        let mut refused = None;
        for (kind, name) in &left {
            let mut attempt = connection.begin().await?;
            let statement = format!("DROP {kind} IF EXISTS {}", quoted(name));
            let dropped = sqlx::query(AssertSqlSafe(statement))
                .execute(&mut *attempt)
                .await;
            match dropped {
                Ok(_) => attempt.commit().await?,
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(NEEDED) => {
                    attempt.rollback().await?;
                    needed.push((*kind, *name));
                    refused = Some(error);
                }
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(error) = refused.filter(|_| needed.len() == left.len()) {
            return Err(sqlx::Error::Database(error).into());
        }
        left = needed;
    }
    Ok(())
}

/// PostgreSQL: `dependent_objects_still_exist`.
const NEEDED: &str = "2BP01";

/// Every name that statements are made of is one that the tables have.
fn compare(found: &Contents, wanted: &Contents) -> Result<(), StoreError> {
    let other = |relation: &Relation| StoreError::OtherRelation {
        version: wanted.version(),
        relation: relation.name.clone(),
    };
    let extra = wanted
        .relations
        .iter()
        .find(|relation| !found.relations.contains(relation));
    let missing = found.relations.iter().find(|relation| {
        relation.month_of.is_none()
            && !wanted
                .relations
                .iter()
                .any(|other| other.name == relation.name)
    });
    match extra.or(missing) {
        Some(relation) => Err(other(relation)),
        None => Ok(()),
    }
}

/// Makes what is only there to be quick: indexes of the months, what the planner knows. Everything is right without.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn settle(connection: &mut PgConnection) -> Result<(), StoreError> {
    indexes::complete_months(connection, async || None::<&mut PgConnection>).await?;
    let tables = present(connection).await?;
    sqlx::query(AssertSqlSafe(format!("ANALYZE {tables}")))
        .execute(connection)
        .await?;
    Ok(())
}
