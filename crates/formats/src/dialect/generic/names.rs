//! Which columns a mapping names, and what for.

use std::collections::BTreeSet;

use smartetl_core::model::{Event, RowStatus, Severity};

use super::mapping::{Condition, EventFrom, Mapping, Value};

/// Columns of which a source needs one.
pub(super) type Alternatives<'m> = Vec<&'m str>;

/// A value whose words must have a meaning, and the words that have one, in lower case.
pub(super) struct Worded<'m> {
    pub(super) value: &'m Value,
    pub(super) known: BTreeSet<String>,
}

impl Mapping {
    /// Every column that it names, with those that can stand in its place; each once.
    pub fn columns(&self) -> Vec<Alternatives<'_>> {
        let run = &self.run;
        let mut values = vec![Some(&run.job), Some(&run.run_id)];
        values.extend(
            [
                &run.parent_run_id,
                &run.root_run_id,
                &run.environment,
                &run.host,
                &run.project,
                &run.job_id,
                &run.job_version,
                &run.context,
                &run.step,
                &run.attempt,
                &run.map_index,
            ]
            .map(Option::as_ref),
        );
        for rule in &self.log {
            let event = match &rule.event {
                EventFrom::Always(_) => None,
                EventFrom::Value(value) => Some(value),
            };
            values.extend([event, Some(&rule.moment)]);
            values.extend(
                [
                    &rule.status,
                    &rule.label,
                    &rule.count,
                    &rule.rows_in,
                    &rule.rows_out,
                    &rule.rows_rejected,
                    &rule.message,
                ]
                .map(Option::as_ref),
            );
        }
        for rule in &self.error {
            values.push(Some(&rule.moment));
            values.extend(
                [
                    &rule.severity,
                    &rule.error_type,
                    &rule.error_code,
                    &rule.code_scheme,
                    &rule.message,
                    &rule.stack,
                ]
                .map(Option::as_ref),
            );
        }
        let durations = self.log.iter().filter_map(|rule| rule.duration.as_ref());
        let conditions = self
            .conditions()
            .map(|condition| condition.column.as_str())
            .chain(durations.map(|duration| duration.column.as_str()));
        let mut all: Vec<Alternatives<'_>> = Vec::new();
        let named = values.into_iter().flatten().flat_map(Value::alternatives);
        for names in named.chain(conditions.map(|name| vec![name])) {
            if !names.is_empty() && !all.contains(&names) {
                all.push(names);
            }
        }
        all
    }

    /// The values without which no record gives a row, whatever it holds.
    pub(super) fn needed(&self) -> [&Value; 2] {
        [&self.run.job, &self.run.run_id]
    }

    pub(super) fn moments(&self) -> impl Iterator<Item = &Value> {
        let logs = self.log.iter().map(|rule| &rule.moment);
        logs.chain(self.error.iter().map(|rule| &rule.moment))
    }

    pub(super) fn worded(&self) -> Vec<Worded<'_>> {
        let words = &self.vocabulary;
        let mut all = Vec::new();
        for rule in &self.log {
            let own = RowStatus::ALL.iter().map(|word| word.as_str());
            let known: BTreeSet<&str> =
                words.status.keys().map(String::as_str).chain(own).collect();
            all.extend(rule.status.iter().map(|value| self.of_words(value, &known)));
            if let EventFrom::Value(value) = &rule.event {
                let own = Event::ALL.iter().map(|word| word.as_str());
                let known = words.event.keys().map(String::as_str).chain(own).collect();
                all.push(self.of_words(value, &known));
            }
        }
        for rule in &self.error {
            let own = Severity::ALL.iter().map(|word| word.as_str());
            let known = words
                .severity
                .keys()
                .map(String::as_str)
                .chain(own)
                .collect();
            all.extend(
                rule.severity
                    .iter()
                    .map(|value| self.of_words(value, &known)),
            );
        }
        all
    }

    /// A word that a condition names is known as well: the row may be left out because of it.
    fn of_words<'m>(&'m self, value: &'m Value, meant: &BTreeSet<&str>) -> Worded<'m> {
        let columns = value.columns();
        let conditions = self
            .conditions()
            .filter(|condition| columns.contains(&condition.column.as_str()));
        let named = conditions.flat_map(|condition| {
            let lists = [&condition.any_of, &condition.not_in];
            lists.into_iter().flatten().flatten()
        });
        let nulls = self.nulls.iter().chain(&value.0.nulls);
        let unread = named.chain(nulls).map(String::as_str);
        let known = unread
            .chain(meant.iter().copied())
            .map(str::to_lowercase)
            .collect();
        Worded { value, known }
    }

    fn conditions(&self) -> impl Iterator<Item = &Condition> {
        let logs = self.log.iter().flat_map(|rule| &rule.when);
        let errors = self.error.iter().flat_map(|rule| &rule.when);
        logs.chain(errors).chain(&self.silent)
    }
}

impl Value {
    /// The columns that it looks into, in this order; none for a constant or a part of the path.
    pub fn columns(&self) -> Vec<&str> {
        let spec = &self.0;
        let one = spec.column.as_deref().into_iter();
        let several = spec.columns.iter().chain(&spec.join);
        one.chain(several.map(String::as_str)).collect()
    }

    /// The columns of which a source needs one, for each part of a joined time and for what shifts it.
    pub(super) fn alternatives(&self) -> Vec<Alternatives<'_>> {
        let mut all = match self.0.join.as_slice() {
            [] => vec![self.columns()],
            parts => parts.iter().map(|part| vec![part.as_str()]).collect(),
        };
        all.extend(self.0.plus.iter().map(|plus| vec![plus.column.as_str()]));
        all.extend(
            self.0
                .not_before
                .iter()
                .flat_map(|other| other.alternatives()),
        );
        all
    }
}
