//! How far a load is: a bar on a terminal, a line now and then elsewhere; and how it is asked to stop.

use super::Context;
use crate::ingest::Progress;
use crate::stop::Stop;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often a line is written where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);
const REDRAW_EVERY: Duration = Duration::from_millis(100);

/// Shows progress until it is stopped.
pub struct Watch {
    task: tokio::task::JoinHandle<()>,
    bar: Option<ProgressBar>,
}

impl Watch {
    pub fn stop(self) {
        self.task.abort();
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Listens to the signals that ask for an end; `said` is what the first one is answered with.
///
/// # Errors
/// When the system does not let it listen.
pub fn stop_by_signals(context: &Context, said: &'static str) -> io::Result<Stop> {
    let quiet = context.verbosity < 0;
    Stop::by_signals(
        move || {
            if !quiet {
                over_the_bar(&format!("{said}\n"));
            }
        },
        || over_the_bar(""),
    )
}

/// The same for what stores or sends batches.
///
/// # Errors
/// When the system does not let it listen.
pub fn stop_after_batches(context: &Context) -> io::Result<Stop> {
    let said = context.lang().pick(
        "stopping after the batches that are on their way; again to end at once",
        "arrêt après les lots en route\u{a0}; une seconde fois pour arrêter tout de suite",
    );
    stop_by_signals(context, said)
}

/// Writes where the bar stands, if there is one: it may be drawn again below.
fn over_the_bar(text: &str) {
    let mut stderr = io::stderr().lock();
    let begin = if stderr.is_terminal() {
        "\r\x1b[2K"
    } else {
        ""
    };
    // Nothing can be done when stderr is gone.
    let _ = write!(stderr, "{begin}{text}");
}

/// `total`: bytes of the files, which compressed files exceed when they are read.
pub fn watch(progress: Arc<Progress>, total: u64, context: &Context) -> Watch {
    if context.verbosity < 0 {
        return Watch {
            task: tokio::spawn(async {}),
            bar: None,
        };
    }
    if !std::io::stderr().is_terminal() {
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(LINE_EVERY).await;
                tracing::info!(
                    records = progress.records.load(Ordering::Relaxed),
                    files = progress.files.load(Ordering::Relaxed),
                    "loading"
                );
            }
        });
        return Watch { task, bar: None };
    }
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template(context.lang().pick(
        "{wide_bar} {bytes}/{total_bytes}  {msg}  {bytes_per_sec}, {eta} left",
        "{wide_bar} {bytes}/{total_bytes}  {msg}  {bytes_per_sec}, reste {eta}",
    )) {
        bar.set_style(style);
    }
    let shown = bar.clone();
    let lang = context.lang();
    let task = tokio::spawn(async move {
        loop {
            tokio::time::sleep(REDRAW_EVERY).await;
            let bytes = progress.content_bytes.load(Ordering::Relaxed);
            shown.set_length(total.max(bytes));
            shown.set_position(bytes);
            let records = progress.records.load(Ordering::Relaxed);
            shown.set_message(lang.counted(records, lang.words().records));
        }
    });
    Watch {
        task,
        bar: Some(bar),
    }
}
