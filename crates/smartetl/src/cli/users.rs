//! `smartetl users`: who may log in to the service.

use super::secret::password;
use super::{Context, Database, Outcome};
use crate::access::{Change, Changes, user};
use crate::night::Lang;
use crate::output::{self, Column, Format, Printer};
use smartetl_core::model::{Role, Way};
use smartetl_store::access::{self, Account};
use sqlx::PgConnection;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Who may log in.
    List {
        /// How to write them
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Let somebody log in. The password is asked for, or read from stdin.
    Add {
        /// What they log in with
        name: String,
        /// What they may do: viewer (look), operator (deal with issues too), admin (everything)
        #[arg(long, default_value = "viewer", value_parser = role)]
        role: Role,
    },
    /// Let somebody do more or less.
    Role {
        name: String,
        /// viewer, operator or admin
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Set somebody's password, which is asked for, or read from stdin. Where they are logged in they are not any more.
    Password { name: String },
    /// Let somebody log in no more.
    Remove { name: String },
}

fn role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("`{word}` is no role; known are {}", known.join(", "))
    })
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let lang = context.lang();
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let (text, change, secret);
    match &args.action {
        Action::List { format } => return list(&mut connection, *format, context).await,
        Action::Add { name, role } => {
            secret = password(lang)?;
            change = Change::AddUser {
                name,
                role: *role,
                password: &secret,
            };
            text = [
                format!("{name} may log in"),
                format!("{name} peut se connecter"),
            ];
        }
        Action::Role { name, role } => {
            change = Change::Role { name, role: *role };
            text = [
                format!("{name} is {} now", crate::access::role(*role, lang)),
                format!("{name} est maintenant {}", crate::access::role(*role, lang)),
            ];
        }
        Action::Password { name } => {
            secret = password(lang)?;
            change = Change::Password {
                name,
                password: &secret,
            };
            text = [
                format!("{name} has another password"),
                format!("{name} a un autre mot de passe"),
            ];
        }
        Action::Remove { name } => {
            change = Change::RemoveUser { name };
            text = [
                format!("{name} may log in no more"),
                format!("{name} ne peut plus se connecter"),
            ];
        }
    }
    by_command().make(&mut connection, vec![change]).await?;
    let [en, fr] = text;
    let text = match lang {
        Lang::En => en,
        Lang::Fr => fr,
    };
    output::print(&(text + "\n"))?;
    Ok(Outcome::Done)
}

/// Whoever may run a command over these tables may do everything.
pub(super) fn by_command() -> Changes {
    Changes {
        who: user(),
        way: Way::Command,
    }
}

async fn list(
    connection: &mut PgConnection,
    format: Format,
    context: &Context,
) -> anyhow::Result<Outcome> {
    let lang = context.lang();
    let teller = context.teller_of(connection).await?;
    let is_for_people = matches!(format, Format::Table | Format::Records);
    let names = if is_for_people {
        [
            ["Name", "Nom"],
            ["Role", "Rôle"],
            ["Added", "Ajouté"],
            ["Changed", "Modifié"],
        ]
        .map(|[en, fr]| lang.pick(en, fr))
    } else {
        ["name", "role", "made_at", "changed_at"]
    };
    let row = |account: Account| {
        let Account {
            name,
            role,
            made_at,
            changed_at,
        } = account;
        if is_for_people {
            let role = crate::access::role(role, lang).to_owned();
            [name, role, teller.dated(made_at), teller.dated(changed_at)]
        } else {
            [
                name,
                role.as_str().to_owned(),
                made_at.to_string(),
                changed_at.to_string(),
            ]
        }
    };
    let all = access::accounts(connection).await?;
    printed(format, names, all.into_iter().map(row), context)
}

/// Rows of texts.
pub(super) fn printed<const N: usize>(
    format: Format,
    names: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
    context: &Context,
) -> anyhow::Result<Outcome> {
    let columns = names.map(Column::text).into();
    let width = output::terminal_width();
    let mut printer = Printer::new(
        columns,
        Some(format),
        width,
        context.colour,
        output::stdout(),
    );
    for row in rows {
        printer.row(row.map(Some).into()).map_err(output::closed)?;
    }
    printer.finish().map_err(output::closed)?;
    Ok(Outcome::Done)
}
