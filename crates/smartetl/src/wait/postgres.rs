//! Is a PostgreSQL server there: it lets the user in and answers.

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection};

pub async fn probe(url: &str) -> Result<(), String> {
    let options: PgConnectOptions = url
        .parse()
        .map_err(|_| "this is no PostgreSQL address".to_owned())?;
    let attempt = async {
        let mut connection = options.connect().await?;
        sqlx::query("SELECT 1").execute(&mut connection).await?;
        connection.close().await
    };
    attempt.await.map_err(|error: sqlx::Error| match error {
        sqlx::Error::Io(error) => crate::errors::reason(&error),
        sqlx::Error::Database(refused) => refused.message().to_owned(),
        other => other.to_string(),
    })
}
