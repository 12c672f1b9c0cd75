//! Root runs over a night.

use super::{H2, JOBS_DRAWN, ROW, anchor, percent};
use crate::look::words::status as word_of;
use crate::night::{Teller, verdict};
use crate::report::night::{NightReport, UsuallyReady};
use crate::report::words::Words;
use jiff::Timestamp;
use maud::{Markup, html};
use smartetl_core::model::{Moment, RunStatus, Verdict};
use smartetl_store::report::RootRun;
use std::collections::BTreeMap;

/// Root runs of jobs with something to say, and of vital ones, over the night; `None` where no job has.
pub fn bars(report: &NightReport, teller: &Teller) -> Option<Markup> {
    let words = Words::of(teller.lang);
    let rows = rows(report);
    let first = rows
        .iter()
        .flat_map(|row| row.runs.iter().map(|run| run.started_at))
        .min()?;
    let ends = rows.iter().flat_map(|row| {
        let usual = row.usual.map(|usual| usual.by);
        row.runs.iter().map(|run| run.until).chain(usual)
    });
    let axis = Axis::over(first, ends.max()?, teller);
    Some(html! {
        h2 style=(H2) { (words.the_night) }
        table.chart.bars {
            tr.axis { th {} td { (axis.hours()) } td.word {} }
            @for row in &rows {
                tr {
                    th scope="row" align="left" title=(row.job) { (row.job) }
                    td { (row.drawn(&axis, teller)) }
                    td.word { (row.word(teller)) }
                }
            }
        }
        p.sub {
            @for status in RunStatus::ALL.iter().filter(|&&of| rows.iter().any(|row| row.has(of))) {
                span class={ "k " (class_of(Some(*status))) } {} (word_of(*status, teller.lang)) " · "
            }
            "│ " (words.usual_mark)
        }
    })
}

/// A job with its runs.
struct Row<'r> {
    job: &'r str,
    runs: Vec<&'r RootRun>,
    usual: Option<UsuallyReady>,
    verdict: Option<Verdict>,
    is_late: bool,
}

fn rows(report: &NightReport) -> Vec<Row<'_>> {
    let mut by_job: BTreeMap<(&Option<String>, &str), Vec<&RootRun>> = BTreeMap::new();
    for run in &report.runs {
        by_job
            .entry((&run.project, &run.job))
            .or_default()
            .push(run);
    }
    let rows = by_job.into_iter().filter_map(|((project, job), runs)| {
        let name = (project.clone(), job.to_owned());
        let told = report.night.jobs.iter();
        let told = told.filter(|told| told.job == job && told.project == *project);
        let verdict = told.map(|told| told.verdict).next();
        let mut late = report.late.iter();
        let is_late = late.any(|late| late.job == job && late.project == *project);
        let is_told = verdict.is_some() || is_late || report.vital.contains(&name);
        is_told.then(|| Row {
            job,
            runs,
            usual: report.usual.get(&name).copied(),
            verdict,
            is_late,
        })
    });
    let mut rows: Vec<Row> = rows.collect();
    // What went wrong first, should there be too many; then in the order of time.
    rows.sort_by_key(|row| (row.verdict.is_none(), row.first()));
    rows.truncate(JOBS_DRAWN);
    rows.sort_by_key(Row::first);
    rows
}

impl Row<'_> {
    fn first(&self) -> Option<Moment> {
        self.runs.iter().map(|run| run.started_at).min()
    }

    fn has(&self, status: RunStatus) -> bool {
        self.runs.iter().any(|run| run.status == Some(status))
    }

    fn word(&self, teller: &Teller) -> &'static str {
        let words = Words::of(teller.lang);
        match self.verdict {
            _ if self.is_late => words.is_late,
            Some(of) => verdict(of, 1, teller.lang),
            None if self.has(RunStatus::Success) => verdict(Verdict::Ok, 1, teller.lang),
            None => self
                .runs
                .last()
                .and_then(|run| run.status)
                .map_or("", |status| word_of(status, teller.lang)),
        }
    }

    fn drawn(&self, axis: &Axis<'_>, teller: &Teller) -> Markup {
        let height = ROW;
        html! {
            svg width="100%" height=(height) role="img" {
                title { (self.job) ", " (self.word(teller)) }
                (axis.grid())
                @for run in &self.runs {
                    @let (from, to) = (axis.share(run.started_at), axis.share(run.until));
                    rect class=(class_of(run.status)) x=(percent(from)) y="3" height=(height - 6)
                        width=(percent((to - from).max(0.004))) {
                        title { (axis.clock(run.started_at)) "–" (axis.clock(run.until)) }
                    }
                }
                @if let Some(usual) = self.usual {
                    @let at = percent(axis.share(usual.by));
                    line class="mark" x1=(at) x2=(at) y1="1" y2=(height - 1) {}
                }
            }
        }
    }
}

const fn class_of(status: Option<RunStatus>) -> &'static str {
    match status {
        Some(RunStatus::Success) => "ok",
        Some(RunStatus::Failed) => "failed",
        Some(RunStatus::Lost) => "lost",
        Some(RunStatus::Running) => "running",
        Some(RunStatus::Unverified) => "unverified",
        _ => "other",
    }
}

/// The time that a chart shows.
struct Axis<'t> {
    from: i64,
    until: i64,
    step_h: i64,
    teller: &'t Teller,
}

impl<'t> Axis<'t> {
    /// From the full hour before to that after.
    fn over(first: Moment, last: Moment, teller: &'t Teller) -> Self {
        const HOUR: i64 = 3_600_000_000;
        let from = first.0.div_euclid(HOUR) * HOUR;
        let until = (last.0.div_euclid(HOUR) + 1) * HOUR;
        let hours = (until - from) / HOUR;
        Self {
            from,
            until,
            step_h: [1, 2, 3, 4, 6, 12]
                .into_iter()
                .find(|step| hours / step <= 6)
                .unwrap_or(hours / 6 + 1),
            teller,
        }
    }

    fn share(&self, at: Moment) -> f64 {
        (at.0 - self.from) as f64 / (self.until - self.from) as f64
    }

    /// Moments with a line, and where they are.
    fn ticks(&self) -> Vec<(Moment, f64)> {
        let step = self.step_h * 3_600_000_000;
        let mut at = Moment(self.from);
        let mut ticks = Vec::new();
        while at.0 <= self.until {
            ticks.push((at, self.share(at)));
            at.0 += step;
        }
        ticks
    }

    fn grid(&self) -> Markup {
        html! {
            @for (_, share) in self.ticks() {
                line class="grid" x1=(percent(share)) x2=(percent(share)) y1="0" y2=(ROW) {}
            }
        }
    }

    fn hours(&self) -> Markup {
        html! {
            svg width="100%" height="12" aria-hidden="true" {
                @for (at, share) in self.ticks() {
                    text x=(percent(share)) y="10" text-anchor=(anchor(share)) { (self.clock(at)) }
                }
            }
        }
    }

    fn clock(&self, at: Moment) -> String {
        let local = Timestamp::from_microsecond(at.0).map(|at| self.teller.zone.to_datetime(at));
        local.map_or_else(
            |_| String::new(),
            |local| local.strftime("%H:%M").to_string(),
        )
    }
}
