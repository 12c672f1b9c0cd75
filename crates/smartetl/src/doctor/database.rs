//! The database: there, of the right version, durable, migrated, and in agreement about the time.

use super::{Check, Status, failed};
use crate::cli::{Context, Database};
use crate::errors::hint_of;
use crate::reason::Reason;
use jiff::Timestamp;
use smartetl_store::StoreError;
use sqlx::PgConnection;

/// The version that smartETL works with.
const MAJOR: i32 = 17;

/// The checks, and the address where a server answered.
pub async fn checks(context: &Context) -> (Option<String>, Vec<Check>) {
    let database = match Database::open(context).await {
        Ok(database) => database,
        Err(error) => return (None, vec![unreachable(&error)]),
    };
    let mut connection = match database.connect().await {
        Ok(connection) => connection,
        Err(error) => return (None, vec![unreachable(&error)]),
    };
    let kind = if database.embedded().is_some() {
        ["embedded", "intégré"]
    } else {
        ["configured", "configuré"]
    };
    let mut checks = Vec::new();
    match look(&mut connection).await {
        Ok(found) => {
            checks.push(version(&found, kind, &database));
            checks.push(durability(&found));
            checks.push(rights(&found));
            checks.push(clock(&found));
            checks.push(migrations(&mut connection).await);
            checks.extend(reader(&mut connection).await);
            checks.extend(late_rows(&mut connection).await);
        }
        Err(error) => checks.push(unreachable(&error.into())),
    }
    (Some(database.url().to_owned()), checks)
}

#[derive(sqlx::FromRow)]
struct Found {
    version_number: i32,
    version: String,
    fsync: String,
    full_page_writes: String,
    may_create: bool,
    /// Microseconds since 1970.
    now: i64,
    encoding: String,
}

async fn look(connection: &mut PgConnection) -> sqlx::Result<Found> {
    sqlx::query_as(
        "SELECT current_setting('server_version_num')::int AS version_number,
                current_setting('server_version') AS version,
                current_setting('fsync') AS fsync,
                current_setting('full_page_writes') AS full_page_writes,
                has_database_privilege(current_database(), 'CREATE') AS may_create,
                (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now,
                current_setting('server_encoding') AS encoding",
    )
    .fetch_one(connection)
    .await
}

fn version(found: &Found, [en, fr]: [&str; 2], database: &Database) -> Check {
    let (version, url) = (&found.version, database.masked_url());
    let detail = [
        format!("PostgreSQL {version}, {en}, at {url}"),
        format!("PostgreSQL {version}, {fr}, à l’adresse {url}"),
    ];
    if found.version_number / 10_000 != MAJOR {
        Check::new("postgresql", Status::Fail, detail).hint([
            format!("smartETL works with PostgreSQL {MAJOR}"),
            format!("smartETL travaille avec PostgreSQL {MAJOR}"),
        ])
    } else if found.encoding != "UTF8" {
        Check::new(
            "postgresql",
            Status::Fail,
            [
                format!("{}, encoding {}", detail[0], found.encoding),
                format!("{}, encodage {}", detail[1], found.encoding),
            ],
        )
        .hint([
            "use a database with ENCODING 'UTF8'",
            "utilisez une base avec ENCODING 'UTF8'",
        ])
    } else {
        Check::ok("postgresql", detail)
    }
}

fn durability(found: &Found) -> Check {
    let detail = format!(
        "fsync {}, full_page_writes {}",
        found.fsync, found.full_page_writes
    );
    if found.fsync == "on" && found.full_page_writes == "on" {
        Check::ok("durability", detail)
    } else {
        Check::new("durability", Status::Warn, detail)
            .hint([
                "rows that are reported as loaded can be lost at a power cut; switch both on",
                "des lignes annoncées comme chargées peuvent se perdre à une coupure de courant\u{a0}; activez les deux",
            ])
    }
}

fn rights(found: &Found) -> Check {
    if found.may_create {
        Check::ok(
            "rights",
            [
                "this user may create tables",
                "cet utilisateur peut créer des tables",
            ],
        )
    } else {
        Check::new(
            "rights",
            Status::Warn,
            [
                "this user may not create schemas in this database",
                "cet utilisateur ne peut pas créer de schémas dans cette base",
            ],
        )
        .hint([
            "GRANT CREATE ON DATABASE to it, or run `smartetl migrate` as the owner",
            "donnez-lui GRANT CREATE ON DATABASE, ou lancez `smartetl migrate` en tant que propriétaire",
        ])
    }
}

/// As whom `smartetl sql` reads; nothing where it is as it should be, or there are no tables.
async fn reader(connection: &mut PgConnection) -> Option<Check> {
    let may: Option<bool> = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'smartetl_read' AND pg_has_role(current_user, oid, 'SET'))
         WHERE to_regclass('account') IS NOT NULL",
    )
    .fetch_optional(connection)
    .await
    .ok()?;
    let detail = [
        "this user cannot take the role smartetl_read: `smartetl sql` reads as the owner, who sees the hashes of passwords and tokens",
        "cet utilisateur ne peut pas prendre le rôle smartetl_read\u{a0}: `smartetl sql` lit en tant que propriétaire, qui voit les condensés \
         des mots de passe et des jetons",
    ];
    let hint = [
        "doc/bring-your-own.md says how an administrator makes it",
        "doc/bring-your-own.fr.md dit comment un administrateur le crée",
    ];
    (may == Some(false)).then(|| Check::new("reader", Status::Warn, detail).hint(hint))
}

async fn migrations(connection: &mut PgConnection) -> Check {
    let name = "migrations";
    let error = match smartetl_store::check_tables(connection).await {
        Ok(()) => {
            let detail = [
                "the tables are those of this version",
                "les tables sont celles de cette version",
            ];
            return Check::ok(name, detail);
        }
        Err(error) => error,
    };
    let status = match error {
        StoreError::NoTables | StoreError::OlderTables { .. } => Status::Warn,
        _ => Status::Fail,
    };
    let refused = matches!(error, StoreError::Database(_));
    let error = error.into();
    let check = Check::new(name, status, Reason::of_chain(&error));
    let hint = hint_of(&error).filter(|_| !refused);
    check.hint(hint.unwrap_or_else(|| {
        Reason::from([
            "this user must be able to read the tables",
            "cet utilisateur doit pouvoir lire les tables",
        ])
    }))
}

/// What nobody would see otherwise.
async fn late_rows(connection: &mut PgConnection) -> Option<Check> {
    let rows = smartetl_store::facts::left_out_lately(connection).await;
    // Without tables there are none.
    let rows = rows.ok().filter(|rows| *rows > 0)?;
    let detail = [
        format!(
            "{rows} rows of the last 31 days came after their trees had retired, and count nothing"
        ),
        format!(
            "{rows} lignes des 31 derniers jours sont venues après la purge de leurs arbres, et ne comptent pas"
        ),
    ];
    Some(Check::new("late_rows", Status::Warn, detail).hint([
        "`smartetl status` says of which files; a larger retention.settled_after waits longer for such rows",
        "`smartetl status` dit de quels fichiers\u{a0}; un retention.settled_after plus grand les attend plus longtemps",
    ]))
}

fn clock(found: &Found) -> Check {
    let apart = (Timestamp::now().as_microsecond() - found.now).abs() / 1_000_000;
    let detail = [
        format!("the server's clock is {apart} s from this machine's"),
        format!("l’horloge du serveur est à {apart} s de celle de cette machine"),
    ];
    if apart > 60 {
        Check::new("clock", Status::Warn, detail).hint([
            "set both by NTP: what is running or lost depends on them",
            "réglez les deux par NTP\u{a0}: ce qui est en cours ou sans fin en dépend",
        ])
    } else {
        Check::ok("clock", detail)
    }
}

/// No server answers, or not as it should.
fn unreachable(error: &anyhow::Error) -> Check {
    let mut check = failed("postgresql", error);
    check.hint.get_or_insert_with(|| {
        Reason::from([
            "check DATABASE_URL; `smartetl config show` says where it comes from",
            "vérifiez DATABASE_URL\u{a0}; `smartetl config show` dit d’où elle vient",
        ])
    });
    check
}
