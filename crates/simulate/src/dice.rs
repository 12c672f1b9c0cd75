//! Seeded chance: everything random in the world comes from here, so that a seed gives one world.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The six random characters by which Talend knows a run.
pub(crate) type Pid = [u8; 6];

/// A stream of random numbers that belongs to one place of the world (a seed, a stream).
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// Streams of one seed are independent: a day's chance does not depend on the days before it.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// From `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn percent(&mut self, percent: f64) -> bool {
        self.0.random_bool((percent / 100.0).clamp(0.0, 1.0))
    }

    /// One member of a list that is not empty.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.0.random_range(0..list.len())]
    }

    /// `typical` times something between 0.65 and 1.7.
    pub(crate) fn around(&mut self, typical: i64) -> i64 {
        typical * self.between(650, 1_700) / 1_000
    }

    pub(crate) fn pid(&mut self) -> Pid {
        const SIGNS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        std::array::from_fn(|_| SIGNS[self.0.random_range(0..SIGNS.len())])
    }

    /// A repository id as Talend's studio makes them: `_` and 22 characters.
    pub(crate) fn repository_id(&mut self) -> String {
        let mut id = String::from("_");
        while id.len() < 23 {
            id.extend(self.pid().iter().map(|&sign| char::from(sign)));
        }
        id.truncate(23);
        id
    }
}

/// A pid as text.
pub(crate) fn pid_text(pid: &Pid) -> &str {
    std::str::from_utf8(pid).expect("pids are made of ASCII letters and digits")
}
