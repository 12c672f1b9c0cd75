//! Raw messages of errors within a period, with the runs that they belong to.

use super::answer::Listing;
use super::asked::{Asked, Question, Said, wrong};
use super::cursor::Page;
use super::errors::{Cursor, ErrorFacts, TIME, cursor, period, place};
use super::filters::{self, ListParams};
use super::piece::{PiecePart, piece};
use super::problem::{Problems, Wanted, Wrong};
use super::search::LONGEST;
use crate::filtering::When;
use crate::service::{Problem, Service};
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use smartetl_core::model::Moment;
use smartetl_store::search::{self, FoundError, Stretch, Which, plain};
use sqlx::PgConnection;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Messages of so many days at most are searched.
const MOST_DAYS: i64 = 92;
/// Where days begin does not make them longer.
const SLACK_US: i64 = 3_600_000_000;
const DAY_US: i64 = 86_400_000_000;
/// More words and phrases are no question.
const MOST_PHRASES: usize = 12;

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "it describes the parameters, which are read by hand"
)]
pub struct MessagesParams {
    /// Words, and phrases in quotation marks, all of which a message must hold, whatever their case and accents; parts of words too
    #[param(min_length = 1, max_length = 200)]
    q: String,
    /// From this business day on, or from this moment on
    #[param(schema_with = super::document::when)]
    from: String,
    /// Until this business day, with it, or before this moment; at most 92 days behind `from`
    #[param(schema_with = super::document::when)]
    to: String,
    /// Of runs of these environments, with commas between them
    environment: Option<String>,
}

#[derive(Debug)]
pub struct MessagesAsked {
    phrases: Vec<String>,
    from: When,
    to: When,
    environments: Vec<String>,
    page: Page<Cursor>,
}

impl Question for MessagesAsked {
    fn read(said: &mut Said) -> Result<Self, Problem> {
        let phrases = said.parsed("q", phrases, || Wanted::Searched)?;
        let given = |name: &str, when: Option<When>| when.ok_or_else(|| wrong(name, Wanted::Given));
        Ok(Self {
            phrases: phrases.ok_or_else(|| wrong("q", Wanted::Given))?,
            from: given("from", said.when("from")?)?,
            to: given("to", said.when("to")?)?,
            environments: filters::environments(said),
            page: Page::read(said)?,
        })
    }
}

/// Words, and what stands between quotation marks; `None` where that is nothing, or too much.
fn phrases(text: &str) -> Option<Vec<String>> {
    if text.chars().count() > LONGEST {
        return None;
    }
    let mut phrases: Vec<String> = Vec::new();
    for (number, part) in text.split(['"', '«', '»', '“', '”']).enumerate() {
        let part = part.trim();
        if number % 2 == 1 {
            phrases.push(part.to_owned());
        } else {
            phrases.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    phrases.retain(|phrase| !phrase.is_empty());
    (1..=MOST_PHRASES)
        .contains(&phrases.len())
        .then_some(phrases)
}

/// Some messages.
#[derive(Debug, Serialize, ToSchema)]
pub struct Messages {
    items: Vec<MessageFacts>,
    /// The cursor of what follows; null at the end. Where a search takes long, less than was asked for is found until then, perhaps
    /// nothing, and what follows is still to be searched.
    next: Option<String>,
}

/// A row of `logerreur`, and the run that wrote it.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessageFacts {
    #[serde(flatten)]
    error: ErrorFacts,
    /// The message around what was looked for.
    piece: Vec<PiecePart>,
}

/// Raw messages of errors within a period, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/search/messages",
    tag = "search",
    params(MessagesParams, ListParams),
    responses((status = 200, description = "Messages", content((Messages = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))), Problems)
)]
pub async fn messages(
    State(service): State<Arc<Service>>,
    asked: Asked<MessagesAsked>,
) -> Result<Response, Problem> {
    let question = &asked.question;
    let [from, to] = period(Some(question.from), Some(question.to), &service.clock())?;
    if to.0.saturating_sub(from.0) > MOST_DAYS * DAY_US + SLACK_US {
        return Err(wrong("from", Wanted::Within(MOST_DAYS, "to")));
    }
    let answer = super::answer::list(&service, &asked.reader, async |connection| {
        read(connection, question, [from, to]).await
    });
    answer.await.map_err(|problem| match problem {
        Problem::Timeout => Problem::Api(Wrong::Searching),
        other => other,
    })
}

async fn read(
    connection: &mut PgConnection,
    asked: &MessagesAsked,
    [from, to]: [Moment; 2],
) -> Result<Messages, Problem> {
    let which = Which {
        phrases: asked.phrases.clone(),
        environments: filters::known(connection, &asked.environments).await?,
        ..Which::default()
    };
    let stretch = Stretch {
        from,
        to,
        after: asked.page.after.map(place),
        limit: asked.page.limit,
    };
    let (found, next) = search::errors(connection, &which, stretch, TIME).await?;
    let wanted: Vec<String> = asked.phrases.iter().map(|phrase| plain(phrase)).collect();
    let items = found.into_iter();
    Ok(Messages {
        items: items
            .map(|found| MessageFacts::new(found, &wanted))
            .collect(),
        next: next.map(cursor),
    })
}

impl Listing for Messages {
    type Item = MessageFacts;
    const NAME: &str = "messages";

    fn items(&self) -> &[MessageFacts] {
        &self.items
    }

    fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

impl MessageFacts {
    fn new(found: FoundError, wanted: &[String]) -> Self {
        let message = found.message.as_deref().unwrap_or_default();
        Self {
            piece: piece(message, wanted),
            error: found.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_stand_between_quotation_marks() {
        let told = |text: &str| phrases(text).unwrap_or_default().join("|");
        assert_eq!(told("a b"), "a|b");
        assert_eq!(
            told("\"connexion  refusée\" ORA-12541"),
            "connexion  refusée|ORA-12541"
        );
        assert_eq!(told("x « a b » y"), "x|a b|y");
        assert_eq!(told("\"never closed"), "never closed");
        assert_eq!(told(" \"\" "), "");
        assert_eq!(told(&"a ".repeat(13)), "");
        assert_eq!(told(&"a".repeat(201)), "");
    }
}
