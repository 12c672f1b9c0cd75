//! Failed logins: whoever fails again and again has to wait longer and longer, by account and by address. Bounded memory, whatever is tried.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many may happen to anybody.
const FREE: [u32; 2] = [4, 20];

/// Nobody waits longer between two attempts.
const LONGEST: Duration = Duration::from_mins(1);

/// Failures are forgotten after so long.
const FORGOTTEN: Duration = Duration::from_hours(1);

/// So many accounts and addresses are remembered.
const MOST: usize = 10_000;

/// Who failed, how often, and when last.
#[derive(Debug, Default)]
pub struct Slowing {
    failed: Mutex<HashMap<u64, (u32, Instant)>>,
    secret: RandomState,
}

/// What is counted: an account by its name, an address.
#[derive(Hash)]
enum Counted<'a> {
    Account(&'a str),
    Address(Option<IpAddr>),
}

impl Slowing {
    /// How long whoever logs in has to wait before they are heard; `None` where they need not.
    pub fn wait(&self, name: &str, address: Option<IpAddr>, now: Instant) -> Option<Duration> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = self.keys(name, address).into_iter().zip(FREE);
        let waits = waits.filter_map(|(key, free)| {
            let (times, last) = failed.get(&key)?;
            let until = *last + pause(*times, free);
            until
                .checked_duration_since(now)
                .filter(|wait| !wait.is_zero())
        });
        waits.max()
    }

    /// They failed.
    pub fn failed(&self, name: &str, address: Option<IpAddr>, now: Instant) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        for key in self.keys(name, address) {
            if failed.len() >= MOST && !failed.contains_key(&key) {
                failed.retain(|_, (_, last)| now.duration_since(*last) < FORGOTTEN);
                make_room(&mut failed);
            }
            let (times, last) = failed.entry(key).or_insert((0, now));
            *times = if now.duration_since(*last) < FORGOTTEN {
                times.saturating_add(1)
            } else {
                1
            };
            *last = now;
        }
    }

    /// They are in: the account is theirs. The address stays suspected.
    pub fn succeeded(&self, name: &str) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let [account, _] = self.keys(name, None);
        failed.remove(&account);
    }

    fn keys(&self, name: &str, address: Option<IpAddr>) -> [u64; 2] {
        let name = name.to_lowercase();
        [Counted::Account(&name), Counted::Address(address)]
            .map(|counted| self.secret.hash_one(counted))
    }
}

/// Half of them go, those that failed least.
fn make_room(failed: &mut HashMap<u64, (u32, Instant)>) {
    if failed.len() < MOST {
        return;
    }
    let mut all: Vec<(u32, Instant, u64)> = failed
        .iter()
        .map(|(key, (times, last))| (*times, *last, *key))
        .collect();
    all.sort_unstable();
    for (_, _, key) in &all[..MOST / 2] {
        failed.remove(key);
    }
}

/// After so many failures.
fn pause(times: u32, free: u32) -> Duration {
    let Some(more) = times.checked_sub(free) else {
        return Duration::ZERO;
    };
    LONGEST.min(Duration::from_secs(1_u64 << more.min(10)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn whoever_fails_again_and_again_waits_longer_and_longer() {
        let (slowing, start) = (Slowing::default(), Instant::now());
        let mut waits = Vec::new();
        for _ in 0..14 {
            slowing.failed("ann", Some(address(1)), start);
            waits.push(
                slowing
                    .wait("ann", Some(address(1)), start)
                    .map_or(0, |wait| wait.as_secs()),
            );
        }
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]);
        // Of another address too, in whatever case; then it is over.
        assert!(slowing.wait("ANN", Some(address(2)), start).is_some());
        assert_eq!(slowing.wait("bob", Some(address(2)), start), None);
        assert_eq!(slowing.wait("ann", Some(address(2)), start + LONGEST), None);
        slowing.succeeded("Ann");
        assert_eq!(slowing.wait("ann", Some(address(2)), start), None);
    }

    #[test]
    fn an_address_that_tries_many_names_waits_too() {
        let (slowing, start) = (Slowing::default(), Instant::now());
        for number in 0..20 {
            assert_eq!(
                slowing.wait("new", Some(address(1)), start),
                None,
                "{number}"
            );
            slowing.failed(&format!("name{number}"), Some(address(1)), start);
        }
        assert!(slowing.wait("new", Some(address(1)), start).is_some());
        assert_eq!(slowing.wait("new", Some(address(2)), start), None);
        slowing.failed("old", Some(address(1)), start + FORGOTTEN);
        assert_eq!(
            slowing.wait("new", Some(address(1)), start + FORGOTTEN),
            None
        );
    }

    #[test]
    fn whatever_is_tried_memory_is_bounded_and_who_failed_most_is_remembered() {
        let (slowing, start) = (Slowing::default(), Instant::now());
        for _ in 0..10 {
            slowing.failed("ann", Some(address(1)), start);
        }
        for number in 0..3 * MOST {
            let from = u32::try_from(number).expect("few");
            slowing.failed(
                &format!("name{number}"),
                Some(IpAddr::from(from.to_be_bytes())),
                start,
            );
        }
        assert!(slowing.failed.lock().expect("nobody panicked").len() <= MOST + 1);
        assert!(slowing.wait("ann", Some(address(2)), start).is_some());
    }
}
