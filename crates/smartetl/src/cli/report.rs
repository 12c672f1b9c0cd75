//! `smartetl report`: a night or a week, as text, HTML or JSON, to read, to send or to print.

use super::{Context, Database, Outcome, again, other_night, up};
use crate::errors::{ErrorCode, Failure};
use crate::export;
use crate::filtering;
use crate::night::{self, Lang, Teller};
use crate::output;
use crate::report::{self, Clock, Layout, Mail, NightFacts, NightReport, WeekReport};
use jiff::civil::Date;
use smartetl_core::model::Moment;
use sqlx::{Connection, PgConnection};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to report
    #[arg(value_enum, default_value_t = What::Night)]
    what: What,
    /// The business day, like 2026-11-23: the morning of the night; the newest one where it is left out
    #[arg(long, value_name = "DAY", value_parser = filtering::day)]
    day: Option<Date>,
    /// The environment; PROD where it is left out, or else the one with most jobs
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// In a text list everything, and count nothing only
    #[arg(long)]
    all: bool,
    /// Write it to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
    #[arg(
        long,
        help = "Send it as HTML and text to the addresses under [mail] in the configuration file"
    )]
    send: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// One business day and the night that prepares it
    Night,
    /// The seven business days that end with it, beside the four weeks before
    Week,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// About ten lines
    Text,
    /// One file for a browser, a printer or a mail program
    Html,
    /// One object
    Json,
}

/// Of a text that goes into a file, in characters.
const FILE_WIDTH: usize = 100;
/// Of the text of a mail (RFC 5322 wants lines of at most 78).
const MAIL_WIDTH: usize = 76;

/// What was read.
enum Report {
    Night(Box<NightReport>),
    Week(Box<WeekReport>),
}

impl Report {
    /// What is said in one line.
    fn subject(&self, teller: &Teller) -> String {
        let (title, environment, sentence) = match self {
            Self::Night(night) => (
                teller.night(night.night.day),
                &night.night.environment,
                report::headline(night, teller),
            ),
            Self::Week(week) => (
                teller.week(week.days.0, week.days.1),
                &week.environment,
                report::week_headline(week, teller),
            ),
        };
        let sentence: Vec<String> = sentence.into_iter().map(|part| part.text).collect();
        let colon = teller.lang.colon();
        format!("{title} ({environment}){colon} {}", sentence.join(" "))
    }

    /// The command that lists everything of this night or week.
    fn all_of_it(&self, args: &Args, context: &Context) -> String {
        let (what, day, environment) = match self {
            Self::Night(night) => ("night", night.night.day, &night.night.environment),
            Self::Week(week) => ("week", week.days.1, &week.environment),
        };
        let mut command = format!(
            "{} report {what} --day {day}",
            again::same_database(context)
        );
        if args.environment.is_some() {
            command = format!("{command} --environment {}", again::quoted(environment));
        }
        command + " --all"
    }

    const fn as_of(&self) -> Moment {
        match self {
            Self::Night(night) => night.as_of,
            Self::Week(week) => week.as_of,
        }
    }

    fn text(&self, teller: &Teller, layout: Layout) -> String {
        match self {
            Self::Night(night) => report::night_text(night, teller, layout),
            Self::Week(week) => report::week_text(week, teller, layout),
        }
    }

    fn html(&self, teller: &Teller) -> String {
        match self {
            Self::Night(night) => report::night_html(night, teller),
            Self::Week(week) => report::week_html(week, teller),
        }
    }

    fn json(&self, teller: &Teller, clock: &Clock) -> serde_json::Result<serde_json::Value> {
        match self {
            Self::Night(night) => serde_json::to_value(NightFacts::new(night, teller, clock)),
            Self::Week(week) => Ok(report::week_json(week, teller, clock)),
        }
    }
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let settings = context.settings_of(&mut connection).await?;
    let clock = Clock {
        zone: jiff::tz::TimeZone::get(&settings.timezone)?,
        border: settings.business_day.border,
    };
    let report = read(&mut connection, &args, &clock, context).await?;
    let teller = Teller {
        lang: context.lang(),
        zone: clock.zone.clone(),
        // The report holds for the clock of the fuse, whenever it is read.
        now: report.as_of().timestamp(),
    };
    let is_to_terminal = args.output.is_none();
    let layout = Layout {
        width: if is_to_terminal {
            up::width()
        } else {
            FILE_WIDTH
        },
        colour: is_to_terminal && context.colour,
        all: args.all,
        rest: (!args.all).then(|| report.all_of_it(&args, context)),
    };
    let text = match args.format {
        Format::Text => report.text(&teller, layout),
        Format::Html => report.html(&teller),
        Format::Json => serde_json::to_string_pretty(&report.json(&teller, &clock)?)? + "\n",
    };
    match &args.output {
        Some(path) => export::write_text(path, args.force, &text)?,
        None if args.send => {}
        None => output::print(&text)?,
    }
    if let (Report::Night(night), None, Format::Text, true) =
        (&report, args.day, args.format, is_to_terminal && !args.send)
    {
        let folder = again::folder(context);
        let note = other_night::note(&mut connection, &night.night, &teller, context, &folder);
        if let Some(note) = note.await? {
            context.say(&format!("\n{note}"));
        }
    }
    if args.send {
        let mail = Mail {
            subject: report.subject(&teller),
            text: report.text(
                &teller,
                Layout {
                    width: MAIL_WIDTH,
                    colour: false,
                    all: args.all,
                    // It stands in the other part of the mail.
                    rest: None,
                },
            ),
            html: report.html(&teller),
        };
        let to = report::send(mail, &settings.mail, jiff::Timestamp::now()).await?;
        let sent = context.lang().pick("sent to", "envoyé à");
        context.say(&format!("{sent} {}", to.join(", ")));
    }
    Ok(Outcome::Done)
}

/// All of it as it stood at one moment, while others may be loading.
async fn read(
    connection: &mut PgConnection,
    args: &Args,
    clock: &Clock,
    context: &Context,
) -> anyhow::Result<Report> {
    let mut snapshot = connection
        .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        .await?;
    let known = smartetl_store::night::environments(&mut snapshot).await?;
    let environment = args.environment.as_deref();
    let environment = environment.map(|name| filtering::meant(name, &known).unwrap_or(name));
    // Before and after, no row can be.
    let is_possible = args
        .day
        .is_none_or(|day| (1990..=2100).contains(&day.year()));
    let found = match args.what {
        _ if !is_possible => None,
        What::Night => {
            let night = report::night(&mut snapshot, environment, args.day, clock).await?;
            night.map(|night| Report::Night(Box::new(night)))
        }
        What::Week => {
            let week = report::week(&mut snapshot, environment, args.day).await?;
            week.map(|week| Report::Week(Box::new(week)))
        }
    };
    match found {
        Some(report) => Ok(report),
        None => Err(nothing(&mut snapshot, args, environment, &known, context).await?),
    }
}

/// Why there is no such night, and what to do.
async fn nothing(
    connection: &mut PgConnection,
    args: &Args,
    environment: Option<&str>,
    known: &[String],
    context: &Context,
) -> anyhow::Result<anyhow::Error> {
    let failure = |message: [String; 2]| Failure::new(ErrorCode::NoNight, message);
    if known.is_empty() {
        let runs = smartetl_store::night::unscheduled(connection).await?;
        let told = |lang| {
            let command = again::same_database(context);
            let told = night::without_night(&runs, lang, &command, usize::MAX);
            told.trim_end().replace('\n', " ")
        };
        let failure = failure(
            [
                "there is no night to report yet",
                "il n’y a pas encore de nuit à raconter",
            ]
            .map(str::to_owned),
        );
        return Ok(if runs.is_empty() {
            failure.hint([
                "`smartetl load PATH` reads logs, `smartetl fuse` makes runs of them",
                "`smartetl load CHEMIN` lit des journaux, `smartetl fuse` en tire des exécutions",
            ])
        } else {
            failure.hint([told(Lang::En), told(Lang::Fr)])
        }
        .into());
    }
    let newest = smartetl_store::night::night(connection, environment, None).await?;
    Ok(match (environment, newest, args.day) {
        (_, Some(newest), Some(day)) => {
            let [en, fr] = match args.what {
                What::Night => ["no night of", "pas de nuit du"],
                What::Week => [
                    "no night in the week that ends with",
                    "pas de nuit dans la semaine qui finit le",
                ],
            };
            let (environment, newest) = (&newest.environment, newest.day);
            failure([
                format!("{environment} has {en} {day}"),
                format!("{environment} n’a {fr} {day}"),
            ])
            .hint([
                format!("its newest night is that of {newest}"),
                format!("sa nuit la plus récente est celle du {newest}"),
            ])
        }
        (Some(asked), ..) => failure([
            format!("there is no night of the environment {asked}"),
            format!("il n’y a pas de nuit de l’environnement {asked}"),
        ])
        .hint([
            format!("there are nights of {}", known.join(", ")),
            format!("il y a des nuits de {}", known.join(", ")),
        ]),
        _ => failure(
            [
                "there is no night to report",
                "il n’y a pas de nuit à raconter",
            ]
            .map(str::to_owned),
        ),
    }
    .into())
}
