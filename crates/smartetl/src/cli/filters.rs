//! Which runs and jobs are looked at: the flags of `runs`, `jobs`, `status` and `report`.

use super::Context;
use super::near::near;
use crate::errors::{ErrorCode, Failure};
use crate::filtering::{When, category, day, meant, status, when};
use crate::night::Lang;
use jiff::civil::Date;
use smartetl_core::model::{Category, Outcome};
use smartetl_store::looking::{self, Filter};
use sqlx::PgConnection;

/// Where and when; everywhere and always where left out.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Which")]
pub struct Places {
    /// Of these environments, like PROD
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub environment: Vec<String>,
    /// Of the jobs with this name; * stands for anything
    #[arg(long, value_name = "NAME")]
    pub job: Option<String>,
    /// Of this business day, like 2026-11-23
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub day: Option<Date>,
}

/// Everything else that can be asked for.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Which")]
pub struct Filters {
    #[command(flatten)]
    pub places: Places,
    #[arg(
        long,
        value_name = "WORDS",
        value_delimiter = ',',
        value_parser = status,
        help = "That came out so: success, failed, running, lost, cancelled, skipped, unverified, success_with_errors, \
                success_with_warnings"
    )]
    pub status: Vec<Outcome>,
    /// With a cause of these categories, like connection,timeout; French words, like connexion, are taken too
    #[arg(long, value_name = "WORDS", value_delimiter = ',', value_parser = category)]
    pub category: Vec<Category>,
    /// From this business day on, or begun from this moment on, like 2026-11-23 or 2026-11-23T02:00:00Z
    #[arg(long, value_name = "DAY|TIME", value_parser = when, conflicts_with = "day")]
    pub since: Option<When>,
    /// Until this business day, with it, or begun before this moment
    #[arg(long, value_name = "DAY|TIME", value_parser = when, conflicts_with = "day")]
    pub until: Option<When>,
}

impl Places {
    /// # Errors
    /// `usage` when there is no such environment.
    pub async fn resolve(&self, connection: &mut PgConnection) -> anyhow::Result<Filter> {
        let known = if self.environment.is_empty() {
            Vec::new()
        } else {
            looking::environments(connection).await?
        };
        let environments = self
            .environment
            .iter()
            .map(|name| environment(name, &known))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Filter {
            environments,
            job: self.job.clone(),
            since: self.day,
            until: self.day,
            ..Filter::default()
        })
    }

    /// Says that no job is called so, and which ones nearly are.
    ///
    /// # Errors
    /// When the server refuses or is gone.
    pub async fn warn_of_unknown_job(
        &self,
        connection: &mut PgConnection,
        filter: &Filter,
        context: &Context,
    ) -> anyhow::Result<()> {
        let Some(name) = &self.job else {
            return Ok(());
        };
        let named = looking::named_jobs(connection, &filter.environments, name).await?;
        if !named.is_empty() {
            return Ok(());
        }
        let all = looking::named_jobs(connection, &filter.environments, "*").await?;
        let near = near(name, all.iter().map(|known| known.job.as_str()));
        let (text, hint) = match context.lang() {
            Lang::En => (
                format!("no job is called `{name}`"),
                if near.is_empty() {
                    "`smartetl jobs` lists them; * stands for anything".to_owned()
                } else {
                    format!("these are near: {}; * stands for anything", near.join(", "))
                },
            ),
            Lang::Fr => (
                format!("aucun job ne s’appelle `{name}`"),
                if near.is_empty() {
                    "`smartetl jobs` les liste\u{a0}; * remplace n’importe quoi".to_owned()
                } else {
                    format!(
                        "ceux-ci sont proches\u{a0}: {}\u{a0}; * remplace n’importe quoi",
                        near.join(", ")
                    )
                },
            ),
        };
        context.warn(&text, &hint);
        Ok(())
    }
}

impl Filters {
    /// # Errors
    /// `usage` when there is no such environment.
    pub async fn resolve(&self, connection: &mut PgConnection) -> anyhow::Result<Filter> {
        let places = self.places.resolve(connection).await?;
        Ok(Filter {
            statuses: self.status.clone(),
            categories: self.category.clone(),
            since: places.since.or(self.since.and_then(When::day)),
            until: places.until.or(self.until.and_then(When::day)),
            from: self.since.and_then(When::moment),
            before: self.until.and_then(When::moment),
            ..places
        })
    }
}

/// The environment that is meant, in any case; before anything is stored, whatever is said.
fn environment(name: &str, known: &[String]) -> anyhow::Result<String> {
    match meant(name, known) {
        Some(known) => Ok(known.to_owned()),
        None if known.is_empty() => Ok(name.to_owned()),
        None => Err(Failure::new(
            ErrorCode::Usage,
            [
                format!("there is no environment `{name}`"),
                format!("il n’y a pas d’environnement `{name}`"),
            ],
        )
        .at("--environment")
        .hint([
            format!("there are {}", known.join(", ")),
            format!("il y a {}", known.join(", ")),
        ])
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_in_any_case() {
        let known = ["PROD".to_owned(), "REC".to_owned()];
        assert_eq!(environment("prod", &known).ok().as_deref(), Some("PROD"));
        assert!(environment("TEST", &known).is_err());
        assert_eq!(environment("TEST", &[]).ok().as_deref(), Some("TEST"));
    }
}
