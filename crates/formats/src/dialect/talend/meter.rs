//! What a tFlowMeter counted, told from its label and its component.

/// Which count it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    In,
    Out,
    Rejected,
}

/// By the words of the label, where a word for rejects wins and else the first word counts; without one by the component's
/// name, `tDBInput_1` or `tFileOutputDelimited_2`.
pub(super) fn kind(label: Option<&str>, origin: Option<&str>) -> Option<Kind> {
    let mut first = None;
    for word in label
        .unwrap_or_default()
        .split(|sign: char| !sign.is_alphanumeric())
    {
        match word_kind(&folded(word)) {
            Some(Kind::Rejected) => return Some(Kind::Rejected),
            found => first = first.or(found),
        }
    }
    first.or_else(|| {
        let component = origin.filter(|origin| origin.starts_with('t'))?;
        match (component.find("Input"), component.find("Output")) {
            (Some(_), None) => Some(Kind::In),
            (None, Some(_)) => Some(Kind::Out),
            _ => None,
        }
    })
}

fn word_kind(word: &str) -> Option<Kind> {
    match word {
        "lue" | "lues" | "lu" | "lus" | "read" | "in" | "input" | "entree" | "entrees" => {
            Some(Kind::In)
        }
        "ecrit" | "ecrits" | "ecrite" | "ecrites" | "written" | "out" | "output" | "sortie"
        | "sorties" => Some(Kind::Out),
        word if word.starts_with("rejet") || word.starts_with("reject") => Some(Kind::Rejected),
        _ => None,
    }
}

/// Lower case without the accents of French.
fn folded(word: &str) -> String {
    let plain = |sign| match sign {
        'é' | 'è' | 'ê' => 'e',
        other => other,
    };
    word.chars()
        .flat_map(char::to_lowercase)
        .map(plain)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_in_french_and_english() {
        for (label, origin, expected) in [
            ("lignes_lues", "tFlowMeter_1", Some(Kind::In)),
            ("Lignes écrites", "tFlowMeter_1", Some(Kind::Out)),
            ("ECRITES", "", Some(Kind::Out)),
            ("lignes lues rejetées", "", Some(Kind::Rejected)),
            ("rejects out", "", Some(Kind::Rejected)),
            ("rows read", "", Some(Kind::In)),
            ("entrée", "tDBOutput_1", Some(Kind::In)),
            ("row1", "tDBInput_1", Some(Kind::In)),
            ("row1", "tFileOutputDelimited_2", Some(Kind::Out)),
            ("row1", "tFlowMeter_1", None),
            ("reading", "", None),
            ("", "", None),
        ] {
            let given = Some(origin).filter(|origin| !origin.is_empty());
            assert_eq!(
                kind(Some(label).filter(|label| !label.is_empty()), given),
                expected,
                "{label} {origin}"
            );
        }
    }
}
