//! A proposal as TOML that `--mapping` takes, with a comment on each line that says why.

mod failures;

use std::fmt::Write as _;

use smartetl_core::model::{Event, RowStatus};
use smartetl_core::redact::redact;

use super::measure::kinds;
use super::relations::are_of_one_day;
use super::role::Role;
use super::scene::Scene;
use super::shape::{Shape, Taken};
use super::table::Table;
use super::text::{Lang, one_line};
use super::times;
use super::words::{self, EventWord, Measure};
use crate::moment::MomentFormat;

/// Comments stand from here on, where there is room.
const COMMENT_AT: usize = 40;
const SAMPLES: usize = 2;
const SAMPLE_LENGTH: usize = 28;

/// What all mappings of a file share, and what is the user's to say.
pub struct Head<'h> {
    pub name: &'h str,
    pub system: &'h str,
    pub zone: &'h str,
    /// Else the line waits for an answer.
    pub is_zone_known: bool,
    /// What the user says, or what a folder says: a template and its part.
    pub environment: Environment,
    pub lang: Lang,
    /// Keys stand under `[[mapping]]`.
    pub is_one_of_many: bool,
    /// What joins it to the run log.
    pub joined: Option<String>,
    /// Another table tells the errors of its runs.
    pub has_error_log: bool,
}

/// A word, and what it means where that is known.
type Meaning<'m> = (String, Option<&'m str>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Environment {
    Column,
    Given(String),
    Folder,
    Nowhere,
}

/// One mapping.
pub struct Writer<'w, 't> {
    head: &'w Head<'w>,
    scene: &'w Scene<'t>,
    taken: &'w Taken,
    text: String,
}

pub fn mapping(head: &Head<'_>, scene: &Scene<'_>, taken: &Taken) -> String {
    let mut writer = Writer {
        head,
        scene,
        taken,
        text: String::new(),
    };
    writer.top();
    writer.run();
    match taken.shape {
        Shape::Events => writer.events(),
        Shape::Runs => writer.runs(),
        Shape::Ends => writer.ends(),
        Shape::Errors => writer.errors(),
        Shape::Metrics => writer.metrics(),
    }
    writer.vocabulary();
    writer.text
}

/// The first values of a column, as they may be shown.
pub fn samples(table: &Table, at: usize) -> Vec<String> {
    table.columns[at]
        .words
        .iter()
        .take(SAMPLES)
        .map(|word| shown(word))
        .collect()
}

/// A value without secrets, on one line, not too long.
pub fn shown(word: &str) -> String {
    let clean = redact(word);
    let line = one_line(&clean);
    let mut short: String = line.chars().take(SAMPLE_LENGTH).collect();
    if short.chars().count() < line.chars().count() {
        short.push('…');
    }
    short
}

/// A string of TOML.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            sign if sign.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(sign));
            }
            sign => quoted.push(sign),
        }
    }
    quoted.push('"');
    quoted
}

fn list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

impl Writer<'_, '_> {
    fn line(&mut self, key: &str, value: &str, comment: &str) {
        let start = format!("{key} = {value}");
        if comment.is_empty() {
            let _ = writeln!(self.text, "{start}");
        } else {
            let comment = one_line(comment);
            let _ = writeln!(self.text, "{start:<COMMENT_AT$} # {comment}");
        }
    }

    /// A line that says nothing to a program.
    fn comment(&mut self, text: &str) {
        let _ = writeln!(self.text, "# {}", one_line(text));
    }

    fn table(&mut self, name: &str) {
        let of = if self.head.is_one_of_many {
            "mapping."
        } else {
            ""
        };
        let _ = writeln!(self.text, "\n[{of}{name}]");
    }

    fn rule(&mut self, name: &str) {
        let of = if self.head.is_one_of_many {
            "mapping."
        } else {
            ""
        };
        let _ = writeln!(self.text, "\n[[{of}{name}]]");
    }

    fn name(&self, at: usize) -> String {
        quoted(&self.scene.column(at).name)
    }

    /// Confidence and sample values of a column.
    fn because(&self, role: Role) -> String {
        let Some(assigned) = self.taken.roles.get(&role) else {
            return String::new();
        };
        let percent = self.head.lang.percent(assigned.confidence);
        let samples = samples(self.scene.table, assigned.column);
        match (samples.is_empty(), self.head.lang) {
            (true, _) => percent,
            (false, Lang::En) => format!("{percent}: {}", samples.join(" | ")),
            (false, Lang::Fr) => format!("{percent}\u{a0}: {}", samples.join(" | ")),
        }
    }

    /// The value of a role as TOML.
    fn value(&self, role: Role) -> Option<String> {
        if role == Role::End && self.taken.ends_by_duration() {
            let begin = self.from(self.taken.column(Role::Begin)?);
            let duration = self.duration()?;
            return Some(format!("{{ {begin}, plus = {duration} }}"));
        }
        let at = self.taken.column(role)?;
        let column = self.scene.column(at);
        if !column.parts.is_empty() {
            let begin = self.taken.column(Role::Begin);
            let begin =
                begin.filter(|begin| role == Role::End && are_of_one_day(self.scene, *begin, at));
            return Some(match begin {
                Some(begin) => {
                    format!(
                        "{{ {}, not_before = {{ {} }} }}",
                        self.from(at),
                        self.from(begin)
                    )
                }
                None => format!("{{ {} }}", self.from(at)),
            });
        }
        let null = match role {
            Role::Attempt => Some("0"),
            Role::MapIndex => Some("-1"),
            _ => None,
        };
        Some(match null.filter(|null| column.has(null)) {
            Some(null) => format!("{{ column = {}, nulls = [\"{null}\"] }}", self.name(at)),
            None => self.name(at),
        })
    }

    /// Where a time stands: its column, or the parts that it joins.
    fn from(&self, at: usize) -> String {
        let parts = &self.scene.column(at).parts;
        if parts.is_empty() {
            return format!("column = {}", self.name(at));
        }
        let parts: Vec<String> = parts.iter().map(|part| self.name(*part)).collect();
        format!("join = [{}]", parts.join(", "))
    }

    fn duration(&self) -> Option<String> {
        let (column, unit) = (self.value(Role::Duration)?, self.taken.unit?);
        Some(format!(
            "{{ column = {column}, unit = \"{}\" }}",
            unit.as_str()
        ))
    }

    fn role(&mut self, role: Role) {
        self.role_as(role.as_str(), role);
    }

    fn role_as(&mut self, key: &str, role: Role) {
        if let Some(value) = self.value(role) {
            let because = self.because(role);
            self.line(key, &value, &because);
        }
    }

    fn top(&mut self) {
        let (lang, head) = (self.head.lang, self.head);
        let table = self.scene.table;
        if head.is_one_of_many {
            self.text.push_str("[[mapping]]\n");
        }
        let files: Vec<&str> = table
            .files
            .iter()
            .map(|file| file_name(&file.path))
            .collect();
        let files = match files.as_slice() {
            [one] => (*one).to_owned(),
            [one, ..] => format!("{one}, …"),
            [] => String::new(),
        };
        self.line("name", &quoted(head.name), "");
        let described = format!("{files}: {}", self.taken.shape.describe(lang));
        let described = match lang {
            Lang::En => described,
            Lang::Fr => described.replacen(": ", "\u{a0}: ", 1),
        };
        self.line("description", &quoted(&described), "");
        self.line(
            "system",
            &quoted(head.system),
            lang.pick(
                "the tool that wrote these logs: put its name here",
                "l’outil qui a écrit ces journaux\u{a0}: mettez son nom",
            ),
        );
        if self.has_header() {
            let mut used = self.used_columns();
            used.sort_unstable();
            used.dedup();
            let names: Vec<String> = used
                .iter()
                .map(|at| self.scene.column(*at).name.clone())
                .collect();
            self.line("recognise", &list(&names), "");
        }
        if head.environment == Environment::Folder {
            self.line("path", "\"{environment}/\"", "");
        }
        if times::is_local(self.scene, self.taken) {
            let asked = lang.pick(
                "the times name none: where were they written?",
                "les heures n’en indiquent aucun\u{a0}: où ont-elles été écrites\u{a0}?",
            );
            if head.is_zone_known {
                self.line("zone", &quoted(head.zone), asked);
            } else {
                self.comment(&format!("zone = {} # {asked}", quoted(head.zone)));
            }
        }
        if let Some(format) = self.format() {
            let of = self
                .moment_columns()
                .first()
                .map(|at| samples(table, *at))
                .unwrap_or_default();
            self.line(
                "time_format",
                &quoted(&times::form(&format)),
                &of.join(" | "),
            );
        }
        if !table.nulls.is_empty() {
            let nulls: Vec<String> = table.nulls.iter().map(|null| (*null).to_owned()).collect();
            self.line("nulls", &list(&nulls), "");
        }
        self.silent();
        if let Some(joined) = &head.joined {
            self.comment(joined);
        }
        self.questions();
    }

    fn questions(&mut self) {
        let questions: Vec<String> = self
            .taken
            .questions
            .iter()
            .map(|question| question.text(self.head.lang))
            .collect();
        for question in questions {
            self.comment(&format!("? {question}"));
        }
    }

    /// What gives no row on purpose.
    fn silent(&mut self) {
        let silent = match self.taken.shape {
            Shape::Errors => {
                let notes = self.taken.notes();
                self.condition(Role::Severity, "in", &notes)
            }
            Shape::Events => {
                let notes = self.event_words(|word| word == EventWord::Note);
                self.condition(Role::Event, "in", &notes)
            }
            Shape::Runs if self.begins_are_missing() => {
                let waiting = self.waiting();
                self.condition(Role::Status, "in", &waiting).or_else(|| {
                    let begin = self.conditioned(Role::Begin)?;
                    Some(format!("{{ column = {begin}, filled = true }}"))
                })
            }
            _ => None,
        };
        if let Some(silent) = silent {
            self.line("silent", &silent, "");
        }
    }

    fn run(&mut self) {
        self.table("run");
        for role in [Role::Job, Role::RunId, Role::Parent, Role::Root] {
            self.role(role);
        }
        match &self.head.environment {
            Environment::Column => self.role(Role::Environment),
            Environment::Given(word) => {
                let value = format!("{{ constant = {} }}", quoted(word));
                self.line("environment", &value, "");
            }
            Environment::Folder => self.line("environment", "{ path = \"environment\" }", ""),
            Environment::Nowhere => {
                self.comment("environment = { constant = \"PROD\" }");
            }
        }
        for role in [
            Role::Context,
            Role::Host,
            Role::Project,
            Role::JobId,
            Role::JobVersion,
            Role::Step,
            Role::Attempt,
            Role::MapIndex,
        ] {
            self.role(role);
        }
    }

    fn events(&mut self) {
        self.rule("log");
        if let Some(column) = self.value(Role::Event) {
            let because = self.because(Role::Event);
            self.line("event", &format!("{{ column = {column} }}"), &because);
        }
        self.role(Role::Moment);
        let mut without = self.event_words(|word| word == EventWord::Note);
        without.extend(self.event_words(|word| word == EventWord::Error));
        if let Some(when) = self.condition(Role::Event, "not_in", &without) {
            self.line("when", &when, "");
        }
        self.end_columns();
        let errors = self.event_words(|word| word == EventWord::Error);
        if let Some(when) = self.condition(Role::Event, "in", &errors) {
            self.rule("error");
            self.role(Role::Moment);
            self.line("when", &when, "");
            self.error_columns();
        } else {
            self.error_of_failed(Role::Moment);
        }
        self.warning_of_good(Role::Moment);
    }

    fn runs(&mut self) {
        self.rule("log");
        self.line("event", "\"begin\"", "");
        self.role_as("moment", Role::Begin);
        if self.begins_are_missing()
            && let Some(begin) = self.conditioned(Role::Begin)
        {
            self.line(
                "when",
                &format!("{{ column = {begin}, filled = true }}"),
                "",
            );
        }
        self.rule("log");
        self.line("event", "\"end\"", "");
        self.role_as("moment", Role::End);
        let mut when = Vec::new();
        let is_open = self.is_missing(Role::End);
        let under_way = self.under_way();
        if is_open && let Some(end) = self.conditioned(Role::End) {
            when.push(format!("{{ column = {end}, filled = true }}"));
        }
        when.extend(self.condition(Role::Status, "not_in", &under_way));
        match when.as_slice() {
            [] => {}
            [one] => self.line("when", one, ""),
            many => self.line("when", &format!("[{}]", many.join(", ")), ""),
        }
        self.end_columns();
        self.error_of_failed(Role::End);
        self.warning_of_good(Role::End);
    }

    fn ends(&mut self) {
        self.rule("log");
        self.line("event", "\"end\"", "");
        self.role(Role::Moment);
        self.end_columns();
        self.error_of_failed(Role::Moment);
        self.warning_of_good(Role::Moment);
    }

    fn errors(&mut self) {
        self.rule("error");
        self.role(Role::Moment);
        let notes = self.taken.notes();
        if let Some(when) = self.condition(Role::Severity, "not_in", &notes) {
            self.line("when", &when, "");
        }
        self.error_columns();
    }

    fn metrics(&mut self) {
        let Some((at, measures)) = self.taken.measures.clone() else {
            self.rule("log");
            self.line("event", "\"metric\"", "");
            self.role(Role::Moment);
            for role in [
                Role::Label,
                Role::Count,
                Role::RowsIn,
                Role::RowsOut,
                Role::RowsRejected,
            ] {
                self.role(role);
            }
            return;
        };
        let column = self.name(at);
        let mut rules: Vec<(String, Option<Role>)> = Vec::new();
        for (kind, words) in kinds(&measures) {
            let role = match kind {
                Measure::In => Role::RowsIn,
                Measure::Out => Role::RowsOut,
                Measure::Rejected => Role::RowsRejected,
            };
            rules.push((
                format!("{{ column = {column}, in = {} }}", list(&words)),
                Some(role),
            ));
        }
        let all: Vec<String> = measures.iter().map(|(word, _)| word.clone()).collect();
        rules.push((
            format!("{{ column = {column}, not_in = {} }}", list(&all)),
            None,
        ));
        for (when, role) in rules {
            self.rule("log");
            self.line("event", "\"metric\"", "");
            self.role(Role::Moment);
            self.line("when", &when, "");
            if self.taken.roles.contains_key(&Role::Label) {
                self.role(Role::Label);
            } else {
                self.line("label", &column, "");
            }
            self.role(Role::Count);
            if let (Some(role), Some(count)) = (role, self.value(Role::Count)) {
                self.line(role.as_str(), &count, "");
            }
        }
    }

    /// What the row of an end says.
    fn end_columns(&mut self) {
        self.role(Role::Status);
        if let Some(value) = self.duration() {
            let because = self.because(Role::Duration);
            self.line("duration", &value, &because);
        }
        for role in [Role::RowsIn, Role::RowsOut, Role::RowsRejected] {
            self.role(role);
        }
    }

    fn error_columns(&mut self) {
        for role in [
            Role::Severity,
            Role::ErrorType,
            Role::ErrorCode,
            Role::Message,
        ] {
            self.role(role);
        }
        let cut = self
            .taken
            .column(Role::Message)
            .and_then(|at| self.scene.profiles[at].cut_at);
        if let Some(width) = cut {
            let comment = self.head.lang.pick(
                "no message is longer: the tool cuts there",
                "aucun message n’est plus long\u{a0}: l’outil coupe là",
            );
            self.line("message_width", &width.to_string(), comment);
        }
        self.role(Role::Stack);
    }

    fn vocabulary(&mut self) {
        let lang = self.head.lang;
        let unknown = lang.pick("what does it mean?", "que veut-il dire\u{a0}?");
        let mut sections: Vec<(&str, Vec<Meaning<'_>>)> = Vec::new();
        let events: Vec<Meaning<'_>> = self
            .taken
            .events
            .iter()
            .filter_map(|(word, meaning)| match meaning {
                Some(EventWord::Row(event)) => Some((word.clone(), Some(event.as_str()))),
                Some(_) => None,
                None => Some((word.clone(), None)),
            })
            .filter(|(word, _)| Event::parse(&word.to_lowercase()).is_none())
            .collect();
        sections.push(("event", events));
        let mut statuses: Vec<Meaning<'_>> = self
            .taken
            .statuses
            .iter()
            .map(|(word, meaning)| (word.clone(), meaning.map(RowStatus::as_str)))
            .filter(|(word, _)| RowStatus::parse(&word.to_lowercase()).is_none())
            .collect();
        if let Some(other) = self.taken.other_status {
            statuses.push(("*".to_owned(), Some(other.as_str())));
        }
        sections.push(("status", statuses));
        let mut severities: Vec<Meaning<'_>> = self
            .taken
            .levels()
            .into_iter()
            .map(|(word, level)| (word, Some(level.as_str())))
            .filter(|(word, level)| Some(word.to_lowercase().as_str()) != *level)
            .collect();
        let strange = self.taken.severities.iter();
        severities.extend(
            strange
                .filter(|(_, meaning)| meaning.is_none())
                .map(|(word, _)| (word.clone(), None)),
        );
        sections.push(("severity", severities));
        for (name, words) in sections {
            if words.is_empty() {
                continue;
            }
            self.table(&format!("vocabulary.{name}"));
            let published = self.taken.published.filter(|_| name == "status");
            if let Some(published) = published {
                let as_of = lang.pick("codes as in", "codes comme dans");
                self.comment(&format!("{as_of} {}", published.tool));
            }
            let mut seen: Vec<String> = Vec::new();
            for (word, meaning) in words {
                if seen.contains(&word.to_lowercase()) {
                    continue;
                }
                seen.push(word.to_lowercase());
                match meaning {
                    Some(meaning) => {
                        let said = published.and_then(|published| published.word(&word));
                        self.line(&quoted(&word), &quoted(meaning), said.unwrap_or_default());
                    }
                    None => {
                        let word = quoted(&redact(&word));
                        self.comment(&format!("{word} = \"\" # {unknown}"));
                    }
                }
            }
        }
    }

    /// A condition on the words of a role; `None` without words or column.
    fn condition(&self, role: Role, key: &str, words: &[String]) -> Option<String> {
        let column = self.conditioned(role)?;
        (!words.is_empty()).then(|| format!("{{ column = {column}, {key} = {} }}", list(words)))
    }

    /// The column of a role for a condition; of a joined time its day.
    fn conditioned(&self, role: Role) -> Option<String> {
        let at = self.taken.column(self.told_by(role))?;
        let parts = &self.scene.column(at).parts;
        Some(self.name(parts.last().copied().unwrap_or(at)))
    }

    fn event_words(&self, such: impl Fn(EventWord) -> bool) -> Vec<String> {
        self.taken
            .events
            .iter()
            .filter(|(_, meaning)| meaning.is_some_and(&such))
            .map(|(word, _)| word.clone())
            .collect()
    }

    fn waiting(&self) -> Vec<String> {
        let words = self.taken.statuses.iter().map(|(word, _)| word);
        words
            .filter(|word| words::is_waiting(self.taken.said(word)))
            .cloned()
            .collect()
    }

    /// States in which nothing has ended yet.
    fn under_way(&self) -> Vec<String> {
        let mut words = self.taken.states(&[RowStatus::Running]);
        words.extend(self.waiting());
        words
    }

    fn is_missing(&self, role: Role) -> bool {
        self.taken
            .column(self.told_by(role))
            .is_some_and(|at| self.scene.profiles[at].filled < 1.0)
    }

    /// The role whose column says whether there is such a thing: a duration where the end follows from it.
    fn told_by(&self, role: Role) -> Role {
        match role {
            Role::End if self.taken.ends_by_duration() => Role::Duration,
            role => role,
        }
    }

    fn begins_are_missing(&self) -> bool {
        self.is_missing(Role::Begin)
    }

    fn moment_columns(&self) -> Vec<usize> {
        [Role::Moment, Role::Begin, Role::End]
            .into_iter()
            .filter_map(|role| self.taken.column(role))
            .collect()
    }

    fn format(&self) -> Option<MomentFormat> {
        let first = *self.moment_columns().first()?;
        Some(self.scene.profiles[first].times.as_ref()?.format.clone())
    }

    fn has_header(&self) -> bool {
        let own = self
            .scene
            .table
            .columns
            .iter()
            .filter(|column| column.parts.is_empty());
        own.enumerate()
            .any(|(at, column)| column.name != (at + 1).to_string())
    }

    /// All columns that the mapping reads.
    fn used_columns(&self) -> Vec<usize> {
        let mut used = self.taken.used(self.scene);
        used.retain(|at| self.scene.column(*at).parts.is_empty());
        used.extend(self.taken.measures.iter().map(|(at, _)| *at));
        used
    }
}

pub fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
