//! Nights side by side, and jobs over the nights of a week.

use super::{H2, JOBS_DRAWN, ROW, anchor, percent};
use crate::night::{Teller, verdict};
use crate::report::amount::Rate;
use crate::report::week::WeekReport;
use crate::report::words::Words;
use maud::{Markup, html};
use smartetl_core::model::Verdict;
use smartetl_store::report::DayCounts;

/// So many nights are drawn.
const NIGHTS_DRAWN: usize = 30;

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
                                    @let of = job.nights.get(&night.day);
                                    rect class=(of.map_or("base", |of| of.as_str())) x=(cell(index, width))
                                        width=(cell_width(width)) y="2" height=(ROW - 4) {
                                        title {
                                            (night_title(night, teller))
                                            @if let Some(of) = of { " " (verdict(*of, 1, teller.lang)) }
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
                                @let height = rate * 30.0;
                                rect class="base" x=(cell(index, nights.len())) width=(cell_width(nights.len())) y="1" height="30" {}
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
    format!("{}{}", teller.short_day(of.day), teller.lang.colon())
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
