//! How far a load is: a bar on a terminal, a line now and then elsewhere.

use super::Context;
use crate::ingest::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
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
    if let Ok(style) = ProgressStyle::with_template(
        "{bar:32} {bytes}/{total_bytes}  {msg}  {bytes_per_sec}, {eta} left",
    ) {
        bar.set_style(style);
    }
    let shown = bar.clone();
    let task = tokio::spawn(async move {
        loop {
            tokio::time::sleep(REDRAW_EVERY).await;
            let bytes = progress.content_bytes.load(Ordering::Relaxed);
            shown.set_length(total.max(bytes));
            shown.set_position(bytes);
            shown.set_message(format!(
                "{} records",
                progress.records.load(Ordering::Relaxed)
            ));
        }
    });
    Watch {
        task,
        bar: Some(bar),
    }
}
