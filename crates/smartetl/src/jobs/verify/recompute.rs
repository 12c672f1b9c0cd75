//! Everything folded again, compared with `dataset`, `job_day`, `horizon` and `adrift`. Runs that have retired are taken as they stand; the
//! days they are on are proved like all others. Nothing is written.
//!
//! Tuples are compared as the bytes that COPY carries, all columns but the clocks of the fuse (`as_of`, `fused_at`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use smartetl_core::fuse::{Adrift, FuseConfig};
use smartetl_core::model::Moment;
use smartetl_store::copy::{
    DATASET_COLUMNS, DecodeError, Fields, JOB_DAY_COLUMNS, Tuples, column_names,
};
use smartetl_store::fusion::{self, FuseState, Wanted};
use smartetl_store::{StoreError, audit};
use sqlx::PgConnection;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

use super::super::folding::Folding;
use super::super::grouping;
use super::super::spill::Gathered;
use super::super::spool::{Clocks, JobDays, Spool, SpooledDays};
use super::{Books, Checking, Report, Request, TOLD, deadlines, issues};
use crate::reason::Reason;

const FUSE_FULL: [&str; 2] = [
    "run `smartetl fuse --full`: everything is folded again from log and logerreur",
    "lancez `smartetl fuse --full`\u{a0}: tout est recalculé à partir de log et logerreur",
];
const REGROUP: [&str; 2] = [
    "run `smartetl regroup`: everything is masked and grouped again",
    "lancez `smartetl regroup`\u{a0}: tout est masqué et regroupé à nouveau",
];
/// Different runs whose columns are compared; more are only counted.
const COMPARED: usize = 1_000;
const NOT_COMPARED: &[&str] = &["as_of", "fused_at"];

/// What the fold says.
struct Folded {
    spool: Spool,
    horizons: Vec<(String, String, Moment)>,
    adrift: BTreeSet<Adrift>,
    problems: grouping::Proof,
}

/// Folds what is fused and compares; adds its checks to the report.
pub(super) async fn recompute(
    connection: &mut PgConnection,
    books: &Books,
    open: &[i64],
    state: Option<&FuseState>,
    request: Request,
    report: &mut Report,
) -> anyhow::Result<()> {
    if state.is_some_and(|state| state.configuration_hash != request.config.hash()) {
        let note = [
            "dataset was not computed again: the configuration is not that of the last fuse",
            "dataset n’a pas été recalculé\u{a0}: la configuration n’est pas celle de la dernière fusion",
        ];
        report.notes.push(note.into());
        return Ok(());
    }
    let as_of = state.map_or(Moment(0), |state| state.as_of);
    let rules = request.rules;
    let (zone, border_minutes) = (request.config.zone.clone(), request.config.border_minutes);
    let mut runs = Checking::new(
        "dataset",
        [
            "dataset is what its rows fold to",
            "dataset est ce que donnent ses lignes",
        ],
        "runs",
    );
    let folded = match fold(
        connection,
        books,
        open,
        as_of,
        request.config,
        &request.folder,
    )
    .await
    {
        Ok(folded) => folded,
        // A stored value that nobody wrote: the rows cannot be folded.
        Err(error) => match error.downcast::<StoreError>() {
            Ok(StoreError::Decode(error)) => {
                runs.find(
                    [
                        format!("cannot be computed again: {error}"),
                        format!("impossible à recalculer\u{a0}: {error}"),
                    ],
                    "log and logerreur",
                    super::ledger::RESTORE,
                );
                report.add(runs);
                return Ok(());
            }
            Ok(error) => return Err(error.into()),
            Err(error) => return Err(error),
        },
    };
    let days = folded.spool.days();
    report
        .notes
        .extend(compare_runs(connection, &days, &mut runs).await?);
    let done = days.done();
    for change in &done.changed {
        let what = not_folded(&["trigger", "trigger_evidence", "rerun_of"]);
        runs.find(what, place_of_retired(change.run_key), FUSE_FULL);
    }
    report.add(runs);
    let mut checking = compare_days(connection, &done.job_days).await?;
    deadlines::compare(connection, &zone, border_minutes, &mut checking).await?;
    report.add(checking);
    report.add(compare_horizons(connection, folded.horizons).await?);
    report.add(compare_adrift(connection, &folded.adrift).await?);
    if folded.problems.is_older {
        let note = [
            "templates and problems were not compared: an earlier version made them; the next fuse makes them anew",
            "les modèles et les pannes n’ont pas été comparés\u{a0}: ils viennent d’une version antérieure\u{a0}; la prochaine fusion les refera",
        ];
        report.notes.push(note.into());
    }
    report.add(compare_problems(folded.problems));
    issues::compare(connection, rules, report).await
}

async fn fold(
    connection: &mut PgConnection,
    books: &Books,
    open: &[i64],
    as_of: Moment,
    config: FuseConfig,
    folder: &std::path::Path,
) -> anyhow::Result<Folded> {
    let mut gathered = Gathered::new(config, folder);
    if open.is_empty() {
        fusion::read_rows(connection, Wanted::All, &mut gathered).await?;
    } else {
        let fused: Vec<i64> = books
            .lines
            .iter()
            .map(|line| line.batch)
            .filter(|batch| open.binary_search(batch).is_err())
            .collect();
        fusion::read_rows(connection, Wanted::Batches(&fused), &mut gathered).await?;
    }
    let mut problems = grouping::prove(connection).await?;
    gathered
        .rows()
        .correct(std::mem::take(&mut problems.corrections));
    let trees = gathered.rows().trees();
    let trees: Vec<i64> = trees.into_iter().map(u64::cast_signed).collect();
    let taken = fusion::retired_keys(connection, &trees).await?;
    gathered.rows().leave_keys(taken);
    let clocks = Clocks { as_of, now: as_of };
    let mut folding = Folding::of(gathered, clocks, folder).await?;
    let open_jobs = folding.fold.open_jobs();
    for (job, duration_ms) in fusion::durations(connection, &open_jobs, true).await? {
        folding.fold.known_duration(&job, duration_ms);
    }
    for (system, environment, at) in fusion::horizons_of_retired(connection).await? {
        folding.fold.known_horizon(&system, &environment, at);
    }
    folding.open_trees()?;
    let mut spool = folding.runs.spool;
    fusion::retired_runs(connection, |tuple| spool.take_stored(tuple)).await?;
    Ok(Folded {
        spool,
        horizons: folding.fold.horizons(),
        adrift: folding.fold.adrift().clone(),
        problems,
    })
}

/// A run whose columns differ: the tuple that the rows fold to.
struct Different {
    key: Uuid,
    tuple: Vec<u8>,
}

/// Compares every run; gives the counts of what differs.
async fn compare_runs(
    connection: &mut PgConnection,
    days: &SpooledDays<'_>,
    checking: &mut Checking,
) -> anyhow::Result<Option<Reason>> {
    let mut stored: HashMap<Uuid, u128> = HashMap::new();
    audit::runs(connection, None, |tuple| {
        stored.insert(Fields::of(tuple)?.uuid()?, hash_of_run(tuple)?);
        Ok(())
    })
    .await?;
    checking.looked_at(stored.len());

    let (mut different, mut uncompared) = (Vec::new(), 0_u64);
    let (mut missing, mut more_missing) = (Vec::new(), 0_u64);
    let mut tuples = Vec::new();
    while days.next_piece(&mut tuples)? {
        for tuple in Tuples(&tuples) {
            let key = Fields::of(tuple)?.uuid()?;
            match stored.remove(&key) {
                Some(hash) if hash == hash_of_run(tuple)? => {}
                Some(_) if different.len() < COMPARED => {
                    different.push(Different {
                        key,
                        tuple: tuple.to_owned(),
                    });
                }
                Some(_) => uncompared += 1,
                None if missing.len() < TOLD => missing.push(place_of_run(tuple)?),
                None => more_missing += 1,
            }
        }
        tuples.clear();
    }
    let mut extra: Vec<Uuid> = stored.into_keys().collect();
    extra.sort_unstable();
    let counts = [
        different.len() as u64 + uncompared,
        missing.len() as u64 + more_missing,
        extra.len() as u64,
    ];
    let by_column = differences(connection, &different, checking).await?;
    checking.count(uncompared);
    for place in missing {
        checking.find(
            ["a run is missing", "il manque une exécution"],
            place,
            FUSE_FULL,
        );
    }
    checking.count(more_missing);
    let told = &extra[..extra.len().min(TOLD)];
    if !told.is_empty() {
        let mut places = Vec::with_capacity(told.len());
        audit::runs(connection, Some(told), |tuple| {
            places.push(place_of_run(tuple)?);
            Ok(())
        })
        .await?;
        for place in places {
            let what = [
                "a run that no row speaks of",
                "une exécution dont aucune ligne ne parle",
            ];
            checking.find(what, place, FUSE_FULL);
        }
    }
    checking.count((extra.len() - told.len()) as u64);
    let [different, missing, extra] = counts;
    Ok((different + missing + extra > 0).then(|| {
        Reason::from([
            format!("dataset: {different} runs differ{by_column}, {missing} are missing, {extra} that no row speaks of"),
            format!(
                "dataset\u{a0}: {different} exécutions diffèrent{by_column}, {missing} manquent, {extra} dont aucune ligne ne parle"
            ),
        ])
    }))
}

/// Says which columns differ, run by run; gives how often each does.
async fn differences(
    connection: &mut PgConnection,
    different: &[Different],
    checking: &mut Checking,
) -> anyhow::Result<String> {
    if different.is_empty() {
        return Ok(String::new());
    }
    let keys: Vec<Uuid> = different.iter().map(|run| run.key).collect();
    let mut stored: HashMap<Uuid, Vec<u8>> = HashMap::new();
    audit::runs(connection, Some(&keys), |tuple| {
        stored.insert(Fields::of(tuple)?.uuid()?, tuple.to_owned());
        Ok(())
    })
    .await?;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let mut told = Vec::with_capacity(different.len());
    for run in different {
        let Some(is) = stored.get(&run.key) else {
            continue;
        };
        let columns = different_columns(DATASET_COLUMNS, is, &run.tuple)?;
        for &column in &columns {
            *counts.entry(column).or_default() += 1;
        }
        told.push((columns, place_of_run(&run.tuple)?));
    }
    for (columns, place) in told {
        checking.find(not_folded(&columns), place, FUSE_FULL);
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(column, count)| format!("{column} {count}"))
        .collect();
    Ok(format!(" ({})", counts.join(", ")))
}

async fn compare_days(connection: &mut PgConnection, days: &JobDays) -> anyhow::Result<Checking> {
    let mut checking = Checking::new(
        "job_day",
        [
            "job_day is what its rows fold to",
            "job_day est ce que donnent ses lignes",
        ],
        "days",
    );
    let mut stored: HashMap<DayKey, Vec<u8>> = HashMap::new();
    audit::job_days(connection, |tuple| {
        stored.insert(day_key(tuple)?, tuple.to_owned());
        Ok(())
    })
    .await?;
    checking.looked_at(stored.len());
    let (mut tuples, mut next) = (Vec::new(), days.pieces());
    while next(&mut tuples)? {
        for tuple in Tuples(&tuples) {
            let key = day_key(tuple)?;
            match stored.remove(&key) {
                Some(is) if is == tuple => {}
                Some(is) => {
                    let columns = different_columns(JOB_DAY_COLUMNS, &is, tuple)?;
                    checking.find(not_folded(&columns), place_of_day(&key), FUSE_FULL);
                }
                None => {
                    let what = ["a job's day is missing", "il manque la journée d’un job"];
                    checking.find(what, place_of_day(&key), FUSE_FULL);
                }
            }
        }
        tuples.clear();
    }
    let mut extra: Vec<DayKey> = stored.into_keys().collect();
    extra.sort_unstable();
    for key in extra {
        let what = [
            "a job's day that no run speaks of",
            "une journée de job dont aucune exécution ne parle",
        ];
        checking.find(what, place_of_day(&key), FUSE_FULL);
    }
    Ok(checking)
}

async fn compare_horizons(
    connection: &mut PgConnection,
    folded: Vec<(String, String, Moment)>,
) -> anyhow::Result<Checking> {
    let mut checking = Checking::new(
        "horizon",
        [
            "horizon is the latest moment of each system and environment",
            "horizon est le dernier moment de chaque système et environnement",
        ],
        "horizons",
    );
    let key = |(system, environment, at)| ((system, environment), at);
    let mut stored: BTreeMap<(String, String), Moment> = fusion::horizons(connection)
        .await?
        .into_iter()
        .map(key)
        .collect();
    checking.looked_at(stored.len());
    for (key, at) in folded.into_iter().map(key) {
        let is = stored.remove(&key);
        if is != Some(at) {
            let stored = |missing: &str| {
                is.map_or_else(|| missing.to_owned(), |is| is.timestamp().to_string())
            };
            let (en, fr, at) = (stored("missing"), stored("absent"), at.timestamp());
            let what = [
                format!("the horizon is {en}, the last row is of {at}"),
                format!("l’horizon est {fr}, la dernière ligne est de {at}"),
            ];
            checking.find(what, place_of_horizon(&key.0, &key.1), FUSE_FULL);
        }
    }
    for (system, environment) in stored.into_keys() {
        let what = [
            "a horizon that no row speaks of",
            "un horizon dont aucune ligne ne parle",
        ];
        checking.find(what, place_of_horizon(&system, &environment), FUSE_FULL);
    }
    Ok(checking)
}

fn compare_problems(proof: grouping::Proof) -> Checking {
    let mut checking = Checking::new(
        "problem",
        [
            "templates and problems are what the signatures and people's words come to",
            "les modèles et les pannes sont ce que donnent les signatures et ce qu’ont dit les personnes",
        ],
        "signatures",
    );
    checking.looked_at(proof.signatures);
    for (table, id) in proof.strays {
        let what = [
            format!("{table} is not what the texts and people's words come to"),
            format!("{table} n’est pas ce que donnent les textes et ce qu’ont dit les personnes"),
        ];
        checking.find(what, format!("{table} {id}"), REGROUP);
    }
    checking
}

async fn compare_adrift(
    connection: &mut PgConnection,
    folded: &BTreeSet<Adrift>,
) -> anyhow::Result<Checking> {
    let mut checking = Checking::new(
        "adrift",
        [
            "adrift says where errors without a tree are folded",
            "adrift dit où les erreurs sans arbre sont fusionnées",
        ],
        "runs of such errors",
    );
    let stored: BTreeSet<Adrift> = fusion::all_adrift(connection).await?.into_iter().collect();
    checking.looked_at(stored.len());
    let too_much = ["no error stands there", "aucune erreur ne s’y trouve"];
    let missing = ["it is missing", "il manque"];
    let differences = stored.difference(folded).map(|of| (of, too_much));
    for (of, what) in differences.chain(folded.difference(&stored).map(|of| (of, missing))) {
        checking.find(what, format!("run_id {}", of.run_id), FUSE_FULL);
    }
    Ok(checking)
}

fn hash_of_run(tuple: &[u8]) -> Result<u128, DecodeError> {
    let mut fields = Fields::of(tuple)?;
    let mut hasher = Xxh3::new();
    for column in column_names(DATASET_COLUMNS) {
        let field = fields.field()?;
        if NOT_COMPARED.contains(&column) {
            continue;
        }
        hasher.update(&field.map_or(-1, |bytes| bytes.len() as i64).to_le_bytes());
        hasher.update(field.unwrap_or_default());
    }
    Ok(hasher.digest128())
}

fn different_columns<'c>(
    names: &'c str,
    is: &[u8],
    expected: &[u8],
) -> Result<Vec<&'c str>, DecodeError> {
    let (mut is, mut expected) = (Fields::of(is)?, Fields::of(expected)?);
    let mut different = Vec::new();
    for column in column_names(names) {
        if is.field()? != expected.field()? && !NOT_COMPARED.contains(&column) {
            different.push(column);
        }
    }
    Ok(different)
}

fn not_folded(columns: &[&str]) -> [String; 2] {
    let verb = if columns.len() == 1 { "is" } else { "are" };
    let columns = columns.join(", ");
    [
        format!("{columns} {verb} not what the rows fold to"),
        format!("pas ce que donnent les lignes\u{a0}: {columns}"),
    ]
}

fn place_of_horizon(system: &str, environment: &str) -> [String; 2] {
    [
        format!("{system} in {environment}"),
        format!("{system} dans {environment}"),
    ]
}

fn place_of_retired(key: Uuid) -> [String; 2] {
    [
        format!("run {key}, which has retired"),
        format!("exécution {key}, dont les lignes sont purgées"),
    ]
}

fn place_of_run(tuple: &[u8]) -> Result<Reason, DecodeError> {
    let mut fields = Fields::of(tuple)?;
    let (mut key, mut environment, mut job, mut run_id) = (Uuid::nil(), "", "", "");
    for column in column_names(DATASET_COLUMNS) {
        match column {
            "run_key" => key = fields.uuid()?,
            "environment" => environment = fields.text()?,
            "job" => job = fields.text()?,
            "run_id" => run_id = fields.text()?,
            _ => {
                fields.field()?;
            }
        }
    }
    Ok(Reason::from([
        format!("run {key}: {job} in {environment}, run_id {run_id}"),
        format!("exécution {key}\u{a0}: {job} dans {environment}, run_id {run_id}"),
    ]))
}

/// Environment, project, job; days since 2000-01-01.
type DayKey = (String, Option<String>, String, i32);

fn day_key(tuple: &[u8]) -> Result<DayKey, DecodeError> {
    let mut fields = Fields::of(tuple)?;
    Ok((
        fields.text()?.to_owned(),
        fields.option_text()?.map(str::to_owned),
        fields.text()?.to_owned(),
        fields.int()?,
    ))
}

fn place_of_day((environment, project, job, days): &DayKey) -> [String; 2] {
    let day = jiff::civil::Date::constant(2000, 1, 1).saturating_add(jiff::Span::new().days(*days));
    let project = project
        .as_deref()
        .map(|project| format!("{project}/"))
        .unwrap_or_default();
    [
        format!("{project}{job} in {environment}, {day}"),
        format!("{project}{job} dans {environment}, {day}"),
    ]
}
