//! A table with what its columns look like, and what is known of the run log that it belongs to.

use std::collections::HashMap;

use super::names::Name;
use super::profile::Profile;
use super::relations::firsts;
use super::role::Role;
use super::shape::Taken;
use super::table::{Column, Table};
use super::words;

/// The words of the configuration by which environments and triggers are known.
#[derive(Clone, Debug, Default)]
pub struct Vocabularies {
    pub environments: Vec<String>,
    pub triggers: Vec<String>,
}

impl Vocabularies {
    /// Whether a word of a context, or one of its parts, is an environment.
    pub fn names_environment(&self, word: &str) -> bool {
        let normal = words::normal(word);
        normal.split(' ').any(|part| {
            self.environments
                .iter()
                .any(|own| words::normal(own) == part)
        })
    }
}

/// A table that is looked at.
pub struct Scene<'t> {
    pub table: &'t Table,
    pub profiles: Vec<Profile>,
    /// Names hardly say anything: content alone has to do.
    pub mute: bool,
}

/// The run log to which another table belongs.
#[derive(Clone, Copy)]
pub struct Known<'t> {
    pub scene: &'t Scene<'t>,
    pub taken: &'t Taken,
}

impl<'t> Scene<'t> {
    pub fn new(table: &'t Table, vocabularies: &Vocabularies) -> Self {
        let mut profiles = profiles(table, vocabularies);
        for (profile, column) in profiles.iter_mut().zip(&table.columns) {
            if !column.parts.is_empty() {
                let names: Vec<&str> = column
                    .parts
                    .iter()
                    .map(|part| table.columns[*part].name.as_str())
                    .collect();
                profile.name = Name::of(&names.join(" "));
            }
        }
        let speaking = profiles
            .iter()
            .filter(|profile| profile.name.speaks())
            .count();
        Self {
            table,
            mute: speaking * 4 < profiles.len(),
            profiles,
        }
    }

    pub fn column(&self, at: usize) -> &'t Column {
        &self.table.columns[at]
    }

    pub fn columns(&self) -> std::ops::Range<usize> {
        0..self.table.columns.len()
    }

    /// Evidence of the name and of the content together, 0 to 1. What the content forbids, no name allows.
    pub fn score(&self, role: Role, at: usize, content: f64) -> f64 {
        if content <= 0.0 {
            return 0.0;
        }
        together(self.profiles[at].name.fits(role), content)
    }
}

pub fn profiles(table: &Table, vocabularies: &Vocabularies) -> Vec<Profile> {
    table
        .columns
        .iter()
        .map(|column| Profile::of(column, table, vocabularies))
        .collect()
}

/// Name and content speak for the same, or only one of them does.
pub fn together(name: f64, content: f64) -> f64 {
    1.0 - (1.0 - 0.8 * name) * (1.0 - 0.85 * content)
}

impl Known<'_> {
    fn place(&self, role: Role) -> Option<&Column> {
        let at = self.taken.roles.get(&role)?.column;
        Some(self.scene.column(at))
    }

    pub fn runs(&self) -> Option<&Column> {
        self.place(Role::RunId)
    }

    /// The share of records of another table whose run is known.
    pub fn shares(&self, runs: &Column) -> f64 {
        self.runs()
            .map_or(0.0, |known| runs.share(|run| known.has(run)))
    }

    /// The share of records with a known run in which a column says what the run log says of the run; `None` when the run log
    /// does not say it.
    pub fn agreement(&self, role: Role, runs: &Column, column: &Column) -> Option<f64> {
        let (known, said) = (self.runs()?, self.place(role)?);
        let by_run: HashMap<&str, Option<&str>> = known
            .words
            .iter()
            .map(String::as_str)
            .zip(firsts(known, said))
            .map(|(run, place)| {
                let word = place.and_then(|place| said.words.get((place as usize).checked_sub(1)?));
                (run, word.map(String::as_str))
            })
            .collect();
        let (mut compared, mut agree) = (0_usize, 0_usize);
        for row in 0..runs.cells.len() {
            let Some(run) = runs.get(row) else { continue };
            let Some(said) = by_run.get(run) else {
                continue;
            };
            // A run without parent can say itself or nothing.
            let found = column.get(row).filter(|found| *found != run);
            let said = said.filter(|said| *said != run);
            compared += 1;
            agree += usize::from(found == said);
        }
        (compared >= 5).then(|| agree as f64 / compared as f64)
    }

    /// The share of the different values of a column that are jobs of the run log.
    pub fn jobs(&self, column: &Column) -> Option<f64> {
        self.place(Role::Job).map(|jobs| column.within(jobs))
    }

    /// The share of the different values of a column that are steps of the run log.
    pub fn steps(&self, column: &Column) -> Option<f64> {
        self.place(Role::Step).map(|steps| column.within(steps))
    }
}
