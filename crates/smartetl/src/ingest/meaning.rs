//! What rows mean: secrets are masked, errors get a signature and a class. Comes before anything is kept.

use smartetl_core::classify;
use smartetl_core::known::Known;
use smartetl_core::model::{ErrorRow, LogRow};
use smartetl_core::redact::redact;
use smartetl_store::copy::ErrorFacts;

use super::words::CleanWords;

/// Gives rows their meaning, one reader's rows after the other.
#[derive(Default)]
pub struct Meaning {
    known: Known,
    words: CleanWords,
}

/// Hands the row without secrets to `take`; fields that are not listed stay. Names come again and again, texts do not; rows are looked
/// up by keys. Most rows have neither secrets nor texts and are handed on as they are.
macro_rules! redact_row {
    ($row:ident: $Row:ident, $words:expr, $take:ident, keys: $($key:ident)+, key_options: $($key_option:ident)+, names: $($name:ident)+,
     options: $($option:ident)+, texts: $($text:ident)+) => {
        let words = &mut $words;
        let keeps_all = $($row.$text.is_none() &&)+
            $(words.keeps_key($row.$key) &&)+
            $($row.$key_option.is_none_or(|word| words.keeps_key(word)) &&)+
            $(words.keeps($row.$name) &&)+
            $($row.$option.is_none_or(|word| words.keeps(word)) &&)+
            true;
        if keeps_all {
            return $take($row);
        }
        $(let $key = words.key($row.$key);)+
        $(let $key_option = $row.$key_option.map(|word| words.key(word));)+
        $(let $name = words.clean($row.$name);)+
        $(let $option = words.option($row.$option);)+
        $(let $text = $row.$text.map(redact);)+
        let $row = &$Row {
            $($key: &$key,)+
            $($key_option: $key_option.as_deref(),)+
            $($name: &$name,)+
            $($option: $option.as_deref(),)+
            $($text: $text.as_deref(),)+
            ..$row.clone()
        };
        $take($row)
    };
}

impl Meaning {
    /// Hands on the row without secrets.
    pub fn of_log(&mut self, row: &LogRow<'_>, take: impl FnOnce(&LogRow<'_>)) {
        redact_row!(row: LogRow, self.words, take,
            keys: system job,
            key_options: environment project,
            names: run_id root_run_id,
            options: host context job_id job_version parent_run_id step label,
            texts: message);
    }

    /// Hands on the row without secrets.
    pub fn without_secrets(&mut self, row: &ErrorRow<'_>, take: impl FnOnce(&ErrorRow<'_>)) {
        redact_row!(row: ErrorRow, self.words, take,
            keys: system job,
            key_options: environment project,
            names: run_id root_run_id,
            options: host context parent_run_id step error_type error_code code_scheme,
            texts: message stack);
    }

    /// Hands on the row without secrets, and what kind of error it is.
    pub fn of_error(
        &mut self,
        row: &ErrorRow<'_>,
        take: impl FnOnce(&ErrorRow<'_>, &ErrorFacts<'_>),
    ) {
        let mut known = std::mem::take(&mut self.known);
        self.without_secrets(row, |row| take(row, &facts(row, &mut known)));
        self.known = known;
    }
}

/// What kind of error it is.
fn facts<'r>(row: &ErrorRow<'_>, known: &mut Known) -> ErrorFacts<'r> {
    let (signature, class) = known.meaning(&classify::ErrorFacts {
        system: row.system,
        error_type: row.error_type,
        error_code: row.error_code,
        code_scheme: row.code_scheme,
        message: row.message,
        stack: row.stack,
    });
    ErrorFacts {
        signature,
        category: class.category,
        rule: class.rule,
        confidence: class.confidence,
        blame: class.blame,
        retryable: class.retryable,
    }
}
