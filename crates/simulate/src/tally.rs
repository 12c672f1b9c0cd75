//! Counting how often each situation happened, so that nobody has to trust chance.

use crate::truth::{Fact, Status};
use crate::world::catalogue::{Slot, Trait};
use crate::world::execute::CUT_AT;
use crate::world::messages::holds_secret;
use crate::world::plan::{Day, World};
use crate::world::{Environment, FailureKind, Reason};
use std::collections::BTreeMap;

/// Situations by name. Names are stable: `meta.json` shows them.
#[derive(Debug, Default)]
pub(crate) struct Tally(pub(crate) BTreeMap<&'static str, u64>);

impl Tally {
    pub(crate) fn add(&mut self, name: &'static str, holds: bool) {
        *self.0.entry(name).or_default() += u64::from(holds);
    }

    pub(crate) fn day(&mut self, day: &Day) {
        for name in [
            "incident",
            "autumn_night",
            "spring_night",
            "pid_again",
            "pid_again_after_long",
            "same_pid_in_two_environments",
        ] {
            self.add(name, false);
        }
        for &name in &day.situations {
            self.add(name, true);
        }
    }

    /// Counts what a run shows.
    pub(crate) fn fact(&mut self, world: &World, day: &Day, fact: &Fact) {
        let tree = &day.trees[fact.tree];
        let run = fact.run;
        let job = &world.catalogue.jobs[run.job];
        let is_root = fact.parent.is_none();
        let kinds = |kind: FailureKind| run.failures.iter().any(|failure| failure.kind == kind);
        let parent = run.parent.map(|parent| &tree.runs[parent]);
        let lead = parent
            .zip(run.begin)
            .and_then(|(parent, begin)| parent.begin.map(|at| parent.stamp(at) - run.stamp(begin)))
            .unwrap_or(0);
        let local_date = |at: i64| world.calendar.local(at).div_euclid(86_400_000);
        let long = |length: usize| {
            run.failures
                .iter()
                .any(|failure| failure.text.chars().count() > length)
        };
        let scheduled = tree.reason == Reason::Slot && is_root;
        let broken = fact.status.is_broken();
        for (name, holds) in [
            (
                "rerun_of_whole_tree",
                fact.rerun_of.is_some() && fact.trigger == "rerun" && !job.is_child,
            ),
            (
                "rerun_of_failed_child_only",
                fact.rerun_of.is_some() && job.is_child,
            ),
            (
                "rerun_by_a_person",
                fact.rerun_of.is_some() && fact.trigger == "manual",
            ),
            ("rerun_that_fails", fact.rerun_of.is_some() && broken),
            (
                "children_after_midnight",
                parent.is_some()
                    && local_date(fact.started)
                        != local_date(tree.root().begin.unwrap_or(fact.started)),
            ),
            (
                "copies_of_an_error",
                run.failures
                    .iter()
                    .any(|failure| failure.whole + failure.cut > 1),
            ),
            ("child_job_running_failed", kinds(FailureKind::Wrapper)),
            (
                "lost_with_its_parents",
                fact.status == Status::Lost
                    && run.parent.is_some_and(|parent| tree.runs[parent].killed),
            ),
            (
                "lost_below_a_parent_that_ended",
                fact.status == Status::Lost && parent.is_some_and(|parent| !parent.killed),
            ),
            ("lost_root", fact.status == Status::Lost && is_root),
            ("unverified", fact.status == Status::Unverified),
            ("running_at_the_end", fact.status == Status::Running),
            ("warning", kinds(FailureKind::Warning)),
            (
                "die_after_an_exception",
                kinds(FailureKind::Exception) && kinds(FailureKind::Die),
            ),
            (
                "die_alone",
                !kinds(FailureKind::Exception) && kinds(FailureKind::Die),
            ),
            (
                "success_with_an_error_row",
                fact.status == Status::Success && fact.error_rows > 0,
            ),
            (
                "ignored_failing_child",
                fact.status == Status::Success
                    && fact.errors == 0
                    && fact.outcome == "success_with_errors",
            ),
            (
                "failed_without_an_error_row",
                fact.status == Status::Failed && fact.error_rows == 0,
            ),
            ("steps_only", fact.evidence == "steps_only"),
            ("steps_only_failed", fact.evidence == "steps_only" && broken),
            ("errors_only", fact.evidence == "errors_only"),
            ("begin_row_missing", fact.evidence == "no_begin"),
            (
                "message_cut",
                job.trait_word == Trait::Cutting && long(CUT_AT),
            ),
            (
                "message_cut_beside_whole",
                job.trait_word == Trait::CuttingBeside && long(CUT_AT),
            ),
            ("job_name_cut", fact.name.len() > 50 && fact.error_rows > 0),
            ("child_begins_before_parent", lead > 0),
            ("clocks_apart_over_a_minute", lead > 60_000),
            (
                "renamed_job",
                job.renamed
                    .as_ref()
                    .is_some_and(|(from, _)| day.number >= *from),
            ),
            ("copied_job", job.trait_word == Trait::Copied),
            ("retired_job", job.days.end <= world.days),
            (
                "manual_run",
                is_root && fact.trigger == "manual" && fact.rerun_of.is_none(),
            ),
            ("reprocessing", is_root && fact.trigger == "reprocess"),
            (
                "unmapped_context",
                tree.environment == Environment::Unmapped,
            ),
            ("same_name_in_two_projects", fact.name == "J_Purge_Journaux"),
            (
                "hourly",
                scheduled && matches!(job.slot, Slot::Hourly { .. }),
            ),
            (
                "hourly_failed",
                scheduled && matches!(job.slot, Slot::Hourly { .. }) && broken,
            ),
            (
                "weekly",
                scheduled && matches!(job.slot, Slot::Weekly { .. }),
            ),
            (
                "month_end",
                scheduled && matches!(job.slot, Slot::MonthEnd { .. }),
            ),
            (
                "month_start",
                scheduled && matches!(job.slot, Slot::MonthStart { .. }),
            ),
            (
                "secret_in_a_message",
                run.failures
                    .iter()
                    .any(|failure| holds_secret(&failure.text)),
            ),
            (
                "message_of_several_lines",
                run.failures
                    .iter()
                    .any(|failure| failure.text.trim_end().contains('\n')),
            ),
            (
                "message_with_delimiter",
                run.failures
                    .iter()
                    .any(|failure| failure.text.contains(';')),
            ),
            (
                "message_with_quotes",
                run.failures
                    .iter()
                    .any(|failure| failure.text.contains('"')),
            ),
            ("measured_zero", fact.rows.contains(&Some(0))),
            (
                "ran_again_and_again_below_one_step",
                run.steps.len() > fact.steps.map_or(0, |steps| steps.0),
            ),
        ] {
            self.add(name, holds);
        }
    }
}
