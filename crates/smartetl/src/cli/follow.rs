//! `smartetl follow PATH…`: what is appended to files, into the tables as it comes. `up` without its page.

use super::again::folder;
use super::telling::{Telling, line};
use super::{Context, Database, Outcome, load, progress, unmapped};
use crate::alive::Alive;
use crate::follow::{Follower, News};
use crate::night::Teller;
use crate::pulse::Pulse;
use crate::service::Telemetry;
use smartetl_store::processes::Kind;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files, folders or globs; they may come later. What a file was renamed to is read to its end
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: load::Reading,
}

pub async fn run(args: Args, context: &Context) -> anyhow::Result<Outcome> {
    let lang = context.lang();
    let stop = progress::stop_by_signals(context, lang.words().stopping)?;
    let mut settings = args.reading.settings(context)?;
    args.reading.warn_of_two_zones(context);
    let opening = async {
        let database = Database::open(context).await?;
        let intake = load::intake(context, &database).await?;
        let pool = database.pool(2).await?;
        anyhow::Ok((database, intake, pool))
    };
    let (database, intake, pool) = tokio::select! {
        opened = opening => opened?,
        _ = stop.clone().wait() => return Ok(Outcome::Done),
    };
    args.reading.complete(&mut settings, &intake, context);
    let telling = Telling {
        context,
        teller: Teller {
            lang,
            zone: intake.zone().clone(),
            now: jiff::Timestamp::now(),
        },
        folder: folder(context),
    };
    let words = lang.words();
    for path in &args.paths {
        context.say(&format!("{} {}", words.watching, path.display()));
    }
    let telemetry = Arc::<Telemetry>::default();
    let pulse = Arc::new(Pulse::new(context.settings.http.hung_after));
    let known = (Arc::clone(&pulse), Arc::clone(&telemetry));
    let alive = Alive::new(Kind::Reader, database.options()?, known, lang);
    let follower = Follower::new(
        intake,
        pool.clone(),
        args.paths.clone(),
        (settings, args.reading.is_zone_given(context)),
        None,
        telemetry,
    )
    .beating(pulse);
    let mut is_recognised = false;
    let mut first = true;
    let told = async |news: News| {
        let is_first = std::mem::take(&mut first);
        telling.notes(&news, is_first);
        if news.records > 0 {
            let teller = Teller {
                now: jiff::Timestamp::now(),
                ..telling.teller.clone()
            };
            context.say(&line(&news, &teller));
        }
        // As what files are read is said when the first rows come.
        if news.records > 0 && !std::mem::replace(&mut is_recognised, true) {
            context.say(news.recognised.text(lang).trim_end());
            if let Ok(mut connection) = pool.acquire().await {
                // Where the database is away that is told elsewhere.
                let _ = unmapped::warn(&mut connection, context).await;
            }
        }
    };
    tokio::select! {
        () = follower.run(&stop, told, |reason| telling.trouble(reason)) => {}
        never = alive.keep() => match never {},
    }
    alive.end().await;
    pool.close().await;
    let alone = database.stop().await?;
    context.say(if alone {
        words.stopped
    } else {
        words.server_goes_on
    });
    Ok(Outcome::Done)
}
