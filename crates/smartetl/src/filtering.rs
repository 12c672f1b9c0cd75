//! What the words of a filter mean, for commands and the API alike: environments, days and moments, statuses, categories.

use crate::look::words;
use crate::night::{self, Lang};
use crate::reason::Reason;
use jiff::civil::Date;
use smartetl_core::model::{Blame, Category, IssueState, Moment, Outcome};

/// The one of these names that is meant, in any case.
pub fn meant<'k>(name: &str, known: &'k [String]) -> Option<&'k str> {
    let exact = known.iter().find(|known| *known == name);
    let alike = || known.iter().find(|known| known.eq_ignore_ascii_case(name));
    exact.or_else(alike).map(String::as_str)
}

/// `2026-11-23` or `23/11/2026`.
pub fn day(text: &str) -> Result<Date, String> {
    parsed_day(text).ok_or_else(|| {
        format!("`{text}` is no day from 1990 to 2100; write for example 2026-11-23")
    })
}

/// A business day, or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Day(Date),
    Moment(Moment),
}

impl When {
    pub const fn day(self) -> Option<Date> {
        match self {
            Self::Day(day) => Some(day),
            Self::Moment(_) => None,
        }
    }

    pub const fn moment(self) -> Option<Moment> {
        match self {
            Self::Day(_) => None,
            Self::Moment(at) => Some(at),
        }
    }
}

/// A business day, or a moment with its offset.
pub fn when(text: &str) -> Result<When, Reason> {
    if let Some(day) = parsed_day(text) {
        return Ok(When::Day(day));
    }
    let at: Option<jiff::Timestamp> = text.trim().parse().ok();
    at.map(|at| Moment(at.as_microsecond()))
        .filter(|at| at.in_range())
        .map(When::Moment)
        .ok_or_else(|| {
            without_zone(text).unwrap_or_else(|| {
                Reason::new(
                    format!(
                        "`{text}` is neither a day nor a moment from 1990 to 2100; write for example 2026-11-23, or \
                         2026-11-23T02:00:00Z"
                    ),
                    format!(
                        "`{text}` n’est ni un jour ni un instant de 1990 à 2100\u{a0}; écrivez par exemple 2026-11-23, ou \
                         2026-11-23T02:00:00Z"
                    ),
                )
            })
        })
}

/// What to say of a moment that lacks its zone; `None` for any other text.
pub fn without_zone(text: &str) -> Option<Reason> {
    let at: jiff::civil::DateTime = text.trim().parse().ok()?;
    text.contains(':').then(|| {
        Reason::new(
            format!(
                "`{text}` does not say its zone; write {at}Z for UTC, or its offset, like {at}+01:00"
            ),
            format!(
                "`{text}` ne dit pas son fuseau\u{a0}; écrivez {at}Z pour UTC, ou son décalage, comme {at}+01:00"
            ),
        )
    })
}

fn parsed_day(text: &str) -> Option<Date> {
    ["%Y-%m-%d", "%d/%m/%Y"]
        .into_iter()
        .find_map(|form| Date::strptime(form, text.trim()).ok())
        .filter(|day| (1990..=2100).contains(&day.year()))
}

/// A status, or what refines it.
pub fn status(word: &str) -> Result<Outcome, String> {
    let french = |outcome: Outcome| words::outcome(outcome, Lang::Fr);
    one_of(word, Outcome::ALL, Outcome::as_str, french, "status")
}

/// A category of causes.
pub fn category(word: &str) -> Result<Category, String> {
    // Two words of English are not those that are stored.
    let told = |known: &&Category| plain(night::category(**known, Lang::En)) == plain(word);
    if let Some(known) = Category::ALL.iter().find(told) {
        return Ok(*known);
    }
    let french = |category: Category| night::category(category, Lang::Fr);
    one_of(word, Category::ALL, Category::as_str, french, "category")
}

/// Who must act, in the stored words or in those that people are told, with or without what French sets before them.
pub fn blame(word: &str) -> Result<Blame, String> {
    let bare = |text: &str| {
        let text = plain(text);
        let without = ["l_", "le_", "equipe_"]
            .into_iter()
            .fold(&*text, |text, article| {
                text.strip_prefix(article).unwrap_or(text)
            });
        without.to_owned()
    };
    let wanted = bare(word);
    let is_meant = |blame: &Blame| {
        let short = match blame {
            Blame::Data => "données",
            Blame::Platform => "infrastructure",
            Blame::External => "partenaire",
            Blame::Code => "développement",
        };
        let told = [Lang::En, Lang::Fr].map(|lang| night::blame(*blame, lang));
        [blame.as_str(), short]
            .into_iter()
            .chain(told)
            .any(|known| bare(known) == wanted)
    };
    let found = Blame::ALL.iter().copied().find(is_meant);
    found.ok_or_else(|| unknown(word, Blame::ALL, Blame::as_str, "blame"))
}

/// In which state an issue is.
pub fn issue_state(word: &str) -> Result<IssueState, String> {
    let french = |state| night::issue_state(state, Lang::Fr);
    one_of(word, IssueState::ALL, IssueState::as_str, french, "state")
}

/// A word of a vocabulary, or what it is called in French.
fn one_of<T: Copy>(
    word: &str,
    all: &[T],
    english: fn(T) -> &'static str,
    french: impl Fn(T) -> &'static str,
    what: &str,
) -> Result<T, String> {
    let wanted = plain(word);
    let is_meant = |one: &T| plain(english(*one)) == wanted || plain(french(*one)) == wanted;
    let found = all.iter().copied().find(is_meant);
    found.ok_or_else(|| unknown(word, all, english, what))
}

fn unknown<T: Copy>(word: &str, all: &[T], english: fn(T) -> &'static str, what: &str) -> String {
    let words: Vec<&str> = all.iter().map(|one| english(*one)).collect();
    format!("`{word}` is no {what}; there are {}", words.join(", "))
}

/// A word as it is compared: in lower case, without accents, with one sign for all that stands between words.
fn plain(text: &str) -> String {
    let signs = text.trim().to_lowercase();
    let signs = signs.chars().map(|c| match c {
        'é' | 'è' | 'ê' => 'e',
        'à' | 'â' => 'a',
        'ç' => 'c',
        '-' | ' ' | '\u{a0}' | '\'' | '’' => '_',
        c => c,
    });
    signs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments() {
        let check =
            |text: &str, expected: Option<When>| assert_eq!(when(text).ok(), expected, "{text}");
        let day = jiff::civil::date(2026, 11, 23);
        check("2026-11-23", Some(When::Day(day)));
        check("23/11/2026", Some(When::Day(day)));
        let at = Moment(1_795_399_200_000_000);
        check("2026-11-23T02:00:00Z", Some(When::Moment(at)));
        check("2026-11-23T03:00:00+01:00", Some(When::Moment(at)));
        for wrong in [
            "2026-11-23T03:00",
            "1889-01-01",
            "1889-01-01T00:00:00Z",
            "2101-01-01",
            "2200-01-01T00:00:00Z",
            "x",
        ] {
            check(wrong, None);
        }
        let said = when("2026-11-23 03:00").expect_err("it has no zone");
        assert!(
            said.to_string().contains("2026-11-23T03:00:00+01:00"),
            "{said}"
        );
        let said = when("1889-01-01").expect_err("it is too long ago");
        assert!(said.to_string().contains("from 1990"), "{said}");
    }

    #[test]
    fn words_in_both_languages() {
        assert_eq!(status("failed"), Ok(Outcome::Failed));
        assert_eq!(status("En échec"), Ok(Outcome::Failed));
        assert_eq!(status("sans fin"), Ok(Outcome::Lost));
        assert_eq!(category("missing-file"), Ok(Category::MissingFile));
        assert_eq!(category("fichier absent"), Ok(Category::MissingFile));
        assert_eq!(category("Paramétrage"), Ok(Category::Configuration));
        assert_eq!(category("not classified"), Ok(Category::Unknown));
        let refused = status("broken").expect_err("it is none");
        assert!(
            refused.starts_with("`broken` is no status; there are success, failed, running"),
            "{refused}"
        );
    }

    #[test]
    fn who_must_act_in_the_words_that_are_shown() {
        for (word, expected) in [
            ("platform", Blame::Platform),
            ("platform team", Blame::Platform),
            ("infrastructure", Blame::Platform),
            ("équipe infrastructure", Blame::Platform),
            ("l'équipe infrastructure", Blame::Platform),
            ("Le propriétaire des données", Blame::Data),
            ("données", Blame::Data),
            ("developers", Blame::Code),
            ("développement", Blame::Code),
            ("partenaire", Blame::External),
        ] {
            assert_eq!(blame(word), Ok(expected), "{word}");
        }
        assert!(blame("équipe").is_err_and(|why| why.contains("data, platform, external, code")));
    }

    #[test]
    fn days() {
        assert_eq!(day("23/11/2026"), day("2026-11-23"));
        assert!(day("yesterday").is_err());
    }
}
