//! What is said of a file that was sent: as what it would be read, or the mapping that is proposed for it, and the rows that would come out.

use crate::ingest::{Trial, TrialRow};
use crate::night::Lang;
use crate::reason::{Reason, of_detail, of_reject_code};
use crate::wire::At;
use crate::work::{Glance, MAPPING, Options, Proposed};
use serde::Serialize;
use smartetl_core::model::Moment;
use smartetl_formats::dialect::generic::MappingSet;
use smartetl_formats::propose;
use smartetl_store::uploads::Upload;
use utoipa::ToSchema;

/// A file that nobody loads goes after so long, microseconds.
const STAYS_US: i64 = 86_400_000_000;

/// A file that was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadFacts {
    upload: String,
    /// What it was called where it came from.
    name: String,
    size_bytes: i64,
    who: String,
    made_at: Option<At>,
    /// From then on it goes, where nobody loads it.
    expires_at: Option<At>,
    /// The number of its source; null where it is not loaded.
    source: Option<i64>,
}

impl From<Upload> for UploadFacts {
    fn from(upload: Upload) -> Self {
        Self {
            upload: upload.upload,
            name: upload.name,
            size_bytes: upload.size_bytes,
            who: upload.who,
            made_at: At::shown(Moment(upload.made_us)),
            expires_at: At::shown(Moment(upload.made_us + STAYS_US))
                .filter(|_| upload.source.is_none()),
            source: upload.source,
        }
    }
}

/// Files that were sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Uploads {
    pub items: Vec<UploadFacts>,
}

/// What a file is: one of `recognised`, `proposal` and nothing.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadAnswer {
    upload: UploadFacts,
    /// As what it would be read.
    recognised: Option<Recognised>,
    /// The mapping that is proposed where nothing knows it.
    proposal: Option<ProposalFacts>,
    /// Why it is not recognised, or cannot be read.
    why_not: Option<String>,
    /// What would come out.
    preview: Option<PreviewFacts>,
}

impl UploadAnswer {
    pub fn of(upload: Upload, glance: Glance, lang: Lang) -> Self {
        let (mut recognised, mut proposal, mut why_not, mut preview) = (None, None, None, None);
        match glance {
            Glance::Recognised {
                read_as,
                reading,
                how,
                trial,
            } => {
                recognised = Some(Recognised {
                    name: read_as.name(lang),
                    dialect: read_as.dialect,
                    layout: read_as.layout,
                    confidence: read_as.confidence,
                    how: reading,
                    container: how.container,
                    encoding: how.encoding,
                    delimiter: how.delimiter.map(String::from),
                    header: how.header,
                    times: how.times,
                    zone: how.zone,
                    notes: how.notes,
                });
                preview = Some(PreviewFacts::of(trial, lang));
            }
            Glance::Proposed(proposed) => {
                let Proposed {
                    proposal: found,
                    why,
                    trial,
                } = *proposed;
                why_not = Some(why.text(lang).to_owned());
                proposal = Some(ProposalFacts::of(found, lang));
                preview = Some(PreviewFacts::of(trial, lang));
            }
            Glance::Unknown(why) => why_not = Some(why.text(lang).to_owned()),
        }
        Self {
            upload: upload.into(),
            recognised,
            proposal,
            why_not,
            preview,
        }
    }
}

/// As what a file would be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recognised {
    /// For people.
    name: String,
    dialect: String,
    /// Which of the dialect's tables, or the name of the mapping.
    layout: String,
    /// How sure that is, in per cent.
    confidence: Option<u8>,
    /// Why, in words: container, dialect, formats.
    how: String,
    /// `csv`, `json lines`, `parquet` and their like.
    container: &'static str,
    encoding: Option<&'static str>,
    delimiter: Option<String>,
    header: Option<bool>,
    /// The form of times.
    times: String,
    /// Of times that name none.
    zone: String,
    /// What was guessed.
    notes: Vec<String>,
}

/// A mapping that is proposed: never more than a proposal.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalFacts {
    /// The text of the mapping (TOML), with its questions as comments.
    mapping: String,
    name: String,
    /// What the table was taken to be.
    shape: String,
    columns: Vec<ColumnFacts>,
    /// Columns that go nowhere.
    unused: Vec<String>,
    /// What only a person can tell.
    questions: Vec<QuestionFacts>,
}

/// Where a column goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ColumnFacts {
    column: String,
    target: &'static str,
    /// How sure that is, in per cent.
    confidence: u8,
    /// Without secrets.
    samples: Vec<String>,
}

/// What only a person can tell.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionFacts {
    text: String,
    /// Without an answer, rows may say something wrong.
    grave: bool,
}

impl ProposalFacts {
    fn of(mut proposal: propose::Proposal, lang: Lang) -> Self {
        let lang = match lang {
            Lang::En => propose::Lang::En,
            Lang::Fr => propose::Lang::Fr,
        };
        let table = (!proposal.tables.is_empty()).then(|| proposal.tables.swap_remove(0));
        let mut facts = Self {
            mapping: proposal.toml,
            name: String::new(),
            shape: String::new(),
            columns: Vec::new(),
            unused: Vec::new(),
            questions: Vec::new(),
        };
        if let Some(table) = table {
            facts.shape = table.shape.describe(lang).to_owned();
            facts.name = table.name;
            facts.unused = table.unused;
            let columns = table.columns.into_iter().map(|column| ColumnFacts {
                column: column.column,
                target: column.target,
                confidence: column.percent,
                samples: column.samples,
            });
            facts.columns = columns.collect();
            let questions = table.questions.iter().map(|question| QuestionFacts {
                text: propose::one_line(&question.text(lang)),
                grave: question.is_grave(),
            });
            facts.questions = questions.collect();
        }
        facts
    }
}

/// How a file would be read, or what is wrong with the mapping.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewAnswer {
    /// What is wrong with the mapping; null where nothing is.
    wrong: Option<WrongMapping>,
    /// What would come out; null where the mapping is wrong.
    preview: Option<PreviewFacts>,
}

impl PreviewAnswer {
    pub fn wrong(wrong: WrongMapping) -> Self {
        Self {
            wrong: Some(wrong),
            preview: None,
        }
    }

    pub fn of(trial: Trial, lang: Lang) -> Self {
        Self {
            wrong: None,
            preview: Some(PreviewFacts::of(trial, lang)),
        }
    }
}

/// What is wrong with a mapping, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct WrongMapping {
    text: String,
    /// From 1; null where it is no single place.
    line: Option<u32>,
    column: Option<u32>,
}

impl WrongMapping {
    /// What is wrong with the mapping, if there is one and anything is.
    pub fn of(options: &Options, lang: Lang) -> Option<Self> {
        let toml = options.mapping.as_deref().filter(|toml| !toml.is_empty())?;
        let error = MappingSet::parse(MAPPING, toml).err()?;
        let english = error.to_string();
        let number = |mark: &str| {
            let (_, behind) = english.split_once(mark)?;
            let digits = behind.split(|c: char| !c.is_ascii_digit()).next()?;
            digits.parse().ok()
        };
        let line = number(" at line ");
        let column = line.and_then(|_: u32| number(", column "));
        let reason = Reason::from(&anyhow::Error::from(error)).without_hint().0;
        Some(Self {
            text: reason.text(lang).to_owned(),
            line,
            column,
        })
    }
}

/// What would come out of the first records.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreviewFacts {
    /// The mapping, or which of the dialect's tables.
    layout: String,
    /// So many records were tried.
    records: u64,
    /// There are more.
    more: bool,
    silent: u64,
    rows_log: u64,
    rows_error: u64,
    rejects: Vec<RejectedFacts>,
    /// The first rows of `log` and `logerreur`.
    log: Vec<RowFacts>,
    logerreur: Vec<RowFacts>,
    /// Why it cannot be read, or not to its end.
    failed: Option<String>,
}

/// A row as it would be stored.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowFacts {
    moment: Option<At>,
    job: String,
    run_id: String,
    step: Option<String>,
    /// Of `log` the event, of `logerreur` the severity.
    what: &'static str,
    /// What else it says.
    text: String,
}

/// Records that would be rejected for the same reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct RejectedFacts {
    /// The stable word, and what it means in the reader's language.
    reason: &'static str,
    reason_name: Option<&'static str>,
    column: Option<String>,
    records: u64,
    examples: Vec<ExampleFacts>,
}

/// What was found, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExampleFacts {
    line: i64,
    detail: String,
}

impl PreviewFacts {
    fn of(trial: Trial, lang: Lang) -> Self {
        let filled = |text: String| (!text.is_empty()).then_some(text);
        let rows = |rows: Vec<TrialRow>| {
            let rows = rows.into_iter().map(|row| RowFacts {
                moment: At::shown(row.moment),
                job: row.job,
                run_id: row.run,
                step: filled(row.step),
                what: row.what,
                text: row.text,
            });
            rows.collect()
        };
        let rejects = trial.rejects.into_iter();
        let rejects = rejects.map(|((reason, column), rejected)| RejectedFacts {
            reason,
            reason_name: of_reject_code(reason, lang),
            column: filled(column),
            records: rejected.records,
            examples: rejected
                .examples
                .into_iter()
                .map(|(line, detail)| ExampleFacts {
                    line,
                    detail: of_detail(&detail, lang).to_string(),
                })
                .collect(),
        });
        Self {
            layout: trial.mapping,
            records: trial.records,
            more: trial.more,
            silent: trial.silent,
            rows_log: trial.rows_log,
            rows_error: trial.rows_error,
            rejects: rejects.collect(),
            log: rows(trial.first_logs),
            logerreur: rows(trial.first_errors),
            failed: trial.failed.map(|failed| {
                let (failed, _) = failed.without_hint();
                failed.text(lang).to_owned()
            }),
        }
    }
}
