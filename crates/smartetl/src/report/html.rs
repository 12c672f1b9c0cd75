//! A report as one HTML file without script or anything from elsewhere: for browsers, printers and mail programs. What they
//! leave out of it (pictures, colours, rules of style) stands in words as well.

use super::chart;
use super::night::NightReport;
use super::night_section::{headline, night_sections};
use super::section::{Item, Section, Shade, state_line};
use super::week::WeekReport;
use super::week_section::{week_headline, week_sections};
use crate::night::{Part, Teller, Tone, cancelled, of_counts, verdict};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use smartetl_core::model::Verdict;
use smartetl_store::night::Counts;

const STYLE: &str = include_str!("report.css");
/// More than these are counted only.
const LISTED: usize = 40;
const PLACES_LISTED: usize = 8;

/// A night as a page of its own.
pub fn night_html(report: &NightReport, teller: &Teller) -> String {
    let night = &report.night;
    let title = teller.night(night.day);
    let body = html! {
        (head(&night.environment, &title, &headline(report, teller), teller))
        (counts(&night.counts, night.usually_ok, teller))
        (parts(&night_sections(report, teller), teller))
        @if let Some(bars) = chart::bars(report, teller) { (bars) }
        (chart::nights(chart::last_nights(&report.nights), teller))
        p.foot { (state_line(report.as_of, night.last_event_at, teller)) }
    };
    page(&format!("{title} · {}", night.environment), &body, teller)
}

/// A week as a page of its own.
pub fn week_html(report: &WeekReport, teller: &Teller) -> String {
    let title = teller.week(report.days.0, report.days.1);
    let body = html! {
        (head(&report.environment, &title, &week_headline(report, teller), teller))
        (counts(&report.counts, None, teller))
        (parts(&week_sections(report, teller), teller))
        (chart::nights(&report.nights, teller))
        @if let Some(jobs) = chart::week_jobs(report, teller) { (jobs) }
        p.foot { (state_line(report.as_of, report.last_event_at, teller)) }
    };
    page(&format!("{title} · {}", report.environment), &body, teller)
}

fn page(title: &str, body: &Markup, teller: &Teller) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang=(teller.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · smartETL" }
                style { (PreEscaped(STYLE)) }
            }
            body { div.page style="max-width:760px;margin:0 auto;font-family:Inter,'Helvetica Neue',Arial,sans-serif" { (body) } }
        }
    };
    markup.into_string()
}

fn head(environment: &str, title: &str, sentence: &[Part], teller: &Teller) -> Markup {
    html! {
        p.top { "smartETL · " (environment) }
        h1 style="font-size:21px;line-height:1.32;margin:4px 0 12px" {
            (title) (teller.lang.colon())
            @for part in sentence {
                " "
                @match part.tone {
                    Tone::Plain => (part.text),
                    Tone::Bad => span.bad { (part.text) },
                    Tone::Quiet => span.quiet { (part.text) },
                }
            }
        }
    }
}

fn counts(counts: &Counts, usually_ok: Option<i64>, teller: &Teller) -> Markup {
    html! {
        p.counts {
            @for (of, number) in of_counts(counts).into_iter().filter(|(of, number)| *number > 0 || *of == Verdict::Ok) {
                span.c {
                    span class={ "k " (of.as_str()) } {}
                    b { (teller.number(number)) } " " (verdict(of, number, teller.lang))
                    @if let (Verdict::Ok, Some(usual)) = (of, usually_ok) {
                        span.usual { " (" (teller.lang.words().usually) " " (teller.number(usual)) ")" }
                    }
                } " "
            }
            @if let Some(said) = cancelled(counts, teller) { span.c { (said) } }
        }
    }
}

fn parts(sections: &[Section], teller: &Teller) -> Markup {
    html! {
        table.part {
            @for section in sections {
                tr {
                    th scope="row" align="left" valign="top" width="104" { (mark(section)) (section.label) }
                    td valign="top" { (section_body(section, teller)) }
                }
            }
        }
    }
}

/// The colour of what is there; nothing needs none.
fn mark(section: &Section) -> Markup {
    let class = match section.shade {
        _ if section.items.is_empty() => None,
        Shade::Plain => None,
        Shade::Of(of) => Some(of.as_str()),
        Shade::Late => Some("late"),
        Shade::NotSeen => Some("not_seen"),
    };
    html! { @if let Some(class) = class { span class={ "k " (class) } {} } }
}

fn section_body(section: &Section, teller: &Teller) -> Markup {
    let more = section.items.len().saturating_sub(LISTED) as i64 + section.unlisted();
    let items = section.items.iter().take(LISTED);
    html! {
        @if section.items.is_empty() {
            span.nothing { (section.nothing) }
        } @else if section.is_list {
            @for (index, item) in items.enumerate() {
                @if index > 0 { ", " }
                b { (item.head) } (item.rest)
            }
        } @else {
            @for item in items { (item_body(item, teller)) }
        }
        @if more > 0 { div.more { "+ " (teller.counted(more.unsigned_abs(), teller.lang.words().and_more)) } }
    }
}

fn item_body(item: &Item, teller: &Teller) -> Markup {
    let more = item.places.len().saturating_sub(PLACES_LISTED) as u64;
    html! {
        div.item {
            b { (item.head) } (item.rest)
            @for place in item.places.iter().take(PLACES_LISTED) { div.sub { (place) } }
            @if more > 0 { div.sub { "+ " (teller.counted(more, teller.lang.words().and_more)) } }
            @if let Some(message) = &item.message { pre { (message) } }
        }
    }
}
