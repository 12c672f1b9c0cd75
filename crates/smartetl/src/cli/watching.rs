//! Looking once, or again and again: the session that asks, and the terminal that is drawn on.

use super::{Context, Database, Outcome};
use crate::errors::{ErrorCode, Failure, code_of};
use crate::look::watch::{CLOSE, Frame, OPEN, drawn};
use crate::look::words::words;
use crate::night::{Lang, Teller};
use crate::output;
use crate::stop::Stop;
use crate::time::parse_duration;
use jiff::tz::TimeZone;
use sqlx::PgConnection;
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Quicker than this nobody sees anything.
const QUICKEST: Duration = Duration::from_millis(100);

/// Whether it is shown again and again.
#[derive(Clone, Debug, clap::Args)]
pub struct Watching {
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "2",
        value_parser = often,
        help = "Show it again every so often until Ctrl-C, which ends with 0; where stdout is no terminal, only when \
                something changed [2 s where it is not said]"
    )]
    pub watch: Option<Duration>,
}

fn often(text: &str) -> Result<Duration, String> {
    let every = parse_duration(text)?;
    if every < QUICKEST {
        return Err("at least 100ms".to_owned());
    }
    Ok(every)
}

impl Watching {
    /// Asks once and prints; or asks again and again until a signal comes, each time with a teller for that moment. A server that goes away is waited for.
    ///
    /// # Errors
    /// Those of the first time; later ones where waiting does not help.
    pub async fn show(
        &self,
        context: &Context,
        mut ask: impl AsyncFnMut(&mut PgConnection, &Teller) -> anyhow::Result<Frame>,
    ) -> anyhow::Result<Outcome> {
        let database = Database::open(context).await?;
        let (mut session, zone) = connect(&database, context).await?;
        let lang = context.lang();
        let teller = || Teller {
            lang,
            zone: zone.clone(),
            now: jiff::Timestamp::now(),
        };
        let first = ask(&mut session, &teller()).await?;
        let Some(every) = self.watch else {
            output::print(&first.text)?;
            return Ok(Outcome::Done);
        };
        // The second one ends the process at once: the terminal is given back first.
        let is_terminal = std::io::stdout().is_terminal();
        let stop = Stop::by_signals(
            || {},
            move || {
                if is_terminal {
                    write(CLOSE);
                }
            },
        )?;
        let mut screen = Screen::open(lang, every, context.colour);
        screen.show(&first, &zone)?;
        let mut session = Some(session);
        loop {
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                _ = stop.clone().wait() => break,
            }
            let looked = async {
                let mut connection = match session.take() {
                    Some(connection) => connection,
                    None => connect(&database, context).await?.0,
                };
                let frame = ask(&mut connection, &teller()).await?;
                anyhow::Ok((connection, frame))
            };
            let looked = tokio::select! {
                looked = looked => looked,
                _ = stop.clone().wait() => break,
            };
            match looked {
                Ok((connection, frame)) => {
                    session = Some(connection);
                    screen.show(&frame, &zone)?;
                }
                Err(error) if is_away(&error) => screen.away(context),
                Err(error) => return Err(error),
            }
        }
        Ok(Outcome::Done)
    }
}

/// A session that reads only, as people see times, with the zone that they are told in.
async fn connect(
    database: &Database,
    context: &Context,
) -> anyhow::Result<(PgConnection, TimeZone)> {
    let options = database.options()?.options([
        ("default_transaction_read_only", "on"),
        // What is not asked for is NULL, and would make a plan for everything a bad one.
        ("plan_cache_mode", "force_custom_plan"),
    ]);
    let mut connection = database.connect_with(options).await?;
    smartetl_store::check_tables(&mut connection).await?;
    let zone = context.settings_of(&mut connection).await?.timezone;
    let zone = TimeZone::get(&zone).map_err(|_| {
        Failure::new(ErrorCode::ConfigInvalid, format!("`{zone}` is no zone")).at("timezone")
    })?;
    Ok((connection, zone))
}

/// Whether the server may come back by itself.
fn is_away(error: &anyhow::Error) -> bool {
    match code_of(error) {
        ErrorCode::DatabaseUnreachable | ErrorCode::DatabaseNotStarted => true,
        _ => error.chain().any(|cause| {
            matches!(
                cause.downcast_ref::<sqlx::Error>(),
                Some(sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed)
            )
        }),
    }
}

/// Where frames go.
struct Screen {
    /// stdout is a terminal, and is drawn on.
    is_terminal: bool,
    lang: Lang,
    every: Duration,
    colour: bool,
    last: Option<Frame>,
    status: String,
    is_away: bool,
}

impl Screen {
    fn open(lang: Lang, every: Duration, colour: bool) -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        if is_terminal {
            write(OPEN);
        }
        Self {
            is_terminal,
            lang,
            every,
            colour,
            last: None,
            status: String::new(),
            is_away: false,
        }
    }

    fn show(&mut self, frame: &Frame, zone: &TimeZone) -> anyhow::Result<()> {
        self.is_away = false;
        if !self.is_terminal {
            let is_new = self
                .last
                .as_ref()
                .is_none_or(|last| last.content != frame.content);
            if is_new {
                output::print(&frame.text)?;
            }
            self.last = Some(frame.clone());
            return Ok(());
        }
        let words = words(self.lang);
        let now = zone.to_datetime(jiff::Timestamp::now());
        self.status = format!(
            "{} {} · {} {} · Ctrl-C",
            words.refreshed,
            now.strftime("%H:%M:%S"),
            words.every,
            every(self.every)
        );
        self.last = Some(frame.clone());
        self.draw("");
        Ok(())
    }

    /// Says once that the server does not answer; what was there stays.
    fn away(&mut self, context: &Context) {
        let told = words(self.lang).away;
        if self.is_terminal {
            self.draw(told);
        } else if !self.is_away {
            context.say(told);
        }
        self.is_away = true;
    }

    fn draw(&self, trouble: &str) {
        let text = self.last.as_ref().map_or("", |frame| frame.text.as_str());
        let size = crossterm::terminal::size().unwrap_or((80, 24));
        let status = if trouble.is_empty() {
            self.status.clone()
        } else {
            format!("{} · {trouble}", self.status)
        };
        write(&drawn(&status, text, size, self.colour));
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.is_terminal {
            write(CLOSE);
        }
    }
}

/// `2 s`, `0.5 s`.
fn every(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}

/// Nothing can be done when the terminal is gone.
fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
