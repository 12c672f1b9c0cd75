//! `smartetl explain MESSAGE|ERROR_ID`: what kind of error it is, why, what else could have decided, and what it means. For a message
//! neither a database nor the network is used.

use super::classify::{kind, yes_or_no};
use super::{Context, Database, Outcome};
use crate::errors::{self, ErrorCode, Failure};
use crate::jobs::said::{ErrorId, no_error};
use crate::look::words::NONE;
use crate::night::{self, Lang};
use crate::output::{self, ReportFormat};
use crate::reason::{self, Reason};
use serde_json::{Value, json};
use smartetl_core::classify::knowledge::{self, Knowledge};
use smartetl_core::classify::{self, Classification, ErrorFacts, Evidence, Place};
use smartetl_core::group::{self, Named, Templates};
use smartetl_core::model::Category;
use smartetl_core::redact::redact;
use smartetl_store::problems::{self, StoredError};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use uuid::Uuid;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What the tool said, - is stdin; or the id of a stored error, like 12-345-0
    #[arg(allow_hyphen_values = true)]
    message: String,
    /// The tool or system that said it: talend, mysql, sqlserver, …
    #[arg(long, default_value = "", hide_default_value = true)]
    system: String,
    /// The class of the exception
    #[arg(long, value_name = "CLASS")]
    error_type: Option<String>,
    /// The error's code
    #[arg(long)]
    code: Option<String>,
    /// What the code belongs to: sqlstate, oracle, sqlserver, mysql, http, errno, exit, …
    #[arg(long, value_name = "SCHEME", requires = "code")]
    code_scheme: Option<String>,
    /// A file with the stack trace
    #[arg(long, value_name = "FILE")]
    stack: Option<PathBuf>,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
}

pub async fn run(args: &Args, context: &Context) -> anyhow::Result<Outcome> {
    if let Some(error) = ErrorId::parse(&args.message) {
        let stored = stored(error, context).await?;
        let facts = ErrorFacts {
            system: &stored.system,
            error_type: stored.error_type.as_deref(),
            error_code: stored.error_code.as_deref(),
            code_scheme: stored.code_scheme.as_deref(),
            message: stored.message.as_deref(),
            stack: stored.stack.as_deref(),
        };
        let mut explained = Explained::of(&facts);
        explained.template_id = stored.template.unwrap_or(explained.template_id);
        explained.stored = Some(stored);
        return told_as(&explained, args.format, context);
    }
    let message = match &*args.message {
        "-" => read(None)?,
        said => said.to_owned(),
    };
    let stack = args.stack.as_deref().map(|path| read(Some(path)));
    let stack = stack.transpose()?;
    let facts = ErrorFacts {
        system: &args.system,
        error_type: args.error_type.as_deref(),
        error_code: args.code.as_deref(),
        code_scheme: args.code_scheme.as_deref(),
        message: Some(message.trim_end()),
        stack: stack.as_deref(),
    };
    told_as(&Explained::of(&facts), args.format, context)
}

fn told_as(
    explained: &Explained,
    format: ReportFormat,
    context: &Context,
) -> anyhow::Result<Outcome> {
    let text = match format {
        ReportFormat::Json => serde_json::to_string_pretty(&explained.json())? + "\n",
        ReportFormat::Table => {
            output::folded(&explained.text(context.lang()), output::terminal_width())
        }
    };
    output::print(&text)?;
    Ok(Outcome::Done)
}

/// A row of `logerreur` with what people say of it.
async fn stored(error: ErrorId, context: &Context) -> anyhow::Result<StoredError> {
    let database = Database::open(context).await?;
    let mut connection = database.connect().await?;
    smartetl_store::check_tables(&mut connection).await?;
    let place = (error.batch, error.line, error.seq);
    let found = problems::stored_error(&mut connection, place).await?;
    Ok(found.ok_or_else(|| no_error(error))?)
}

/// A file, or stdin; what is no UTF-8 is read as far as it is.
fn read(path: Option<&Path>) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let done = match path {
        None => std::io::stdin().lock().read_to_end(&mut bytes),
        Some(path) => std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
    };
    done.map_err(|error| {
        let reason = [
            format!("cannot read it: {}", errors::reason(&error)),
            format!("lecture impossible\u{a0}: {}", reason::of_system(&error)),
        ];
        let place = path.map_or_else(|| "-".to_owned(), |path| path.display().to_string());
        Failure::new(ErrorCode::Unreadable, Reason::from(reason)).at(place)
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// That of the message on its own; among others it may be one of a larger template.
fn template_of(facts: &ErrorFacts<'_>) -> Uuid {
    let named = Named {
        error_type: facts.error_type,
        error_code: facts.error_code,
        message: facts.message,
        stack: facts.stack,
    };
    let mut text = String::new();
    group::text(&named, &mut text);
    let (templates, _) = Templates::of([&*text]);
    templates[0].id
}

struct Explained {
    says: Classification,
    evidence: Vec<Evidence>,
    template_id: Uuid,
    code: Option<(String, &'static Knowledge)>,
    /// The row that it is, where it is stored.
    stored: Option<StoredError>,
}

impl Explained {
    fn of(facts: &ErrorFacts<'_>) -> Self {
        let says = classify::classify(facts);
        Self {
            says,
            evidence: classify::explain(facts),
            template_id: template_of(facts),
            code: knowledge::of_error(facts, &says),
            stored: None,
        }
    }

    /// For programs: the words that are stored; the texts in both languages.
    fn json(&self) -> Value {
        let said = |says: &Classification| {
            json!({
                "category": says.category,
                "rule": says.rule,
                "confidence": rounded(says.confidence),
                "blame": says.blame,
                "retryable": says.retryable,
                "wrapper": says.wrapper,
            })
        };
        let evidence = |one: &Evidence| {
            let mut value = said(&one.says);
            value["place"] = one.place.as_str().into();
            value["found"] = redact(&one.found).into();
            value["decided"] = one.decided.into();
            value
        };
        let text = |name: &str, known: &Knowledge| {
            json!({
                "about": name,
                "en": [known.en.means, known.en.check, known.en.retry],
                "fr": [known.fr.means, known.fr.check, known.fr.retry],
                "source": known.source,
            })
        };
        let category = self.says.category;
        let mut texts = vec![text(category.as_str(), knowledge::of_category(category))];
        texts.extend(self.code.iter().map(|(name, known)| text(name, known)));
        let mut value = said(&self.says);
        value["template_id"] = self.template_id.to_string().into();
        value["evidence"] = self.evidence.iter().map(evidence).collect();
        value["otherwise"] = classify::otherwise(&self.evidence).map(evidence).into();
        value["knowledge"] = texts.into();
        if let Some(stored) = &self.stored {
            value["error"] = stored.error.as_str().into();
            value["message"] = stored.message.as_deref().into();
            value["problem"] = stored.problem.map(|id| id.to_string()).into();
            value["title"] = stored.title.as_deref().into();
            value["stored"] = json!({"category": stored.category, "rule": stored.rule, "blame": stored.blame,
                "retryable": stored.retryable, "corrected": stored.corrected, "corrected_by": stored.corrected_by});
        }
        value
    }

    fn text(&self, lang: Lang) -> String {
        let colon = lang.pick(":", "\u{a0}:");
        let mut text = self
            .stored
            .as_ref()
            .map_or_else(String::new, |row| of_row(row, lang));
        text += &self.verdict(lang);
        if self.evidence.is_empty() {
            text += lang.pick(
                "\nNo rule speaks, and no known message is alike enough.\n",
                "\nAucune règle ne parle, et aucun message connu n’est assez proche.\n",
            );
        } else {
            let heading = lang.pick(
                "Evidence, in the order in which it is looked at",
                "Indices, dans l’ordre où ils sont examinés",
            );
            let _ = writeln!(text, "\n{heading}{colon}");
        }
        for (at, one) in self.evidence.iter().enumerate() {
            let mark = if one.decided {
                lang.pick("  ← decided", "  ← a décidé")
            } else {
                ""
            };
            let _ = writeln!(text, "  {}. {}{mark}", at + 1, told(one, lang));
        }
        if !self.evidence.is_empty() {
            let heading = lang.pick("Otherwise", "Sinon");
            let other = classify::otherwise(&self.evidence).map_or_else(
                || {
                    lang.pick("nothing else speaks", "rien d’autre ne parle")
                        .to_owned()
                },
                |other| told(other, lang),
            );
            let _ = writeln!(text, "\n{heading}{colon} {other}");
        }
        if let Some((name, known)) = &self.code {
            advise(&mut text, name, known, lang);
        }
        let [category, _] = kind(&self.says, Some(lang));
        let known = knowledge::of_category(self.says.category);
        advise(&mut text, &category.unwrap_or_default(), known, lang);
        text
    }

    /// What it is, and who must act.
    fn verdict(&self, lang: Lang) -> String {
        let colon = lang.pick(":", "\u{a0}:");
        let [category, blame] = kind(&self.says, Some(lang));
        let none = || NONE.to_owned();
        let rows = [
            (
                lang.pick("Category", "Catégorie"),
                category.unwrap_or_default(),
            ),
            (
                lang.pick("Decided by", "Décidée par"),
                self.says.rule.to_owned(),
            ),
            (
                lang.pick("Confidence", "Confiance"),
                percent(self.says.confidence, lang),
            ),
            (
                lang.pick("Who must act", "À qui d’agir"),
                blame.unwrap_or_else(none),
            ),
            (
                lang.pick("Worth a retry", "À réessayer"),
                yes_or_no(self.says.retryable, Some(lang)).unwrap_or_else(none),
            ),
            (
                lang.pick("Template", "Modèle"),
                self.template_id.to_string(),
            ),
        ];
        let mut text = String::new();
        for (name, value) in rows {
            let name = format!("{name}{colon}");
            let _ = writeln!(text, "{name:<15}{value}");
        }
        if self.says.wrapper {
            text += lang.pick(
                "It only repeats that something below failed.\n",
                "Elle répète seulement qu’un élément appelé a échoué.\n",
            );
        }
        text
    }
}

/// Which row it is, and what people said of it.
fn of_row(row: &StoredError, lang: Lang) -> String {
    let colon = lang.colon();
    let line = |name: &str, value: &str| format!("{:<15}{value}\n", format!("{name}{colon}"));
    let mut text = line(lang.pick("Error", "Erreur"), &row.error);
    text += &line(
        lang.pick("Message", "Message"),
        row.message.as_deref().map_or(NONE, str::trim_end),
    );
    if let Some(title) = &row.title {
        text += &line(lang.pick("Problem", "Problème"), title);
    }
    if row.corrected {
        let by = row.corrected_by.as_deref().unwrap_or(NONE);
        let category = Category::parse(&row.category);
        let category = category.map_or(row.category.as_str(), |known| night::category(known, lang));
        let told = match lang {
            Lang::En => format!("{by} corrected it: {category}. By itself it would be:\n"),
            Lang::Fr => {
                format!("{by} l’a corrigée\u{a0}: {category}. D’elle-même elle serait\u{a0}:\n")
            }
        };
        text.push_str(&told);
    }
    text.push('\n');
    text
}

fn told(one: &Evidence, lang: Lang) -> String {
    let place = match one.place {
        Place::Code => lang.pick("the code", "le code"),
        Place::Cause => lang.pick("the deepest cause", "la cause la plus profonde"),
        Place::Message => lang.pick("the message", "le message"),
        Place::Likeness => lang.pick(
            "likeness to known messages",
            "la ressemblance à des messages connus",
        ),
    };
    let [category, _] = kind(&one.says, Some(lang));
    let says = lang.pick("says", "dit\u{a0}:");
    let found = match redact(&one.found) {
        found if found.is_empty() => String::new(),
        found => {
            let found: String = found
                .chars()
                .filter(|sign| !sign.is_control())
                .take(60)
                .collect();
            match lang {
                Lang::En => format!(" “{found}”"),
                Lang::Fr => format!(" «\u{a0}{found}\u{a0}»"),
            }
        }
    };
    format!(
        "{place}{found} {says} {} ({}, {})",
        category.unwrap_or_default(),
        one.says.rule,
        percent(one.says.confidence, lang)
    )
}

fn advise(text: &mut String, name: &str, known: &Knowledge, lang: Lang) {
    let (advice, colon) = match lang {
        Lang::En => (&known.en, ":"),
        Lang::Fr => (&known.fr, "\u{a0}:"),
    };
    let _ = write!(
        text,
        "\n{name}{colon} {}\n  {}{colon} {}\n  {}{colon} {}\n  {}{colon} {}\n",
        advice.means,
        lang.pick("look first", "à voir d’abord"),
        advice.check,
        lang.pick("trying again", "réessayer"),
        advice.retry,
        lang.pick("source", "source"),
        known.source,
    );
}

fn percent(confidence: f32, lang: Lang) -> String {
    let blank = lang.pick("", "\u{a0}");
    format!("{:.0}{blank}%", confidence * 100.0)
}

/// 0.9, not the nearest number of 32 bits.
fn rounded(confidence: f32) -> f64 {
    (f64::from(confidence) * 1000.0).round() / 1000.0
}
