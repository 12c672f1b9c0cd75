//! What a report must say of a simulated company, worked out from its truth alone, slowly and by the words of `doc/report.md`.

use crate::company::Company;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// When a run ended, as far as is known.
fn end(run: &Row) -> Option<String> {
    let ends = [&run["ended_at"], &run["last_event_at"]];
    ends.into_iter().find(|at| !at.is_empty()).cloned()
}

/// Project and job.
pub type Name = (String, String);
type Row = BTreeMap<String, String>;

pub struct Truth {
    pub job_days: Vec<Row>,
    runs: Vec<Row>,
    as_of: Timestamp,
    /// The last sign of life of any run.
    last_log: Timestamp,
    zone: TimeZone,
    kinds: BTreeMap<Date, Kind>,
    /// Nights of each job under the name that it has last.
    nights: BTreeMap<Name, BTreeMap<Date, Row>>,
    /// Begin of the first run of each job and night.
    begins: BTreeMap<(Name, Date), String>,
}

/// Where a cause struck: category, job, step.
pub type Place = (String, String, String);

/// What is known of a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Struck {
    /// In RFC 3339; of those that were not made good, where there are any.
    pub first_at: String,
    pub open: usize,
    /// Root jobs that failed with it.
    pub roots: BTreeSet<String>,
    /// Jobs that never started because of it.
    pub blocked: BTreeSet<String>,
}

impl Truth {
    pub fn of(company: &Company) -> Self {
        let runs = rows(&company.truth.join("dataset.csv"), "PROD");
        let mut ids: BTreeMap<(String, String), Vec<(String, String)>> = BTreeMap::new();
        for run in runs.iter().filter(|run| !run["job_id"].is_empty()) {
            let of_id = ids.entry((run["project"].clone(), run["job_id"].clone()));
            of_id
                .or_default()
                .push((run["started_at"].clone(), run["job"].clone()));
        }
        let mut renamed = BTreeMap::new();
        for ((project, _), mut names) in ids {
            names.sort();
            let last = names.last().expect("at least one run").1.clone();
            for (_, name) in names {
                if name != last {
                    renamed.insert((project.clone(), name), last.clone());
                }
            }
        }
        let job_days = rows(&company.truth.join("job_day.csv"), "PROD");
        let mut nights: BTreeMap<Name, BTreeMap<Date, Row>> = BTreeMap::new();
        for row in &job_days {
            let (project, job) = name(row);
            let last = renamed.get(&(project.clone(), job.clone())).cloned();
            let of_job = nights.entry((project, last.unwrap_or(job))).or_default();
            of_job.insert(day(row), row.clone());
        }
        let mut begins: BTreeMap<(Name, Date), String> = BTreeMap::new();
        for run in runs.iter().filter(|run| run["is_root"] == "true") {
            if ["manual", "reprocess"].contains(&run["trigger"].as_str()) {
                continue;
            }
            let begin = begins.entry((name(run), day(run)));
            let begin = begin.or_insert_with(|| run["started_at"].clone());
            *begin = begin.clone().min(run["started_at"].clone());
        }
        let moments = runs.iter().flat_map(|run| {
            let columns = ["started_at", "ended_at", "last_event_at", "first_error_at"];
            columns.map(|column| run[column].parse::<Timestamp>().ok())
        });
        Self {
            last_log: moments.flatten().max().expect("there are runs"),
            kinds: job_days
                .iter()
                .map(|row| (day(row), Kind::of(row)))
                .collect(),
            job_days,
            runs,
            as_of: company.as_of.parse().expect("a moment"),
            zone: TimeZone::get("Europe/Paris").expect("a zone of the database"),
            nights,
            begins,
        }
    }

    /// All nights, oldest first.
    pub fn days(&self) -> Vec<Date> {
        let days: BTreeSet<Date> = self.job_days.iter().map(day).collect();
        days.into_iter().collect()
    }

    pub fn night(&self, of: Date) -> Vec<&Row> {
        self.job_days.iter().filter(|row| day(row) == of).collect()
    }

    /// Jobs of a night with this verdict.
    pub fn jobs(&self, of: Date, verdict: &str) -> BTreeSet<Name> {
        let night = self.night(of).into_iter();
        night
            .filter(|row| row["verdict"] == verdict)
            .map(name)
            .collect()
    }

    /// Jobs that succeeded at the first try, and those that came out, from `days` days before to so many before.
    pub fn first_try(&self, of: Date, [from, to]: [i32; 2]) -> [usize; 2] {
        let rows = self.job_days.iter().filter(|row| {
            let back = (of - day(row)).get_days();
            (from..=to).contains(&back)
        });
        let verdicts: Vec<&str> = rows.map(|row| row["verdict"].as_str()).collect();
        let number = |of: &[&str]| {
            verdicts
                .iter()
                .filter(|verdict| of.contains(verdict))
                .count()
        };
        [
            number(&["ok"]),
            number(&["ok", "recovered", "failed", "lost"]),
        ]
    }

    pub fn places(&self, of: Date) -> BTreeMap<Place, Struck> {
        let mut touched: Vec<(Place, bool, String, &Row)> = Vec::new();
        for row in self.night(of) {
            // Without an error row nothing says why it never ended.
            let is_silent =
                || row["cause_step"].is_empty() && self.failed_root(row)["status"] == "lost";
            if row["category"].is_empty() || is_silent() {
                continue;
            }
            let place = ["category", "cause_job", "cause_step"].map(|column| row[column].clone());
            touched.push((
                place.into(),
                row["verdict"] == "recovered",
                self.struck_at(row),
                row,
            ));
        }
        touched.sort_by(|a, b| (&a.0, a.1, &a.2).cmp(&(&b.0, b.1, &b.2)));
        let mut places: BTreeMap<Place, Struck> = BTreeMap::new();
        for (place, is_recovered, at, row) in touched {
            let struck = places.entry(place).or_insert_with(|| Struck {
                first_at: at,
                ..Struck::default()
            });
            struck.open += usize::from(!is_recovered);
            if row["job"] != row["cause_job"] {
                struck.roots.insert(row["job"].clone());
            }
            struck
                .blocked
                .extend(self.never_started(self.failed_root(row)));
        }
        places
    }

    fn of_night<'r>(&'r self, row: &Row) -> impl Iterator<Item = &'r Row> {
        let day = row["business_day"].clone();
        self.runs
            .iter()
            .filter(move |run| run["business_day"] == day)
    }

    /// The run of a job's first failure.
    fn failed_root(&self, row: &Row) -> &Row {
        self.of_night(row)
            .find(|run| {
                run["is_root"] == "true"
                    && name(run) == name(row)
                    && ["failed", "lost"].contains(&run["status"].as_str())
                    && end(run).as_deref() == Some(row["first_failure_at"].as_str())
            })
            .expect("the failure is one of a run")
    }

    /// What the last good run of this job started below itself, and this one did not, nor anybody later in the night; not what
    /// only such jobs would have started.
    fn never_started(&self, root: &Row) -> Vec<String> {
        let tree = |of: &Row| -> Vec<&Row> {
            let id = ["run_id", "started_at"].map(|column| of[column].clone());
            let runs = self.runs.iter();
            runs.filter(|run| [&run["root_run_id"], &run["root_started_at"]] == [&id[0], &id[1]])
                .collect()
        };
        let good = self.runs.iter().filter(|run| {
            run["is_root"] == "true"
                && name(run) == name(root)
                && run["status"] == "success"
                && run["tree_status"] == "success"
                && !run["duration_ms"].is_empty()
                && run["started_at"] < root["started_at"]
        });
        let Some(good) = good.max_by_key(|run| &run["started_at"]) else {
            return Vec::new();
        };
        let (ours, theirs) = (tree(root), tree(good));
        let is_ours = |job: &Row| ours.iter().any(|run| name(run) == name(job));
        let ran_later = |job: &Row| {
            let mut night = self.of_night(root);
            night.any(|run| name(run) == name(job) && run["started_at"] >= root["started_at"])
        };
        let parent = |run: &Row| {
            let key = [&run["parent_run_id"], &run["parent_started_at"]];
            let mut theirs = theirs.iter();
            theirs.find(|other| [&other["run_id"], &other["started_at"]] == key)
        };
        let missing = theirs.iter().filter(|run| {
            run["is_root"] == "false"
                && !is_ours(run)
                && !ran_later(run)
                && parent(run).is_some_and(|parent| is_ours(parent))
        });
        missing.map(|run| run["job"].clone()).collect()
    }

    /// When the cause of a job's first failure struck.
    fn struck_at(&self, row: &Row) -> String {
        let root = self.failed_root(row);
        let of_night = || self.of_night(row);
        let cause = of_night()
            .find(|run| run["run_id"] == root["cause_run_id"] && run["job"] == root["cause_job"]);
        let cause = cause.expect("the cause is one of a run");
        let error = Some(cause["first_error_at"].clone()).filter(|at| !at.is_empty());
        error.or_else(|| end(cause)).expect("it ended somehow")
    }

    /// Jobs that were ready, or are running, later than usual.
    pub fn late(&self, of: Date) -> BTreeSet<Name> {
        let mut late = BTreeSet::new();
        for nights in self.nights.values() {
            let Some(row) = nights.get(&of) else { continue };
            let until = match row["verdict"].as_str() {
                "ok" => row["ready_at"].clone(),
                "running" => self.as_of.to_string(),
                _ => continue,
            };
            let earlier = |alike: bool| -> Vec<(String, Date)> {
                let nights = nights.iter().filter(|(night, earlier)| {
                    is_before(**night, of)
                        && earlier["verdict"] == "ok"
                        && (!alike || self.kinds[*night] == self.kinds[&of])
                });
                let ready = nights.map(|(night, earlier)| (earlier["ready_at"].clone(), *night));
                ready.collect()
            };
            let mut ready = earlier(true);
            if ready.len() < 8 {
                ready = earlier(false);
            }
            if ready.len() < 8 {
                continue;
            }
            let is_late = |count: fn(&Self, &str, Date) -> f64| {
                let until = count(self, &until, of);
                let ready: Vec<f64> = ready.iter().map(|(at, of)| count(self, at, *of)).collect();
                let median = smallest(&ready, 0.5);
                let distances: Vec<f64> = ready.iter().map(|at| (at - median).abs()).collect();
                let usual = smallest(&ready, 0.9).max(median + 3.0 * smallest(&distances, 0.5));
                until > usual && until >= median + 600.0
            };
            if is_late(Self::second) && is_late(Self::elapsed) {
                late.insert(name(row));
            }
        }
        late
    }

    /// Jobs that usually stand in such a night, and should have begun.
    pub fn not_seen(&self, of: Date) -> BTreeSet<Name> {
        let earlier = self
            .kinds
            .iter()
            .rev()
            .filter(|(night, _)| is_before(**night, of));
        let all: Vec<Date> = earlier.clone().map(|(night, _)| *night).collect();
        let alike: Vec<Date> = earlier
            .filter(|(_, kind)| **kind == self.kinds[&of])
            .map(|(night, _)| *night)
            .collect();
        let same = alike.iter().filter(|night| night.weekday() == of.weekday());
        let weekday: Vec<Date> = same.copied().collect();
        let mut missing = BTreeSet::new();
        for rows in self.nights.values().filter(|rows| !rows.contains_key(&of)) {
            let stood = |nights: &[Date], last: usize| {
                let nights = nights.iter().take(last);
                nights.filter(|night| rows.contains_key(night)).count()
            };
            let is_expected = if self.kinds[&of] == Kind::Holiday {
                stood(&all, 7) == 7
            } else {
                let was_there = weekday.is_empty() || stood(&weekday, 1) == 1;
                stood(&weekday, 4) >= 3 || (stood(&alike, 10) >= 8 && was_there)
            };
            if is_expected && self.is_overdue(rows, of) {
                let last = rows.range(..of).next_back().expect("it was there before");
                missing.insert(name(last.1));
            }
        }
        missing
    }

    /// Logs reach to the end of the night, or half an hour beyond the latest begin of ten earlier nights.
    fn is_overdue(&self, rows: &BTreeMap<Date, Row>, of: Date) -> bool {
        let now = self.as_of.min(self.last_log).to_string();
        let is_past = |count: fn(&Self, &str, Date) -> f64| {
            let begins = |alike: bool| {
                let earlier = rows.iter().rev().filter(move |(night, _)| {
                    is_before(**night, of) && (!alike || self.kinds[*night] == self.kinds[&of])
                });
                let begins = earlier.filter_map(|(night, row)| {
                    let begin = self.begins.get(&(name(row), *night))?;
                    Some(count(self, begin, *night))
                });
                begins.take(10).max_by(f64::total_cmp)
            };
            let latest = begins(true).or_else(|| begins(false));
            latest.is_some_and(|latest| count(self, &now, of) > latest + 1_800.0)
        };
        self.second(&now, of) >= 86_400.0 || (is_past(Self::second) && is_past(Self::elapsed))
    }

    /// Seconds on the clock of Paris since 18:00 of the evening before.
    fn second(&self, at: &str, of: Date) -> f64 {
        let at: Timestamp = at.parse().expect("a moment");
        let evening = of.yesterday().expect("a day").at(18, 0, 0, 0);
        let since = self.zone.to_datetime(at).duration_since(evening);
        since.as_secs() as f64
    }

    /// Seconds that passed since then.
    fn elapsed(&self, at: &str, of: Date) -> f64 {
        let at: Timestamp = at.parse().expect("a moment");
        let evening = of.yesterday().expect("a day").at(18, 0, 0, 0);
        let evening = self.zone.to_timestamp(evening).expect("a moment");
        at.duration_since(evening).as_secs() as f64
    }
}

/// In the eight weeks before a night.
fn is_before(night: Date, of: Date) -> bool {
    (1..=56).contains(&(of - night).get_days())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Working,
    Saturday,
    Sunday,
    Holiday,
}

impl Kind {
    fn of(row: &Row) -> Self {
        let is_holiday = row["day_type"].split('|').any(|word| word == "holiday");
        match day(row).weekday() {
            _ if is_holiday => Self::Holiday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
            _ => Self::Working,
        }
    }
}

pub fn name(row: &Row) -> Name {
    (row["project"].clone(), row["job"].clone())
}

pub fn day(row: &Row) -> Date {
    row["business_day"].parse().expect("a day")
}

/// The smallest of them that so many of them do not exceed.
fn smallest(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let fits = |value: &f64| {
        let below = sorted.iter().filter(|other| *other <= value).count();
        below as f64 >= share * sorted.len() as f64 - 1e-9
    };
    sorted.iter().copied().find(fits).expect("the largest fits")
}

/// The rows of an environment; the values of the truth need no quotes.
fn rows(path: &Path, environment: &str) -> Vec<Row> {
    let text = std::fs::read_to_string(path).expect("the truth is there");
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let rows = lines.map(|line| {
        let values = line.split(',').map(str::to_owned);
        columns
            .iter()
            .map(|column| (*column).to_owned())
            .zip(values)
            .collect::<Row>()
    });
    rows.filter(|row| row["environment"] == environment)
        .collect()
}
