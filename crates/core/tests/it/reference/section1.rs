//! Section 1: what each row says before anything is joined.

use smartetl_core::model::{Moment, Trigger};

use super::{Config, InRow};

/// A row with what section 1 makes of it.
#[derive(Clone, Debug)]
pub struct Row {
    pub environment: String,
    /// As the row says, or longer (rule 4).
    pub job: String,
    /// As the row says, or of its neighbours (rule 5).
    pub project: Option<String>,
    /// As the row says, or one hour later (sections 2.3 and 3.2).
    pub moment: Moment,
    /// Whether the hour that comes twice has been decided for this row.
    pub settled: bool,
    /// It named no tree: `said` has the root that was found (section 2.6).
    pub tree_inferred: bool,
    pub said: InRow,
}

impl Row {
    pub fn same_tree(&self, other: &Self) -> bool {
        self.said.system == other.said.system
            && self.environment == other.environment
            && self.said.root_run_id == other.said.root_run_id
    }
}

pub fn what_each_row_says(rows: &[InRow], config: &Config) -> Vec<Row> {
    let mut said: Vec<Row> = rows
        .iter()
        .map(|row| Row {
            environment: environment(row, config),
            job: row.job.clone(),
            project: row.project.clone(),
            moment: row.moment,
            settled: false,
            tree_inferred: false,
            said: row.clone(),
        })
        .collect();
    names_of_neighbours(&mut said);
    said
}

/// 1.4, 1.5
pub fn names_of_neighbours(said: &mut [Row]) {
    for row in said.iter_mut() {
        row.job.clone_from(&row.said.job);
        row.project.clone_from(&row.said.project);
    }
    let jobs: Vec<String> = said.iter().map(|row| whole_job_name(row, said)).collect();
    for (row, job) in said.iter_mut().zip(jobs) {
        row.job = job;
    }
    let projects: Vec<Option<String>> = said.iter().map(|row| project(row, said)).collect();
    for (row, project) in said.iter_mut().zip(projects) {
        row.project = project;
    }
}

/// 1.1
pub fn environment(row: &InRow, config: &Config) -> String {
    let word = row.environment.as_ref().or(row.context.as_ref());
    let mut found: Vec<&str> = Vec::new();
    for token in word.map(|word| tokens(word)).unwrap_or_default() {
        for &(vocabulary_word, environment) in &config.environments {
            if vocabulary_word == token && !found.contains(&environment) {
                found.push(environment);
            }
        }
    }
    if let [one] = found[..] {
        one.to_owned()
    } else {
        "UNMAPPED".to_owned()
    }
}

fn tokens(word: &str) -> Vec<String> {
    let mut tokens = vec![String::new()];
    for letter in word.chars() {
        if letter.is_alphanumeric() {
            tokens
                .last_mut()
                .expect("never empty")
                .extend(letter.to_lowercase());
        } else {
            tokens.push(String::new());
        }
    }
    tokens
}

/// 1.2: what this row says of the trigger, and what said it.
pub fn trigger_word(row: &InRow, config: &Config) -> Option<(Trigger, &'static str)> {
    for token in row.context.as_deref().map(tokens).unwrap_or_default() {
        for &(word, trigger) in &config.triggers {
            if word == token {
                return Some((trigger, "context"));
            }
        }
    }
    if row.system == "airflow" {
        if row.run_id.starts_with("scheduled__") {
            return Some((Trigger::Scheduled, "run_id"));
        }
        if row.run_id.starts_with("manual__") {
            return Some((Trigger::Manual, "run_id"));
        }
        if row.run_id.starts_with("backfill__") {
            return Some((Trigger::Reprocess, "run_id"));
        }
    }
    None
}

/// 1.4
fn whole_job_name(row: &Row, all: &[Row]) -> String {
    if row.job.chars().count() != 50 {
        return row.job.clone();
    }
    let mut longer: Vec<&String> = Vec::new();
    for other in all {
        if other.same_tree(row)
            && other.said.run_id == row.said.run_id
            && other.job.chars().count() > 50
            && other.job.starts_with(&row.job)
            && !longer.contains(&&other.job)
        {
            longer.push(&other.job);
        }
    }
    if let [one] = longer[..] {
        one.clone()
    } else {
        row.job.clone()
    }
}

/// 1.5
fn project(row: &Row, all: &[Row]) -> Option<String> {
    if row.project.is_some() {
        return row.project.clone();
    }
    let mut named: Vec<&String> = Vec::new();
    for other in all {
        if other.same_tree(row) && other.said.run_id == row.said.run_id && other.job == row.job {
            named.extend(
                other
                    .project
                    .as_ref()
                    .filter(|project| !named.contains(project)),
            );
        }
    }
    if let [one] = named[..] {
        Some(one.clone())
    } else {
        None
    }
}
