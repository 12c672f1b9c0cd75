//! Whose a database is, and who may read it.

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};

use super::statements::{MEMBER_OF, OF_SUPERUSERS, OWNER, READER, SCHEMA};
use super::{
    Done, Login, Role, RolesError, Wanted, connect, is_roles_collision, other_database, run,
};
use crate::backup::quoted;
use crate::collision::tried_again;

/// The same in every database, wherever it is made: as in the embedded server.
const FORM: &str = "TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'";

/// The database is there, and it and what is in it belongs to the role; nobody else comes in. `old`: who had it before.
pub(super) async fn own(
    connection: &mut PgConnection,
    admin: &PgConnectOptions,
    role: &Role<'_>,
    old: &[&str],
    done: &mut Vec<Done>,
) -> Result<(), RolesError> {
    let (database, owner) = (role.database, &role.login.name);
    let (quoted_database, quoted_owner) = (quoted(database), quoted(owner));
    let found: Option<(String, bool)> = sqlx::query_as(OWNER)
        .bind(database)
        .fetch_optional(&mut *connection)
        .await?;
    let Some((present, is_superuser)) = found else {
        let statement = format!("CREATE DATABASE {quoted_database} OWNER {quoted_owner} {FORM}");
        run(connection, statement).await?;
        close(connection, database).await?;
        done.push(Done::DatabaseMade {
            database: database.to_owned(),
            owner: owner.clone(),
        });
        return Ok(());
    };
    let mut from: Vec<&str> = old.to_vec();
    if !is_superuser && present != *owner && !from.contains(&&*present) {
        from.push(&present);
    }
    for old in &from {
        if let Some(other) = other_database(connection, old, database).await? {
            return Err(RolesError::OwnsOthers {
                role: (*old).to_owned(),
                database: database.to_owned(),
                other,
            });
        }
    }
    if present != *owner {
        let statement = format!("ALTER DATABASE {quoted_database} OWNER TO {quoted_owner}");
        run(connection, statement).await?;
    }
    let mut inside = connect(admin, database).await?;
    tried_again(is_roles_collision, async || {
        take_over(&mut inside, &quoted_owner, &from).await
    })
    .await?;
    inside.close().await?;
    close(connection, database).await?;
    let superuser = is_superuser.then_some(&*present);
    let from = from.into_iter().chain(superuser);
    done.extend(from.map(|from| Done::TakenOver {
        database: database.to_owned(),
        from: from.to_owned(),
        to: owner.clone(),
    }));
    done.push(Done::DatabaseKept {
        database: database.to_owned(),
        owner: owner.clone(),
    });
    Ok(())
}

/// Only its owner comes in, unless somebody lets others.
async fn close(connection: &mut PgConnection, database: &str) -> Result<(), RolesError> {
    let database = quoted(database);
    run(
        connection,
        format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC"),
    )
    .await
}

async fn take_over(
    connection: &mut PgConnection,
    owner: &str,
    from: &[&str],
) -> Result<(), RolesError> {
    let mut transaction = connection.begin().await?;
    for old in from {
        let statement = format!("REASSIGN OWNED BY {} TO {owner}", quoted(old));
        run(&mut transaction, statement).await?;
    }
    let (schema,): (String,) = sqlx::query_as(SCHEMA).fetch_one(&mut *transaction).await?;
    let things: Vec<(String,)> = sqlx::query_as(OF_SUPERUSERS)
        .bind(&schema)
        .fetch_all(&mut *transaction)
        .await?;
    for (thing,) in things {
        run(&mut transaction, format!("ALTER {thing} OWNER TO {owner}")).await?;
    }
    let schema = quoted(&schema);
    run(
        &mut transaction,
        format!("GRANT USAGE, CREATE ON SCHEMA {schema} TO {owner}"),
    )
    .await?;
    Ok(transaction.commit().await?)
}

/// The reader sees all tables and views that are there or that the owner makes later, and that is all; those before it
/// see nothing any more. So does the role of `smartetl sql`.
pub(super) async fn let_read(
    admin: &PgConnectOptions,
    wanted: &Wanted,
    reader: Option<&Login>,
    old: &[&str],
) -> Result<(), RolesError> {
    let mut inside = connect(admin, &wanted.database).await?;
    tried_again(is_roles_collision, async || {
        let mut transaction = inside.begin().await?;
        let (schema,): (String,) = sqlx::query_as(SCHEMA).fetch_one(&mut *transaction).await?;
        let place = Place {
            database: quoted(&wanted.database),
            schema: quoted(&schema),
            owner: quoted(&wanted.owner.name),
        };
        run(
            &mut transaction,
            format!("REVOKE CREATE ON SCHEMA {} FROM PUBLIC", place.schema),
        )
        .await?;
        for old in old {
            place.close_to(&mut transaction, old).await?;
        }
        if let Some(reader) = reader {
            place.close_to(&mut transaction, &reader.name).await?;
            place
                .open_to(&mut transaction, &quoted(&reader.name))
                .await?;
            // Whoever asks too much is stopped; the rights above are what keeps it from writing.
            for setting in [
                "default_transaction_read_only = on",
                "statement_timeout = '60s'",
            ] {
                let statement = format!("ALTER ROLE {} SET {setting}", quoted(&reader.name));
                run(&mut transaction, statement).await?;
            }
        }
        place.open_to(&mut transaction, READER).await?;
        Ok::<_, RolesError>(transaction.commit().await?)
    })
    .await?;
    Ok(inside.close().await?)
}

/// Names as SQL has them.
struct Place {
    database: String,
    schema: String,
    owner: String,
}

impl Place {
    async fn open_to(&self, connection: &mut PgConnection, role: &str) -> Result<(), RolesError> {
        let Self {
            database,
            schema,
            owner,
        } = self;
        for statement in [
            format!("GRANT CONNECT ON DATABASE {database} TO {role}"),
            format!("GRANT USAGE ON SCHEMA {schema} TO {role}"),
            format!("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}"),
            format!(
                "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT SELECT ON TABLES TO {role}"
            ),
        ] {
            run(connection, statement).await?;
        }
        Ok(())
    }

    /// Whatever it was given, also through others.
    async fn close_to(&self, connection: &mut PgConnection, role: &str) -> Result<(), RolesError> {
        let Self {
            database,
            schema,
            owner,
        } = self;
        let above: Vec<(String,)> = sqlx::query_as(MEMBER_OF)
            .bind(role)
            .fetch_all(&mut *connection)
            .await?;
        let role = quoted(role);
        for (above,) in above {
            run(connection, format!("REVOKE {} FROM {role}", quoted(&above))).await?;
        }
        for statement in [
            format!("REVOKE ALL ON DATABASE {database} FROM {role}"),
            format!("REVOKE ALL ON SCHEMA {schema} FROM {role}"),
            format!("REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}"),
            format!("REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {role}"),
            format!(
                "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} REVOKE ALL ON TABLES FROM {role}"
            ),
        ] {
            run(connection, statement).await?;
        }
        Ok(())
    }
}
