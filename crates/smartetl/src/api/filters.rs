//! The filters of lists, with the words that the commands have.

use super::asked::{Said, wrong};
use super::job::NO_PROJECT;
use super::problem::Wanted;
use crate::filtering::{self, When};
use crate::service::Problem;
use smartetl_core::model::{Category, Outcome};
use smartetl_store::looking::{self, Filter};
use sqlx::PgConnection;
use utoipa::IntoParams;

/// Which runs and jobs.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct FilterParams {
    /// Of these environments, with commas between them
    environment: Option<String>,
    /// Of the jobs with this name; `*` stands for anything
    job: Option<String>,
    /// Of jobs of this project; `-` stands for none
    project: Option<String>,
    /// Of jobs of this system
    system: Option<String>,
    /// That came out so, with commas between the words; of jobs: whose last run did
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false)]
    status: Option<Vec<String>>,
    /// With a cause of these categories, with commas between the words
    #[param(value_type = Option<Vec<String>>, style = Form, explode = false)]
    category: Option<Vec<String>>,
    /// Of this business day
    #[param(format = Date)]
    day: Option<String>,
    /// From this business day on, or begun from this moment on
    #[param(schema_with = super::document::when)]
    from: Option<String>,
    /// Until this business day, with it, or begun before this moment
    #[param(schema_with = super::document::when)]
    to: Option<String>,
}

/// Where a list goes on, and how it is written.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct ListParams {
    /// So many at most; of a file 10 000 at most, and so many where it is left out
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
    /// Where to go on: `next` of an answer to the same question
    cursor: Option<String>,
    /// As JSON, or as a file; the header `accept` says it too
    #[param(schema_with = super::document::forms)]
    format: Option<String>,
    /// In which language texts are told
    #[param(schema_with = super::document::languages)]
    lang: Option<String>,
}

/// What was said; environments are looked up later.
#[derive(Clone, Debug)]
pub struct Filters {
    environments: Vec<String>,
    filter: Filter,
}

impl Filters {
    /// # Errors
    /// When a parameter cannot be understood.
    pub fn read(said: &mut Said) -> Result<Self, Problem> {
        let environments = environments(said);
        let status = |word: &str| filtering::status(word).ok();
        let category = |word: &str| filtering::category(word).ok();
        let words = |all: &'static [Outcome]| all.iter().map(|word| word.as_str()).collect();
        let statuses = said.words("status", status, || words(Outcome::ALL))?;
        let categories = said.words("category", category, || {
            Category::ALL.iter().map(|word| word.as_str()).collect()
        })?;
        let day = said.day("day")?;
        let [from, to] = [said.when("from")?, said.when("to")?];
        for (name, bound) in [("from", from), ("to", to)] {
            if day.is_some() && bound.is_some() {
                return Err(wrong(name, Wanted::NotWith("day")));
            }
        }
        Ok(Self {
            environments,
            filter: Filter {
                job: said.text("job"),
                project: project(said),
                system: said.text("system"),
                statuses,
                categories,
                since: day.or(from.and_then(When::day)),
                until: day.or(to.and_then(When::day)),
                from: from.and_then(When::moment),
                before: to.and_then(When::moment),
                ..Filter::default()
            },
        })
    }

    /// # Errors
    /// When there is no such environment.
    pub async fn resolve(&self, connection: &mut PgConnection) -> Result<Filter, Problem> {
        Ok(Filter {
            environments: known(connection, &self.environments).await?,
            ..self.filter.clone()
        })
    }
}

/// A project, where one is said; the empty word for none.
pub fn project(said: &mut Said) -> Option<String> {
    let name = said.text("project")?;
    Some(if name == NO_PROJECT {
        String::new()
    } else {
        name
    })
}

/// Names with commas between them, as they were said.
pub fn environments(said: &mut Said) -> Vec<String> {
    let environments = said.text("environment").unwrap_or_default();
    let names = environments.split(',').filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// The environments that are meant.
///
/// # Errors
/// When there is no such environment.
pub async fn known(
    connection: &mut PgConnection,
    asked: &[String],
) -> Result<Vec<String>, Problem> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let known = looking::environments(connection).await?;
    let meant = |name: &String| match filtering::meant(name, &known) {
        Some(meant) => Ok(meant.to_owned()),
        // Before anything is stored, whatever is said.
        None if known.is_empty() => Ok(name.clone()),
        None => Err(Problem::Environment {
            asked: name.clone(),
            known: known.clone(),
        }),
    };
    asked.iter().map(meant).collect()
}
