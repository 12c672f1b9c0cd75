//! What an issue's messages say: one of them with its name, what to look at first, and the ids that `split` and `merge` take.

use crate::look::paint;
use crate::night::{Lang, cut, wrapped};
use serde_json::{Value, json};
use smartetl_core::classify;
use smartetl_core::classify::knowledge::{self, Advice, Knowledge};
use smartetl_store::issues::{self, Listed};
use smartetl_store::problems::{self, StoredError};
use sqlx::PgConnection;
use std::fmt::Write as _;
use uuid::Uuid;

/// So many signatures are told; json has all.
const SIGNATURES: usize = 5;
/// A message takes no more lines.
const LINES: usize = 4;

pub(super) struct Example {
    problem: Uuid,
    /// Of the last run; `None` where its rows were pruned.
    error: Option<StoredError>,
    signatures: Vec<(Uuid, String)>,
    knowledge: Option<&'static Knowledge>,
}

impl Example {
    pub(super) async fn read(
        connection: &mut PgConnection,
        issue: &Listed,
    ) -> anyhow::Result<Self> {
        let id = issue.row.issue;
        let error = match issues::example(connection, id).await? {
            Some(place) => problems::stored_error(connection, place).await?,
            None => None,
        };
        Ok(Self {
            problem: issue.row.problem,
            signatures: issues::signature_texts(connection, id).await?,
            knowledge: knowledge_of(issue, error.as_ref()),
            error,
        })
    }

    /// `folder`: the flag that commands need to reach the same database, or nothing.
    pub(super) fn text(&self, folder: &str, lang: Lang, width: usize, colour: bool) -> String {
        let colon = lang.colon();
        let mut text = String::new();
        let mut say = |line: &str, shade: &str, most: usize| {
            for line in wrapped(line, width).iter().take(most) {
                let _ = writeln!(text, "{}", paint(line, shade, colour));
            }
        };
        if let Some(error) = &self.error {
            let heading = lang.pick("Example", "Exemple");
            say(&format!("{heading}{colon} {}", error.error), "", 1);
            if let Some(message) = &error.message {
                say(&cut(message, width * LINES), "2", LINES);
            }
        }
        if let Some(knowledge) = self.knowledge {
            let heading = lang.pick("Look first", "À voir d’abord");
            let check = &advice(knowledge, lang).check;
            say(&format!("{heading}{colon} {check}"), "", usize::MAX);
        }
        if let Some(error) = &self.error {
            let why = lang.pick("Why", "Pourquoi");
            say(
                &format!("{why}{colon} smartetl{folder} explain {}", error.error),
                "",
                usize::MAX,
            );
        }
        let problem = lang.pick("Problem", "Panne");
        let mut line = format!("{problem} {}", short(self.problem));
        match self.signatures.as_slice() {
            [] => {}
            [(signature, _)] => {
                let _ = write!(line, " · signature {}", short(*signature));
            }
            several => {
                let _ = write!(line, " · {} signatures{colon}", several.len());
            }
        }
        say(&line, "", usize::MAX);
        if self.signatures.len() > 1 {
            for (signature, said) in self.signatures.iter().take(SIGNATURES) {
                let line = format!("  {}  {said}", short(*signature));
                let _ = writeln!(text, "{}", shortened(&line, width));
            }
            if let Some(more @ 1..) = self.signatures.len().checked_sub(SIGNATURES) {
                let _ = writeln!(text, "  + {more}");
            }
        }
        text
    }

    /// For programs.
    pub(super) fn json(&self) -> [(&'static str, Value); 3] {
        let example = self
            .error
            .as_ref()
            .map(|error| json!({"error": error.error, "message": error.message}));
        let signatures: Vec<Value> = self
            .signatures
            .iter()
            .map(|(signature, text)| json!({"signature": signature.to_string(), "text": text}))
            .collect();
        let look_first = self
            .knowledge
            .map(|known| json!({"en": known.en.check, "fr": known.fr.check}));
        [
            ("example", example.into()),
            ("signatures", signatures.into()),
            ("look_first", look_first.into()),
        ]
    }
}

/// That of the error's code where it decided, else that of the category.
fn knowledge_of(issue: &Listed, error: Option<&StoredError>) -> Option<&'static Knowledge> {
    let category = issue.row.category?;
    let of_code = error.filter(|_| !issue.corrected).and_then(|error| {
        let facts = error.facts();
        let says = classify::classify(&facts);
        let known = knowledge::of_error(&facts, &says)?;
        (says.category == category).then_some(known.1)
    });
    Some(of_code.unwrap_or_else(|| knowledge::of_category(category)))
}

fn advice(knowledge: &Knowledge, lang: Lang) -> &Advice {
    match lang {
        Lang::En => &knowledge.en,
        Lang::Fr => &knowledge.fr,
    }
}

/// The first digits of an id: enough for the commands that take it.
pub(super) fn short(id: Uuid) -> String {
    id.simple().to_string()[..8].to_owned()
}

/// Without what could steer the terminal; blanks in front stay.
fn shortened(line: &str, width: usize) -> String {
    let blanks = line.len() - line.trim_start().len();
    " ".repeat(blanks) + &cut(line, width.saturating_sub(blanks))
}
