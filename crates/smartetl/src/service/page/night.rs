//! A night: its day and sentence, its causes, its jobs.

use maud::{Markup, html};
use smartetl_core::model::{Moment, Verdict};
use smartetl_store::night::{Cause, Job, Night};

use super::Page;
use crate::night::{
    Tone, blame, cancelled, category, last_log, never_started, of_cause, of_counts, recovered_by,
    sentence, verdict,
};

/// So many places of one cause are named.
const PLACES_LISTED: usize = 8;

impl Page<'_> {
    pub(super) fn head(&self, night: &Night) -> Markup {
        let words = self.words();
        let teller = &self.teller;
        let environment = Some(night.environment.as_str());
        html! {
            div.day {
                @if let Some(day) = night.before {
                    a rel="prev" href=(self.link(environment, Some(day))) { "◀ " (words.earlier) }
                }
                @if let Some(day) = night.after {
                    a rel="next" href=(self.link(environment, Some(day))) { (words.later) " ▶" }
                }
                @if let Some(last) = last_log(night, teller) { span.fresh { (last) } }
            }
            h1 {
                (teller.night(night.day)) (self.colon())
                @for part in sentence(night, teller) {
                    " "
                    @match part.tone {
                        Tone::Plain => (part.text),
                        Tone::Bad => span.bad { (part.text) },
                        Tone::Quiet => span.quiet { (part.text) },
                    }
                }
            }
            ul.counts {
                @for (of, number) in of_counts(&night.counts) {
                    li {
                        span class={ "k " (of.as_str()) } {}
                        b { (teller.number(number)) } (verdict(of, number, teller.lang))
                        @if let (Verdict::Ok, Some(usual)) = (of, night.usually_ok) {
                            " (" (words.usually) " " (teller.number(usual)) ")"
                        }
                    }
                }
                @if let Some(said) = cancelled(&night.counts, teller) { li { (said) } }
            }
        }
    }

    pub(super) fn causes(&self, night: &Night) -> Markup {
        let words = self.words();
        html! {
            h2 { (words.causes) }
            @if night.causes.is_empty() {
                p.sub { (words.none) }
            } @else {
                div.wide { table.stack {
                    thead { tr { th { (words.cause) } th { (words.since) } th.n { (words.jobs_touched) } th { (words.to_act) } } }
                    tbody { @for cause in &night.causes { (self.cause(cause, night)) } }
                } }
            }
        }
    }

    fn cause(&self, cause: &Cause, night: &Night) -> Markup {
        let words = self.words();
        let teller = &self.teller;
        let several = cause.places.len() > 1;
        let more = cause.places.len().saturating_sub(PLACES_LISTED);
        let first = cause.places.first();
        html! {
            tr {
                td.first {
                    div.what {
                        (category(cause.category, teller.lang)) " "
                        @if cause.open > 0 { span.state.open { (words.still_open) } }
                        @else { span.state.done { (words.all_recovered) } }
                    }
                    @match &cause.message { Some(message) => pre { (message) }, None => div.sub { (words.no_message) } }
                    @for place in cause.places.iter().take(PLACES_LISTED) {
                        div.sub {
                            @if several { (teller.in_night(place.first_at, night.day)) " " }
                            @if let Some(job) = &place.job { (job) }
                            @if let Some(step) = &place.step { " › " (step) }
                            @if !place.roots.is_empty() { " " (teller.lang.pick("in", "dans")) " " (place.roots.join(", ")) }
                            @if place.roots_more > 0 { " + " (teller.counted(place.roots_more.unsigned_abs(), words.and_more)) }
                            (never_started(place, teller))
                            @if place.open == 0 && cause.open > 0 { " · " (words.recovered) }
                        }
                    }
                    @if more > 0 { div.sub { "+ " (teller.counted(more as u64, words.and_more)) } }
                    @if let Some(issue) = of_cause(cause, teller) { div.sub { (issue) } }
                }
                td.t data-label=(self.label(words.since)) title=[first.map(|place| teller.exact(place.first_at))] {
                    @if let Some(place) = first { (teller.in_night(place.first_at, night.day)) }
                }
                td.n data-label=(self.label(words.jobs_touched)) { (teller.number(cause.jobs)) }
                td.t data-label=(self.label(words.to_act)) {
                    @match cause.blame { Some(who) => (blame(who, teller.lang)), None => "–" }
                    @if cause.retryable == Some(true) { div.sub { (words.retryable) } }
                }
            }
        }
    }

    pub(super) fn jobs(&self, night: &Night) -> Markup {
        let words = self.words();
        let unlisted = night.counts.jobs - night.counts.ok - night.jobs.len() as i64;
        html! {
            h2 { (words.jobs) }
            @if night.jobs.is_empty() {
                p.sub { (words.all_jobs_fine) }
            } @else {
                div.wide { table.stack {
                    thead { tr { th { (words.job) } th { (words.what) } th { (words.when) } th { (words.cause) } } }
                    tbody { @for job in &night.jobs { (self.job(job, night)) } }
                } }
                @if unlisted > 0 { p.sub { "+ " (self.teller.counted(unlisted.unsigned_abs(), words.and_more)) } }
            }
        }
    }

    fn job(&self, job: &Job, night: &Night) -> Markup {
        let words = self.words();
        let teller = &self.teller;
        let at = |moment: Option<Moment>| moment.map(|at| teller.at(at, night.day));
        html! {
            tr {
                td.first { div.name { (job.job) } @if let Some(project) = &job.project { div.sub { (project) } } }
                td.t {
                    span class={ "k " (job.verdict.as_str()) } {} (verdict(job.verdict, 1, teller.lang))
                    @if let (Verdict::Recovered, Some(by)) = (job.verdict, job.recovered_by) {
                        div.sub { (recovered_by(by, teller.lang)) }
                    }
                }
                td.t {
                    @match job.verdict {
                        Verdict::Failed | Verdict::Recovered => {
                            @if let Some(at) = at(job.first_failure_at) { div { (words.failed_at) " " (at) } }
                            @if let Some(at) = at(job.recovered_at) { div { (words.recovered_at) " " (at) } }
                            @if let Some(at) = at(job.ready_after()) { div { (words.ready_at) " " (at) } }
                            @if let Some(at) = at(job.good_before()) { div { (words.good_before) " " (at) } }
                        }
                        _ => {
                            @if let Some(at) = at(job.started_at) { div { (words.started) " " (at) } }
                            @if let Some(at) = at(job.last_event_at) { div { (words.last_sign) " " (at) } }
                        }
                    }
                }
                td data-label=(self.label(words.cause)) {
                    @if let Some(of) = job.category {
                        (category(of, teller.lang))
                        div.sub {
                            @if let Some(job) = &job.cause_job { (job) }
                            @if let Some(step) = &job.cause_step { " › " (step) }
                        }
                    }
                }
            }
        }
    }
}
