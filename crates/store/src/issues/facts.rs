//! What is known of issues: their runs, what was good since, the versions of jobs, and what people did; judged.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound::{Excluded, Unbounded};

use futures_util::TryStreamExt as _;
use smartetl_core::classify::{Classification, ErrorFacts, classify};
use smartetl_core::issue::{
    Act, Facts, Good, JobNumber, Judged, Mute, Occurrence, Rules, Version, What, issue_id, judge,
};
use smartetl_core::model::{Blame, Category, Moment};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::acts::{acts, by_issue};
use super::row::About;
use super::{IssueRow, Scope};
use crate::StoreError;
use crate::looking::NamedJob;
use crate::night::date;

/// All issues of these families, as they should be.
pub(super) async fn computed(
    connection: &mut PgConnection,
    scope: &Scope,
    rules: Rules,
) -> Result<Vec<IssueRow>, StoreError> {
    let judged = judged(connection, scope, rules).await?.into_iter();
    Ok(judged
        .map(|(about, judged)| IssueRow::new(about, judged))
        .collect())
}

/// The numbers of the acts on this issue that had no effect, because they made no sense for the state that it was in then.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn idle_acts(
    connection: &mut PgConnection,
    issue: &IssueRow,
    rules: Rules,
) -> Result<Vec<i64>, StoreError> {
    let scope = Scope::Families(vec![(issue.environment.clone(), issue.family.clone())]);
    let all = judged(connection, &scope, rules).await?;
    let found = all
        .into_iter()
        .find(|(about, _)| about.issue == issue.issue);
    Ok(found.map_or_else(Vec::new, |(_, judged)| judged.idle))
}

async fn judged(
    connection: &mut PgConnection,
    scope: &Scope,
    rules: Rules,
) -> Result<Vec<(About, Judged)>, StoreError> {
    let catalogue = Catalogue::read(connection, scope).await?;
    let mut issues: Issues<'_> = BTreeMap::new();
    let occurrences = sqlx::query_as(OCCURRENCES).bind(catalogue.numbers());
    let mut rows = occurrences.fetch(&mut *connection);
    while let Some(row) = rows.try_next().await? {
        let row: OccurrenceRow = row;
        let Some(job) = catalogue.job_of(row.job_number) else {
            continue;
        };
        let key = (job.environment.as_str(), job.family.as_str(), row.problem);
        issues.entry(key).or_default().take(row, job);
    }
    drop(rows);
    if issues.is_empty() {
        return Ok(Vec::new());
    }
    let acts = acts(connection, scope).await?;
    let mut acts = by_issue(&acts);
    for (key, issue) in &mut issues {
        issue.facts.acts = acts.remove(key).unwrap_or_default();
    }
    find_good(connection, &catalogue, &mut issues, rules).await?;
    find_versions(connection, &catalogue, &mut issues).await?;
    ask_rules(connection, &mut issues).await?;
    let rows = issues
        .into_iter()
        .filter_map(|((environment, family, problem), issue)| {
            let judged = judge(&issue.facts, rules)?;
            let about = About {
                issue: issue_id(problem, environment, family),
                problem,
                environment: environment.to_owned(),
                family: family.to_owned(),
                jobs: issue.names.into_iter().collect(),
                category: issue.cause.as_ref().and_then(|cause| cause.category),
                blame: issue.cause.as_ref().and_then(|cause| cause.blame),
                retryable: issue.cause.and_then(|cause| cause.retryable),
                signatures: issue.signatures.into_iter().collect(),
            };
            Some((about, judged))
        });
    Ok(rows.collect())
}

/// A job under all names that it had: what has the same id of its tool is one.
struct KnownJob {
    environment: String,
    family: String,
    system: String,
    number: JobNumber,
}

/// The jobs of the families.
#[derive(Default)]
struct Catalogue {
    /// By the number of a name's runs.
    jobs: HashMap<i64, KnownJob>,
    /// The numbers of all names of a job, and when the last of them was retired, where all are.
    names: Vec<(Vec<i64>, Option<Moment>)>,
}

impl Catalogue {
    async fn read(connection: &mut PgConnection, scope: &Scope) -> Result<Self, StoreError> {
        let (environments, families) = scope.columns();
        let rows: Vec<JobRow> = sqlx::query_as(JOBS)
            .bind(scope.is_all())
            .bind(environments)
            .bind(families)
            .fetch_all(connection)
            .await?;
        let mut catalogue = Self::default();
        let mut known: HashMap<[String; 5], JobNumber> = HashMap::new();
        for row in rows {
            let identity = [
                row.name.environment.clone(),
                row.family.clone(),
                row.name.system.clone(),
                row.name.project.clone().unwrap_or_default(),
                row.job_id.unwrap_or_else(|| format!("\0{}", row.name.job)),
            ];
            let next = catalogue.names.len() as JobNumber;
            let number = *known.entry(identity).or_insert(next);
            let retired = row.retired_us.map(Moment);
            let of_name = row.name.number();
            if number == next {
                catalogue.names.push((vec![of_name], retired));
            } else {
                let (numbers, before) = &mut catalogue.names[number as usize];
                numbers.push(of_name);
                *before = before.zip(retired).map(|(one, other)| one.max(other));
            }
            let job = KnownJob {
                environment: row.name.environment,
                family: row.family,
                system: row.name.system,
                number,
            };
            catalogue.jobs.insert(of_name, job);
        }
        Ok(catalogue)
    }

    fn numbers(&self) -> Vec<i64> {
        self.jobs.keys().copied().collect()
    }

    fn job_of(&self, number: i64) -> Option<&KnownJob> {
        self.jobs.get(&number)
    }

    fn names_of(&self, job: JobNumber) -> &[i64] {
        &self.names[job as usize].0
    }

    fn retired_at(&self, job: JobNumber) -> Option<Moment> {
        self.names[job as usize].1
    }
}

#[derive(FromRow)]
struct JobRow {
    #[sqlx(flatten)]
    name: NamedJob,
    family: String,
    job_id: Option<String>,
    retired_us: Option<i64>,
}

pub(crate) const JOBS: &str = "SELECT environment, system, project, job, family, job_id, \
     (extract(epoch FROM retired_at) * 1000000)::bigint AS retired_us FROM job \
     WHERE $1 OR (environment, family) IN (SELECT * FROM unnest($2::text[], $3::text[])) ORDER BY environment, system, project, job";

/// A run with an error of a problem.
#[derive(FromRow)]
struct OccurrenceRow {
    job_number: i64,
    job: String,
    run_key: Uuid,
    started_us: i64,
    seen_us: i64,
    business_day: i32,
    problem: Uuid,
    signatures: Vec<Uuid>,
    /// Of the run's cause, where that is this problem.
    category: Option<String>,
    blame: Option<String>,
    retryable: Option<bool>,
    failed_runs: i64,
    lost_ms: i64,
}

// Runs that failed because of it stand in its tree. Each of them counts for the problem of its cause, and for no other; `lost_ms` is
// what the dashboards call lost minutes.
pub(crate) const OCCURRENCES: &str = "SELECT run.job_number, run.job, run.run_key, (extract(epoch FROM run.started_at) * 1000000)::bigint AS started_us, \
     (extract(epoch FROM coalesce(run.first_error_at, run.started_at)) * 1000000)::bigint AS seen_us, \
     run.business_day - date '1970-01-01' AS business_day, of_run.problem, of_run.signatures, \
     CASE WHEN run.cause_signature = ANY (of_run.signatures) THEN run.category END AS category, \
     CASE WHEN run.cause_signature = ANY (of_run.signatures) THEN run.blame END AS blame, \
     CASE WHEN run.cause_signature = ANY (of_run.signatures) THEN run.retryable END AS retryable, \
     struck.failed_runs, struck.lost_ms \
     FROM dataset AS run \
     CROSS JOIN LATERAL (SELECT held.problem, array_agg(held.signature ORDER BY held.signature) AS signatures FROM ( \
         SELECT named.signature, (SELECT known.problem FROM signature AS known \
         WHERE known.signature = named.signature ORDER BY known.cut LIMIT 1) AS problem \
         FROM unnest(run.error_signatures) AS named (signature)) AS held WHERE held.problem IS NOT NULL GROUP BY held.problem) AS of_run \
     CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE hit.cause_signature = ANY (of_run.signatures)) AS failed_runs, \
         coalesce(sum(coalesce(hit.self_duration_ms, hit.duration_ms)) FILTER (WHERE hit.status = 'failed' \
         AND hit.cause_signature = ANY (of_run.signatures)), 0)::bigint AS lost_ms \
         FROM dataset AS hit WHERE hit.tree = run.tree AND hit.cause_run_key = run.run_key AND hit.status IN ('failed', 'lost')) AS struck \
     WHERE run.job_number = ANY ($1) AND run.error_signatures <> '{}'";

/// An issue as it is gathered.
#[derive(Default)]
struct Issue {
    facts: Facts,
    names: BTreeSet<String>,
    systems: BTreeSet<String>,
    signatures: BTreeSet<Uuid>,
    cause: Option<Cause>,
}

/// What kind of error it is.
struct Cause {
    /// The last run that has it as its cause; `None` where it never was one.
    at: Option<(Moment, Uuid)>,
    category: Option<Category>,
    blame: Option<Blame>,
    retryable: Option<bool>,
}

impl Issue {
    fn take(&mut self, row: OccurrenceRow, job: &KnownJob) {
        let at = Some((Moment(row.seen_us), row.run_key));
        if let Some(category) = &row.category
            && self.cause.as_ref().is_none_or(|cause| cause.at < at)
        {
            self.cause = Some(Cause {
                at,
                category: Category::parse(category),
                blame: row.blame.as_deref().and_then(Blame::parse),
                retryable: row.retryable,
            });
        }
        self.names.insert(row.job);
        if !self.systems.contains(&job.system) {
            self.systems.insert(job.system.clone());
        }
        self.signatures.extend(row.signatures);
        self.facts.occurrences.push(Occurrence {
            run_key: row.run_key,
            job: job.number,
            started_at: Moment(row.started_us),
            seen_at: Moment(row.seen_us),
            business_day: date(row.business_day),
            failed_runs: row.failed_runs,
            lost_ms: row.lost_ms,
        });
    }

    /// Its jobs, and the moments after which successes of each count: its occurrences and the moments at which a person reopened it.
    fn counted_from(&self) -> BTreeMap<JobNumber, BTreeSet<(Moment, bool)>> {
        let mut from: BTreeMap<JobNumber, BTreeSet<(Moment, bool)>> = BTreeMap::new();
        for one in &self.facts.occurrences {
            from.entry(one.job)
                .or_default()
                .insert((one.started_at, true));
        }
        let reopened = self
            .facts
            .acts
            .iter()
            .filter(|act| act.what == What::Reopen);
        for act in reopened {
            for moments in from.values_mut() {
                moments.insert((act.at, false));
            }
        }
        from
    }

    /// Since when it waits for the next version.
    fn waits_for_version(&self) -> Option<Moment> {
        let last: Option<&Act> = self
            .facts
            .acts
            .iter()
            .filter(|act| matches!(act.what, What::Mute(_) | What::Unmute | What::Resolve))
            .max_by_key(|act| (act.at, act.number));
        last.filter(|act| act.what == What::Mute(Mute::NextVersion))
            .map(|act| act.at)
    }
}

/// What kind the others are that never were a cause, as rules say of their masked messages: these stay when rows are pruned.
async fn ask_rules(
    connection: &mut PgConnection,
    issues: &mut Issues<'_>,
) -> Result<(), StoreError> {
    let asked = || issues.values().filter(|issue| issue.cause.is_none());
    let signatures: Vec<Uuid> = asked()
        .flat_map(|issue| issue.signatures.iter().copied())
        .collect();
    if signatures.is_empty() {
        return Ok(());
    }
    let texts: HashMap<Uuid, String> = sqlx::query_as(TEXTS)
        .bind(signatures)
        .fetch_all(connection)
        .await?
        .into_iter()
        .collect();
    for issue in issues.values_mut().filter(|issue| issue.cause.is_none()) {
        let system = issue.systems.first().map_or("", String::as_str);
        let texts = issue.signatures.iter().filter_map(|one| texts.get(one));
        let mut says = texts.map(|text| classify(&ErrorFacts::of_text(system, text)));
        let first = says.find(|says| says.category != Category::Unknown);
        let says = first.unwrap_or(Classification::UNKNOWN);
        issue.cause = Some(Cause {
            at: None,
            category: Some(says.category),
            blame: says.blame,
            retryable: says.retryable,
        });
    }
    Ok(())
}

pub(crate) const TEXTS: &str = "SELECT DISTINCT ON (signature) signature, text FROM signature WHERE signature = ANY ($1) ORDER BY signature, cut";

/// Issues by environment, family and problem.
type Issues<'c> = BTreeMap<(&'c str, &'c str, Uuid), Issue>;

/// Of each job, between an occurrence and the next one, as many scheduled successes as resolve an issue: more say nothing.
async fn find_good(
    connection: &mut PgConnection,
    catalogue: &Catalogue,
    issues: &mut Issues<'_>,
    rules: Rules,
) -> Result<(), StoreError> {
    let (mut asked, mut numbers, mut after, mut before, mut problems) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (place, ((_, _, problem), issue)) in issues.iter_mut().enumerate() {
        for (job, moments) in issue.counted_from() {
            if let Some(at) = catalogue.retired_at(job) {
                issue.facts.good.push(Good::Retired { job, at });
            }
            for &(from, _) in &moments {
                let mut later = moments.range((Excluded((from, true)), Unbounded));
                let next = later.find(|(_, is_bad)| *is_bad);
                let next = next.map_or(Moment::END, |(at, _)| *at);
                for &number in catalogue.names_of(job) {
                    asked.push((place, job));
                    numbers.push(number);
                    after.push(from.0);
                    before.push(next.0);
                    problems.push(*problem);
                }
            }
        }
    }
    if rules.resolve_after == 0 {
        return Ok(());
    }
    let mut rows = sqlx::query_as(GOOD)
        .bind(numbers)
        .bind(after)
        .bind(before)
        .bind(problems)
        .bind(i64::from(rules.resolve_after))
        .fetch(connection);
    let mut issues: Vec<&mut Issue> = issues.values_mut().collect();
    while let Some(row) = rows.try_next().await? {
        let (place, run_key, started_us, ended_us): (i64, Uuid, i64, i64) = row;
        let (issue, job) = asked[(place - 1) as usize];
        issues[issue].facts.good.push(Good::Success {
            run_key,
            job,
            started_at: Moment(started_us),
            ended_at: Moment(ended_us),
        });
    }
    Ok(())
}

// The first few by their begin say until when enough of them have ended; those that began later may have ended before. OFFSET 0 keeps the
// planner from reading all runs at once.
pub(crate) const GOOD: &str = "SELECT asked.place, good.run_key, (extract(epoch FROM good.started_at) * 1000000)::bigint, \
     (extract(epoch FROM good.ended_at) * 1000000)::bigint \
     FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::uuid[]) WITH ORDINALITY AS asked (number, after_us, before_us, problem, place) \
     CROSS JOIN LATERAL (SELECT max(few.ended_at) AS ended_at FROM (SELECT run.ended_at FROM dataset AS run \
         WHERE run.job_number = asked.number AND run.started_at > to_timestamp(asked.after_us::numeric / 1000000) \
         AND run.started_at < to_timestamp(asked.before_us::numeric / 1000000) AND run.status = 'success' AND run.ended_at IS NOT NULL \
         AND run.trigger IN ('scheduled', 'unknown') AND (run.error_signatures = '{}' OR NOT EXISTS ( \
             SELECT FROM unnest(run.error_signatures) AS held (signature) WHERE asked.problem = (SELECT known.problem \
             FROM signature AS known WHERE known.signature = held.signature ORDER BY known.cut LIMIT 1))) \
         ORDER BY run.started_at LIMIT $5) AS few) AS enough \
     CROSS JOIN LATERAL (SELECT run.run_key, run.started_at, run.ended_at FROM dataset AS run \
         WHERE run.job_number = asked.number AND run.started_at > to_timestamp(asked.after_us::numeric / 1000000) \
         AND run.started_at < to_timestamp(asked.before_us::numeric / 1000000) AND run.started_at <= enough.ended_at \
         AND run.ended_at <= enough.ended_at AND run.status = 'success' AND run.trigger IN ('scheduled', 'unknown') OFFSET 0) AS good";

/// The versions of the jobs of issues that are muted until the next one.
async fn find_versions(
    connection: &mut PgConnection,
    catalogue: &Catalogue,
    issues: &mut Issues<'_>,
) -> Result<(), StoreError> {
    let (mut asked, mut numbers, mut since) = (Vec::new(), Vec::new(), Vec::new());
    for (place, issue) in issues.values().enumerate() {
        let Some(at) = issue.waits_for_version() else {
            continue;
        };
        let jobs: BTreeSet<JobNumber> = issue.facts.occurrences.iter().map(|one| one.job).collect();
        for job in jobs {
            for &number in catalogue.names_of(job) {
                asked.push((place, job));
                numbers.push(number);
                since.push(at.0);
            }
        }
    }
    if asked.is_empty() {
        return Ok(());
    }
    let rows: Vec<(i64, i64, String)> = sqlx::query_as(VERSIONS)
        .bind(numbers)
        .bind(since)
        .fetch_all(connection)
        .await?;
    let mut issues: Vec<&mut Issue> = issues.values_mut().collect();
    for (place, started_us, version) in rows {
        let (issue, job) = asked[(place - 1) as usize];
        issues[issue].facts.versions.push(Version {
            job,
            started_at: Moment(started_us),
            version,
        });
    }
    Ok(())
}

// The last one before, and the first run of each since.
pub(crate) const VERSIONS: &str = "SELECT asked.place, (extract(epoch FROM run.started_at) * 1000000)::bigint, run.job_version \
     FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS asked (number, since_us, place) \
     CROSS JOIN LATERAL ((SELECT started_at, job_version FROM dataset WHERE job_number = asked.number AND job_version IS NOT NULL \
         AND started_at <= to_timestamp(asked.since_us::numeric / 1000000) ORDER BY started_at DESC, job_version DESC LIMIT 1) \
     UNION ALL SELECT min(started_at), job_version FROM dataset WHERE job_number = asked.number AND job_version IS NOT NULL \
         AND started_at > to_timestamp(asked.since_us::numeric / 1000000) GROUP BY job_version) AS run";
