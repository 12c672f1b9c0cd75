//! What people say of problems: written down and folded in at once, in one transaction, or nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use smartetl_core::fuse::FuseConfig;
use smartetl_core::group::problem::{Correction, Said, Split};
use smartetl_core::issue::Rules;
use smartetl_core::model::Moment;
use smartetl_store::fusion;
use smartetl_store::issues;
use smartetl_store::problems::{self, Named, NewOverride};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::fuse::{self, Because};
use crate::errors::{ErrorCode, Failure};

/// Candidates that are named.
const SHOWN: usize = 5;
/// Fewer digits name nothing.
const FEWEST: usize = 4;

/// What is said, in the words that were typed: ids by their beginnings.
#[derive(Clone, Debug)]
pub enum Words {
    Merge {
        into: String,
        other: String,
    },
    /// All signatures where none is named.
    Split {
        problem: String,
        signatures: Vec<String>,
    },
    Rename {
        problem: String,
        title: String,
    },
    Correct {
        error: ErrorId,
        to: Correction,
    },
    /// The same where the problem is known, and a signature of it.
    CorrectProblem {
        problem: Uuid,
        signature: Option<Uuid>,
        to: Correction,
    },
}

/// What somebody does.
#[derive(Clone, Debug)]
pub enum Act {
    Say(Words),
    /// Takes back what was said under this number.
    Undo(i64),
}

/// What names a row of `logerreur`: batch, line, seq.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorId {
    pub batch: i64,
    pub line: i64,
    pub seq: i32,
}

impl ErrorId {
    /// `12-345-0`, as the view `error` has it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut number = || -> Option<i64> {
            let digits = parts.next()?;
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse().ok())?
        };
        let (batch, line, seq) = (number()?, number()?, number()?);
        parts.next().is_none().then_some(())?;
        Some(Self {
            batch,
            line,
            seq: i32::try_from(seq).ok()?,
        })
    }
}

impl std::fmt::Display for ErrorId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.batch, self.line, self.seq)
    }
}

#[derive(Clone, Debug)]
pub struct Request {
    pub act: Act,
    /// Who does it.
    pub by: String,
    pub config: FuseConfig,
    /// By these issues are judged.
    pub rules: Rules,
    pub now: Moment,
    /// Where files may be made when rows are many.
    pub folder: PathBuf,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = SaidReport)]
pub struct Report {
    /// The number of the override, for undoing it.
    #[serde(rename = "override")]
    pub number: i64,
    /// Problems before and after.
    pub problems_before: i64,
    pub problems: i64,
    /// Runs that were folded again.
    pub runs: u64,
    /// The issues of the problems that it was said of, in all environments, and their families; `None` where something was taken back.
    pub issues: Option<i64>,
    pub families: Option<i64>,
    /// What happened, for people.
    #[serde(skip)]
    #[schema(ignore)]
    pub what: What,
}

/// A problem and what it is called.
pub type Called = (Uuid, String);

/// What happened, by the names that problems had before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    Merged {
        into: Called,
        other: Called,
    },
    /// Into these; the one that was split may be among them. `acted`: those of them to which what people did belongs now.
    Split {
        problem: Called,
        into: Vec<Called>,
        acted: Vec<Uuid>,
    },
    Renamed {
        problem: Called,
        title: String,
    },
    Corrected {
        problem: Called,
        to: Correction,
    },
    Undone,
}

/// Says it.
///
/// # Errors
/// When what is named is not there or not the only one, the server refuses or is gone, or the fuse fails. Nothing has changed
/// then.
pub async fn say(connection: &mut PgConnection, request: Request) -> anyhow::Result<Report> {
    let mut transaction = connection.begin().await?;
    fusion::lock(&mut transaction).await?;
    let fold = async |transaction: &mut PgConnection, because| {
        let again = fuse::Request {
            config: request.config.clone(),
            rules: request.rules,
            as_of: request.now,
            now: request.now,
            full: false,
            because,
            gathered: None,
            folder: request.folder.clone(),
        };
        fuse::fuse(transaction, async || None, again).await
    };
    if let Act::Say(Words::Correct { error, .. }) = &request.act
        && let Some((_, None)) = row(&mut transaction, *error).await?
    {
        // Nobody knows yet what the row is.
        fold(&mut transaction, Because::OfRows).await?;
    }
    let problems_before = problems::count(&mut transaction).await?;
    let mut what = What::Undone;
    let mut split: Vec<Uuid> = Vec::new();
    let number = match &request.act {
        Act::Undo(number) => {
            undo(&mut transaction, *number, &request.by).await?;
            *number
        }
        Act::Say(words) => {
            let said = meant(&mut transaction, words).await?;
            check_is_new(&mut transaction, &said).await?;
            what = called(&mut transaction, &said).await?;
            if let What::Split { problem, .. } = &what {
                let members = problems::members(&mut transaction, problem.0).await?;
                split = members
                    .into_iter()
                    .map(|(signature, _)| signature)
                    .collect();
            }
            let new = NewOverride {
                said: &said,
                by: &request.by,
            };
            problems::add_override(&mut transaction, &new).await?
        }
    };
    let fused = fold(&mut transaction, Because::OfOverrides).await?;
    let problems = problems::count(&mut transaction).await?;
    if let What::Split { into, acted, .. } = &mut what {
        *into = problems::of_signatures(&mut transaction, &split).await?;
        let parts: Vec<Uuid> = into.iter().map(|(part, _)| *part).collect();
        *acted = issues::acted(&mut transaction, &parts).await?;
    }
    let reach = match left(&what) {
        Some(left) => Some(issues::reach(&mut transaction, &left).await?),
        None => None,
    };
    transaction.commit().await?;
    Ok(Report {
        number,
        problems_before,
        problems,
        runs: fused.runs,
        issues: reach.map(|(issues, _)| issues),
        families: reach.map(|(_, families)| families),
        what,
    })
}

/// What is going to happen, with what problems are called before.
async fn called(connection: &mut PgConnection, said: &Said) -> anyhow::Result<What> {
    let mut titles = problems::titles(connection, &problems_of(said)).await?;
    let mut called = |id: Uuid| (id, titles.remove(&id).unwrap_or_default());
    Ok(match said {
        Said::Merge { into, other } => What::Merged {
            into: called(*into),
            other: called(*other),
        },
        Said::Split { problem, .. } => What::Split {
            problem: called(*problem),
            into: Vec::new(),
            acted: Vec::new(),
        },
        Said::Rename { problem, title } => What::Renamed {
            problem: called(*problem),
            title: title.clone(),
        },
        Said::Correct { problem, to, .. } => What::Corrected {
            problem: called(*problem),
            to: *to,
        },
    })
}

/// The problems that are there when it is done; `None` where something was taken back.
fn left(what: &What) -> Option<Vec<Uuid>> {
    match what {
        What::Merged { into, .. } => Some(vec![into.0]),
        What::Split { into, .. } => Some(into.iter().map(|(part, _)| *part).collect()),
        What::Renamed { problem, .. } | What::Corrected { problem, .. } => Some(vec![problem.0]),
        What::Undone => None,
    }
}

/// The problems that something is said of, as they are before.
fn problems_of(said: &Said) -> Vec<Uuid> {
    match said {
        Said::Merge { into, other } => vec![*into, *other],
        Said::Split { problem, .. }
        | Said::Rename { problem, .. }
        | Said::Correct { problem, .. } => {
            vec![*problem]
        }
    }
}

/// Refuses what holds already: a title or a category that was said of the same, of which nothing was said since, and which it has
/// still; after a merge it may have that of another.
async fn check_is_new(connection: &mut PgConnection, said: &Said) -> anyhow::Result<()> {
    let alike = |one: &Said| match (one, said) {
        (Said::Rename { problem, .. }, Said::Rename { problem: of, .. })
        | (Said::Correct { problem, .. }, Said::Correct { problem: of, .. }) => problem == of,
        _ => false,
    };
    let all = problems::overrides(connection).await?;
    let last = all
        .iter()
        .rev()
        .find(|one| !one.is_undone && alike(&one.said));
    match last {
        Some(last) if last.said == *said && holds(connection, said).await? => Err(Failure::new(
            ErrorCode::Usage,
            [
                format!("that is said already: override {}", last.number),
                format!("c’est déjà dit\u{a0}: décision {}", last.number),
            ],
        )
        .hint(format!("smartetl issues undo {}", last.number))
        .into()),
        _ => Ok(()),
    }
}

/// Whether a problem is called so, or has this category.
async fn holds(connection: &mut PgConnection, said: &Said) -> anyhow::Result<bool> {
    let all = problems::problem_rows(connection).await?;
    let now = |problem: &Uuid| all.iter().find(|row| row.problem == *problem);
    Ok(match said {
        Said::Rename { problem, title } => now(problem).is_some_and(|now| now.title == *title),
        Said::Correct { problem, to, .. } => {
            now(problem).is_some_and(|now| now.category.as_deref() == Some(to.category.as_str()))
        }
        Said::Merge { .. } | Said::Split { .. } => false,
    })
}

/// What the words name.
async fn meant(connection: &mut PgConnection, words: &Words) -> anyhow::Result<Said> {
    Ok(match words {
        Words::Merge { into, other } => {
            let said = [into, other];
            let into = find(connection, into).await?;
            let other = find(connection, other).await?;
            if into == other {
                return Err(one_already(said[0], said[1]).into());
            }
            Said::Merge { into, other }
        }
        Words::Split {
            problem,
            signatures,
        } => {
            let id = find(connection, problem).await?;
            split(connection, problem, id, signatures).await?
        }
        Words::Rename { problem, title } => Said::Rename {
            problem: find(connection, problem).await?,
            title: title.clone(),
        },
        Words::CorrectProblem {
            problem,
            signature,
            to,
        } => Said::Correct {
            problem: *problem,
            signature: *signature,
            to: *to,
        },
        Words::Correct { error, to } => {
            let found = row(connection, *error).await?;
            let (signature, problem) = found.ok_or_else(|| no_error(*error))?;
            let problem = problem.ok_or_else(|| counts_nothing(*error))?;
            Said::Correct {
                problem,
                signature: Some(signature),
                to: *to,
            }
        }
    })
}

/// Both names mean the same problem, or even the same issue.
pub fn one_already(into: &str, other: &str) -> Failure {
    let digits = [into, other].map(|typed| digits(typed).unwrap_or_default());
    let is_twice = digits[0].starts_with(&digits[1]) || digits[1].starts_with(&digits[0]);
    let why = if is_twice {
        [
            format!("`{into}` and `{other}`: that is the same issue twice"),
            format!("`{into}` et `{other}`\u{a0}: c’est deux fois le même problème"),
        ]
    } else {
        [
            format!("the problems {into} and {other} are one already"),
            format!("les pannes {into} et {other} n’en font déjà qu’une"),
        ]
    };
    Failure::new(ErrorCode::Usage, why)
}

async fn split(
    connection: &mut PgConnection,
    name: &str,
    problem: Uuid,
    wanted: &[String],
) -> anyhow::Result<Said> {
    let members = problems::members(connection, problem).await?;
    let different: BTreeSet<Uuid> = members.iter().map(|(signature, _)| *signature).collect();
    if different.len() < 2 {
        return Err(Failure::new(
            ErrorCode::Usage,
            [
                format!("problem {name} has one signature only: there is nothing to split"),
                format!("la panne {name} n’a qu’une signature\u{a0}: il n’y a rien à séparer"),
            ],
        )
        .into());
    }
    if wanted.is_empty() {
        let templates: BTreeSet<Uuid> = members.iter().map(|(_, template)| *template).collect();
        let how = if templates.len() > 1 {
            Split::Apart
        } else {
            Split::Each
        };
        return Ok(Said::Split { problem, how });
    }
    let mut these = BTreeSet::new();
    for typed in wanted {
        let digits = digits(typed).unwrap_or_default();
        let mut found = different
            .iter()
            .filter(|one| !digits.is_empty() && one.simple().to_string().starts_with(&digits));
        let (Some(one), None) = (found.next(), found.next()) else {
            return Err(Failure::new(
                ErrorCode::Usage,
                [
                    format!("`{typed}` names none, or several, of the signatures of {name}"),
                    format!("`{typed}` ne désigne aucune signature de {name}, ou plusieurs"),
                ],
            )
            .hint(format!(
                "smartetl sql \"SELECT signature, text FROM signature WHERE problem = '{problem}'\""
            ))
            .into());
        };
        these.insert(*one);
    }
    if these.len() == different.len() {
        return Err(Failure::new(
            ErrorCode::Usage,
            [
                "these are all of its signatures: some must stay",
                "ce sont toutes ses signatures\u{a0}: il doit en rester",
            ],
        )
        .into());
    }
    Ok(Said::Split {
        problem,
        how: Split::These(these),
    })
}

/// An error that is stored and of which no fuse takes notice.
fn counts_nothing(error: ErrorId) -> Failure {
    Failure::new(
        ErrorCode::Usage,
        [
            format!("error {error} counts nothing: it came after its tree had retired"),
            format!(
                "l’erreur {error} ne compte pas\u{a0}: elle est venue après la purge de son arbre"
            ),
        ],
    )
    .hint("smartetl prune --help")
}

async fn undo(connection: &mut PgConnection, number: i64, by: &str) -> anyhow::Result<()> {
    if problems::undo(connection, number, by).await? {
        return Ok(());
    }
    Err(Failure::new(
        ErrorCode::Usage,
        [
            format!("there is no override {number} that holds"),
            format!("il n’y a pas de décision {number} en vigueur"),
        ],
    )
    .hint("smartetl issues overrides")
    .into())
}

async fn row(
    connection: &mut PgConnection,
    error: ErrorId,
) -> anyhow::Result<Option<(Uuid, Option<Uuid>)>> {
    let place = (error.batch, error.line, error.seq);
    let found = problems::problem_of(connection, place).await?;
    if found.is_none() {
        return Err(no_error(error).into());
    }
    Ok(found)
}

/// No row of `logerreur` has this name.
pub fn no_error(error: ErrorId) -> Failure {
    Failure::new(
        ErrorCode::Usage,
        [
            format!("there is no error {error}"),
            format!("il n’y a pas d’erreur {error}"),
        ],
    )
    .hint(LATEST_ERRORS)
}

const LATEST_ERRORS: &str =
    "smartetl sql \"SELECT error, moment, job, message FROM error ORDER BY moment DESC LIMIT 20\"";

/// No row of `logerreur` can have this name.
pub fn no_error_id(text: &str) -> Failure {
    Failure::new(
        ErrorCode::Usage,
        [
            format!("`{text}` is no error: it is named batch-line-seq, like 12-345-0"),
            format!(
                "`{text}` n’est pas une erreur\u{a0}: elle se nomme batch-line-seq, comme 12-345-0"
            ),
        ],
    )
    .hint(LATEST_ERRORS)
}

/// Hexadecimal digits of an id that may be cut; `None` where it is none, or says too little.
fn digits(text: &str) -> Option<String> {
    let digits = text.replace('-', "").to_lowercase();
    let is_hex = digits.chars().all(|digit| digit.is_ascii_hexdigit());
    (is_hex && digits.len() >= FEWEST).then_some(digits)
}

/// The problem that an id names, or its beginning: its own id, that of one of its templates, or one that such a template had before.
async fn find(connection: &mut PgConnection, typed: &str) -> anyhow::Result<Uuid> {
    let list = "smartetl sql \"SELECT problem, title, signatures FROM problem ORDER BY title\"";
    let Some(digits) = digits(typed) else {
        return Err(Failure::new(
            ErrorCode::Usage,
            [
                format!("`{typed}` is no id: at least four hexadecimal digits are"),
                format!("`{typed}` n’est pas un identifiant\u{a0}: il faut au moins quatre chiffres hexadécimaux"),
            ],
        )
        .hint(list)
        .into());
    };
    let found = problems::problem_ids(connection, &digits).await?;
    // The whole id of a problem outranks what its templates are called, and what is shown outranks what is not.
    let exact = found
        .iter()
        .find(|one| one.id == one.problem && one.id.simple().to_string() == digits);
    if let Some(exact) = exact {
        return Ok(exact.problem);
    }
    let problems =
        |found: &[&Named]| -> BTreeSet<Uuid> { found.iter().map(|one| one.problem).collect() };
    let shown: Vec<&Named> = found.iter().filter(|one| one.is_shown).collect();
    let distinct = match problems(&shown) {
        shown if shown.len() == 1 => shown,
        _ => problems(&found.iter().collect::<Vec<_>>()),
    };
    match distinct.len() {
        1 => Ok(found[0].problem),
        0 => Err(Failure::new(
            ErrorCode::Usage,
            [
                format!("there is no problem {typed}"),
                format!("il n’y a pas de panne {typed}"),
            ],
        )
        .hint(list)
        .into()),
        _ => {
            let mut lines: Vec<String> = found
                .iter()
                .take(SHOWN)
                .map(|one| {
                    format!(
                        "{} {}",
                        one.id,
                        one.title.chars().take(60).collect::<String>()
                    )
                })
                .collect();
            if found.len() > SHOWN {
                lines.push("…".to_owned());
            }
            let lines = lines.join("\n");
            Err(Failure::new(
                ErrorCode::Usage,
                [
                    format!("`{typed}` may be several problems"),
                    format!("`{typed}` peut désigner plusieurs pannes"),
                ],
            )
            .hint(lines)
            .into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_named_by_its_place() {
        let id = ErrorId {
            batch: 12,
            line: 345,
            seq: 0,
        };
        assert_eq!(ErrorId::parse("12-345-0"), Some(id));
        assert_eq!(ErrorId::parse(&id.to_string()), Some(id));
        for text in [
            "",
            "12",
            "12-345",
            "12-345-0-1",
            "12--0",
            "a-1-2",
            "+1-2-3",
            "1-2-99999999999",
        ] {
            assert_eq!(ErrorId::parse(text), None, "{text}");
        }
    }
}
