//! Rows of `logerreur` within a period, by what stands in their messages and by what is said of them. No index knows them: days are read from the newest to the oldest, in larger and larger
//! steps, until enough is found.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use smartetl_core::fuse::CUT_JOB_CHARS;
use smartetl_core::model::{Blame, Category, Moment};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::terms::ACCENTS;
use crate::StoreError;
use crate::looking::Run;

/// Each step back ends then, with an error.
const PATIENCE: &str = "SET LOCAL statement_timeout = '8s'";
/// The first step back; each further one is twice as long.
const STEP_US: i64 = 86_400_000_000;

/// Which errors are looked for. What is `None` or empty asks for all.
#[derive(Clone, Debug, Default)]
pub struct Which {
    /// Words and phrases, all of which the message must hold.
    pub phrases: Vec<String>,
    /// Of runs of these environments.
    pub environments: Vec<String>,
    /// Of jobs with these names.
    pub jobs: Option<Vec<String>>,
    /// Of jobs of this project; with the empty word of those that have none.
    pub project: Option<String>,
    pub system: Option<String>,
    /// Of these runs.
    pub runs: Option<Vec<Run>>,
    pub signatures: Option<Vec<Uuid>>,
    pub categories: Vec<Category>,
    pub blames: Vec<Blame>,
}

/// Where the search goes on, and how far.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// From this moment on, and before that one.
    pub from: Moment,
    pub to: Moment,
    /// Behind this place.
    pub after: Option<Place>,
    pub limit: i64,
}

/// Where a row of `logerreur` stands among all: its moment in microseconds, batch, line and seq.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub moment_us: i64,
    pub batch: i64,
    pub line: i64,
    pub seq: i32,
}

impl Place {
    /// Before all rows from this moment on, as rows come.
    const fn behind(moment: Moment) -> Self {
        Self {
            moment_us: moment.0,
            batch: 0,
            line: 0,
            seq: 0,
        }
    }
}

/// An error that was found, with the run that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct FoundError {
    pub batch: i64,
    pub line: i64,
    pub seq: i32,
    pub moment_us: i64,
    pub system: String,
    pub project: Option<String>,
    pub job: String,
    pub step: Option<String>,
    pub severity: String,
    pub error_type: Option<String>,
    pub error_code: Option<String>,
    pub message: Option<String>,
    pub message_truncated: bool,
    pub signature: Uuid,
    /// These by a person's word, where somebody corrected them.
    pub category: String,
    pub blame: Option<String>,
    pub retryable: Option<bool>,
    pub corrected: bool,
    pub rule: String,
    /// `None` until it is known.
    pub issue: Option<Uuid>,
    pub run_id: String,
    /// `None` where no run is known.
    pub run_key: Option<Uuid>,
    pub environment: Option<String>,
    pub business_day: Option<i32>,
    pub outcome: Option<String>,
}

impl FoundError {
    pub fn place(&self) -> Place {
        Place {
            moment_us: self.moment_us,
            batch: self.batch,
            line: self.line,
            seq: self.seq,
        }
    }
}

/// The errors, the newest first, and whether and where to go on: behind the last one, or where the time was up. It is looked at
/// after each step back, so one step is always made. The connection is in a transaction.
///
/// # Errors
/// When the server refuses or is gone, or a step takes longer than eight seconds.
pub async fn errors(
    connection: &mut PgConnection,
    which: &Which,
    stretch: Stretch,
    time: Duration,
) -> Result<(Vec<FoundError>, Option<Place>), StoreError> {
    let begun = Instant::now();
    sqlx::query(PATIENCE).execute(&mut *connection).await?;
    let asked = Asked::read(connection, which).await?;
    let newest: Option<i64> = sqlx::query_scalar(NEWEST)
        .fetch_one(&mut *connection)
        .await?;
    let from = stretch.from.0;
    let (mut after, mut step_us) = (stretch.after, STEP_US);
    let mut to = after.map_or(stretch.to.0, |place| {
        stretch.to.0.min(place.moment_us.saturating_add(1))
    });
    let mut found: Vec<FoundError> = Vec::new();
    while to > from {
        // What lies ahead of all that is known is hardly ever there.
        let step = newest.filter(|newest| *newest < to - step_us);
        let until = step.unwrap_or_else(|| to.saturating_sub(step_us)).max(from);
        let missing = stretch.limit + 1 - found.len() as i64;
        let mut more = asked
            .read_step(connection, [until, to], after, missing)
            .await?;
        found.append(&mut more);
        if found.len() as i64 > stretch.limit {
            found.truncate(stretch.limit as usize);
            let last = found.last().map(FoundError::place);
            return Ok((found, last));
        }
        step_us = step.map_or(step_us.saturating_mul(2), |_| step_us);
        (to, after) = (until, None);
        if to > from && begun.elapsed() > time {
            return Ok((found, Some(Place::behind(Moment(to)))));
        }
    }
    Ok((found, None))
}

pub(crate) const NEWEST: &str =
    "SELECT (extract(epoch FROM max(last_event_at)) * 1000000)::bigint FROM horizon";

/// What is bound for each step.
struct Asked<'w> {
    which: &'w Which,
    patterns: Vec<String>,
    /// Names as they may stand in rows: some tools cut them.
    jobs: Option<Vec<String>>,
    categories: Option<Vec<&'static str>>,
    blames: Option<Vec<&'static str>>,
    /// Signatures that a person corrected: all, and those whose correction is asked for.
    corrected: Vec<Uuid>,
    wanted: Vec<Uuid>,
}

impl<'w> Asked<'w> {
    async fn read(connection: &mut PgConnection, which: &'w Which) -> Result<Self, StoreError> {
        let categories = which.categories.iter().map(|word| word.as_str());
        let blames = which.blames.iter().map(|word| word.as_str());
        let mut asked = Self {
            which,
            patterns: which.phrases.iter().map(|phrase| pattern(phrase)).collect(),
            jobs: which.jobs.as_ref().map(|jobs| with_cut(jobs)),
            categories: (!which.categories.is_empty()).then(|| categories.collect()),
            blames: (!which.blames.is_empty()).then(|| blames.collect()),
            corrected: Vec::new(),
            wanted: Vec::new(),
        };
        if asked.categories.is_some() || asked.blames.is_some() {
            let corrected: Vec<(Uuid, String, Option<String>)> =
                sqlx::query_as(CORRECTED).fetch_all(connection).await?;
            for (signature, category, blame) in corrected {
                let is = |words: &Option<Vec<&'static str>>, word: Option<&str>| {
                    words
                        .as_ref()
                        .is_none_or(|words| word.is_some_and(|word| words.contains(&word)))
                };
                asked.corrected.push(signature);
                if is(&asked.categories, Some(&category)) && is(&asked.blames, blame.as_deref()) {
                    asked.wanted.push(signature);
                }
            }
        }
        Ok(asked)
    }

    async fn read_step(
        &self,
        connection: &mut PgConnection,
        [from, to]: [i64; 2],
        after: Option<Place>,
        limit: i64,
    ) -> Result<Vec<FoundError>, StoreError> {
        let which = self.which;
        let environments = (!which.environments.is_empty()).then_some(&which.environments);
        let runs = which.runs.as_ref();
        let run_ids = runs.map(|runs| {
            runs.iter()
                .map(|run| run.run_id.as_str())
                .collect::<Vec<_>>()
        });
        let batches = runs.map(|runs| {
            runs.iter()
                .flat_map(|run| run.batches.clone())
                .collect::<Vec<_>>()
        });
        let keys = runs.map(|runs| runs.iter().map(|run| run.run_key).collect::<Vec<_>>());
        Ok(sqlx::query_as(ERRORS)
            .bind(from)
            .bind(to)
            .bind(&self.patterns)
            .bind(after.map(|place| place.moment_us))
            .bind(after.map(|place| place.batch))
            .bind(after.map(|place| place.line))
            .bind(after.map(|place| place.seq))
            .bind(environments)
            .bind(limit)
            .bind(&self.jobs)
            .bind(run_ids)
            .bind(batches)
            .bind(keys)
            .bind(&which.signatures)
            .bind(&self.categories)
            .bind(&self.blames)
            .bind(&self.corrected)
            .bind(&self.wanted)
            .bind(&which.project)
            .bind(&which.system)
            .fetch_all(connection)
            .await?)
    }
}

fn with_cut(jobs: &[String]) -> Vec<String> {
    let cut = jobs
        .iter()
        .filter(|job| job.chars().count() > CUT_JOB_CHARS);
    let cut = cut.map(|job| job.chars().take(CUT_JOB_CHARS).collect());
    jobs.iter().cloned().chain(cut).collect()
}

pub(crate) const CORRECTED: &str = "SELECT DISTINCT signature.signature, problem.category, problem.blame FROM signature \
     JOIN problem USING (problem) WHERE problem.category IS NOT NULL";

// The run is looked for where its id stands in the index of ids, and of runs with the same id the last one that had begun: only behind
// the limit, unless other runs are left out.
pub(crate) const ERRORS: &str = "SELECT hit.batch, hit.line, hit.seq, (extract(epoch FROM hit.moment) * 1000000)::bigint AS moment_us, \
     hit.system, hit.project, coalesce(run.job, hit.job) AS job, hit.step, hit.severity, hit.error_type, hit.error_code, hit.message, \
     hit.message_truncated, hit.signature, coalesce(problem.category, hit.category) AS category, \
     CASE WHEN problem.category IS NULL THEN hit.blame ELSE problem.blame END AS blame, \
     CASE WHEN problem.category IS NULL THEN hit.retryable ELSE problem.retryable END AS retryable, \
     problem.category IS NOT NULL AS corrected, hit.rule, issue.issue, hit.run_id, run.run_key, run.environment, \
     run.business_day - date '1970-01-01' AS business_day, run.outcome FROM (SELECT * FROM logerreur \
     WHERE moment >= to_timestamp($1::numeric / 1000000) AND moment < to_timestamp($2::numeric / 1000000) \
     AND (cardinality($3::text[]) = 0 OR message ~ ALL ($3)) \
     AND ($4::bigint IS NULL OR (moment, batch, line, seq) < (to_timestamp($4::numeric / 1000000), $5::bigint, $6::bigint, $7::integer)) \
     AND ($10::text[] IS NULL OR job = ANY ($10)) AND ($11::text[] IS NULL OR run_id = ANY ($11) AND batch = ANY ($12::bigint[])) \
     AND ($14::uuid[] IS NULL OR signature = ANY ($14)) AND ($15::text[] IS NULL AND $16::text[] IS NULL OR signature = ANY ($18::uuid[]) \
     OR signature <> ALL ($17::uuid[]) AND ($15 IS NULL OR category = ANY ($15)) AND ($16 IS NULL OR blame = ANY ($16))) \
     AND ($19::text IS NULL OR coalesce(project, '') = $19) AND ($20::text IS NULL OR system = $20) \
     ORDER BY moment DESC, batch DESC, line DESC, seq DESC \
     LIMIT CASE WHEN $8::text[] IS NULL AND $13::uuid[] IS NULL THEN $9::bigint END) AS hit \
     LEFT JOIN LATERAL (SELECT * FROM dataset WHERE left(dataset.run_id, 64) = left(hit.run_id, 64) AND dataset.run_id = hit.run_id \
     AND dataset.system = hit.system AND hit.batch = ANY (dataset.batches) AND (dataset.job = hit.job OR left(dataset.job, 50) = hit.job) \
     AND dataset.started_at <= hit.moment + interval '1 hour' ORDER BY dataset.started_at DESC LIMIT 1) AS run ON true \
     LEFT JOIN signature ON signature.signature = hit.signature AND signature.cut = hit.message_truncated \
     LEFT JOIN problem ON problem.problem = signature.problem \
     LEFT JOIN job ON job.environment = run.environment AND job.system = run.system AND job.project IS NOT DISTINCT FROM run.project \
     AND job.job = run.job LEFT JOIN issue ON issue.environment = job.environment AND issue.family = job.family \
     AND issue.problem = signature.problem WHERE ($8 IS NULL OR run.environment = ANY ($8)) AND ($13 IS NULL OR run.run_key = ANY ($13)) \
     ORDER BY hit.moment DESC, hit.batch DESC, hit.line DESC, hit.seq DESC LIMIT $9";

/// A word or a phrase as a regular expression of PostgreSQL: whatever the case and the accents, and whatever blanks stand between the
/// words of a phrase.
fn pattern(phrase: &str) -> String {
    let plain = super::plain(phrase);
    let mut pattern = String::new();
    let mut characters = plain.chars().peekable();
    while let Some(c) = characters.next() {
        let both = (c, characters.peek().copied());
        let ligature = match both {
            ('o', Some('e')) => Some("œŒ"),
            ('a', Some('e')) => Some("æÆ"),
            _ => None,
        };
        if let Some(ligature) = ligature {
            characters.next();
            let (first, second) = (class(both.0), class('e'));
            let _ = write!(pattern, "(?:{first}{second}|[{ligature}])");
        } else if c.is_whitespace() {
            while characters.next_if(|c| c.is_whitespace()).is_some() {}
            pattern.push_str("\\s+");
        } else {
            pattern.push_str(&class(c));
        }
    }
    pattern
}

/// A letter in all its forms; what is no letter or digit is itself.
fn class(c: char) -> String {
    let accents = ACCENTS.iter().find(|(letter, _)| *letter == c);
    let accents = accents.map_or("", |(_, accents)| *accents);
    match c {
        c if c.is_alphabetic() => format!("[{c}{}{accents}]", c.to_uppercase()),
        c if c.is_ascii_punctuation() => format!("\\{c}"),
        c => c.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_a_pattern() {
        assert_eq!(pattern("x-1"), "[xX]\\-1");
        assert_eq!(pattern("ç  n"), "[cCÇç]\\s+[nNÑñ]");
        assert_eq!(pattern("Cœ"), "[cCÇç](?:[oOÒÓÔÕÖòóôõö][eEÈÉÊËèéêë]|[œŒ])");
        assert_eq!(pattern("(.*)\\"), "\\(\\.\\*\\)\\\\");
    }
}
