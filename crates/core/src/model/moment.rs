//! A moment in UTC.

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(pub i64);

impl Moment {
    /// The first moment a table accepts: 1990-01-01T00:00:00Z.
    pub const MIN: Self = Self(631_152_000_000_000);
    /// The first moment past what a table accepts: 2101-01-01T00:00:00Z.
    pub const END: Self = Self(4_133_980_800_000_000);

    /// Whether the tables have a place for this moment (1990 to 2100).
    pub fn in_range(self) -> bool {
        (Self::MIN..Self::END).contains(&self)
    }

    pub fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Milliseconds from `earlier` to `self`; negative when `self` comes first.
    pub fn millis_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).div_euclid(1_000)
    }

    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis.saturating_mul(1_000)))
    }

    /// As `jiff` sees it, for calendars and printing.
    ///
    /// # Panics
    /// Never for a moment that is `in_range`.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.timestamp().fmt(f)
    }
}
