//! `smartetl runs show RUN`.

use super::again::quoted;
use super::filters::Places;
use super::near::near;
use super::runs::in_a_line;
use super::watching::Watching;
use super::{Context, Outcome};
use crate::errors::{ErrorCode, Failure};
use crate::look::watch::Frame;
use crate::look::words::words;
use crate::look::{
    Drawing, HeadManner, Key, Looked, Placed, Tree, around, drawn, first_and_last, head,
    rows_table, shortened,
};
use crate::night::{Lang, Teller};
use crate::output;
use smartetl_store::issues::{self, Named};
use smartetl_store::looking::{self, Filter, Name, Run, Usual};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use uuid::Uuid;

mod parts;

/// More runs that could be meant are not listed.
const CANDIDATES: u32 = 10;
/// Where no terminal says how wide lines may be.
const WIDTH: usize = 100;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its key or the beginning of it, as `smartetl runs` shows it; or the id that the tool gave it
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    places: Places,
    /// The steps of all runs; else of this one and of those that did not succeed
    #[arg(long)]
    steps: bool,
    /// Characters of ASCII only; so it is where the locale is not UTF-8
    #[arg(long)]
    ascii: bool,
    /// How to write it: json has everything, csv a line for each run
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(flatten)]
    watching: Watching,
}

/// How one run is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// A line for each run of the tree.
    Csv,
    /// One object.
    Json,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    args.watching
        .show(context, async |connection, teller| {
            let filter = args.places.resolve(connection).await?;
            let run = find(connection, &args.run, &filter, teller).await?;
            let shown = Shown::read(connection, run).await?;
            Ok(match args.format {
                Format::Json => Frame::of(shown.json()?),
                Format::Csv => Frame::of(shown.csv()?),
                Format::Table => Frame::of(shown.text(&args, teller, context.colour)),
            })
        })
        .await
}

/// The run that is meant.
async fn find(
    connection: &mut PgConnection,
    name: &str,
    filter: &Filter,
    teller: &Teller,
) -> anyhow::Result<Run> {
    // Ids of tools may look like keys.
    let keys = first_and_last(name).map(Name::Keys);
    let mut found = Vec::new();
    for name in keys.into_iter().chain([Name::OfTree(name)]) {
        found.extend(looking::named(connection, name, filter, CANDIDATES + 1).await?);
    }
    if found.is_empty() {
        found = looking::named(connection, Name::Id(name), filter, CANDIDATES + 1).await?;
    }
    let mut seen = HashSet::new();
    found.retain(|run| seen.insert(run.run_key));
    match found.len() {
        0 => Err(unknown(connection, name, filter).await?.into()),
        1 => Ok(found.remove(0)),
        _ => Err(several(connection, name, &found, teller).await?.into()),
    }
}

/// There is no such run; perhaps a job is meant.
async fn unknown(
    connection: &mut PgConnection,
    name: &str,
    filter: &Filter,
) -> anyhow::Result<Failure> {
    let failure = Failure::new(
        ErrorCode::Usage,
        [
            format!("there is no run `{name}`"),
            format!("il n’y a pas d’exécution `{name}`"),
        ],
    );
    let jobs = looking::named_jobs(connection, &filter.environments, "*").await?;
    let near = near(name, jobs.iter().map(|known| known.job.as_str()));
    Ok(match near.first() {
        Some(job) => {
            let job = quoted(job);
            failure.hint([
                format!("did you mean the job? `smartetl runs --job {job}` lists its runs"),
                format!("vouliez-vous dire le job\u{a0}? `smartetl runs --job {job}` liste ses exécutions"),
            ])
        }
        None => failure.hint([
            "give the beginning of a key (at least 4 digits) as `smartetl runs` shows it, or the id that the tool gave the run",
            "donnez le début d’une clé (4 chiffres au moins) comme `smartetl runs` la montre, ou l’identifiant donné par l’outil",
        ]),
    })
}

async fn several(
    connection: &mut PgConnection,
    name: &str,
    found: &[Run],
    teller: &Teller,
) -> anyhow::Result<Failure> {
    let keys: Vec<Uuid> = found.iter().map(|run| run.run_key).collect();
    let keys = shortened(&looking::neighbours(connection, &keys).await?);
    let mut hint = match teller.lang {
        Lang::En => "give the key of the one that you mean, or --job or --day:".to_owned(),
        Lang::Fr => "donnez la clé de celle que vous voulez, ou --job ou --day\u{a0}:".to_owned(),
    };
    for run in found.iter().take(CANDIDATES as usize) {
        let key = keys.get(&run.run_key).map_or("", String::as_str);
        let _ = write!(hint, "\n  {}", in_a_line(run, key, teller));
    }
    if found.len() > CANDIDATES as usize {
        hint.push_str("\n  …");
    }
    let what = match teller.lang {
        Lang::En => format!("`{name}` names several runs"),
        Lang::Fr => format!("`{name}` désigne plusieurs exécutions"),
    };
    Ok(Failure::new(ErrorCode::Usage, what).hint(hint))
}

/// All that is shown of a run.
struct Shown {
    tree: Tree,
    placed: Placed,
    usual: HashMap<i64, Usual>,
    keys: HashMap<Uuid, Key>,
    /// That of the run's cause.
    issue: Option<Named>,
}

impl Shown {
    async fn read(connection: &mut PgConnection, run: Run) -> anyhow::Result<Self> {
        let Looked {
            tree,
            placed,
            usual,
        } = Looked::read(connection, &run).await?;
        let mut keys: Vec<Uuid> = tree.runs().map(|node| node.run.run_key).collect();
        keys.extend(run.rerun_of);
        Ok(Self {
            placed,
            tree,
            usual,
            keys: shortened(&looking::neighbours(connection, &keys).await?),
            issue: issues::of_causes(connection, &[run.run_key])
                .await?
                .remove(&run.run_key),
        })
    }

    fn key(&self, run: Uuid) -> &str {
        self.keys.get(&run).map_or("", String::as_str)
    }

    fn text(&self, args: &Args, teller: &Teller, colour: bool) -> String {
        let run = self.tree.run();
        let terminal = output::terminal_width().map(usize::from);
        let mut text = head(
            &self.tree,
            HeadManner {
                teller,
                width: terminal.unwrap_or(WIDTH),
                colour,
                key: self.key(run.run_key),
                rerun_of: run.rerun_of.map(|key| self.key(key)),
                issue: self.issue.as_ref(),
            },
        );
        text.push('\n');
        let unicode = !args.ascii && crate::look::is_unicode();
        let drawing = Drawing {
            teller,
            width: terminal,
            colour,
            unicode,
            steps: args.steps,
        };
        text.push_str(&drawn(&self.tree, &self.placed, drawing));
        let rows = around(&self.placed, self.tree.struck());
        if !rows.is_empty() {
            let _ = writeln!(text, "\n{}", words(teller.lang).around);
            text.push_str(&rows_table(rows, teller, terminal, colour));
        }
        if self.placed.is_cut {
            let _ = writeln!(text, "\n{}", words(teller.lang).is_cut);
        }
        text.push('\n');
        text.push_str(&super::runs::zone_line(teller));
        if unicode { text } else { ascii(&text) }
    }
}

/// Signs of ours that are not in ASCII; what tools wrote stays as it is.
fn ascii(text: &str) -> String {
    text.replace(" · ", " - ")
        .replace(" › ", " > ")
        .replace('–', "-")
        .replace('…', "...")
}
