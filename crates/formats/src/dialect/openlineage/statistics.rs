//! How many rows a run read and wrote, from the lists of its datasets.

use serde::Deserialize;
use serde_json::Number;
use serde_json::value::RawValue;

use super::dataset::{Dataset, datasets, read};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facets<'a> {
    #[serde(borrow)]
    input_statistics: Option<&'a RawValue>,
    #[serde(borrow)]
    output_statistics: Option<&'a RawValue>,
    #[serde(borrow)]
    data_quality_metrics: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counted<'a> {
    #[serde(borrow)]
    row_count: Option<&'a RawValue>,
}

/// The rows written to all outputs, by the text of `outputs`; `None` where none was counted.
pub(super) fn rows_out(outputs: Option<&str>) -> Option<i64> {
    sum(outputs?, |dataset| {
        let facets: Facets<'_> = read(dataset.output_facets?.get())?;
        rows(facets.output_statistics)
    })
}

/// The rows read from all inputs, by the text of `inputs`; `None` where none was counted.
pub(super) fn rows_in(inputs: Option<&str>) -> Option<i64> {
    sum(inputs?, |dataset| {
        let facets: Facets<'_> = read(dataset.input_facets?.get())?;
        rows(facets.input_statistics).or_else(|| rows(facets.data_quality_metrics))
    })
}

fn sum(list: &str, count: impl Fn(Dataset<'_>) -> Option<i64>) -> Option<i64> {
    let counts = datasets(list, "rowCount")?.filter_map(count);
    counts.fold(None, |sum, count| {
        Some(sum.unwrap_or(0_i64).saturating_add(count))
    })
}

/// A count that is none, such as -1 or a text, was not measured.
fn rows(statistics: Option<&RawValue>) -> Option<i64> {
    let counted: Counted<'_> = read(statistics?.get())?;
    let number: Number = read(counted.row_count?.get())?;
    let whole = number.as_i64().or_else(|| {
        let float = number
            .as_f64()
            .filter(|float| float.fract() == 0.0 && *float <= MOST_OF_A_FLOAT)?;
        Some(float as i64)
    });
    whole.filter(|count| *count >= 0)
}

/// Up to here each integer is a float of its own: 2^53.
const MOST_OF_A_FLOAT: f64 = 9_007_199_254_740_992.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_out(outputs: &str, expected: Option<i64>) {
        assert_eq!(rows_out(Some(outputs)), expected, "{outputs}");
    }

    #[test]
    fn outputs_are_summed_and_what_is_no_count_is_not_measured() {
        let output = |count: &str| {
            format!(
                "{{\"name\":\"t\",\"outputFacets\":{{\"outputStatistics\":{{\"rowCount\":{count},\"size\":9}}}}}}"
            )
        };
        let all = |counts: &[&str]| {
            let outputs: Vec<String> = counts.iter().map(|count| output(count)).collect();
            format!("[{}]", outputs.join(","))
        };
        check_out(&all(&["3", "4"]), Some(7));
        check_out(&all(&["0"]), Some(0));
        check_out(&all(&["1e3"]), Some(1_000));
        check_out(&all(&["12.0"]), Some(12));
        for none in ["-1", "1.5", "\"7\"", "null", "[]", "1e300"] {
            check_out(&all(&[none]), None);
            check_out(&all(&[none, "5"]), Some(5));
        }
        check_out(&all(&["9223372036854775807", "1"]), Some(i64::MAX));
        for odd in [
            "[]",
            "{\"rowCount\":1}",
            "\"rowCount\"",
            "[1,{\"outputFacets\":[\"rowCount\"]}]",
            "[{\"outputFacets\":{\"outputStatistics\":\"rowCount\"}}]",
            "[{\"outputFacets\":{\"outputStatistics\":{\"size\":1,\"note\":\"rowCount\"}}}]",
        ] {
            check_out(odd, None);
        }
        assert_eq!(rows_out(None), None);
    }

    #[test]
    fn inputs_count_by_their_statistics_or_else_by_their_quality() {
        let input = |facets: &str| format!("[{{\"inputFacets\":{{{facets}}}}}]");
        for (facets, expected) in [
            ("\"inputStatistics\":{\"rowCount\":5}", Some(5)),
            ("\"dataQualityMetrics\":{\"rowCount\":6}", Some(6)),
            (
                "\"dataQualityMetrics\":{\"rowCount\":6},\"inputStatistics\":{\"rowCount\":5}",
                Some(5),
            ),
            ("\"inputStatistics\":{\"size\":5}", None),
        ] {
            assert_eq!(rows_in(Some(&input(facets))), expected, "{facets}");
        }
    }
}
