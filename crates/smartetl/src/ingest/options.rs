//! Options for reading a source that was read before: they change nothing, because what is appended is read like what stands
//! before it, and what was read is not read again.

use std::fs::File;

use smartetl_formats::container::Shape;
use smartetl_formats::dialect::generic::Mapping;
use smartetl_formats::{Plan, Settings};

use super::content::Reading;
use crate::reason::Reason;

/// Which of the options given now, of which `zone_given` says one, would have the source read otherwise than it was;
/// `None` where none would.
pub(super) fn without_effect(
    file: &File,
    stored: &Reading,
    settings: &Settings,
    zone_given: bool,
) -> Option<Reason> {
    let options = differing(file, stored, settings, zone_given);
    if options.is_empty() {
        return None;
    }
    let (options, how, zone) = (options.join(", "), stored.plan.describe(), &stored.timezone);
    Some(Reason::new(
        format!(
            "its content was loaded before, read as: {how}; zone {zone}. What is given now changes nothing: {options}\n\
             hint: `smartetl unload` with this path takes it back; then it is loaded with these options"
        ),
        format!(
            "son contenu a déjà été chargé, lu ainsi\u{a0}: {how}\u{a0}; fuseau {zone}. Ce qui est indiqué maintenant n’y change \
             rien\u{a0}: {options}\nconseil\u{a0}: `smartetl unload` avec ce chemin le retire\u{a0}; il se charge ensuite avec ces options"
        ),
    ))
}

fn differing(
    file: &File,
    stored: &Reading,
    settings: &Settings,
    zone_given: bool,
) -> Vec<&'static str> {
    let overrides = &settings.overrides;
    let mappings = &settings.mappings;
    let is_mapped_so = |mapping: &Mapping| match &stored.mapping {
        Some((_, text)) => text == mapping.text(),
        // Recognised by itself.
        None => stored.plan.dialect.layout == mapping.name,
    };
    let is_zone = |zone: &str| settings.timezone.iana_name() == Some(zone);
    let differs =
        |given: &Option<String>, stored: &Option<String>| given.is_some() && given != stored;
    let mut options = vec![
        ("--timezone", zone_given && !is_zone(&stored.timezone)),
        (
            "--environment",
            differs(&settings.environment, &stored.environment),
        ),
        ("--host", differs(&settings.host, &stored.host)),
        (
            "--mapping",
            mappings.is_only() && !mappings.iter().any(|mapping| is_mapped_so(mapping)),
        ),
    ];
    let given = [
        ("--dialect", settings.dialect.is_some()),
        ("--time-format", settings.moment_format.is_some()),
        ("--delimiter", overrides.delimiter.is_some()),
        ("--header", overrides.header.is_some()),
        ("--encoding", overrides.encoding.is_some()),
    ];
    if given.iter().any(|(_, given)| *given) {
        // Where it cannot be read with them at all, none of them is how it was read.
        let fresh = Plan::examine(file, settings).ok();
        let (now, then) = (fresh.as_ref(), &stored.plan);
        let csv = |plan: &Plan| match &plan.shape {
            Shape::Csv(csv) => Some(csv.clone()),
            Shape::Jsonl(_) | Shape::Json(_) | Shape::Parquet => None,
        };
        let (now_csv, then_csv) = (now.and_then(csv), csv(then));
        let texts = now_csv.as_ref().zip(then_csv.as_ref());
        let is_text = now.is_none() || texts.is_some();
        let same = [
            now.is_some_and(|now| now.dialect.dialect == then.dialect.dialect),
            now.is_some_and(|now| now.dialect.moment == then.dialect.moment),
            !is_text || texts.is_some_and(|(now, then)| now.delimiter == then.delimiter),
            !is_text || texts.is_some_and(|(now, then)| now.header == then.header),
            now.is_some_and(|now| now.shape.encoding() == then.shape.encoding()),
        ];
        options.extend(
            given
                .into_iter()
                .zip(same)
                .map(|((option, given), same)| (option, given && !same)),
        );
    }
    options
        .into_iter()
        .filter_map(|(option, differs)| differs.then_some(option))
        .collect()
}
