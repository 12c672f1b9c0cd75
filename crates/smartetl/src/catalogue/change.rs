//! What a list changes: its lines are brought together with the jobs that they name, and its values with those that are there.

use super::spreadsheet::Spreadsheet;
use super::value::{CLEARS, say, written};
use super::{Column, Editable};
use crate::night::{Lang, cut};
use crate::reason::Reason;
use jiff::tz::TimeZone;
use smartetl_core::redact::redact;
use smartetl_store::catalogue::{Entry, Said};
use std::collections::{BTreeMap, HashMap};

/// A wrong value is shown up to here.
const SHOWN: usize = 60;

/// What is to be done.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Plan {
    /// Lines that name a job.
    pub jobs: u64,
    pub changed: Vec<Changed>,
    pub findings: Vec<Finding>,
}

/// A job of which something else is said.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Changed {
    pub environment: String,
    pub project: Option<String>,
    pub job: String,
    pub changes: Vec<Change>,
    /// Which of the jobs it is.
    #[serde(skip)]
    pub place: usize,
    #[serde(skip)]
    pub said: Said,
}

/// One value, before and behind; empty where nothing was or is said.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    pub column: &'static str,
    pub from: String,
    pub to: String,
}

/// A line of which something cannot be.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    pub line: i64,
    pub column: Option<&'static str>,
    pub what: Reason,
}

/// Compares a list with the catalogue. A line of which one value is wrong changes nothing.
pub fn plan(sheet: &Spreadsheet, known: &[Entry], zone: &TimeZone) -> Plan {
    let names = Names::of(known);
    let mut plan = Plan::default();
    let mut said: BTreeMap<usize, (i64, Said)> = BTreeMap::new();
    for row in &sheet.rows {
        let mut find = |column, what: Reason| {
            plan.findings.push(Finding {
                line: row.line,
                column,
                what,
            });
        };
        let cells = match &row.cells {
            Ok(cells) => cells,
            Err(why) => {
                find(None, why.clone());
                continue;
            }
        };
        let cell = |wanted: Column| {
            let place = sheet.columns.iter().find(|(_, column)| *column == wanted);
            let cell = place.and_then(|(place, _)| cells.get(*place));
            cell.map_or("", String::as_str)
        };
        let place = match names.place(known, cell) {
            Ok(place) => place,
            Err(what) => {
                find(Some(Column::Job.name()), what);
                continue;
            }
        };
        plan.jobs += 1;
        if let Some((line, _)) = said.get(&place) {
            find(
                Some(Column::Job.name()),
                Reason::from([
                    format!("line {line} is about the same job"),
                    format!("la ligne {line} porte sur le même job"),
                ]),
            );
            continue;
        }
        let entry = &known[place];
        let mut new = entry.said.clone();
        let mut is_right = true;
        for (_, column) in &sheet.columns {
            let Column::Said(what) = *column else {
                continue;
            };
            let is = written(&entry.said, what, zone);
            let Some(text) = asked(cell(*column), &is) else {
                continue;
            };
            if let Err(wrong) = say(&mut new, what, text, &entry.name.job, zone) {
                is_right = false;
                // Also where it is told: no secret, nothing that steers a terminal.
                let shown = cut(&redact(text), SHOWN);
                let told =
                    [Lang::En, Lang::Fr].map(|lang| format!("`{shown}` {}", wrong.text(lang)));
                find(Some(what.name()), Reason::from(told));
            }
        }
        if is_right {
            said.insert(place, (row.line, new));
        }
    }
    plan.changed = said
        .into_iter()
        .filter(|(place, (_, said))| *said != known[*place].said)
        .map(|(place, (_, said))| changed(place, &known[place], said, zone))
        .collect();
    plan
}

/// What replaces all that is said of the first of these jobs: a text for each column, empty where nothing is said.
///
/// # Errors
/// The column whose text cannot be, and why.
pub fn replaced<'t>(
    known: &[Entry],
    text: impl Fn(Editable) -> &'t str,
    zone: &TimeZone,
) -> Result<Plan, (&'static str, Reason)> {
    let mut plan = Plan::default();
    let Some(entry) = known.first() else {
        return Ok(plan);
    };
    let mut said = entry.said.clone();
    for what in Editable::ALL {
        let text = text(*what).trim();
        // What is written in a finer way than it is shown stays as it is.
        if text != written(&entry.said, *what, zone) {
            say(&mut said, *what, text, &entry.name.job, zone)
                .map_err(|wrong| (what.name(), wrong))?;
        }
    }
    plan.jobs = 1;
    if said != entry.said {
        plan.changed.push(changed(0, entry, said, zone));
    }
    Ok(plan)
}

/// What a cell asks for: nothing where it is empty or says what is there already.
fn asked<'c>(cell: &'c str, is: &str) -> Option<&'c str> {
    let text = cell.trim();
    if text.is_empty() || cell == is || text == is.trim() {
        None
    } else if text == CLEARS {
        Some("")
    } else {
        Some(text)
    }
}

fn changed(place: usize, entry: &Entry, said: Said, zone: &TimeZone) -> Changed {
    let changes = Editable::ALL
        .iter()
        .map(|what| Change {
            column: what.name(),
            from: written(&entry.said, *what, zone),
            to: written(&said, *what, zone),
        })
        .filter(|change| change.from != change.to)
        .collect();
    Changed {
        environment: entry.name.environment.clone(),
        project: entry.name.project.clone(),
        job: entry.name.job.clone(),
        changes,
        place,
        said,
    }
}

/// Jobs by what they are called, also in another case.
struct Names<'k> {
    exact: HashMap<&'k str, Vec<usize>>,
    alike: HashMap<String, Vec<usize>>,
}

impl<'k> Names<'k> {
    fn of(known: &'k [Entry]) -> Self {
        let (mut exact, mut alike) = (HashMap::new(), HashMap::new());
        for (place, entry) in known.iter().enumerate() {
            let job = entry.name.job.as_str();
            exact.entry(job).or_insert_with(Vec::new).push(place);
            let places = alike.entry(job.trim().to_lowercase());
            places.or_insert_with(Vec::new).push(place);
        }
        Self { exact, alike }
    }

    /// The job that a line names. What it does not say may be anything, as long as that leaves one job.
    fn place<'c>(
        &self,
        known: &[Entry],
        cell: impl Fn(Column) -> &'c str,
    ) -> Result<usize, Reason> {
        let job = cell(Column::Job);
        if job.trim().is_empty() {
            return Err(["names no job", "ne nomme aucun job"].into());
        }
        let named = self
            .exact
            .get(job)
            .or_else(|| self.alike.get(&job.trim().to_lowercase()));
        let Some(named) = named else {
            let job = cut(job, SHOWN);
            return Err(Reason::from([
                format!("no job is called `{job}`"),
                format!("aucun job ne s’appelle `{job}`"),
            ]));
        };
        let fits = |said: &str, is: &str| {
            let said = said.trim();
            said.is_empty() || said.eq_ignore_ascii_case(is.trim())
        };
        let mut places: Vec<usize> = named
            .iter()
            .copied()
            .filter(|place| {
                let name = &known[*place].name;
                let project = name.project.as_deref().unwrap_or_default();
                fits(cell(Column::Environment), &name.environment)
                    && fits(cell(Column::System), &name.system)
                    && fits(cell(Column::Project), project)
            })
            .collect();
        // A line that says all of it means exactly that.
        narrow(&mut places, |place| known[place].name.job == job);
        narrow(&mut places, |place| {
            cell(Column::Project) == known[place].name.project.as_deref().unwrap_or_default()
        });
        narrow(&mut places, |place| {
            cell(Column::Environment) == known[place].name.environment
                && cell(Column::System) == known[place].name.system
        });
        match places[..] {
            [place] => Ok(place),
            [] => {
                let all: Vec<String> = named.iter().map(|place| place_of(&known[*place])).collect();
                let (job, all) = (job.trim(), all.join(", "));
                Err(Reason::from([
                    format!("`{job}` is not there; a job of that name is in {all}"),
                    format!("`{job}` n’y est pas\u{a0}; un job de ce nom est dans {all}"),
                ]))
            }
            _ => {
                let all: Vec<String> = places
                    .iter()
                    .map(|place| place_of(&known[*place]))
                    .collect();
                let (job, all) = (job.trim(), all.join(", "));
                Err(Reason::from([
                    format!(
                        "`{job}` is in {all}: say which in columns environment, project and system"
                    ),
                    format!(
                        "`{job}` est dans {all}\u{a0}: dites lequel dans les colonnes environment, project et system"
                    ),
                ]))
            }
        }
    }
}

/// Keeps those that fit, if there are any.
fn narrow(places: &mut Vec<usize>, fits: impl Fn(usize) -> bool) {
    if places.len() > 1 && places.iter().any(|place| fits(*place)) {
        places.retain(|place| fits(*place));
    }
}

fn place_of(entry: &Entry) -> String {
    let name = &entry.name;
    match &name.project {
        Some(project) => format!("{}/{project} ({})", name.environment, name.system),
        None => format!("{} ({})", name.environment, name.system),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::csv;
    use crate::catalogue::spreadsheet::of_bytes;
    use jiff::civil::Time;
    use proptest::prelude::*;
    use smartetl_core::model::Moment;
    use smartetl_store::looking::NamedJob;

    fn entry() -> impl Strategy<Value = Entry> {
        let name = "[ A-Za-zé;,\"'\t\n|-]{0,3}[A-Za-z_]{1,2}[ \"]{0,1}";
        let text = || proptest::option::of("[ A-Za-zé€;,\"'\t\n\r|-]{1,6}");
        let moment = proptest::option::of(Moment::MIN.0..Moment::END.0);
        let time = proptest::option::of(0_i64..86_400_000_000);
        (
            ("[A-C]", "[a-b]", proptest::option::of("[A-C ]{1,2}"), name),
            (name, text(), text(), text()),
            (proptest::option::of(1_i16..4), time, text(), text(), moment),
        )
            .prop_map(|(names, texts, others)| {
                let (environment, system, project, job) = names;
                let (family, source_app, domain, owner) = texts;
                let (criticality, deadline, calendar, runbook_url, retired_at) = others;
                Entry {
                    name: NamedJob {
                        environment,
                        system,
                        project,
                        job,
                    },
                    job_id: None,
                    said: Said {
                        family,
                        source_app,
                        domain,
                        owner,
                        criticality,
                        deadline: deadline.map(|at| {
                            let span = jiff::SignedDuration::from_micros(at);
                            Time::midnight().saturating_add(span)
                        }),
                        calendar,
                        runbook_url,
                        retired_at: retired_at.map(Moment),
                    },
                    first_seen: Moment::MIN,
                    last_seen: Moment::MIN,
                    renamed_from: None,
                }
            })
    }

    proptest! {
        #[test]
        fn an_exported_catalogue_changes_nothing(entries in proptest::collection::vec(entry(), 1..8), french: bool) {
            let mut known: Vec<Entry> = Vec::new();
            for entry in entries {
                if known.iter().all(|other| other.name != entry.name) {
                    known.push(entry);
                }
            }
            let zone = TimeZone::get("Europe/Paris").expect("a zone");
            let text = csv(&known, &zone, if french { Lang::Fr } else { Lang::En });
            let sheet = of_bytes(text.clone().into_bytes()).expect("it is a list");
            let plan = plan(&sheet, &known, &zone);
            prop_assert_eq!(&plan.findings, &[], "{}", text);
            prop_assert_eq!(&plan.changed, &[], "{}", text);
            prop_assert_eq!(plan.jobs, known.len() as u64);
        }
    }
}
