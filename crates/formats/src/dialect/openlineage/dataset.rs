//! An input or output of a run, as far as something of it is looked at.

use serde::Deserialize;
use serde_json::value::RawValue;

/// What is written in another way is as if it were not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dataset<'a> {
    #[serde(borrow)]
    pub input_facets: Option<&'a RawValue>,
    #[serde(borrow)]
    pub output_facets: Option<&'a RawValue>,
    #[serde(borrow)]
    pub facets: Option<&'a RawValue>,
}

/// The datasets in the text of a list of them, if it holds a word; the text is not searched further where it does not.
pub(super) fn datasets<'a>(list: &'a str, word: &str) -> Option<impl Iterator<Item = Dataset<'a>>> {
    memchr::memmem::find(list.as_bytes(), word.as_bytes())?;
    let datasets: Vec<&RawValue> = read(list)?;
    Some(
        datasets
            .into_iter()
            .filter_map(|dataset| read(dataset.get())),
    )
}

pub(super) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    serde_json::from_str(text).ok()
}
