//! Why records are no rows. Codes and details are stored in English; people read them in their language.

use crate::night::Lang;
use smartetl_core::model::RejectReason;
use std::borrow::Cow;

/// A code of rejects with what it means.
pub fn of_reject_named(code: &str, lang: Lang) -> String {
    let means = of_reject_code(code, lang);
    means.map_or_else(
        || code.to_owned(),
        |means| format!("{code}{} {means}", lang.colon()),
    )
}

/// What a code of rejects means.
pub fn of_reject_code(code: &str, lang: Lang) -> Option<&'static str> {
    let mut all = RejectReason::ALL.iter();
    let reason = all.find(|reason| reason.as_str() == code)?;
    Some(of_reject(*reason, lang))
}

/// Why a record is no row.
const fn of_reject(reason: RejectReason, lang: Lang) -> &'static str {
    let (en, fr) = match reason {
        RejectReason::FieldCount => (
            "more or fewer fields than columns",
            "plus ou moins de champs que de colonnes",
        ),
        RejectReason::Quote => (
            "a quote that is not closed, or stands where none may",
            "un guillemet non fermé, ou mal placé",
        ),
        RejectReason::Json => ("no JSON object", "pas un objet JSON"),
        RejectReason::Encoding => (
            "bytes that are no text in this encoding",
            "des octets qui ne sont pas du texte dans cet encodage",
        ),
        RejectReason::MissingValue => (
            "a value is missing that a row needs",
            "il manque une valeur indispensable",
        ),
        RejectReason::BadTime => (
            "a time that cannot be read",
            "une date ou une heure illisible",
        ),
        RejectReason::TimeOutOfRange => (
            "a time outside of 1990 to 2100",
            "une date hors de 1990 à 2100",
        ),
        RejectReason::BadNumber => ("a number that cannot be read", "un nombre illisible"),
        RejectReason::UnknownWord => (
            "a word that this column does not know",
            "un mot que cette colonne ne connaît pas",
        ),
        RejectReason::TooLong => ("a record that is too long", "un enregistrement trop long"),
        RejectReason::BadValue => (
            "a value that cannot be stored, like a NUL byte",
            "une valeur impossible à enregistrer, comme un octet nul",
        ),
        RejectReason::Schema => (
            "a message that is not as its schema says",
            "un message non conforme à son schéma",
        ),
        RejectReason::SchemaVersion => (
            "a message in a version of the schema that is not known",
            "un message dans une version inconnue du schéma",
        ),
    };
    lang.pick(en, fr)
}

/// What was found in a record, as the formats say it.
pub fn of_detail(detail: &str, lang: Lang) -> Cow<'_, str> {
    match lang {
        Lang::En => None,
        Lang::Fr => constant(detail)
            .map(Cow::Borrowed)
            .or_else(|| with_value(detail).map(Cow::Owned)),
    }
    .unwrap_or(Cow::Borrowed(detail))
}

fn constant(detail: &str) -> Option<&'static str> {
    Some(match detail {
        "the value is missing" => "la valeur manque",
        "the condition of no row holds, and the record is none that the mapping calls silent" => {
            "aucune condition de ligne n’est remplie, et la correspondance ne dit pas que cet enregistrement est sans effet"
        }
        "a record of more than 16 MiB; this is a piece of it" => {
            "un enregistrement de plus de 16 Mio\u{a0}; ceci en est un morceau"
        }
        "bytes that are no text in the encoding of the source" => {
            "des octets qui ne sont pas du texte dans l’encodage de la source"
        }
        "a NUL character, which no text in PostgreSQL can hold"
        | "a NUL byte, which no text in PostgreSQL can hold" => {
            "un caractère nul, qu’aucun texte de PostgreSQL ne peut contenir"
        }
        "no JSON object" => "pas un objet JSON",
        "no JSON: it is damaged or cut" => "pas du JSON\u{a0}: il est abîmé ou coupé",
        "objects that are nested more than 32 deep" => {
            "des objets imbriqués sur plus de 32 niveaux"
        }
        "half a character in a string" => "un demi-caractère dans un texte",
        "a quote is opened and not closed before the end of the source" => {
            "un guillemet ouvert n’est pas fermé avant la fin de la source"
        }
        "a quote is opened and not closed where the field ends" => {
            "un guillemet ouvert n’est pas fermé à la fin du champ"
        }
        _ => return None,
    })
}

/// Sentences around a value, which may itself hold anything.
fn with_value(detail: &str) -> Option<String> {
    if let Some(value) = detail.strip_prefix("the mapping has no meaning for ") {
        return Some(format!("la correspondance ne donne pas de sens à {value}"));
    }
    if let Some((found, wanted)) = detail
        .strip_suffix(" belong")
        .and_then(|rest| rest.split_once(" fields where "))
    {
        return Some(format!("{found} champs au lieu de {wanted}"));
    }
    let behind = [
        (" is neither begin nor end", "n’est ni begin ni end"),
        (" is outside 1990 to 2100", "est hors de 1990 à 2100"),
        (" is no number", "n’est pas un nombre"),
        (
            " may be a number of thousands or one with three decimals: write it without `,` and `.`",
            "peut être un nombre de milliers ou un nombre à trois décimales\u{a0}: écrivez-le sans `,` ni `.`",
        ),
    ];
    for (english, french) in behind {
        if let Some(value) = detail.strip_suffix(english) {
            return Some(format!("{value} {french}"));
        }
    }
    let (value, form) = detail.rsplit_once(" is no time of the form ")?;
    Some(format!("{value} n’est pas une heure de la forme {form}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::night::typography;

    #[test]
    fn details_are_told_in_french_around_what_was_found() {
        for (detail, french) in [
            (
                "`x is no number` is no number",
                "`x is no number` n’est pas un nombre",
            ),
            (
                "`a is no time of the form b` is no time of the form ymd",
                "`a is no time of the form b` n’est pas une heure de la forme ymd",
            ),
            ("3 fields where 14 belong", "3 champs au lieu de 14"),
            (
                "the mapping has no meaning for `Gelé`",
                "la correspondance ne donne pas de sens à `Gelé`",
            ),
            (
                "`1889-01-01` is outside 1990 to 2100",
                "`1889-01-01` est hors de 1990 à 2100",
            ),
            (
                "no JSON: it is damaged or cut",
                "pas du JSON\u{a0}: il est abîmé ou coupé",
            ),
        ] {
            assert_eq!(of_detail(detail, Lang::Fr), french);
            assert_eq!(of_detail(detail, Lang::En), detail);
            typography::check(french);
        }
        assert_eq!(of_detail("something else", Lang::Fr), "something else");
        for reason in RejectReason::ALL {
            typography::check(&of_reject_named(reason.as_str(), Lang::Fr));
        }
    }
}
