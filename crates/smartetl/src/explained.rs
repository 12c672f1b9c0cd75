//! What kind of error a message is, why, and what is known about it: for `explain` and for runs that failed.

use smartetl_core::classify::knowledge::{self, Knowledge};
use smartetl_core::classify::{self, Classification, ErrorFacts, Evidence};
use smartetl_core::group::{self, Named, Templates};
use smartetl_store::problems::StoredError;
use uuid::Uuid;

/// That of the message on its own; among others it may be one of a larger template.
fn template_of(facts: &ErrorFacts<'_>) -> Uuid {
    let named = Named {
        error_type: facts.error_type,
        error_code: facts.error_code,
        message: facts.message,
        stack: facts.stack,
    };
    let mut text = String::new();
    group::text(&named, false, &mut text);
    let (templates, _) = Templates::of([&*text]);
    templates[0].id
}

/// What kind of error it is, why, and what it means.
#[derive(Debug)]
pub struct Explained {
    pub says: Classification,
    pub evidence: Vec<Evidence>,
    pub template_id: Uuid,
    /// What its code means, with the name of that, where it is a well-known one.
    pub code: Option<(String, &'static Knowledge)>,
    /// The row that it is, where it is stored.
    pub stored: Option<StoredError>,
}

impl Explained {
    pub fn of(facts: &ErrorFacts<'_>) -> Self {
        let says = classify::classify(facts);
        Self {
            says,
            evidence: classify::explain(facts),
            template_id: template_of(facts),
            code: knowledge::of_error(facts, &says),
            stored: None,
        }
    }
}

/// 0.9, not the nearest number of 32 bits.
pub fn rounded(confidence: f32) -> f64 {
    (f64::from(confidence) * 1000.0).round() / 1000.0
}
