//! What a post came to, as its sender is told.

use serde::{Deserialize, Serialize};
use smartetl_core::model::Reject;

use crate::ingest::storable;

/// So many rejects are told one by one; more are only counted.
const TOLD: usize = 20;
/// So much is told of each, bytes.
const DETAIL_BYTES: usize = 256;

/// The counts of a post: `records` = those with rows + `rejects` + `silent`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub records: u64,
    pub rows_log: u64,
    pub rows_error: u64,
    pub rejects: u64,
    /// Records that mean nothing for logs, on purpose.
    pub silent: u64,
    /// The first records that could not become rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Rejected>,
    /// It was posted before, and stored then.
    #[serde(skip_deserializing)]
    pub repeated: bool,
}

/// A record that could not become rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// In the body, from 1.
    pub line: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    pub reason: String,
    pub detail: String,
}

impl Receipt {
    /// Tells of a reject, without secrets.
    pub(super) fn refuse(&mut self, reject: &Reject<'_>) {
        if self.rejected.len() == TOLD {
            return;
        }
        let cut = |text: &str| storable(text, DETAIL_BYTES).into_owned();
        self.rejected.push(Rejected {
            line: reject.line,
            column: reject.column.map(cut),
            reason: reject.reason.as_str().to_owned(),
            detail: cut(reject.detail),
        });
    }
}
