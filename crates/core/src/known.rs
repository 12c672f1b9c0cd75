//! What errors say, one after the other. Messages come again and again, byte for byte: each is masked and asked about once while
//! it is remembered. Many come once only: one takes the place of another when it comes for the second time. What is remembered
//! never changes an answer.

use uuid::Uuid;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::classify::{self, Classification, ErrorFacts, Said};
use crate::group::{self, Named};

/// So many messages are remembered at most.
const PLACES: usize = 1 << 13;
/// Longer ones are not, in bytes: they seldom come twice, and memory stays small.
const LONGEST: usize = 512;

/// Gives errors their signature and their classification.
#[derive(Debug, Default)]
pub struct Known {
    /// By a hash of the message.
    places: Vec<Place>,
    scratch: String,
}

#[derive(Debug, Default)]
struct Place {
    held: Option<Box<Message>>,
    /// Hash of the last message that found the place taken.
    turned_away: u64,
}

/// A message, with all that its meaning depends on. The default is what an empty one is.
#[derive(Debug, Default)]
struct Message {
    system: String,
    class: Option<String>,
    text: String,
    masked: String,
    said: Said,
}

impl Known {
    /// What [`group::signature`] and [`classify::classify`] say of an error.
    pub fn meaning(&mut self, error: &ErrorFacts<'_>) -> (Uuid, Classification) {
        let named = named(error);
        let Self { places, scratch } = self;
        let Some(message) = remembered(places, error) else {
            return (group::signature(&named, scratch), classify::classify(error));
        };
        scratch.clear();
        scratch.push_str(&message.masked);
        let signature = group::signature_of_masked(&named, scratch);
        (
            signature,
            classify::classify_again(error, &mut message.said),
        )
    }
}

fn named<'e>(error: &ErrorFacts<'e>) -> Named<'e> {
    Named {
        error_type: error.error_type,
        error_code: error.error_code,
        message: error.message,
        stack: error.stack,
    }
}

/// The message, which is masked where it is new here; `None` where it is not remembered.
fn remembered<'m>(places: &'m mut Vec<Place>, error: &ErrorFacts<'_>) -> Option<&'m mut Message> {
    let text = error.message.filter(|text| text.len() <= LONGEST)?;
    let (system, class) = (error.system, error.error_type);
    if places.is_empty() {
        places.resize_with(PLACES, Place::default);
    }
    let hash = hash(system, class, text);
    let Place { held, turned_away } = &mut places[hash as usize % PLACES];
    let is_taken = held.as_ref().map(|held| !held.is(system, class, text));
    if is_taken == Some(true) && *turned_away != hash {
        *turned_away = hash;
        return None;
    }
    let message = held.get_or_insert_default();
    if is_taken != Some(false) {
        message.system.replace_range(.., system);
        message.class = class.map(str::to_owned);
        message.text.replace_range(.., text);
        message.masked.clear();
        group::mask(text, &mut message.masked);
        message.said = Said::default();
    }
    Some(message)
}

fn hash(system: &str, class: Option<&str>, text: &str) -> u64 {
    let behind = [class.unwrap_or_default(), system];
    behind.iter().fold(xxh3_64(text.as_bytes()), |hash, part| {
        xxh3_64_with_seed(part.as_bytes(), hash)
    })
}

impl Message {
    fn is(&self, system: &str, class: Option<&str>, text: &str) -> bool {
        self.text == text && self.system == system && self.class.as_deref() == class
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::signature;

    fn errors() -> Vec<ErrorFacts<'static>> {
        let messages = [
            None,
            Some(""),
            Some("Connection refused: connect"),
            Some("tRunJob_1: child job \"Load\" ended with errors"),
            Some("Msg 1205"),
            Some("Fichier prix.csv non reçu, second rappel"),
            Some("les lots du dépôt attendent leur tour"),
        ];
        let stacks = [
            None,
            Some(
                "java.sql.SQLException: x\n\tat a.b.C.d(C.java:1)\nCaused by: java.net.SocketTimeoutException: Read timed out\n\tat e.f.G.h(G.java:2)",
            ),
            Some("java.lang.Exception: y\nCaused by: z"),
        ];
        let mut errors = Vec::new();
        for system in ["", "talend", "mysql", "sqlserver"] {
            for error_type in [None, Some("java.io.FileNotFoundException"), Some("mysql")] {
                for error_code in [None, Some("1205"), Some("23505")] {
                    for message in messages {
                        errors.extend(stacks.map(|stack| ErrorFacts {
                            system,
                            error_type,
                            error_code,
                            code_scheme: None,
                            message,
                            stack,
                        }));
                    }
                }
            }
        }
        errors
    }

    /// What it should say, from nothing.
    fn afresh(error: &ErrorFacts<'_>) -> (Uuid, Classification) {
        let signature = signature(&named(error), &mut String::new());
        (signature, classify::classify(error))
    }

    #[test]
    fn what_is_remembered_changes_no_answer_in_either_order() {
        let errors = errors();
        let mut known = Known::default();
        for error in errors.iter().chain(errors.iter().rev()) {
            assert_eq!(known.meaning(error), afresh(error), "{error:?}");
        }
    }

    #[test]
    fn messages_that_share_a_place_are_told_apart_and_long_ones_are_not_kept() {
        let mut known = Known::default();
        let texts: Vec<String> = (0..3 * PLACES)
            .map(|at| format!("ORA-{:05}: lot {}", at % 700, at % 9_000))
            .chain([1, LONGEST, LONGEST + 1].map(|length| "é ".repeat(length) + "deadlock"))
            .collect();
        for text in texts.iter().chain(&texts[PLACES..]) {
            let error = ErrorFacts::of_text("oracle", text);
            assert_eq!(known.meaning(&error), afresh(&error), "{text}");
        }
        let kept = || known.places.iter().filter_map(|place| place.held.as_ref());
        assert!(kept().count() > PLACES / 2);
        assert!(kept().all(|message| message.text.len() <= LONGEST));
    }

    #[test]
    fn a_message_takes_the_place_of_another_when_it_comes_again() {
        let mut known = Known::default();
        let mut text = |text: &str| {
            known.meaning(&ErrorFacts::of_text("oracle", text));
            let held = known.places.iter().filter_map(|place| place.held.as_ref());
            held.map(|message| message.text.clone()).collect::<Vec<_>>()
        };
        let first = "lot 0";
        text(first);
        let place_of = |text: &str| hash("oracle", None, text) as usize % PLACES;
        let other = (1..100_000)
            .map(|at| format!("lot {at}"))
            .find(|other| place_of(other) == place_of(first))
            .unwrap_or_default();
        assert_eq!(text(&other), [first]);
        assert_eq!(text(first), [first]);
        assert_eq!(text(&other), [&*other]);
    }
}
