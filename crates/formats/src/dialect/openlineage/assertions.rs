//! What tests of the data found, from the lists of their datasets: dbt says of a failed test no more than this.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use smartetl_core::model::Severity;

use super::dataset::{datasets, read};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facets<'a> {
    #[serde(borrow)]
    data_quality_assertions: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow)]
    assertions: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Assertion {
    assertion: String,
    success: bool,
    column: Option<String>,
    name: Option<String>,
    severity: Option<String>,
    expected: Option<Value>,
    actual: Option<Value>,
}

/// The tests that did not hold, by the text of `inputs`. Where none says how much it matters, it matters as much as `otherwise`.
pub(super) fn failed(inputs: Option<&str>, otherwise: Severity) -> BTreeSet<(String, Severity)> {
    let datasets = inputs.and_then(|inputs| datasets(inputs, "dataQualityAssertions"));
    let facets = datasets.into_iter().flatten().filter_map(|dataset| {
        // The second one is of old versions of the specification.
        found(dataset.input_facets).or_else(|| found(dataset.facets))
    });
    facets
        .flat_map(|found| found.assertions)
        .filter_map(|assertion| read::<Assertion>(assertion.get()))
        .filter(|assertion| !assertion.success)
        .map(|assertion| {
            let severity = match assertion.severity.as_deref() {
                Some(word) if word.eq_ignore_ascii_case("warn") => Severity::Warning,
                Some(word) if word.eq_ignore_ascii_case("error") => Severity::Error,
                _ => otherwise,
            };
            (assertion.message(), severity)
        })
        .collect()
}

fn found(facets: Option<&RawValue>) -> Option<Found<'_>> {
    let facets: Facets<'_> = read(facets?.get())?;
    read(facets.data_quality_assertions?.get())
}

impl Assertion {
    /// In the words of dbt.
    fn message(&self) -> String {
        let name = self.name.as_deref().unwrap_or(&self.assertion);
        let mut message = format!("Failure in test {name}: {}", self.assertion);
        if let Some(column) = &self.column {
            message += " of column ";
            message += column;
        }
        for (word, value) in [(", expected ", &self.expected), (", found ", &self.actual)] {
            if let Some(value) = value {
                message += word;
                // Some write a number as one.
                message += &value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
            }
        }
        // No column can hold it.
        message.replace('\0', "\u{FFFD}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(inputs: &str, expected: &[(&str, Severity)]) {
        let found = failed(Some(inputs), Severity::Error);
        let found: Vec<_> = found
            .iter()
            .map(|(message, severity)| (message.as_str(), *severity))
            .collect();
        assert_eq!(found, expected, "{inputs}");
    }

    #[test]
    fn only_what_does_not_hold_is_told() {
        let input = |facets: &str, assertions: &str| {
            format!(
                "[7,{{\"{facets}\":{{\"dataQualityAssertions\":{{\"assertions\":[{assertions}]}}}}}}]"
            )
        };
        let unique = r#"{"assertion":"unique","success":false,"column":"id","name":"unique_orders_id","severity":"error","expected":"0","actual":"3"}"#;
        let told = "Failure in test unique_orders_id: unique of column id, expected 0, found 3";
        check(&input("inputFacets", unique), &[(told, Severity::Error)]);
        check(&input("facets", unique), &[(told, Severity::Error)]);
        // The facet stands in two places, and in each input.
        let twice = format!("{unique},{unique}");
        check(&input("inputFacets", &twice), &[(told, Severity::Error)]);
        let number = unique.replace("\"3\"", "3");
        check(&input("inputFacets", &number), &[(told, Severity::Error)]);
        let warn = unique.replace("\"error\"", "\"WARN\"");
        check(&input("inputFacets", &warn), &[(told, Severity::Warning)]);
        let holds = unique.replace("false", "true");
        check(&input("inputFacets", &holds), &[]);
        check(
            &input("inputFacets", r#"{"assertion":"not_null","success":false}"#),
            &[("Failure in test not_null: not_null", Severity::Error)],
        );
        for odd in [
            "7",
            "{}",
            r#"{"assertion":"a"}"#,
            r#"{"assertion":"a","success":"no"}"#,
        ] {
            check(&input("inputFacets", odd), &[]);
        }
        for odd in [
            "[]",
            "\"dataQualityAssertions\"",
            "[{\"inputFacets\":{\"dataQualityAssertions\":[]}}]",
        ] {
            check(odd, &[]);
        }
        assert_eq!(failed(None, Severity::Error).len(), 0);
    }
}
