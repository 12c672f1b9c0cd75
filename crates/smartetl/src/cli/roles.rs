//! `smartetl roles sync`: roles and databases of a PostgreSQL server become those of the settings.

use super::{Context, Database, Outcome};
use crate::errors::{ErrorCode, Failure};
use crate::night::Lang;
use crate::output::{self, Column, Sheet};
use smartetl_store::roles::{self, Done, RolesError, Wanted};

mod address;

use address::Address;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make or change roles and databases as the settings say: names and passwords, on a server that has data too.
    ///
    /// The owner and the database of the tables are those of `database.url`; those of Airflow, the reader that Grafana is, and the
    /// superuser who does it stand in the settings `roles.*`. A role that another name replaced hands over what it owns and
    /// cannot log in any more. Running it again changes nothing.
    Sync,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let Action::Sync = args.action;
    let (admin, wanted) = wanted(context)?;
    let database = Database::at(admin);
    let options = database.options()?;
    let connection = database.connect().await?;
    let done = roles::sync(connection, &options, &wanted)
        .await
        .map_err(|error| refused(error, &database))?;
    output::print(&text(&done, context.lang()))?;
    Ok(Outcome::Done)
}

/// The address of the superuser, and what is to be.
fn wanted(context: &Context) -> anyhow::Result<(String, Wanted)> {
    let settings = &context.settings;
    let Some(url) = &settings.database.url else {
        return Err(Failure::new(
            ErrorCode::ConfigInvalid,
            [
                "the embedded PostgreSQL has the roles that it needs: there is nothing to make",
                "le PostgreSQL intégré a les rôles qu’il lui faut\u{a0}: il n’y a rien à créer",
            ],
        )
        .hint([
            "name a server with DATABASE_URL, like postgresql://smartetl:password@host:5432/smartetl",
            "indiquez un serveur avec DATABASE_URL, comme postgresql://smartetl:motdepasse@hôte:5432/smartetl",
        ])
        .into());
    };
    let Some(admin) = &settings.roles.admin_url else {
        return Err(Failure::new(
            ErrorCode::ConfigInvalid,
            [
                "nobody is named who may make roles",
                "personne n’est indiqué qui puisse créer des rôles",
            ],
        )
        .at("roles.admin_url")
        .hint([
            "set SMARTETL_ROLES_ADMIN_URL to the address of a superuser, like postgresql://postgres:password@host:5432/postgres, \
             or through the server's Unix socket: postgresql://postgres:password@%2Fvar%2Frun%2Fpostgresql/postgres",
            "mettez dans SMARTETL_ROLES_ADMIN_URL l’adresse d’un superutilisateur, comme \
             postgresql://postgres:motdepasse@hôte:5432/postgres, ou par la socket Unix du serveur\u{a0}: \
             postgresql://postgres:motdepasse@%2Fvar%2Frun%2Fpostgresql/postgres",
        ])
        .into());
    };
    let owner = Address::of("database.url", url)?;
    let database = owner.database("database.url")?;
    let optional =
        |key, url: &Option<String>| url.as_ref().map(|url| Address::of(key, url)).transpose();
    let airflow = optional("roles.airflow_url", &settings.roles.airflow_url)?;
    let reader = optional("roles.grafana_url", &settings.roles.grafana_url)?;
    let superuser = Address::of("roles.admin_url", admin)?;
    let airflow = airflow
        .map(|address| Ok::<_, Failure>((address.database("roles.airflow_url")?, address.login)))
        .transpose()?;
    if let Some(reader) = &reader
        && reader
            .database
            .as_ref()
            .is_some_and(|other| *other != database)
    {
        return Err(twice(
            "roles.grafana_url",
            [
                format!("Grafana reads the database {database}, not another one"),
                format!("Grafana lit la base {database}, pas une autre"),
            ],
        ));
    }
    if let Some((of_airflow, _)) = &airflow
        && *of_airflow == database
    {
        return Err(twice(
            "roles.airflow_url",
            [
                format!("Airflow and smartETL cannot share the database {database}"),
                format!("Airflow et smartETL ne peuvent pas partager la base {database}"),
            ],
        ));
    }
    let mut names = vec![&superuser.login.name, &owner.login.name];
    names.extend(airflow.as_ref().map(|(_, login)| &login.name));
    names.extend(reader.as_ref().map(|reader| &reader.login.name));
    let same = (1..names.len()).find(|at| names[..*at].contains(&names[*at]));
    if let Some(at) = same {
        let name = names[at];
        return Err(twice(
            "database.url, roles.*",
            [
                format!("{name} cannot be two roles at once"),
                format!("{name} ne peut pas être deux rôles à la fois"),
            ],
        ));
    }
    let wanted = Wanted {
        superuser_password: superuser.login.password,
        database,
        owner: owner.login,
        reader: reader.map(|reader| reader.login),
        airflow,
    };
    Ok((admin.clone(), wanted))
}

fn twice(place: &str, message: [String; 2]) -> anyhow::Error {
    Failure::new(ErrorCode::ConfigInvalid, message)
        .at(place)
        .hint([
            "give each its own user and database; `smartetl config show` says where a setting comes from",
            "donnez à chacun son utilisateur et sa base\u{a0}; `smartetl config show` dit d’où vient un paramètre",
        ])
        .into()
}

fn refused(error: RolesError, database: &Database) -> anyhow::Error {
    let failure = match error {
        RolesError::Database(error) => return error.into(),
        RolesError::NoSuperuser(name) => Failure::new(
            ErrorCode::DatabaseRefused,
            [
                format!("{name} is no superuser, and only one may make roles and hand over what they own"),
                format!("{name} n’est pas superutilisateur, et lui seul peut créer des rôles et transférer ce qu’ils possèdent"),
            ],
        )
        .hint([
            "name a superuser in SMARTETL_ROLES_ADMIN_URL; where you have none, let whoever runs the server make the roles as \
             doc/backup.md says",
            "indiquez un superutilisateur dans SMARTETL_ROLES_ADMIN_URL\u{a0}; si vous n’en avez pas, faites créer les rôles par \
             l’administrateur du serveur, comme le dit doc/backup.fr.md",
        ]),
        RolesError::Version(version) => Failure::new(
            ErrorCode::DatabaseVersion,
            [
                format!("the server is PostgreSQL {version}"),
                format!("le serveur est PostgreSQL {version}"),
            ],
        )
        .hint([
            "smartETL works with PostgreSQL 17",
            "smartETL travaille avec PostgreSQL 17",
        ]),
        RolesError::IsSuperuser(name) => Failure::new(
            ErrorCode::ConfigInvalid,
            [
                format!("the role {name} is a superuser, and none of these may be one"),
                format!("le rôle {name} est superutilisateur, ce qu’aucun de ceux-ci ne doit être"),
            ],
        )
        .hint([
            "choose another name for it in the settings",
            "choisissez-lui un autre nom dans les paramètres",
        ]),
        RolesError::OwnsOthers {
            role,
            database,
            other,
        } => Failure::new(
            ErrorCode::ConfigInvalid,
            [
                format!("{role} is to be replaced as the owner of {database}, but owns the database {other} too"),
                format!("{role} doit être remplacé comme propriétaire de {database}, mais possède aussi la base {other}"),
            ],
        )
        .hint([
            format!("hand it over first: ALTER DATABASE {other} OWNER TO …; then run this again"),
            format!("transférez-la d’abord\u{a0}: ALTER DATABASE {other} OWNER TO …\u{a0}; puis relancez"),
        ]),
    };
    failure.at(database.masked_url()).into()
}

/// A line for each role and database.
fn text(done: &[Done], lang: Lang) -> String {
    let names = match lang {
        Lang::En => ["what", "name", "done"],
        Lang::Fr => ["quoi", "nom", "fait"],
    };
    let mut sheet = Sheet::new(names.map(Column::text).to_vec());
    for done in done {
        let (is_role, name, what) = match done {
            Done::Superuser(name) => (
                true,
                name,
                lang.pick("password set", "mot de passe défini").to_owned(),
            ),
            Done::RoleMade(name) => (true, name, lang.pick("made", "créé").to_owned()),
            Done::RoleKept(name) => (
                true,
                name,
                lang.pick("as the settings say", "selon les paramètres")
                    .to_owned(),
            ),
            Done::Retired(name) => (
                true,
                name,
                lang.pick(
                    "replaced, cannot log in any more",
                    "remplacé, ne peut plus se connecter",
                )
                .to_owned(),
            ),
            Done::DatabaseMade { database, owner } => (
                false,
                database,
                match lang {
                    Lang::En => format!("made for {owner}"),
                    Lang::Fr => format!("créée pour {owner}"),
                },
            ),
            Done::DatabaseKept { database, owner } => (
                false,
                database,
                match lang {
                    Lang::En => format!("belongs to {owner}"),
                    Lang::Fr => format!("appartient à {owner}"),
                },
            ),
            Done::TakenOver { database, from, to } => (
                false,
                database,
                match lang {
                    Lang::En => format!("handed over by {from} to {to}"),
                    Lang::Fr => format!("transférée de {from} à {to}"),
                },
            ),
        };
        let kind = if is_role {
            lang.pick("role", "rôle")
        } else {
            lang.pick("database", "base")
        };
        sheet.push([Some(kind.to_owned()), Some(name.clone()), Some(what)]);
    }
    sheet.to_table(output::terminal_width())
}
