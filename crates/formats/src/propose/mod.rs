//! Unknown tables, and the mapping that turns them into rows: what each column is by its name (English and French) and by its
//! content, what the words of states mean, what joins several tables, and what only a person can tell, as questions.
//!
//! It is pure: it looks at tables that were read, and gives text. It knows no tool but for codes of states that some publish, reads
//! no network, and never says that it is sure.

mod apart;
mod assign;
mod content;
mod measure;
mod names;
mod profile;
mod published;
mod question;
mod relations;
mod role;
mod runs;
mod scene;
mod shape;
mod states;
mod table;
mod text;
mod times;
mod words;
mod write;

pub use question::Question;
pub use role::Role;
pub use scene::Vocabularies;
pub use shape::{Missing, Shape};
pub use table::{Source, Table};
pub use text::{Lang, one_line, percent};

use scene::{Known, Scene, profiles};
use shape::Taken;
use write::{Environment, Head};

/// What the user says, and what the configuration says.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of the mapping; that of the file where it is left out.
    pub name: Option<String>,
    /// The zone of times that name none, and whether the user gave it.
    pub zone: String,
    pub is_zone_given: bool,
    /// The user, the configuration or the machine says it; else it is UTC for want of another.
    pub is_zone_known: bool,
    pub environment: Option<String>,
    pub vocabularies: Vocabularies,
    pub lang: Lang,
}

/// A mapping for tables, and what a person should know about it.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The text of the mapping file; empty where no table is a log.
    pub toml: String,
    pub tables: Vec<Proposed>,
    /// Tables that are no logs, and why.
    pub refused: Vec<(Vec<Source>, Missing)>,
}

/// What a table was taken to be.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// The name of its mapping.
    pub name: String,
    pub files: Vec<Source>,
    pub shape: Shape,
    pub columns: Vec<ProposedColumn>,
    /// Columns that go nowhere.
    pub unused: Vec<String>,
    /// In hundredths, how many of its runs are in the run log; `None` for the run log itself.
    pub shared: Option<u8>,
    pub questions: Vec<Question>,
}

/// Where a column goes.
#[derive(Clone, Debug)]
pub struct ProposedColumn {
    pub column: String,
    pub target: &'static str,
    pub percent: u8,
    /// Without secrets.
    pub samples: Vec<String>,
}

/// The system of a mapping that nobody named: it stands for any tool.
const ANY_SYSTEM: &str = "etl";
/// So many of a table's runs must be in the run log for it to belong to it without a question.
const SHARED: f64 = 0.5;

/// Looks at all tables together.
pub fn propose(mut tables: Vec<Table>, options: &Options) -> Proposal {
    for table in &mut tables {
        let profiles = profiles(table, &options.vocabularies);
        table.join_days_and_hours(&profiles);
    }
    let scenes: Vec<Scene<'_>> = tables
        .iter()
        .map(|table| Scene::new(table, &options.vocabularies))
        .collect();
    let mut takens: Vec<Result<Taken, Missing>> = scenes
        .iter()
        .map(|scene| shape::take(scene, None))
        .collect();
    let main = run_log(&takens, &scenes);
    let mut shares = vec![None; scenes.len()];
    if let Some(main) = main
        && let Ok(taken) = takens[main].clone()
    {
        let known = Known {
            scene: &scenes[main],
            taken: &taken,
        };
        let mut files = scenes[main].table.files.iter();
        let is_whole = files.all(|file| file.complete);
        for (at, scene) in scenes.iter().enumerate() {
            if at == main {
                continue;
            }
            let together = shape::take(scene, Some(known));
            let is_unsure = |alone: &Taken| !alone.is_sure_of_jobs();
            if together.is_ok() || takens[at].as_ref().map_or(true, is_unsure) {
                takens[at] = together;
            }
            if let Ok(found) = &mut takens[at] {
                // Of a part of the run log nothing follows.
                let run = found.column(Role::RunId).filter(|_| is_whole);
                shares[at] = run.map(|run| known.shares(scene.column(run)));
                let says_environment = |scene: &Scene<'_>, taken: &Taken| {
                    said_environment(scene, taken, &options.vocabularies).is_some()
                };
                let is_apart = options.environment.is_none()
                    && says_environment(&scenes[main], &taken)
                    && !says_environment(scene, found);
                questions_of_the_join(&taken, found, shares[at], is_apart);
            }
        }
    }
    let (mut written, mut refused) = (Vec::new(), Vec::new());
    for (at, (scene, taken)) in scenes.iter().zip(takens).enumerate() {
        match taken {
            Ok(taken) => written.push((at, scene, taken)),
            Err(missing) => refused.push((scene.table.files.clone(), missing)),
        }
    }
    // What the others belong to comes first.
    written.sort_by_key(|(at, _, _)| Some(*at) != main);
    let mut proposal = Proposal {
        toml: String::new(),
        tables: Vec::new(),
        refused,
    };
    let is_many = written.len() > 1;
    let is_error_log = |(at, _, taken): &(usize, &Scene<'_>, Taken)| {
        taken.shape == Shape::Errors && shares[*at].is_none_or(|share| share >= SHARED)
    };
    let has_error_log = written.iter().any(is_error_log);
    for (at, scene, mut taken) in written {
        let name = name_of(scene, options, is_many, &proposal.tables);
        let environment = environment(scene, &mut taken, options);
        times::questions_of_times(scene, &mut taken);
        if times::is_local(scene, &taken) {
            let zone = options.zone.clone();
            taken.questions.push(if options.is_zone_known {
                let given = options.is_zone_given;
                Question::Zone { zone, given }
            } else {
                Question::NoZone { zone }
            });
        }
        let shared = shares[at].map(percent_of);
        let head = Head {
            name: &name,
            system: options.name.as_deref().unwrap_or(ANY_SYSTEM),
            zone: &options.zone,
            is_zone_known: options.is_zone_known,
            environment,
            lang: options.lang,
            is_one_of_many: is_many,
            joined: shared.map(|percent| joined(percent, options.lang)),
            has_error_log,
        };
        if !proposal.toml.is_empty() {
            proposal.toml.push('\n');
        }
        proposal
            .toml
            .push_str(&write::mapping(&head, scene, &taken));
        proposal.tables.push(proposed(scene, taken, name, shared));
    }
    proposal
}

/// The table that says most about runs.
fn run_log(takens: &[Result<Taken, Missing>], scenes: &[Scene<'_>]) -> Option<usize> {
    let runs = |at: usize| {
        let taken = takens[at].as_ref().ok()?;
        let tells_runs = matches!(taken.shape, Shape::Events | Shape::Runs | Shape::Ends);
        let run = taken.column(Role::RunId).filter(|_| tells_runs)?;
        Some((taken.is_sure_of_jobs(), scenes[at].profiles[run].distinct))
    };
    (0..takens.len())
        .filter_map(|at| Some((runs(at)?, at)))
        .max_by_key(|(runs, at)| (*runs, std::cmp::Reverse(*at)))
        .map(|(_, at)| at)
}

/// What the run log has and another table lacks, and how little they may have in common.
fn questions_of_the_join(
    main: &Taken,
    other: &mut Taken,
    share: Option<f64>,
    lacks_environment: bool,
) {
    if let Some(share) = share.filter(|share| *share < SHARED) {
        other.questions.push(Question::FewShared {
            percent: percent_of(share),
        });
    }
    let says = |taken: &Taken, role: Role| taken.roles.contains_key(&role);
    if says(main, Role::Root) && !says(other, Role::Root) {
        other.questions.push(Question::Apart { role: Role::Root });
    }
    if lacks_environment {
        let apart = Question::Apart {
            role: Role::Environment,
        };
        other.questions.insert(0, apart);
    }
}

/// The column that says the environment, itself or in its context.
fn said_environment(
    scene: &Scene<'_>,
    taken: &Taken,
    vocabularies: &Vocabularies,
) -> Option<usize> {
    let names_some = |at: &usize| {
        let words = &scene.column(*at).words;
        words
            .iter()
            .any(|word| vocabularies.names_environment(word))
    };
    taken
        .column(Role::Environment)
        .or(taken.column(Role::Context).filter(names_some))
}

/// Where the environment comes from, with the questions that this leaves.
fn environment(scene: &Scene<'_>, taken: &mut Taken, options: &Options) -> Environment {
    if let Some(word) = &options.environment {
        return Environment::Given(word.clone());
    }
    let said = said_environment(scene, taken, &options.vocabularies);
    if let Some(at) = said {
        let column = scene.column(at);
        let words: Vec<String> = column
            .words
            .iter()
            .filter(|word| !options.vocabularies.names_environment(word))
            .take(5)
            .map(|word| write::shown(word))
            .collect();
        if !words.is_empty() {
            taken.questions.push(Question::Contexts {
                column: column.name.clone(),
                words,
            });
        }
        return Environment::Column;
    }
    let in_folders = scene.table.files.iter().all(|file| {
        let mut parts = file.path.rsplit(['/', '\\']).skip(1);
        parts
            .next()
            .is_some_and(|folder| options.vocabularies.names_environment(folder))
    });
    if in_folders {
        return Environment::Folder;
    }
    taken.questions.push(Question::NoEnvironment);
    Environment::Nowhere
}

/// A name of small letters and digits, different from those before it.
fn name_of(scene: &Scene<'_>, options: &Options, is_many: bool, before: &[Proposed]) -> String {
    let file = scene.table.files.first();
    let file = file.map_or("table", |file| write::file_name(&file.path));
    let stem = file.split('.').next().unwrap_or(file);
    let base = match &options.name {
        Some(name) if is_many => format!("{name}_{stem}"),
        Some(name) => name.clone(),
        None => stem.to_owned(),
    };
    let plain = words::normal(&base).replace(' ', "_");
    let plain = if plain.is_empty() {
        "table".to_owned()
    } else {
        plain
    };
    let mut name = plain.clone();
    let mut number = 1;
    while before.iter().any(|table| table.name == name) {
        number += 1;
        name = format!("{plain}_{number}");
    }
    name
}

fn joined(percent: u8, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{percent} % of the runs named here are in the run log."),
        Lang::Fr => {
            format!(
                "{percent}\u{a0}% des exécutions nommées ici sont dans le journal des exécutions."
            )
        }
    }
}

fn percent_of(share: f64) -> u8 {
    (share * 100.0).floor() as u8
}

fn proposed(scene: &Scene<'_>, taken: Taken, name: String, shared: Option<u8>) -> Proposed {
    let mut used: Vec<usize> = Vec::new();
    let mut columns = Vec::new();
    for (role, assigned) in &taken.roles {
        let column = scene.column(assigned.column);
        used.push(assigned.column);
        used.extend(&column.parts);
        columns.push(ProposedColumn {
            column: column.name.clone(),
            target: role.as_str(),
            percent: percent(assigned.confidence),
            samples: write::samples(scene.table, assigned.column),
        });
    }
    used.extend(taken.measures.iter().map(|(at, _)| *at));
    let unused = scene
        .columns()
        .filter(|at| !used.contains(at) && scene.column(*at).parts.is_empty())
        .map(|at| scene.column(at).name.clone())
        .collect();
    Proposed {
        name,
        files: scene.table.files.clone(),
        shape: taken.shape,
        columns,
        unused,
        shared,
        questions: taken.questions,
    }
}
