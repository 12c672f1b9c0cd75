//! What people say of a job, by the same code as `smartetl jobs import`.

use super::access::Actor;
use super::acting::refused;
use super::asked::{Asked, Place};
use super::body::Body;
use super::job::NO_PROJECT;
use super::problem::{Sent, Wrong};
use super::run::{CatalogueFacts, LangAsked, LangParams};
use crate::catalogue::{self, Editable, written};
use crate::service::Problem;
use axum::Json;
use axum::http::{HeaderMap, header};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use smartetl_store::access::{Done, NewEntry, record};
use smartetl_store::catalogue::{Entry, entries};
use smartetl_store::fusion;
use utoipa::ToSchema;
use xxhash_rust::xxh3::xxh3_128;

/// All that is said of a job. What is left out, null or empty is not said any more; the family is then the one that follows from the
/// name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobAsked {
    /// Which of the jobs of this name, where several systems have one
    system: Option<String>,
    family: Option<String>,
    source_app: Option<String>,
    domain: Option<String>,
    owner: Option<String>,
    /// 1 vital, 2 important, 3 comfort
    #[schema(minimum = 1, maximum = 3)]
    criticality: Option<i64>,
    /// The local time at which it is due, like `07:30`
    deadline: Option<String>,
    calendar: Option<String>,
    runbook_url: Option<String>,
    /// From this day or this moment on it is not expected any more
    #[schema(schema_with = super::document::when)]
    retired_at: Option<String>,
}

/// A job of which something else is said now.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditedAnswer {
    job: CatalogueFacts,
    /// What the next change says as `If-Match`.
    tag: String,
    changes: Vec<EditedValue>,
    /// Business days of which it is said anew when they were due.
    days_changed: u64,
    /// The new deadline has no effect, because only other jobs start this one.
    deadline_without_effect: bool,
}

/// One value, before and behind; empty where nothing was or is said.
#[derive(Debug, Serialize, ToSchema)]
pub struct EditedValue {
    field: &'static str,
    from: String,
    to: String,
}

/// Say what people know of a job: all of it, as `smartetl jobs import` does for a list. With `If-Match`, which says the `tags` of
/// `GET`, nothing is changed that somebody else changed meanwhile.
#[utoipa::path(
    put,
    path = "/api/v1/jobs/{environment}/{project}/{job}",
    tag = "jobs",
    params(
        ("environment" = String, Path, description = "The environment"),
        ("project" = String, Path, description = "The project, or `-` for none"),
        ("job" = String, Path, description = "The name"),
        ("if-match" = Option<String>, Header, description = "The tag of what it replaces; whatever is said now where it is left out"),
        LangParams
    ),
    request_body = JobAsked,
    responses((status = 200, description = "What is said of the job now", body = EditedAnswer), Sent)
)]
pub async fn edit_job(
    Place((environment, project, job)): Place<(String, String, String)>,
    headers: HeaderMap,
    Actor { who, acting }: Actor,
    _: Asked<LangAsked>,
    Body(body): Body<JobAsked>,
) -> Result<Json<EditedAnswer>, Problem> {
    let zone = acting.config.zone.clone();
    let mut transaction = acting.pool.begin().await?;
    // No fuse shall write days by the deadlines of before meanwhile.
    fusion::lock(&mut transaction).await?;
    let mut known = entries(&mut transaction, std::slice::from_ref(&environment), None).await?;
    known.retain(|entry| is_named(entry, &project, &job, body.system.as_deref()));
    match known.len() {
        0 => return Err(Problem::Api(Wrong::Nothing(["job", "ce job"]))),
        1 => {}
        _ => {
            let systems: Vec<&str> = known.iter().map(|entry| &*entry.name.system).collect();
            let systems = systems.join(", ");
            let why = [
                format!("system is missing, several have this job: {systems}"),
                format!("system manque, plusieurs ont ce job\u{a0}: {systems}"),
            ];
            return Err(Wrong::body(why));
        }
    }
    if !is_expected(&headers, &tag(&known[0], &zone)) {
        return Err(Problem::Api(Wrong::Changed));
    }
    let texts: Vec<(Editable, String)> = Editable::ALL
        .iter()
        .map(|what| (*what, body.text(*what)))
        .collect();
    let text = |what: Editable| {
        let found = texts.iter().find(|(one, _)| *one == what);
        found.map_or("", |(_, text)| text)
    };
    let plan = catalogue::replaced(&known, text, &zone)
        .map_err(|(field, why)| Problem::Api(Wrong::Field(field, why)))?;
    let without_effect = catalogue::without_effect(&mut transaction, &plan, &known).await?;
    let mut days_changed = 0;
    let mut changes = Vec::new();
    if let [changed] = &plan.changed[..] {
        let stored = catalogue::store(
            &mut transaction,
            &plan,
            &known,
            &acting.config,
            acting.rules,
        )
        .await;
        days_changed = stored.map_err(refused)?;
        let detail: Vec<String> = changed
            .changes
            .iter()
            .map(|change| format!("{}: {} → {}", change.column, change.from, change.to))
            .collect();
        let entry = NewEntry {
            who: &who.name,
            way: who.way,
            done: Done::JobEdit,
            target: Some(&format!("{environment}/{project}/{job}")),
            detail: Some(&detail.join("; ")),
        };
        record(&mut transaction, entry).await?;
        changes = changed.changes.iter().map(Into::into).collect();
        known[0].said = changed.said.clone();
    }
    transaction.commit().await?;
    Ok(Json(EditedAnswer {
        job: (&known[0]).into(),
        tag: tag(&known[0], &zone),
        changes,
        days_changed,
        deadline_without_effect: !without_effect.is_empty(),
    }))
}

fn is_named(entry: &Entry, project: &str, job: &str, system: Option<&str>) -> bool {
    let name = &entry.name;
    name.job == job
        && name.project.as_deref().unwrap_or(NO_PROJECT) == project
        && system.is_none_or(|system| system == name.system)
}

/// Says what is said of a job: another one where anything of it is another.
pub fn tag(entry: &Entry, zone: &TimeZone) -> String {
    let all = Editable::ALL.iter();
    let all: Vec<String> = all.map(|what| written(&entry.said, *what, zone)).collect();
    format!("\"{:032x}\"", xxh3_128(all.join("\n").as_bytes()))
}

/// Whether a request means this state, or any.
fn is_expected(headers: &HeaderMap, tag: &str) -> bool {
    let said = headers.get_all(header::IF_MATCH).iter();
    let mut said = said
        .flat_map(|tags| tags.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .peekable();
    said.peek().is_none() || said.any(|one| one == tag || one == "*")
}

impl JobAsked {
    fn text(&self, what: Editable) -> String {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        match what {
            Editable::Family => text(&self.family),
            Editable::SourceApp => text(&self.source_app),
            Editable::Domain => text(&self.domain),
            Editable::Owner => text(&self.owner),
            Editable::Criticality => self
                .criticality
                .map_or_else(String::new, |level| level.to_string()),
            Editable::Deadline => text(&self.deadline),
            Editable::Calendar => text(&self.calendar),
            Editable::RunbookUrl => text(&self.runbook_url),
            Editable::RetiredAt => text(&self.retired_at),
        }
    }
}

impl From<&catalogue::Change> for EditedValue {
    fn from(change: &catalogue::Change) -> Self {
        Self {
            field: change.column,
            from: change.from.clone(),
            to: change.to.clone(),
        }
    }
}
