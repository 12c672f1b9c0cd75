//! What kind of error a message is, and what is known about that.

use super::asked::{Asked, Question, Said, wrong};
use super::problem::{Problems, Wanted};
use crate::explained::{Explained, rounded};
use crate::night::{self, Lang};
use crate::service::{Problem, Service};
use crate::wire::{BlameWord, CategoryWord};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::classify::knowledge::{self, Knowledge};
use smartetl_core::classify::{self, Classification, ErrorFacts, Evidence};
use smartetl_core::model::Category;
use smartetl_core::redact::redact;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct ExplainParams {
    /// What the tool said
    #[param(min_length = 1)]
    message: String,
    /// The tool or system that said it: talend, mysql, sqlserver, …
    system: Option<String>,
    /// The class of the exception
    error_type: Option<String>,
    /// The error's code
    code: Option<String>,
    /// What the code belongs to: sqlstate, oracle, sqlserver, mysql, http, errno, exit, …
    code_scheme: Option<String>,
    /// In which language texts are told
    #[param(schema_with = super::document::languages)]
    lang: Option<String>,
}

#[derive(Debug)]
pub struct ExplainAsked {
    message: String,
    system: Option<String>,
    error_type: Option<String>,
    code: Option<String>,
    code_scheme: Option<String>,
}

impl Question for ExplainAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        Ok(Self {
            message: said
                .text("message")
                .ok_or_else(|| wrong("message", Wanted::Given))?,
            system: said.text("system"),
            error_type: said.text("error_type"),
            code: said.text("code"),
            code_scheme: said.text("code_scheme"),
        })
    }
}

/// What kind of error it is, why, and what is known about that.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    #[serde(flatten)]
    says: Says,
    /// The category in the reader's language.
    category_name: &'static str,
    /// Who must act, in the reader's language.
    blame_name: Option<&'static str>,
    /// That of the message on its own; among others it may be one of a larger template.
    template_id: String,
    /// All that speaks, in the order in which it is looked at.
    evidence: Vec<EvidenceFacts>,
    /// What would have decided else.
    otherwise: Option<EvidenceFacts>,
    /// What is known about the code, where it is a well-known one, and about the category.
    knowledge: Vec<KnowledgeFacts>,
}

/// A category and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct Says {
    category: CategoryWord,
    /// The rule that decided.
    rule: String,
    /// From 0 to 1.
    confidence: f64,
    blame: Option<BlameWord>,
    retryable: Option<bool>,
    /// It only repeats that something below failed.
    wrapper: bool,
}

/// One rule that speaks about an error.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceFacts {
    #[serde(flatten)]
    says: Says,
    /// `code`, `cause`, `message` or `likeness`.
    place: &'static str,
    /// The code or the word that was found, redacted.
    found: String,
    decided: bool,
}

/// What is known, in the reader's language.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnowledgeFacts {
    /// A category, or a code like `oracle:ORA-00942`.
    about: String,
    means: &'static str,
    /// What to look at first.
    check: &'static str,
    /// Whether trying again helps.
    retry: &'static str,
    /// Where it is written.
    source: &'static str,
}

/// What kind of error a message is, and why.
#[utoipa::path(
    get,
    path = "/api/v1/explain",
    tag = "errors",
    params(ExplainParams),
    responses((status = 200, description = "What kind of error it is", body = Explanation), Problems)
)]
pub async fn explain(
    State(service): State<Arc<Service>>,
    asked: Asked<ExplainAsked>,
) -> Result<Response, Problem> {
    let question = &asked.question;
    let facts = ErrorFacts {
        system: question.system.as_deref().unwrap_or_default(),
        error_type: question.error_type.as_deref(),
        error_code: question.code.as_deref(),
        code_scheme: question.code_scheme.as_deref(),
        message: Some(&question.message),
        stack: None,
    };
    let explanation = Explanation::of(&facts, asked.reader.lang);
    let text = serde_json::to_string(&explanation).map_err(anyhow::Error::from)?;
    super::answer::of_text(&service, &asked.reader, text)
}

impl Explanation {
    pub fn of(facts: &ErrorFacts<'_>, lang: Lang) -> Self {
        let explained = Explained::of(facts);
        let category = explained.says.category;
        let code = explained.code.iter();
        let mut knowledge: Vec<KnowledgeFacts> = code
            .map(|(name, known)| KnowledgeFacts::new(name, known, lang))
            .collect();
        let known = knowledge::of_category(category);
        knowledge.push(KnowledgeFacts::new(category.as_str(), known, lang));
        Self {
            category_name: night::category(category, lang),
            blame_name: explained.says.blame.map(|who| night::blame(who, lang)),
            template_id: explained.template_id.to_string(),
            otherwise: classify::otherwise(&explained.evidence).map(Into::into),
            evidence: explained.evidence.iter().map(Into::into).collect(),
            says: (&explained.says).into(),
            knowledge,
        }
    }

    /// With what is known of the category that a person said instead.
    pub fn corrected(mut self, category: Category, lang: Lang) -> Self {
        let known = knowledge::of_category(category);
        if let Some(of_category) = self.knowledge.last_mut() {
            *of_category = KnowledgeFacts::new(category.as_str(), known, lang);
        }
        self
    }
}

impl KnowledgeFacts {
    pub fn new(about: &str, known: &'static Knowledge, lang: Lang) -> Self {
        let advice = match lang {
            Lang::En => &known.en,
            Lang::Fr => &known.fr,
        };
        Self {
            about: about.to_owned(),
            means: &advice.means,
            check: &advice.check,
            retry: &advice.retry,
            source: &known.source,
        }
    }
}

impl From<&Classification> for Says {
    fn from(says: &Classification) -> Self {
        Self {
            category: says.category.into(),
            rule: says.rule.to_owned(),
            confidence: rounded(says.confidence),
            blame: says.blame.map(Into::into),
            retryable: says.retryable,
            wrapper: says.wrapper,
        }
    }
}

impl From<&Evidence> for EvidenceFacts {
    fn from(evidence: &Evidence) -> Self {
        Self {
            says: (&evidence.says).into(),
            place: evidence.place.as_str(),
            found: redact(&evidence.found).into_owned(),
            decided: evidence.decided,
        }
    }
}
