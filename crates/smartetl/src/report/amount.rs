//! Shares and spans of time as people write them.

use crate::night::Lang;
use smartetl_store::night::Counts;

/// Jobs that succeeded at the first try, of those that came out: `ok / (ok + recovered + failed + lost)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    pub ok: i64,
    pub of: i64,
}

impl Rate {
    pub fn of<'c>(counts: impl IntoIterator<Item = &'c Counts>) -> Self {
        counts
            .into_iter()
            .fold(Self::default(), |sum, counts| Self {
                ok: sum.ok + counts.ok,
                of: sum.of + counts.ok + counts.recovered + counts.failed + counts.lost,
            })
    }

    /// Between 0 and 1; `None` where nothing came out.
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| self.ok as f64 / self.of as f64)
    }

    /// `97.2%`; all is `100%`, and only all.
    pub fn percent(self, lang: Lang) -> Option<String> {
        if self.of == 0 {
            return None;
        }
        Some(tenths_of_percent(rounded(self.ok, self.of, 1_000), lang))
    }
}

/// So many of `whole` parts, rounded; all of them only where `ok` is all. `of` is not 0.
pub fn rounded(ok: i64, of: i64, whole: i64) -> i64 {
    if ok == of {
        whole
    } else {
        (ok * whole + of / 2).div_euclid(of).min(whole - 1)
    }
}

/// `2.8` of 28 tenths, with a percent sign.
pub fn tenths_of_percent(tenths: i64, lang: Lang) -> String {
    let (whole, rest) = (tenths / 10, tenths % 10);
    match (lang, rest) {
        (Lang::En, 0) => format!("{whole}%"),
        (Lang::En, _) => format!("{whole}.{rest}%"),
        (Lang::Fr, 0) => format!("{whole}\u{202f}%"),
        (Lang::Fr, _) => format!("{whole},{rest}\u{202f}%"),
    }
}

/// `48 s`, `18 min`, `2 h 5 min`, `3 days`: what is left out is less than one of the smallest unit told.
pub fn span(duration_ms: i64, lang: Lang) -> String {
    let seconds = duration_ms.abs() / 1_000;
    let (minutes, hours) = (seconds / 60, seconds / 3_600);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min"),
        (1..48, _) if minutes % 60 == 0 => format!("{hours} h"),
        (1..48, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{} {}", hours / 24, lang.pick("days", "jours")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        let percent = |ok, of, lang| Rate { ok, of }.percent(lang);
        assert_eq!(percent(0, 0, Lang::En), None);
        assert_eq!(percent(972, 1_000, Lang::En).as_deref(), Some("97.2%"));
        assert_eq!(
            percent(972, 1_000, Lang::Fr).as_deref(),
            Some("97,2\u{202f}%")
        );
        assert_eq!(percent(9_999, 10_000, Lang::En).as_deref(), Some("99.9%"));
        assert_eq!(percent(5, 5, Lang::Fr).as_deref(), Some("100\u{202f}%"));
        let counts = Counts {
            jobs: 9,
            ok: 4,
            recovered: 1,
            failed: 1,
            lost: 1,
            running: 1,
            unverified: 1,
            cancelled: 3,
        };
        assert_eq!(Rate::of([&counts, &counts]), Rate { ok: 8, of: 14 });
    }

    #[test]
    fn spans() {
        let check = |seconds: i64, told: &str| assert_eq!(span(seconds * 1_000, Lang::En), told);
        check(48, "48 s");
        check(-1_080, "18 min");
        check(3_600, "1 h");
        check(7_500, "2 h 5 min");
        check(3 * 86_400 + 5, "3 days");
        assert_eq!(span(200_000_000, Lang::Fr), "2 jours");
    }
}
