//! Small charts as inline SVG. Names and figures stand beside them as text, because mail programs may leave pictures out; positions
//! are shares of the width, so that a chart fits any screen without its letters being squeezed.

use super::amount::Rate;
use super::night::{NightReport, UsuallyReady};
use super::week::WeekReport;
use super::words::Words;
use crate::night::{Teller, verdict};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use smartetl_core::model::{Moment, RunStatus, Verdict};
use smartetl_store::report::{DayCounts, RootRun};
use std::collections::BTreeMap;

/// Height of a row of bars, in pixels.
const ROW: u32 = 14;
/// Inline, for programs that leave out rules of style.
const H2: &str = "font-size:12.5px;margin:22px 0 4px";
/// More jobs than these are not drawn.
const JOBS_DRAWN: usize = 24;
/// So many nights are drawn.
const NIGHTS_DRAWN: usize = 30;

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
        p.sub { span class="k ok" {} (verdict(Verdict::Ok, 1, teller.lang)) " · │ " (words.usual_mark) }
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

    fn word(&self, teller: &Teller) -> &'static str {
        let words = Words::of(teller.lang);
        match self.verdict {
            _ if self.is_late => words.is_late,
            Some(of) => verdict(of, 1, teller.lang),
            None => verdict(Verdict::Ok, 1, teller.lang),
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
                .unwrap_or(24),
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

/// What stands at an end stays inside.
fn anchor(share: f64) -> &'static str {
    match share {
        share if share < 0.03 => "start",
        share if share > 0.97 => "end",
        _ => "middle",
    }
}

fn percent(share: f64) -> String {
    format!("{:.2}%", share * 100.0)
}

/// Those that are drawn for a night.
pub fn last_nights(nights: &[DayCounts]) -> &[DayCounts] {
    &nights[nights.len().saturating_sub(NIGHTS_DRAWN)..]
}

/// Jobs that failed most, night by night of the week; `None` where none did.
pub fn week_jobs(report: &WeekReport, teller: &Teller) -> Option<Markup> {
    let words = Words::of(teller.lang);
    let nights: Vec<&DayCounts> = report.week().collect();
    let width = nights.len();
    (!report.jobs.is_empty()).then(|| {
        html! {
            h2 style=(H2) { (words.failed_most) }
            table.chart {
                tr.axis {
                    th {}
                    td {
                        svg width="100%" height="12" aria-hidden="true" {
                            @for (index, night) in nights.iter().enumerate() {
                                text x=(percent(middle(index, width))) y="10" text-anchor="middle" {
                                    (teller.weekday_name(night.day))
                                }
                            }
                        }
                    }
                    td.word {}
                }
                @for job in report.jobs.iter().take(JOBS_DRAWN) {
                    tr {
                        th scope="row" align="left" title=(job.job) { (job.job) }
                        td {
                            svg width="100%" height=(ROW) role="img" {
                                title { (job.job) }
                                @for (index, night) in nights.iter().enumerate() {
                                    @let verdict = job.nights.get(&night.day);
                                    rect class=(verdict.map_or("base", |of| of.as_str())) x=(cell(index, width))
                                        width=(cell_width(width)) y="2" height=(ROW - 4) {
                                        title {
                                            (night_title(night, teller))
                                            @if let Some(of) = verdict { " " (crate::night::verdict(*of, 1, teller.lang)) }
                                        }
                                    }
                                }
                            }
                        }
                        td.word {
                            (teller.counted(job.struck().unsigned_abs(), words.nights))
                        }
                    }
                }
            }
        }
    })
}

/// Nights side by side: the share of jobs that succeeded at the first try, and how many failed, never ended, were recovered.
pub fn nights(nights: &[DayCounts], teller: &Teller) -> Markup {
    let words = Words::of(teller.lang);
    let last = nights.last();
    let rates: Vec<Option<f64>> = nights
        .iter()
        .map(|of| Rate::of([&of.counts]).share())
        .collect();
    let lowest = rates.iter().flatten().copied().fold(1.0, f64::min);
    // The differences are what is to be seen; the lowest night keeps a foot.
    let foot = (lowest - 0.05).max(0.0);
    let number = nights.len() as i64;
    let tonight = last.and_then(|of| Rate::of([&of.counts]).percent(teller.lang));
    html! {
        h2 style=(H2) { (teller.counted(number.unsigned_abs(), words.nights)) }
        table.chart.narrow {
            tr.axis { th {} td { (days(nights, teller)) } td.word {} }
            tr {
                th scope="row" align="left" { (words.first_try) }
                td {
                    svg width="100%" height="32" role="img" {
                        title { (words.first_try) }
                        @for (index, (of, rate)) in nights.iter().zip(&rates).enumerate() {
                            @if let Some(rate) = rate {
                                @let height = (rate - foot) / (1.0 - foot) * 30.0;
                                rect class="rate" x=(cell(index, nights.len())) width=(cell_width(nights.len()))
                                    y=(format!("{:.1}", 31.0 - height)) height=(format!("{height:.1}")) {
                                    title { (night_title(of, teller)) " " (Rate::of([&of.counts]).percent(teller.lang).unwrap_or_default()) }
                                }
                            }
                        }
                    }
                }
                td.word { (tonight.unwrap_or_default()) }
            }
            @for (of, label) in [
                (Verdict::Failed, words.failed), (Verdict::Lost, words.lost), (Verdict::Recovered, words.recovered),
            ] {
                tr {
                    th scope="row" align="left" { (label) }
                    td { (cells(nights, of, label, teller)) }
                    td.word { (teller.number(last.map_or(0, |last| count(last, of)))) }
                }
            }
        }
    }
}

fn cells(nights: &[DayCounts], of: Verdict, label: &str, teller: &Teller) -> Markup {
    html! {
        svg width="100%" height=(ROW) role="img" {
            title { (label) }
            @for (index, night) in nights.iter().enumerate() {
                @let number = count(night, of);
                @let class = if number > 0 { of.as_str() } else { "base" };
                rect class=(class) x=(cell(index, nights.len())) width=(cell_width(nights.len())) y="1" height=(ROW - 2) {
                    title { (night_title(night, teller)) " " (teller.number(number)) }
                }
                @if number > 0 {
                    text class=(number_class(of)) y="11" text-anchor="middle"
                        x=(percent(middle(index, nights.len()))) { (teller.number(number)) }
                }
            }
        }
    }
}

fn days(nights: &[DayCounts], teller: &Teller) -> Markup {
    html! {
        svg width="100%" height="12" aria-hidden="true" {
            // Every seventh, counted from the last.
            @for (index, night) in nights.iter().rev().enumerate().step_by(7) {
                @let share = middle(nights.len() - 1 - index, nights.len());
                @let class = if index.is_multiple_of(14) { "day" } else { "day odd" };
                text class=(class) x=(percent(share)) y="10" text-anchor=(anchor(share)) { (teller.short_day(night.day)) }
            }
        }
    }
}

/// Figures are read on the colour behind them.
const fn number_class(of: Verdict) -> &'static str {
    match of {
        Verdict::Failed => "number on",
        Verdict::Recovered => "number dark",
        _ => "number",
    }
}

const fn count(night: &DayCounts, of: Verdict) -> i64 {
    match of {
        Verdict::Ok => night.counts.ok,
        Verdict::Recovered => night.counts.recovered,
        Verdict::Failed => night.counts.failed,
        Verdict::Lost => night.counts.lost,
        Verdict::Running => night.counts.running,
        Verdict::Unverified => night.counts.unverified,
    }
}

fn night_title(of: &DayCounts, teller: &Teller) -> String {
    let day: Date = of.day;
    format!("{}{}", teller.short_day(day), teller.lang.colon())
}

fn cell(index: usize, of: usize) -> String {
    percent(index as f64 / places(of))
}

/// The middle of a cell.
fn middle(index: usize, of: usize) -> f64 {
    (index as f64 + 0.45) / places(of)
}

/// A few nights do not fill the width.
fn places(of: usize) -> f64 {
    of.max(7) as f64
}

/// A gap between cells belongs to them.
fn cell_width(of: usize) -> String {
    percent(0.9 / places(of))
}
