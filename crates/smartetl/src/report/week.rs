//! Seven nights beside the four weeks before: what struck again and again, and which way it goes.

use super::amount::Rate;
use jiff::ToSpan;
use jiff::civil::Date;
use smartetl_core::model::{Blame, Category, Moment, RecoveredBy, Verdict};
use smartetl_store::night::Counts;
use smartetl_store::report::{DayCounts, Struck};
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub const WEEK_DAYS: i32 = 7;
/// The week, and the four weeks before.
const WEEKS: i32 = 5;

/// Everything that is said about a week.
#[derive(Clone, Debug)]
pub struct WeekReport {
    pub environment: String,
    /// First and last business day.
    pub days: (Date, Date),
    pub as_of: Moment,
    pub last_event_at: Option<Moment>,
    /// Of the week and the four weeks before, oldest first.
    pub nights: Vec<DayCounts>,
    /// All jobs of all nights of the week.
    pub counts: Counts,
    pub first_try: Rate,
    pub before: Rate,
    /// Of each of the five weeks, oldest first; its last day.
    pub weeks: Vec<(Date, Rate)>,
    /// By how many jobs and nights they struck, most first.
    pub causes: Vec<WeekCause>,
    /// Jobs that did not succeed at the first try, by in how many nights, most first.
    pub jobs: Vec<WeekJob>,
    /// What made failed nights of jobs good.
    pub recovered: BTreeMap<RecoveredBy, i64>,
    pub unmapped: Vec<(Option<String>, i64)>,
}

/// One cause over the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeekCause {
    pub category: Category,
    pub blame: Option<Blame>,
    pub message: Option<String>,
    /// How many jobs in a night it touched, all nights together.
    pub failures: i64,
    /// How many of them were not made good.
    pub open: i64,
    /// Different root jobs, and nights.
    pub jobs: usize,
    pub nights: usize,
    /// Where it struck, most often first.
    pub places: Vec<String>,
}

/// A job over the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeekJob {
    pub project: Option<String>,
    pub job: String,
    /// Nights in which it failed or never ended, and was not made good.
    pub failed: i64,
    pub recovered: i64,
    pub nights: BTreeMap<Date, Verdict>,
}

impl WeekJob {
    pub const fn struck(&self) -> i64 {
        self.failed + self.recovered
    }
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Facts {
    pub environment: String,
    pub last: Date,
    pub as_of: Moment,
    pub last_event_at: Option<Moment>,
    pub days: Vec<DayCounts>,
    pub struck: Vec<Struck>,
    pub unmapped: Vec<(Option<String>, i64)>,
}

/// How many days before the last one the first of the four weeks before begins.
pub const HISTORY_DAYS: i32 = WEEK_DAYS * WEEKS - 1;

impl WeekReport {
    /// `None` where no night of the week is known.
    pub fn new(facts: Facts) -> Option<Self> {
        let last = facts.last;
        let first = last.saturating_sub((WEEK_DAYS - 1).days());
        let of_week = |week: i32| -> Vec<&Counts> {
            let until = last.saturating_sub((WEEK_DAYS * week).days());
            let from = until.saturating_sub((WEEK_DAYS - 1).days());
            let days = facts.days.iter();
            let days = days.filter(|of| (from..=until).contains(&of.day));
            days.map(|of| &of.counts).collect()
        };
        let week = of_week(0);
        if week.is_empty() {
            return None;
        }
        let failures = |one: &&Struck| one.first_failure_at.is_some();
        let struck: Vec<&Struck> = facts.struck.iter().filter(failures).collect();
        let mut recovered = BTreeMap::new();
        for by in struck.iter().filter_map(|one| one.recovered_by) {
            *recovered.entry(by).or_default() += 1;
        }
        let weeks = (0..WEEKS).rev().map(|week| {
            let until = last.saturating_sub((WEEK_DAYS * week).days());
            (until, Rate::of(of_week(week)))
        });
        Some(Self {
            days: (first, last),
            counts: sum(&week),
            first_try: Rate::of(week),
            before: Rate::of((1..WEEKS).flat_map(of_week)),
            weeks: weeks.collect(),
            causes: causes(&struck),
            jobs: jobs(&struck),
            recovered,
            environment: facts.environment,
            as_of: facts.as_of,
            last_event_at: facts.last_event_at,
            unmapped: facts.unmapped,
            nights: facts.days,
        })
    }

    /// The nights of the week itself.
    pub fn week(&self) -> impl Iterator<Item = &DayCounts> {
        self.nights.iter().filter(|of| of.day >= self.days.0)
    }
}

fn sum(counts: &[&Counts]) -> Counts {
    let mut sum = Counts::default();
    for of in counts {
        sum.jobs += of.jobs;
        sum.ok += of.ok;
        sum.recovered += of.recovered;
        sum.failed += of.failed;
        sum.lost += of.lost;
        sum.running += of.running;
        sum.unverified += of.unverified;
        sum.cancelled += of.cancelled;
    }
    sum
}

/// What is one cause in a night is one in a week: the same problem; what is wrong in a job's own code or data, only in its family; what
/// no error explains, only in that job.
fn causes(struck: &[&Struck]) -> Vec<WeekCause> {
    let mut by_cause: HashMap<_, Vec<&Struck>> = HashMap::new();
    for one in struck {
        let own = matches!(one.blame, Some(Blame::Code | Blame::Data));
        let key = match one.problem {
            Some(problem) if own => (Some(problem), None, one.cause_family.as_ref()),
            Some(problem) => (Some(problem), None, None),
            None => (None, one.category, one.cause_job.as_ref()),
        };
        by_cause.entry(key).or_default().push(one);
    }
    let mut causes: Vec<(WeekCause, Option<Moment>)> = by_cause
        .into_values()
        .map(|struck| {
            let mut places: BTreeMap<&str, i64> = BTreeMap::new();
            for one in &struck {
                *places
                    .entry(one.cause_job.as_deref().unwrap_or(&one.job))
                    .or_default() += 1;
            }
            let mut places: Vec<(&str, i64)> = places.into_iter().collect();
            places.sort_by_key(|(job, number)| (-number, *job));
            let first = struck[0];
            let names = struck.iter().map(|one| (&one.project, &one.job));
            let nights = struck.iter().map(|one| one.day);
            let open = struck
                .iter()
                .filter(|one| one.verdict != Verdict::Recovered);
            let cause = WeekCause {
                category: first.category.unwrap_or(Category::Unknown),
                blame: first.blame,
                message: first.message.clone(),
                failures: struck.len() as i64,
                open: open.count() as i64,
                jobs: names.collect::<BTreeSet<_>>().len(),
                nights: nights.collect::<BTreeSet<_>>().len(),
                places: places.into_iter().map(|(job, _)| job.to_owned()).collect(),
            };
            (cause, first.first_failure_at)
        })
        .collect();
    causes.sort_by(|(a, a_at), (b, b_at)| {
        let order = |of: &WeekCause| (-of.failures, -of.open);
        (order(a), a_at, &a.places).cmp(&(order(b), b_at, &b.places))
    });
    causes.into_iter().map(|(cause, _)| cause).collect()
}

fn jobs(struck: &[&Struck]) -> Vec<WeekJob> {
    let mut by_job: BTreeMap<(&Option<String>, &str), WeekJob> = BTreeMap::new();
    for one in struck {
        let job = by_job
            .entry((&one.project, &one.job))
            .or_insert_with(|| WeekJob {
                project: one.project.clone(),
                job: one.job.clone(),
                failed: 0,
                recovered: 0,
                nights: BTreeMap::new(),
            });
        match one.verdict {
            Verdict::Recovered => job.recovered += 1,
            Verdict::Failed | Verdict::Lost => job.failed += 1,
            // Running again after it failed: that night is not over.
            _ => {}
        }
        job.nights.insert(one.day, one.verdict);
    }
    let mut jobs: Vec<WeekJob> = by_job
        .into_values()
        .filter(|job| job.struck() > 0)
        .collect();
    jobs.sort_by_key(|job| (-job.struck(), -job.failed));
    jobs
}
