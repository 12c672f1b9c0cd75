//! `smartetl migrate` and `smartetl schema`.

use super::{Context, Database, Outcome};
use crate::output;

#[derive(Debug, clap::Args)]
pub struct Args {}

/// Brings the tables to this version.
pub async fn run(_: Args, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    if smartetl_store::is_current(&mut connection).await? {
        context.say(context.lang().pick(
            "The tables are those of this version already.",
            "Les tables sont déjà celles de cette version.",
        ));
        return Ok(Outcome::Done);
    }
    drop(connection);
    let pool = database.pool(1).await?;
    smartetl_store::migrate(&pool).await?;
    pool.close().await;
    context.say(context.lang().pick(
        "The tables are those of this version now.",
        "Les tables sont maintenant celles de cette version.",
    ));
    Ok(Outcome::Done)
}

/// Prints the SQL of all tables, to read.
pub fn schema() -> anyhow::Result<Outcome> {
    output::print(&smartetl_store::schema_sql())?;
    Ok(Outcome::Done)
}
