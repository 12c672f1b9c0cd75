//! What errors say, one after the other. Messages come again and again, byte for byte: each is masked and asked about once while
//! it is remembered. What is remembered never changes an answer.

use uuid::Uuid;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::classify::{self, Classification, ErrorFacts, Said};
use crate::group::{self, Named};

/// So many messages are remembered at most.
const PLACES: usize = 1 << 12;
/// Longer ones are not, in bytes: they seldom come twice, and memory stays small.
const LONGEST: usize = 512;

/// Gives errors their signature and their classification.
#[derive(Debug, Default)]
pub struct Known {
    /// By a hash; a message takes the place of the one that was there.
    messages: Vec<Option<Box<Message>>>,
    scratch: String,
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
        let Some(text) = error.message.filter(|text| text.len() <= LONGEST) else {
            let signature = group::signature(&named, &mut self.scratch);
            return (signature, classify::classify(error));
        };
        let Self { messages, scratch } = self;
        let message = remembered(messages, error.system, error.error_type, text);
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

/// The message, which is masked where it was not remembered.
fn remembered<'m>(
    messages: &'m mut Vec<Option<Box<Message>>>,
    system: &str,
    class: Option<&str>,
    text: &str,
) -> &'m mut Message {
    if messages.is_empty() {
        messages.resize_with(PLACES, || None);
    }
    let hash = [class.unwrap_or_default(), system]
        .iter()
        .fold(xxh3_64(text.as_bytes()), |hash, part| {
            xxh3_64_with_seed(part.as_bytes(), hash)
        });
    let message = messages[hash as usize % PLACES].get_or_insert_default();
    let is_it =
        message.text == text && message.system == system && message.class.as_deref() == class;
    if !is_it {
        message.system.replace_range(.., system);
        message.class = class.map(str::to_owned);
        message.text.replace_range(.., text);
        message.masked.clear();
        group::mask(text, &mut message.masked);
        message.said = Said::default();
    }
    message
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
            let error = ErrorFacts {
                system: "oracle",
                error_type: None,
                error_code: None,
                code_scheme: None,
                message: Some(text),
                stack: None,
            };
            assert_eq!(known.meaning(&error), afresh(&error), "{text}");
        }
        let kept = || known.messages.iter().flatten();
        assert!(kept().count() > PLACES / 2);
        assert!(kept().all(|message| message.text.len() <= LONGEST));
    }
}
