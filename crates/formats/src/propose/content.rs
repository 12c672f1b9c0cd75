//! How much the values of a column speak for a role, 0 (never) to 1, where runs and jobs are known.

use std::collections::HashMap;

use super::relations::determines;
use super::role::Role;
use super::scene::{Known, Scene};
use super::shape::{Shape, Taken};
use super::states;

pub struct Content<'s, 't> {
    scene: &'s Scene<'t>,
    known: Option<Known<'s>>,
    shape: Shape,
    run: Option<usize>,
    job: Option<usize>,
}

impl<'s, 't> Content<'s, 't> {
    pub fn new(scene: &'s Scene<'t>, taken: &Taken, known: Option<Known<'s>>) -> Self {
        Self {
            scene,
            known,
            shape: taken.shape,
            run: taken.column(Role::RunId),
            job: taken.column(Role::Job),
        }
    }

    pub fn of(&self, role: Role, at: usize) -> f64 {
        let profile = &self.scene.profiles[at];
        if profile.times.is_some() || !self.scene.column(at).parts.is_empty() {
            return if role == Role::Ignored { 0.3 } else { 0.0 };
        }
        if self.is_called_otherwise(role, at) || profile.has_secrets && role.is_stored_as_it_is() {
            return 0.0;
        }
        if let (Some(known), Some(run)) = (self.known, self.run)
            && matches!(
                role,
                Role::Project
                    | Role::Context
                    | Role::Environment
                    | Role::Host
                    | Role::JobId
                    | Role::JobVersion
            )
            && profile.distinct >= 2
            && known
                .agreement(role, self.scene.column(run), self.scene.column(at))
                .is_some_and(|agreement| agreement >= 0.9)
        {
            return 0.9;
        }
        let few = |most: usize| profile.distinct <= most;
        let word = !profile.is_number && !profile.is_text() && !profile.is_duration_text;
        match role {
            Role::Project => self.project(at),
            Role::JobId => self.job_id(at),
            Role::JobVersion if profile.versions >= 0.9 => 0.6,
            // The key of a version in a database says nothing to anybody.
            Role::JobVersion if profile.random >= 0.5 && profile.length >= 16.0 => 0.0,
            Role::JobVersion => 0.15,
            // It says why a run started as well: that is read from the context alone.
            Role::Environment if profile.contexts > 0.0 => 0.0,
            Role::Environment if profile.environments >= 0.5 => 0.55,
            Role::Context
                if profile.contexts > 0.0 && profile.contexts + profile.environments >= 0.5 =>
            {
                0.75
            }
            Role::Context if profile.environments >= 0.5 => 0.45,
            Role::Environment | Role::Context if word && few(20) && self.same_in_run(at) => 0.2,
            Role::Host
                if word && few(300) && profile.states < 0.5 && profile.environments < 0.5 =>
            {
                0.2
            }
            Role::Step => self.step(at),
            Role::Attempt
                if profile.is_int && few(60) && self.least(at) >= 0.0 && self.most(at) <= 60.0 =>
            {
                0.3
            }
            Role::Status => self.status(at),
            Role::Duration if profile.is_duration_text || profile.is_hour => 0.45,
            Role::Duration if profile.is_number => 0.3,
            Role::MapIndex | Role::RowsIn | Role::RowsOut | Role::RowsRejected
                if profile.is_int =>
            {
                0.3
            }
            Role::Count if profile.is_int => 0.4,
            Role::Label if word && few(500) => 0.35,
            Role::Message
                if profile.is_text() && (profile.lines < 0.9 || profile.name.fits(role) >= 0.7) =>
            {
                0.55
            }
            Role::Message if word && profile.length >= 8.0 => 0.12,
            Role::Stack if profile.lines >= 0.3 && profile.length >= 100.0 => 0.6,
            Role::Severity
                if self.shape != Shape::Errors
                    && profile.name.says_status()
                    && profile.name.fits(role) < 0.3 =>
            {
                0.0
            }
            Role::Severity if profile.severities >= 0.6 => 0.3 + 0.55 * profile.severities,
            Role::Severity if self.shape == Shape::Errors && few(8) && !profile.is_text() => 0.2,
            Role::ErrorType if self.shape != Shape::Errors && profile.filled >= 0.9 => 0.0,
            Role::ErrorType if profile.classes >= 0.5 => 0.65,
            Role::ErrorType if word && few(200) => 0.15,
            Role::ErrorCode if profile.codes >= 0.6 && !profile.is_int && few(1_000) => 0.45,
            Role::ErrorCode if (profile.is_int || profile.codes >= 0.6) && few(1_000) => 0.3,
            Role::Ignored => 0.3,
            _ => 0.0,
        }
    }

    /// The run log has the same words under the other one of context and environment: both tables must say it alike.
    fn is_called_otherwise(&self, role: Role, at: usize) -> bool {
        let other = match role {
            Role::Environment => Role::Context,
            Role::Context => Role::Environment,
            _ => return false,
        };
        let (Some(known), Some(run)) = (self.known, self.run) else {
            return false;
        };
        let (runs, column) = (self.scene.column(run), self.scene.column(at));
        let agreement = |role| known.agreement(role, runs, column);
        agreement(role).is_none() && agreement(other).is_some_and(|share| share >= 0.9)
    }

    /// Coarser than the job.
    fn project(&self, at: usize) -> f64 {
        let profile = &self.scene.profiles[at];
        let Some(job) = self.job else { return 0.0 };
        if profile.is_number
            || profile.is_text()
            || profile.states >= 0.5
            || profile.environments >= 0.5
        {
            return 0.0;
        }
        let of_job = determines(self.scene.column(job), self.scene.column(at));
        if of_job < 0.9 {
            return 0.03;
        }
        let jobs = self.scene.profiles[job].distinct;
        match profile.distinct {
            0 | 1 => 0.25,
            distinct if distinct < jobs && profile.versions < 0.5 => {
                if self.scene.mute {
                    0.5
                } else {
                    0.3
                }
            }
            _ => 0.05,
        }
    }

    /// One for each job.
    fn job_id(&self, at: usize) -> f64 {
        let profile = &self.scene.profiles[at];
        let Some(job) = self.job else { return 0.0 };
        if profile.is_text() || profile.is_number && !profile.is_int {
            return 0.0;
        }
        let (jobs, ids) = (self.scene.column(job), self.scene.column(at));
        if determines(jobs, ids) < 0.9 || determines(ids, jobs) < 0.9 {
            return 0.02;
        }
        if profile.name.is_of("version") {
            return 0.0;
        }
        match profile.distinct {
            0 | 1 => 0.2,
            _ if profile.random >= 0.6 || profile.is_int => 0.6,
            _ => 0.45,
        }
    }

    /// Different within a run; twice in a run where records are begins and ends.
    fn step(&self, at: usize) -> f64 {
        let profile = &self.scene.profiles[at];
        let Some(run) = self.run else { return 0.0 };
        if profile.is_text()
            || profile.is_duration_text
            || profile.is_number && !profile.is_int
            || states::evidence(self.scene, at) >= 0.7
            || profile.severities >= 0.8
        {
            return 0.0;
        }
        let (runs, steps) = (self.scene.column(run), self.scene.column(at));
        if self
            .known
            .and_then(|known| known.steps(steps))
            .is_some_and(|within| within >= 0.6)
            && profile.names >= 0.5
        {
            return 0.8;
        }
        if determines(runs, steps) >= 0.999 && self.shape != Shape::Errors {
            return 0.05;
        }
        let is_called_name = profile.name.is_of("name") && !profile.is_number;
        if profile.names < 0.5 && !is_called_name {
            return 0.15;
        }
        let records = match self.shape {
            Shape::Events => 2,
            _ => 1,
        };
        let mut groups: HashMap<(u32, u32), u32> = HashMap::new();
        for (run, step) in runs.cells.iter().zip(&steps.cells) {
            if *step > 0 {
                *groups.entry((*run, *step)).or_default() += 1;
            }
        }
        let usual = groups.values().filter(|count| **count == records).count();
        let usual = usual as f64 / groups.len().max(1) as f64;
        if self.shape != Shape::Errors && usual >= 0.8 {
            0.65
        } else {
            0.3
        }
    }

    /// Whatever its words are, a column that names jobs says no states.
    fn status(&self, at: usize) -> f64 {
        let column = self.scene.column(at);
        let is_job = |job: usize| column.within(self.scene.column(job)) >= 0.5;
        if self.job.is_some_and(is_job) {
            return 0.0;
        }
        states::evidence(self.scene, at)
    }

    fn same_in_run(&self, at: usize) -> bool {
        self.run
            .is_none_or(|run| determines(self.scene.column(run), self.scene.column(at)) >= 0.98)
    }

    fn numbers(&self, at: usize) -> impl Iterator<Item = f64> {
        let words = self.scene.column(at).words.iter();
        words.filter_map(|word| word.replace(',', ".").parse().ok())
    }

    fn least(&self, at: usize) -> f64 {
        self.numbers(at).fold(f64::INFINITY, f64::min)
    }

    fn most(&self, at: usize) -> f64 {
        self.numbers(at).fold(f64::NEG_INFINITY, f64::max)
    }
}
