//! `smartetl explain MESSAGE|ERROR_ID`: what kind of error it is, why, what else could have decided, and what it means. For a message
//! neither a database nor the network is used.

use super::classify::{self as classify_words, percent, yes_or_no};
use super::{Context, Database, Outcome, issues};
use crate::errors::{self, ErrorCode, Failure};
use crate::explained::{Explained, rounded};
use crate::jobs::said::{ErrorId, no_error, no_error_id};
use crate::look::first_and_last;
use crate::look::words::NONE;
use crate::night::{self, Lang};
use crate::output::{self, ReportFormat, visible};
use crate::reason::{self, Reason};
use serde_json::{Value, json};
use smartetl_core::classify::knowledge::{self, Knowledge};
use smartetl_core::classify::{self, Classification, ErrorFacts, Evidence, Place};
use smartetl_core::model::{Blame, Category};
use smartetl_core::redact::redact;
use smartetl_store::problems::{self, StoredError};
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
        let facts = stored.facts();
        let mut explained = Explained::of(&facts);
        explained.template_id = stored.template.unwrap_or(explained.template_id);
        explained.stored = Some(stored);
        return told_as(&explained, args.format, context);
    }
    if let Some(issue) = issue(args, context).await {
        return Err(Failure::new(
            ErrorCode::Usage,
            [
                format!("`{}` is the id of an issue", args.message),
                format!("`{}` est l’identifiant d’un problème", args.message),
            ],
        )
        .hint(format!("smartetl issues show {issue}"))
        .into());
    }
    let is_half_an_id = args
        .message
        .split_once('-')
        .is_some_and(|parts| [parts.0, parts.1].into_iter().all(is_number));
    if is_half_an_id {
        return Err(no_error_id(&args.message).into());
    }
    let message = match &*args.message {
        "-" => read(None)?,
        said => said.to_owned(),
    };
    let stack = args.stack.as_deref().map(|path| read(Some(path)));
    let stack = stack.transpose()?;
    let says_something = args.error_type.is_some() || args.code.is_some() || args.stack.is_some();
    if message.trim().is_empty() && !says_something {
        return Err(Failure::new(
            ErrorCode::Usage,
            ["the message is empty", "le message est vide"],
        )
        .into());
    }
    if let Some(scheme) = args.code_scheme.as_deref() {
        check(scheme)?;
    }
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

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
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

/// A scheme that nobody knows would say nothing, silently.
fn check(scheme: &str) -> anyhow::Result<()> {
    if classify::knows_scheme(scheme) {
        return Ok(());
    }
    let known: Vec<&str> = classify::schemes().collect();
    let known = known.join(", ");
    Err(Failure::new(
        ErrorCode::Usage,
        [
            format!("`{scheme}` is no scheme of codes"),
            format!("`{scheme}` n’est pas un type de codes connu"),
        ],
    )
    .hint([format!("known: {known}"), format!("connus\u{a0}: {known}")])
    .into())
}

/// So long a database is waited for that is not needed.
const PATIENCE: Duration = Duration::from_secs(5);

/// The issue that is meant by a word that could be its id, and is not said to be a message of some tool. Where no database answers,
/// it is a message.
async fn issue(args: &Args, context: &Context) -> Option<String> {
    first_and_last(&args.message)?;
    if !args.system.is_empty() || args.code.is_some() || args.stack.is_some() {
        return None;
    }
    let named = async {
        let database = Database::open_existing(context).await?;
        let mut connection = database.connect().await.ok()?;
        smartetl_store::check_tables(&mut connection).await.ok()?;
        issues::named(&mut connection, &args.message).await.ok()?
    };
    tokio::time::timeout(PATIENCE, named).await.ok().flatten()
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

/// What holds in the end: a person's word, else that of the rules.
struct Verdict {
    category: Category,
    /// As it is told.
    named: String,
    blame: Option<Blame>,
    retryable: Option<bool>,
}

/// How it is told.
impl Explained {
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
        let category = self.verdict(Lang::En).category;
        let mut texts = vec![text(category.as_str(), knowledge::of_category(category))];
        texts.extend(self.of_code().map(|(name, known)| text(name, known)));
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
                "confidence": rounded(stored.confidence), "retryable": stored.retryable, "corrected": stored.corrected,
                "corrected_by": stored.corrected_by});
        }
        value
    }

    fn text(&self, lang: Lang) -> String {
        let colon = lang.pick(":", "\u{a0}:");
        let mut text = self
            .stored
            .as_ref()
            .map_or_else(String::new, |row| of_row(row, lang));
        text += &self.told(lang);
        if self.evidence.is_empty() {
            text += lang.pick(
                "\nNo rule applies, and no known message is alike enough.\n",
                "\nAucune règle ne s’applique, et aucun message connu n’est assez proche.\n",
            );
        } else {
            let heading = lang.pick(
                "Evidence, in the order in which it is looked at",
                "Indices, dans l’ordre où ils sont examinés",
            );
            let _ = writeln!(text, "\n{heading}{colon}");
        }
        for (at, one) in self.evidence.iter().enumerate() {
            let mark = match (one.decided, self.corrected()) {
                (true, None) => lang.pick("  ← decided", "  ← a décidé"),
                (true, Some(_)) => lang.pick("  ← would decide", "  ← déciderait"),
                (false, _) => "",
            };
            let _ = writeln!(text, "  {}. {}{mark}", at + 1, told(one, lang));
        }
        if !self.evidence.is_empty() {
            let heading = lang.pick("Otherwise", "Sinon");
            // Without what a person said it would be what the rules say.
            let other = match self.corrected() {
                Some(_) => self.evidence.iter().find(|one| one.decided),
                None => classify::otherwise(&self.evidence),
            };
            let other = other.map_or_else(
                || {
                    lang.pick("nothing else applies", "rien d’autre ne s’applique")
                        .to_owned()
                },
                |other| told(other, lang),
            );
            let _ = writeln!(text, "\n{heading}{colon} {other}");
        }
        if let Some((name, known)) = self.of_code() {
            advise(&mut text, name, known, lang);
        }
        let category = self.verdict(lang).category;
        if category == Category::Unknown && self.says.rule == Classification::UNKNOWN.rule {
            text.push('\n');
            text += lang.pick(
                "No rule and no known message fits: smartETL does not know what it means. Look at the lines before it in the tool's own log.\n\
                 If you know: smartetl classify --correct ERROR_ID CATEGORY\n",
                "Aucune règle ni aucun message connu ne convient\u{a0}: smartETL ne sait pas ce que cela veut dire. Voyez les lignes d’avant dans le journal de l’outil.\n\
                 Si vous le savez\u{a0}: smartetl classify --correct ID_ERREUR CATÉGORIE\n",
            );
            return text;
        }
        let known = knowledge::of_category(category);
        advise(&mut text, night::category(category, lang), known, lang);
        text
    }

    /// The correction of the stored row, where there is one.
    fn corrected(&self) -> Option<&StoredError> {
        self.stored.as_ref().filter(|row| row.corrected)
    }

    /// The stored row where other rules decided than would today. It holds as it is stored.
    fn decided_before(&self) -> Option<&StoredError> {
        self.stored.as_ref().filter(|row| {
            row.rule != self.says.rule
                || !row.corrected && row.category != self.says.category.as_str()
        })
    }

    /// What is known of the code; nothing where it is of another kind by what is stored.
    fn of_code(&self) -> Option<(&str, &'static Knowledge)> {
        let (name, known) = self.code.as_ref()?;
        let is_another = |row: &StoredError| row.category != self.says.category.as_str();
        (!self.stored.as_ref().is_some_and(is_another)).then_some((name, *known))
    }

    fn verdict(&self, lang: Lang) -> Verdict {
        let stored = self.corrected().or_else(|| self.decided_before());
        let stored = stored.and_then(|row| {
            let category = Category::parse(&row.category)?;
            Some(Verdict {
                category,
                named: night::category(category, lang).to_owned(),
                blame: row.blame.as_deref().and_then(Blame::parse),
                retryable: row.retryable,
            })
        });
        stored.unwrap_or_else(|| Verdict {
            category: self.says.category,
            named: classify_words::category(&self.says, lang),
            blame: self.says.blame,
            retryable: self.says.retryable,
        })
    }

    /// What it is, and who must act.
    fn told(&self, lang: Lang) -> String {
        let colon = lang.colon();
        let verdict = self.verdict(lang);
        let named = |rule| match rule {
            "none" => lang.pick("no rule", "aucune règle").to_owned(),
            rule => rule.to_owned(),
        };
        let rule = named(self.says.rule);
        let today = || {
            let category = classify_words::category(&self.says, lang);
            format!(
                "{category} ({rule}, {})",
                percent(self.says.confidence, lang)
            )
        };
        let mut rows = vec![(lang.pick("Category", "Catégorie"), verdict.named)];
        if let Some(row) = self.corrected() {
            let by = row.corrected_by.as_deref().unwrap_or(NONE);
            rows.push((lang.pick("Decided by", "Décidée par"), by.to_owned()));
            rows.push((lang.pick("By itself", "D’elle-même"), today()));
            if self.decided_before().is_some() {
                let before = format!("{} ({})", named(&row.rule), percent(row.confidence, lang));
                rows.push((lang.pick("When loaded", "Au chargement"), before));
            }
        } else if let Some(row) = self.decided_before() {
            rows.push((lang.pick("Decided by", "Décidée par"), named(&row.rule)));
            let confidence = percent(row.confidence, lang);
            rows.push((lang.pick("Confidence", "Confiance"), confidence));
            rows.push((lang.pick("Today", "Aujourd’hui"), today()));
        } else {
            rows.push((lang.pick("Decided by", "Décidée par"), rule));
            let confidence = percent(self.says.confidence, lang);
            rows.push((lang.pick("Confidence", "Confiance"), confidence));
        }
        let blame = verdict
            .blame
            .map_or(NONE, |blame| night::blame(blame, lang));
        rows.extend([
            (lang.pick("Who must act", "À traiter par"), blame.to_owned()),
            (
                lang.pick("Worth a retry", "À réessayer"),
                yes_or_no(verdict.retryable, lang).to_owned(),
            ),
            (
                lang.pick("Template", "Modèle"),
                self.template_id.to_string(),
            ),
        ]);
        let mut text = String::new();
        for (name, value) in rows {
            let _ = writeln!(text, "{:<16}{value}", format!("{name}{colon}"));
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
    let line = |name: &str, value: &str| format!("{:<16}{value}\n", format!("{name}{colon}"));
    let mut text = line(lang.pick("Error", "Erreur"), &row.error);
    text += &line(
        lang.pick("Message", "Message"),
        &row.message
            .as_deref()
            .map_or_else(|| NONE.to_owned(), |message| visible(message.trim_end())),
    );
    if let Some(title) = &row.title {
        text += &line(lang.pick("Problem", "Panne"), &visible(title));
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
    let category = classify_words::category(&one.says, lang);
    let says = lang.pick("says", "dit\u{a0}:");
    let found = match redact(&one.found) {
        found if found.is_empty() => String::new(),
        found => {
            let found: String = found
                .chars()
                .filter(|sign| !output::steers(*sign))
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
        category,
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
