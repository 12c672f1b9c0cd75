//! Telling JSON lines from other JSON, and both from everything else.

use serde::de::IgnoredAny;

use super::detect::{Overrides, Sample, Shape, owned};
use super::{DocumentReader, Encoding, Item, JsonlReader, JsonlSettings};

/// So many lines are looked at.
const LINES: usize = 500;

/// What a text is that looks like JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// An object on each line.
    Lines(JsonlSettings),
    /// A list of objects.
    Array(JsonlSettings),
    /// Something else that is written over several lines.
    Document(JsonlSettings),
}

/// What kind of JSON a text is; `None` when it is none, or the user said how it is delimited. Most lines must be objects: single
/// ones may be damaged. `complete`: the sample is all there is; `utf_16`: what the content was transcoded from.
pub fn recognise_json(
    sample: &[u8],
    complete: bool,
    utf_16: Option<Encoding>,
    overrides: &Overrides,
) -> Option<Json> {
    if overrides.delimiter.is_some() || overrides.header.is_some() || overrides.quote.is_some() {
        return None;
    }
    let mut lines = sample.split(|byte| *byte == b'\n');
    if !complete {
        // The last one may go on.
        lines.next_back();
    }
    let (mut all, mut opened) = (0, 0);
    for line in lines.map(<[u8]>::trim_ascii).take(LINES) {
        all += usize::from(!line.is_empty());
        opened += usize::from(line.first() == Some(&b'{'));
    }
    let settings = || JsonlSettings {
        encoding: utf_16
            .or(overrides.encoding)
            .unwrap_or_else(|| Encoding::recognise(sample)),
        encoding_guessed: overrides.encoding.is_none() && utf_16.is_none(),
    };
    if opened > 0 && opened * 2 >= all {
        let settings = settings();
        let (mut objects, mut all) = (0, 0);
        let mut reader = JsonlReader::of_sample(sample, complete, &settings);
        while let Ok(Some((item, _))) = reader.next() {
            objects += usize::from(matches!(item, Item::Record(_)));
            all += usize::from(!matches!(item, Item::Blank { .. }));
        }
        if objects > 0 && objects * 2 >= all {
            return Some(Json::Lines(settings));
        }
    }
    document(sample.trim_ascii_start(), settings)
}

fn document(text: &[u8], settings: impl Fn() -> JsonlSettings) -> Option<Json> {
    let behind = text.get(1..)?.trim_ascii_start();
    if text[0] == b'[' && behind.first() == Some(&b'{') {
        return Some(Json::Array(settings()));
    }
    if text[0] != b'{' && text[0] != b'[' {
        return None;
    }
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    let is_whole = match values.next()? {
        Ok(IgnoredAny) => text[values.byte_offset()..].trim_ascii().is_empty(),
        // Cut, which a sample may be.
        Err(error) => error.is_eof(),
    };
    // An object that opens on a line of its own is a document, if perhaps a damaged one.
    let opens = text[0] == b'{' && matches!(text.get(1), Some(b'\n' | b'\r'));
    (is_whole || opens).then(|| Json::Document(settings()))
}

impl Sample {
    /// Reads the sample of JSON lines whose settings are known. The columns are those of all objects in it, in the order in which
    /// they come.
    pub fn of_json_lines(bytes: &[u8], complete: bool, settings: &JsonlSettings) -> Self {
        let mut reader = JsonlReader::of_sample(bytes, complete, settings);
        let mut rows = Vec::new();
        while let Ok(Some((item, _))) = reader.next()
            && takes(&mut rows, &item)
        {}
        Self {
            shape: Shape::Jsonl(settings.clone()),
            columns: Some(reader.into_names()),
            rows,
        }
    }

    /// The same of a document.
    pub fn of_document(bytes: &[u8], complete: bool, settings: &JsonlSettings) -> Self {
        let mut reader = DocumentReader::of_sample(bytes, complete, settings);
        let mut rows = Vec::new();
        while let Ok(Some((item, _))) = reader.next()
            && takes(&mut rows, &item)
        {}
        Self {
            shape: Shape::Json(settings.clone()),
            columns: Some(reader.into_names()),
            rows,
        }
    }
}

/// Takes a record among the rows of a sample; `false` when it is the last.
fn takes(rows: &mut Vec<Vec<Option<String>>>, item: &Item<'_>) -> bool {
    if let Item::Record(record) = item {
        rows.push(owned(record));
    }
    rows.len() < LINES
}
