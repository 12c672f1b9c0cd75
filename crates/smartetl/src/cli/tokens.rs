//! `smartetl tokens`: programs that may use the service.

use super::users::{by_command, printed};
use super::{Context, Database, Outcome};
use crate::access::Change;
use crate::night::Lang;
use crate::output::{self, Format};
use smartetl_core::model::Scope;
use smartetl_store::access::{self, ApiToken};
use sqlx::PgConnection;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The tokens: what they are for, and what they may; never what they are.
    List {
        /// How to write them
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Make a token and write it to stdout, once: it is kept nowhere.
    Create {
        /// What it is for
        name: String,
        /// What it may: read, act (deal with issues too), admin (everything), post (logs, and nothing else)
        #[arg(long = "scope", value_name = "SCOPE", required = true, num_args = 1.., value_delimiter = ',', value_parser = scope)]
        scopes: Vec<Scope>,
        /// For so many days; for ever where it is left out
        #[arg(long, value_parser = clap::value_parser!(i32).range(1..=3650))]
        days: Option<i32>,
    },
    /// Take a token back.
    Revoke { name: String },
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::parse(word).ok_or_else(|| {
        let known: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        format!("`{word}` is no scope; known are {}", known.join(", "))
    })
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let lang = context.lang();
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let changes = by_command();
    match args.action {
        Action::List { format } => return list(&mut connection, format, context).await,
        Action::Create { name, scopes, days } => {
            let new = (name.as_str(), scopes.as_slice(), days);
            let secret = changes.make_token(&mut connection, new).await?;
            output::print(&format!("{}\n", secret.text()))?;
            context.say(lang.pick(
                "it is never shown again; say it as Authorization: Bearer …",
                "il ne sera plus jamais montré\u{a0}; à dire comme Authorization: Bearer …",
            ));
        }
        Action::Revoke { name } => {
            let change = Change::RevokeToken { name: &name };
            changes.make(&mut connection, vec![change]).await?;
            output::print(&match lang {
                Lang::En => format!("the token {name} counts nothing any more\n"),
                Lang::Fr => format!("le jeton {name} ne vaut plus rien\n"),
            })?;
        }
    }
    Ok(Outcome::Done)
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
            ["Scopes", "Portées"],
            ["Made", "Créé"],
            ["By", "Par"],
            ["Until", "Jusqu’au"],
        ]
        .map(|[en, fr]| lang.pick(en, fr))
    } else {
        ["name", "scopes", "made_at", "made_by", "expires_at"]
    };
    let row = |token: ApiToken| {
        let told = |at| {
            if is_for_people {
                teller.dated(at)
            } else {
                at.to_string()
            }
        };
        let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
        let until = token.expires_at.map(told).unwrap_or_default();
        [
            token.name,
            scopes.join(" "),
            told(token.made_at),
            token.made_by,
            until,
        ]
    };
    let all = access::tokens(connection).await?;
    printed(format, names, all.into_iter().map(row), context)
}
