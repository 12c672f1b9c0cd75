//! What is stored, beside the nights: sources, what cannot be read, runs without an environment, or nothing yet.

use std::sync::atomic::Ordering;

use maud::{Markup, html};
use smartetl_core::fuse::UNMAPPED;
use smartetl_core::model::Moment;
use smartetl_store::facts::Facts;

use super::Page;
use crate::night::initial_upper;
use crate::reason::{Reason, of_reject_code};

/// More of them are counted only.
const UNREADABLE_LISTED: usize = 30;

impl Page<'_> {
    pub(super) fn unmapped(&self, facts: &Facts) -> Markup {
        let words = self.words();
        html! {
            div.band.warn role="note" {
                p {
                    a href=(self.link(Some(UNMAPPED), None)) { (words.unmapped) }
                    (self.colon()) " "
                    @for (index, (context, runs)) in facts.unmapped.iter().enumerate() {
                        @if index > 0 { ", " }
                        @match context { Some(context) => b { (context) }, None => (words.no_context) }
                        " (" (self.teller.counted(runs.unsigned_abs(), words.runs)) ")"
                    }
                }
                p.sub { (self.with_commands(words.unmapped_what)) }
            }
        }
    }

    pub(super) fn unreadable(&self, findings: &[(String, Reason)]) -> Markup {
        let words = self.words();
        let more = findings.len().saturating_sub(UNREADABLE_LISTED);
        html! {
            h2 #unreadable { (words.unreadable_title) }
            div.wide { table.stack {
                thead { tr { th { (words.source) } th { (words.unreadable_what) } } }
                tbody { @for (path, reason) in findings.iter().take(UNREADABLE_LISTED) {
                    tr { td.first { code { (path) } } td { pre { (reason.text(self.teller.lang)) } } }
                } }
            } }
            @if more > 0 { p.sub { "+ " (self.teller.counted(more as u64, words.and_more)) } }
        }
    }

    pub(super) fn sources(&self, facts: &Facts) -> Markup {
        let words = self.words();
        let teller = &self.teller;
        let numbers = [
            &initial_upper(words.files[1]),
            &initial_upper(words.records[1]),
            "log",
            "logerreur",
            &initial_upper(words.rejects[1]),
        ];
        let waiting = self.service.telemetry.files_waiting.load(Ordering::Relaxed);
        html! {
            h2 { (words.sources) }
            div.wide { table.stack {
                thead { tr { th { (words.source) } th { (words.last_log) } } }
                tbody { @for (system, environment, at) in &facts.horizons {
                    tr { td.first { (system) " · " (environment) } td.t title=(teller.exact(*at)) { (teller.moment_and_age(*at)) } }
                } }
            } }
            h2 { (words.stored) }
            div.wide { table.stack {
                thead { tr {
                    th { (words.source) }
                    @for name in numbers { th.n { (name) } }
                    th { (initial_upper(words.last_stored)) }
                } }
                tbody { @for of in &facts.sources {
                    tr {
                        td.name { (of.dialect) }
                        @for (name, number) in numbers.iter().zip([of.sources, of.records, of.rows_log, of.rows_error, of.rejects]) {
                            td.n data-label=(self.label(name)) { (teller.number(number)) }
                        }
                        td.t data-label=(self.label(&initial_upper(words.last_stored))) { (teller.moment_and_age(Moment(of.last_commit))) }
                    }
                } }
            } }
            @if waiting > 0 { p.sub { (teller.counted(waiting, words.waiting)) } }
            @if !facts.rejects.is_empty() {
                p.sub {
                    (initial_upper(words.rejects[1])) (self.colon()) " "
                    @for (index, (reason, number)) in facts.rejects.iter().enumerate() {
                        @if index > 0 { ", " }
                        span title=(reason) { (of_reject_code(reason, teller.lang).unwrap_or(reason)) } " (" (teller.number(*number)) ")"
                    }
                }
            }
        }
    }

    pub(super) fn empty(&self) -> Markup {
        let words = self.words();
        html! {
            h1 { (words.empty_title) }
            ol.ways {
                @if !self.service.watched.is_empty() {
                    li { (words.empty_folder) @for path in &self.service.watched { pre { (path) } } }
                }
                li { (words.empty_load) pre { "smartetl" (self.service.folder) " load PATH…" } }
                li { (words.empty_demo) pre { "smartetl up --demo" } }
            }
            p.sub { (words.empty_text) }
        }
    }
}
