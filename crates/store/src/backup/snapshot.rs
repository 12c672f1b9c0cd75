//! All rows as they stand at one moment, whoever writes meanwhile.

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, Transaction};

use super::{Contents, Relation, Sequence, contents, present, sequences};
use crate::StoreError;
use crate::copy::TupleReader;
use crate::schema::{check_tables, own_tables};

/// A transaction that reads everything as of its begin. Nobody has to wait for it, except for who drops tables or months.
#[derive(Debug)]
pub struct Snapshot<'c> {
    transaction: Transaction<'c, Postgres>,
    pub contents: Contents,
    /// What the server's clock said.
    pub taken_at: String,
    /// What the rows take in the server's files, in bytes: about as much as will be read.
    pub size_bytes: u64,
    /// Tables that stand beside ours and are not read.
    pub others: Vec<String>,
}

impl<'c> Snapshot<'c> {
    /// # Errors
    /// When the server refuses or is gone, or the tables are missing, later or of another build. Earlier ones will do.
    pub async fn take(connection: &'c mut PgConnection) -> Result<Self, StoreError> {
        match check_tables(connection).await {
            Ok(()) | Err(StoreError::OlderTables { .. }) => {}
            Err(error) => return Err(error),
        }
        let tables = present(connection).await?;
        let mut transaction = connection.begin_with(BEGIN).await?;
        // Before anything is read: what a snapshot sees of a table that is emptied or dropped behind it is not what was there.
        sqlx::query(AssertSqlSafe(format!(
            "LOCK TABLE {tables} IN ACCESS SHARE MODE"
        )))
        .execute(&mut *transaction)
        .await?;
        let (taken_at,): (String,) = sqlx::query_as(NOW).fetch_one(&mut *transaction).await?;
        let contents = contents(&mut transaction).await?;
        let mut names = own_tables();
        names.extend(
            contents
                .relations
                .iter()
                .map(|relation| relation.name.as_str()),
        );
        let (size_bytes,): (i64,) = sqlx::query_as(SIZE)
            .bind(&names)
            .fetch_one(&mut *transaction)
            .await?;
        let others: Vec<(String,)> = sqlx::query_as(OTHERS)
            .bind(&names)
            .fetch_all(&mut *transaction)
            .await?;
        Ok(Self {
            transaction,
            taken_at,
            size_bytes: u64::try_from(size_bytes).unwrap_or(0),
            others: others.into_iter().map(|(name,)| name).collect(),
            contents,
        })
    }

    /// Gives the binary COPY stream of a relation to `take`, piece by piece. How many rows it has.
    ///
    /// # Errors
    /// When the server is gone, and those of `take`; then the connection is of no use any more.
    pub async fn read<E: From<StoreError>>(
        &mut self,
        relation: &Relation,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let statement = format!("COPY {} TO STDOUT (FORMAT binary)", relation.target());
        let opened = self.transaction.copy_out_raw(&statement).await;
        let mut stream = opened.map_err(StoreError::from)?;
        let mut reader = TupleReader::default();
        let mut rows = 0;
        while let Some(piece) = stream.try_next().await.map_err(StoreError::from)? {
            reader.push(&piece);
            while reader.next_tuple().is_some() {
                rows += 1;
            }
            take(&piece)?;
        }
        reader.end().map_err(StoreError::from)?;
        Ok(rows)
    }

    /// Sequences know no transactions: read behind all rows, they are not behind any of them.
    ///
    /// # Errors
    /// When the server is gone.
    pub async fn end(mut self) -> Result<Vec<Sequence>, StoreError> {
        let found = sequences(&mut self.transaction).await?;
        self.transaction.commit().await?;
        Ok(found)
    }
}

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
const NOW: &str = "SELECT to_char(transaction_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
pub(crate) const SIZE: &str = "SELECT coalesce(sum(pg_relation_size(pg_class.oid)), 0)::bigint FROM pg_class \
     JOIN pg_namespace ON nspname = current_schema() AND pg_namespace.oid = relnamespace \
     WHERE relkind = 'r' AND relname = ANY ($1::text[])";
pub(crate) const OTHERS: &str = "SELECT relname::text FROM pg_class \
     JOIN pg_namespace ON nspname = current_schema() AND pg_namespace.oid = relnamespace \
     WHERE relkind IN ('r', 'p') AND relname <> ALL ($1::text[]) AND relname <> '_sqlx_migrations' AND NOT EXISTS (SELECT FROM pg_depend \
         WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e') \
     ORDER BY 1";
