//! Signatures, templates and problems follow the rows and what people say, before the rows are folded: corrections are part of
//! the fold. As long as no new signature comes and nobody says anything, this costs a look at the new rows' signatures.

use std::collections::{BTreeMap, BTreeSet};

use smartetl_core::fuse::Corrections;
use smartetl_core::group::problem::{self, Held, Problem};
use smartetl_core::group::{self, Named, SIGNATURE_VERSION, Templates};
use smartetl_store::StoreError;
use smartetl_store::problems::{
    self as store, Changes, Message, ProblemRow, Signature, StoredProblem,
};
use sqlx::PgConnection;
use uuid::Uuid;

use super::fuse::Because;

/// What is new.
#[derive(Clone, Copy, Debug)]
pub(super) struct News<'a> {
    pub(super) because: Because,
    /// Where the new rows are.
    pub(super) batches: &'a [i64],
    /// The rows are all that are stored.
    pub(super) is_everything: bool,
    /// Something was fused before: `dataset` may hold runs.
    pub(super) has_runs: bool,
}

/// What the fold must know of it.
#[derive(Debug, Default)]
pub(super) struct Grouped {
    pub(super) corrections: Corrections,
    /// A signature may be another problem than before.
    pub(super) is_new: bool,
    /// Stored trees of which errors count as something else than before.
    pub(super) trees: Vec<i64>,
}

/// Brings signatures, templates and problems up to date. `seen`: the signatures of the new rows.
///
/// # Errors
/// When the server refuses or is gone.
pub(super) async fn follow(
    connection: &mut PgConnection,
    seen: impl IntoIterator<Item = &(Uuid, bool)>,
    news: News<'_>,
) -> Result<Grouped, StoreError> {
    let seen: BTreeSet<(Uuid, bool)> = seen.into_iter().copied().collect();
    let asked: Vec<(Uuid, bool)> = seen.iter().copied().collect();
    let unknown = if asked.is_empty() {
        Vec::new()
    } else {
        store::unknown(connection, &asked).await?
    };
    let before = store::corrections(connection).await?;
    let is_of_now = store::is_grouped(connection).await?;
    let is_as_it_was =
        unknown.is_empty() && news.because == Because::OfRows && !news.is_everything && is_of_now;
    if is_as_it_was {
        return Ok(Grouped {
            corrections: before,
            is_new: false,
            trees: Vec::new(),
        });
    }
    let mut all = Signatures::stored(connection).await?;
    if news.is_everything {
        all.keep_only(&seen);
    }
    let anew: Vec<(Uuid, bool)> = match news.because {
        Because::OfMasks => all.keys().collect(),
        // Other masks than those of now made some texts: what comes next would be another problem than what was there.
        _ if news.is_everything || !is_of_now => all.older().collect(),
        _ => Vec::new(),
    };
    let wanted: Vec<(Uuid, bool)> = unknown.into_iter().chain(anew).collect();
    if !wanted.is_empty() {
        let everywhere = news.is_everything || !is_of_now || news.because == Because::OfMasks;
        let batches = Some(news.batches).filter(|_| !everywhere);
        for message in store::messages(connection, batches, &wanted).await? {
            all.take(&message);
        }
        all.mask_again(&wanted);
    }
    let regrouping = Regrouping::of(connection, all).await?;
    store::write(connection, &regrouping.changes).await?;
    let mut changed: Vec<Uuid> = before
        .keys()
        .chain(regrouping.corrections.keys())
        .filter(|signature| before.get(signature) != regrouping.corrections.get(signature))
        .copied()
        .collect();
    changed.dedup();
    let mut trees = Vec::new();
    // The first fuse of much makes indexes of `dataset` meanwhile: it must not be looked at.
    if !changed.is_empty() && news.has_runs {
        store::correct_retired(connection, &changed).await?;
        trees = store::trees_with_signatures(connection, &changed).await?;
    }
    Ok(Grouped {
        corrections: regrouping.corrections,
        is_new: true,
        trees,
    })
}

/// What the stored texts and people's words come to.
pub(super) struct Proof {
    /// Templates are of an earlier version, and were not compared: the next fuse makes them anew.
    pub(super) is_older: bool,
    pub(super) signatures: usize,
    /// Tables, with the ids of their rows, that are something else.
    pub(super) strays: Vec<(&'static str, Uuid)>,
    pub(super) corrections: Corrections,
}

/// Compares it with what is stored.
///
/// # Errors
/// When the server refuses or is gone, or a word is in no vocabulary.
pub(super) async fn prove(connection: &mut PgConnection) -> Result<Proof, StoreError> {
    let mut wrong = store::missing(connection).await?;
    wrong.extend(store::superfluous(connection).await?);
    let mut strays: Vec<_> = wrong.into_iter().map(|id| ("signature", id)).collect();
    let stored = Signatures::stored(connection).await?;
    let count = stored.before.len();
    if store::is_older(connection).await? {
        return Ok(Proof {
            is_older: true,
            signatures: count,
            strays,
            corrections: store::corrections(connection).await?,
        });
    }
    let Regrouping {
        changes,
        corrections,
        ..
    } = Regrouping::of(connection, stored).await?;
    let of_signatures = changes.signatures.iter().map(|one| one.signature);
    strays.extend(of_signatures.map(|id| ("signature", id)));
    let expected: BTreeMap<Uuid, String> = changes.templates.into_iter().flatten().collect();
    let found = store::template_texts(connection).await?;
    strays.extend(different(&found, &expected).map(|id| ("template", id)));
    let found = store::problem_rows(connection).await?;
    let found: BTreeMap<Uuid, StoredProblem> =
        found.into_iter().map(|row| (row.problem, row)).collect();
    let expected = changes.problems.into_iter();
    let expected: BTreeMap<Uuid, StoredProblem> =
        expected.map(|row| (row.problem, row.into())).collect();
    strays.extend(different(&found, &expected).map(|id| ("problem", id)));
    Ok(Proof {
        is_older: false,
        signatures: count,
        strays,
        corrections,
    })
}

/// Where two tables differ.
fn different<'t, R: PartialEq>(
    found: &'t BTreeMap<Uuid, R>,
    expected: &'t BTreeMap<Uuid, R>,
) -> impl Iterator<Item = Uuid> + 't {
    let ids: BTreeSet<Uuid> = found.keys().chain(expected.keys()).copied().collect();
    ids.into_iter()
        .filter(|id| found.get(id) != expected.get(id))
}

/// What all masked texts would come to if they were made now.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn look(connection: &mut PgConnection) -> Result<Differences, StoreError> {
    let mut all = Signatures::stored(connection).await?;
    let keys: Vec<(Uuid, bool)> = all.keys().collect();
    for message in store::messages(connection, None, &keys).await? {
        all.take(&message);
    }
    all.mask_again(&keys);
    let (before, texts) = (all.before.clone(), all.texts_changed());
    let regrouping = Regrouping::of(connection, all).await?;
    let names = store::template_texts(connection).await?;
    Ok(Differences::of(&before, texts, &regrouping, &names))
}

/// All signatures, as they were stored and as they are to be.
struct Signatures {
    before: Vec<Signature>,
    now: BTreeMap<(Uuid, bool), Signature>,
}

impl Signatures {
    async fn stored(connection: &mut PgConnection) -> Result<Self, StoreError> {
        let before = store::signatures(connection).await?;
        let now = before
            .iter()
            .map(|one| ((one.signature, one.cut), one.clone()));
        Ok(Self {
            now: now.collect(),
            before,
        })
    }

    /// Forgets what no row says and no pruned row said.
    fn keep_only(&mut self, seen: &BTreeSet<(Uuid, bool)>) {
        self.now.retain(|key, one| one.kept || seen.contains(key));
    }

    fn keys(&self) -> impl Iterator<Item = (Uuid, bool)> {
        self.now.keys().copied()
    }

    /// Those whose texts earlier masks made.
    fn older(&self) -> impl Iterator<Item = (Uuid, bool)> {
        let older = |one: &&Signature| one.version != i16::from(SIGNATURE_VERSION);
        let of = self.now.values().filter(older);
        of.map(|one| (one.signature, one.cut))
    }

    fn take(&mut self, message: &Message) {
        let mut text = String::new();
        let named = Named {
            error_type: message.error_type.as_deref(),
            error_code: message.error_code.as_deref(),
            message: message.message.as_deref(),
            stack: message.stack.as_deref(),
        };
        group::text(&named, message.cut, &mut text);
        let one = self
            .now
            .entry((message.signature, message.cut))
            .or_insert_with(|| Signature {
                signature: message.signature,
                cut: message.cut,
                version: 0,
                text: String::new(),
                template: Uuid::nil(),
                problem: Uuid::nil(),
                kept: false,
            });
        one.version = i16::from(SIGNATURE_VERSION);
        one.text = text;
    }

    /// Of those whose rows are gone, the texts that earlier masks made are masked again: what says the same now, but with a
    /// signature of the present masks, has the same template.
    fn mask_again(&mut self, wanted: &[(Uuid, bool)]) {
        let mut text = String::new();
        for key in wanted {
            let Some(one) = self.now.get_mut(key) else {
                continue;
            };
            if one.version != i16::from(SIGNATURE_VERSION) {
                group::text_again(&one.text, one.cut, &mut text);
                one.text.clone_from(&text);
                one.version = i16::from(SIGNATURE_VERSION);
            }
        }
    }

    fn texts_changed(&self) -> usize {
        let changed = |one: &&Signature| {
            let now = self.now.get(&(one.signature, one.cut));
            now.is_some_and(|now| now.text != one.text)
        };
        self.before.iter().filter(changed).count()
    }
}

/// What is to be written, and what follows.
struct Regrouping {
    changes: Changes,
    corrections: Corrections,
    /// Every signature with its template now.
    held: Vec<Held>,
}

impl Regrouping {
    async fn of(connection: &mut PgConnection, all: Signatures) -> Result<Self, StoreError> {
        let Signatures { before, now } = all;
        let mut templates = Templates::default();
        let places: Vec<_> = now
            .values()
            .map(|one| templates.add(one.signature, &one.text, one.cut))
            .collect();
        templates.mine();
        let mut now: Vec<Signature> = now.into_values().collect();
        for (one, place) in now.iter_mut().zip(places) {
            one.template = templates.template(place).id;
        }
        let held: Vec<Held> = now.iter().map(Signature::held).collect();
        let held_before: Vec<Held> = before.iter().map(Signature::held).collect();
        let known = store::aliases(connection).await?;
        let aliases = problem::aliases(&held_before, &held, &known);
        let overrides = store::overrides(connection).await?;
        let problems = problem::problems(&held, &aliases, &overrides);
        let texts: BTreeMap<Uuid, &str> = templates
            .templates()
            .iter()
            .map(|template| (template.id, template.text.as_str()))
            .collect();
        let mut rows = Vec::with_capacity(problems.len());
        for problem in &problems {
            for at in &problem.members {
                now[*at].problem = problem.id;
            }
            rows.push(row(problem, &now, &texts));
        }
        let corrections = problem::corrections(&held, &problems);
        let stored: BTreeMap<(Uuid, bool), &Signature> = before
            .iter()
            .map(|one| ((one.signature, one.cut), one))
            .collect();
        let is_held: BTreeSet<(Uuid, bool)> =
            now.iter().map(|one| (one.signature, one.cut)).collect();
        let gone = stored.keys().filter(|key| !is_held.contains(key));
        Ok(Self {
            changes: Changes {
                gone: gone.copied().collect(),
                templates: Some(
                    templates
                        .templates()
                        .iter()
                        .map(|template| (template.id, template.text.clone()))
                        .collect(),
                ),
                aliases: Some(aliases.into_iter().collect()),
                problems: rows,
                signatures: now
                    .into_iter()
                    .filter(|one| stored.get(&(one.signature, one.cut)) != Some(&one))
                    .collect(),
            },
            corrections,
            held,
        })
    }
}

/// What is stored of a problem.
fn row(problem: &Problem, all: &[Signature], templates: &BTreeMap<Uuid, &str>) -> ProblemRow {
    let members = || problem.members.iter().map(|at| &all[*at]);
    let of_members: BTreeSet<Uuid> = members().map(|one| one.template).collect();
    let own = templates
        .get(&problem.id)
        .filter(|_| of_members.contains(&problem.id));
    let text = own.map_or_else(
        || {
            // Merged or split: what its own messages share.
            let (alone, _) = Templates::of(members().map(|one| one.text.as_str()));
            let texts = alone.into_iter().map(|template| template.text);
            texts.min().unwrap_or_default()
        },
        |text| (*text).to_owned(),
    );
    ProblemRow {
        problem: problem.id,
        title: problem.title.clone().unwrap_or_else(|| text.clone()),
        renamed: problem.title.is_some(),
        text,
        category: problem.correction.map(|to| to.category),
        blame: problem.correction.and_then(|to| to.blame),
        retryable: problem.correction.and_then(|to| to.retryable),
        signatures: problem.members.len() as i64,
    }
}

/// What other masks, or other rules of mining, change.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Differences {
    pub signatures: usize,
    /// Signatures whose masked text becomes another one.
    pub texts: usize,
    pub templates_before: usize,
    pub templates_after: usize,
    /// Templates that become one.
    pub joined: Vec<Difference>,
    /// Templates that become several.
    pub split: Vec<Difference>,
    /// Templates whose signatures stay together under another id.
    pub renamed: Vec<Difference>,
    /// Signatures that are in another template than before.
    #[serde(skip)]
    pub moved: Vec<Uuid>,
    /// Runs with such errors.
    pub runs: i64,
}

/// Templates before and after, by their texts.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    pub before: Vec<String>,
    pub after: Vec<String>,
}

impl Differences {
    pub fn is_nothing(&self) -> bool {
        self.texts == 0
            && self.joined.is_empty()
            && self.split.is_empty()
            && self.renamed.is_empty()
    }

    fn of(
        before: &[Signature],
        texts: usize,
        after: &Regrouping,
        names: &BTreeMap<Uuid, String>,
    ) -> Self {
        let template_after: BTreeMap<(Uuid, bool), Uuid> = after
            .held
            .iter()
            .map(|held| ((held.signature, held.cut), held.template))
            .collect();
        let names_after: BTreeMap<Uuid, &str> = after
            .changes
            .templates
            .iter()
            .flatten()
            .map(|(id, text)| (*id, text.as_str()))
            .collect();
        let (mut to, mut from) = (
            BTreeMap::<Uuid, BTreeSet<Uuid>>::new(),
            BTreeMap::<Uuid, BTreeSet<Uuid>>::new(),
        );
        let mut moved = Vec::new();
        for one in before {
            let Some(&now) = template_after.get(&(one.signature, one.cut)) else {
                continue;
            };
            to.entry(one.template).or_default().insert(now);
            from.entry(now).or_default().insert(one.template);
            if now != one.template {
                moved.push(one.signature);
            }
        }
        let old = |id: &Uuid| names.get(id).cloned().unwrap_or_else(|| id.to_string());
        let new = |id: &Uuid| {
            names_after
                .get(id)
                .map_or_else(|| id.to_string(), |text| (*text).to_owned())
        };
        let mut differences = Self {
            signatures: before.len(),
            texts,
            templates_before: to.len(),
            templates_after: from.len(),
            moved,
            ..Self::default()
        };
        for (now, were) in &from {
            if were.len() > 1 {
                differences.joined.push(Difference {
                    before: were.iter().map(old).collect(),
                    after: vec![new(now)],
                });
            }
        }
        for (was, now) in &to {
            let difference = || Difference {
                before: vec![old(was)],
                after: now.iter().map(new).collect(),
            };
            match now.iter().next() {
                _ if now.len() > 1 => differences.split.push(difference()),
                Some(only) if only != was && from[only].len() == 1 => {
                    differences.renamed.push(difference());
                }
                _ => {}
            }
        }
        differences
    }
}
