//! Writes what a list, or one change, says of jobs.

use super::Plan;
use crate::errors::{ErrorCode, Failure};
use smartetl_core::fuse::FuseConfig;
use smartetl_core::issue::Rules;
use smartetl_store::catalogue::{Entry, say};
use smartetl_store::deadlines::{self, BusinessDays};
use smartetl_store::fusion;
use smartetl_store::issues::{self, Touched};
use smartetl_store::looking::NamedJob;
use sqlx::PgConnection;

/// Jobs that get a deadline and never ran by themselves.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn without_effect(
    connection: &mut PgConnection,
    plan: &Plan,
    known: &[Entry],
) -> anyhow::Result<Vec<NamedJob>> {
    let jobs: Vec<&NamedJob> = plan
        .changed
        .iter()
        .filter(|changed| {
            changed.said.deadline.is_some()
                && known[changed.place].said.deadline != changed.said.deadline
        })
        .map(|changed| &known[changed.place].name)
        .collect();
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let children = deadlines::only_children(connection, &jobs).await?;
    let named = jobs.into_iter().zip(children);
    Ok(named
        .filter(|(_, is_child)| *is_child)
        .map(|(job, _)| job.clone())
        .collect())
}

/// Writes what people say, and what follows from it for the days of these jobs and their issues; how many days changed. The caller
/// holds [`fusion::lock`].
///
/// # Errors
/// When days are stored by another configuration, or the server refuses or is gone.
pub async fn store(
    connection: &mut PgConnection,
    plan: &Plan,
    known: &[Entry],
    config: &FuseConfig,
    rules: Rules,
) -> anyhow::Result<u64> {
    let days_changed = say_it(connection, plan, known, config).await?;
    issues::settle(connection, &families(plan, known), rules).await?;
    Ok(days_changed)
}

async fn say_it(
    connection: &mut PgConnection,
    plan: &Plan,
    known: &[Entry],
    config: &FuseConfig,
) -> anyhow::Result<u64> {
    let changed = plan.changed.iter();
    let said: Vec<_> = changed
        .map(|changed| (&known[changed.place].name, &changed.said))
        .collect();
    say(connection, &said).await?;
    let due: Vec<&NamedJob> = plan
        .changed
        .iter()
        .filter(|changed| known[changed.place].said.deadline != changed.said.deadline)
        .map(|changed| &known[changed.place].name)
        .collect();
    if due.is_empty() {
        return Ok(0);
    }
    let state = fusion::state(connection).await?;
    if state.is_some_and(|state| state.configuration_hash != config.hash()) {
        return Err(Failure::new(
            ErrorCode::ConfigInvalid,
            [
                "days are stored by another configuration (zone, border of the business day, words) than this one, so that \
                 nobody can say when they were due",
                "les journées enregistrées viennent d’une autre configuration (fuseau, limite de la journée d’exploitation, mots) \
                 que celle-ci\u{a0}: on ne peut pas dire quand elles étaient dues",
            ],
        )
        .hint([
            "run `smartetl fuse` first, or import with the configuration of the last fuse",
            "lancez d’abord `smartetl fuse`, ou importez avec la configuration de la dernière fusion",
        ])
        .into());
    }
    let business_days = BusinessDays {
        zone: config.zone.iana_name().unwrap_or("UTC"),
        border_minutes: config.border_minutes,
    };
    Ok(deadlines::of_jobs(connection, &due, business_days).await?)
}

/// The families whose issues hang on what changed: those that jobs left, those that they came to, and those of jobs that were retired.
fn families(plan: &Plan, known: &[Entry]) -> Touched {
    let families = plan.changed.iter().flat_map(|changed| {
        let before = &known[changed.place];
        let is_touched = before.said.family != changed.said.family
            || before.said.retired_at != changed.said.retired_at;
        let families = [&before.said.family, &changed.said.family];
        families
            .into_iter()
            .filter(move |_| is_touched)
            .map(|family| (before.name.environment.clone(), family.clone()))
    });
    Touched {
        families: families.collect(),
        ..Touched::default()
    }
}
