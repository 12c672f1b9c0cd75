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
    /// Hears whoever logs in, and counts that as a failure until they have succeeded: of many who try at the same time, no more are
    /// heard than one after the other.
    ///
    /// # Errors
    /// How long they have to wait before they are heard.
    pub fn hear(&self, name: &str, address: Option<IpAddr>, now: Instant) -> Result<(), Duration> {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = self.keys(name, address);
        let waits = keys.into_iter().zip(FREE).filter_map(|(key, free)| {
            let (times, last) = failed.get(&key)?;
            let until = *last + pause(*times, free);
            until
                .checked_duration_since(now)
                .filter(|wait| !wait.is_zero())
        });
        if let Some(wait) = waits.max() {
            return Err(wait);
        }
        for key in keys {
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
        Ok(())
    }

    /// They are in: the account is theirs. The address stays suspected of what failed before.
    pub fn succeeded(&self, name: &str, address: Option<IpAddr>) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let [account, address] = self.keys(name, address);
        failed.remove(&account);
        if let Some((times, _)) = failed.get_mut(&address) {
            *times = times.saturating_sub(1);
        }
    }

    fn keys(&self, name: &str, address: Option<IpAddr>) -> [u64; 2] {
        let name = name.trim().to_lowercase();
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

    /// How long they had to wait until they were heard, seconds; and when that was.
    fn heard(slowing: &Slowing, name: &str, from: IpAddr, now: Instant) -> (u64, Instant) {
        match slowing.hear(name, Some(from), now) {
            Ok(()) => (0, now),
            Err(wait) => {
                let then = now + wait;
                assert_eq!(slowing.hear(name, Some(from), then), Ok(()));
                (wait.as_secs(), then)
            }
        }
    }

    #[test]
    fn whoever_fails_again_and_again_waits_longer_and_longer() {
        let (slowing, mut now) = (Slowing::default(), Instant::now());
        let mut waits = Vec::new();
        for _ in 0..14 {
            let (wait, then) = heard(&slowing, "ann", address(1), now);
            waits.push(wait);
            now = then;
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        // From another address too, however it is written; then it is over.
        for written in ["ANN", " ann", "ann\u{a0} "] {
            assert!(slowing.hear(written, Some(address(2)), now).is_err());
        }
        assert_eq!(slowing.hear("bob", Some(address(2)), now), Ok(()));
        assert_eq!(slowing.hear("ann", Some(address(2)), now + LONGEST), Ok(()));
        slowing.succeeded("Ann", Some(address(2)));
        assert_eq!(slowing.hear("ann", Some(address(2)), now + LONGEST), Ok(()));
    }

    #[test]
    fn an_address_that_tries_many_names_waits_too() {
        let (slowing, start) = (Slowing::default(), Instant::now());
        // Whoever knows the password is no reason for suspicion.
        for _ in 0..30 {
            assert_eq!(slowing.hear("old", Some(address(1)), start), Ok(()));
            slowing.succeeded("old", Some(address(1)));
        }
        for number in 0..20 {
            let name = format!("name{number}");
            assert_eq!(slowing.hear(&name, Some(address(1)), start), Ok(()));
        }
        assert!(slowing.hear("new", Some(address(1)), start).is_err());
        assert_eq!(slowing.hear("new", Some(address(2)), start), Ok(()));
        let later = start + FORGOTTEN;
        assert_eq!(slowing.hear("old", Some(address(1)), later), Ok(()));
        assert_eq!(slowing.hear("new", Some(address(1)), later), Ok(()));
    }

    #[test]
    fn whatever_is_tried_memory_is_bounded_and_who_failed_most_is_remembered() {
        let (slowing, mut now) = (Slowing::default(), Instant::now());
        for _ in 0..10 {
            now = heard(&slowing, "ann", address(1), now).1;
        }
        for number in 0..3 * MOST {
            let from = u32::try_from(number).expect("few");
            let from = IpAddr::from(from.to_be_bytes());
            let heard = slowing.hear(&format!("name{number}"), Some(from), now);
            assert_eq!(heard, Ok(()));
        }
        assert!(slowing.failed.lock().expect("nobody panicked").len() <= MOST + 1);
        assert!(slowing.hear("ann", Some(address(2)), now).is_err());
    }

    #[test]
    fn of_many_at_the_same_time_few_are_heard() {
        let (slowing, now) = (Slowing::default(), Instant::now());
        let heard = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..32)
                .map(|number| {
                    let slowing = &slowing;
                    scope.spawn(move || slowing.hear("ann", Some(address(number)), now).is_ok())
                })
                .collect();
            let tries = tries.into_iter().map(|one| one.join().expect("no panic"));
            tries.filter(|heard| *heard).count()
        });
        assert_eq!(heard, FREE[0] as usize);
    }
}
