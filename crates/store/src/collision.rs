//! Roles and what is granted to them belong to the whole server, not to one database: no lock that smartETL can take keeps
//! two databases from changing them at once. The server refuses one of the two, which then tries again.

use std::time::Duration;

/// So many tries, each after a longer pause: some seconds in all.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(40);

/// Whether somebody else changed the same at the same time, so that another try can help.
pub fn is_collision(error: &sqlx::Error) -> bool {
    let Some(refused) = error.as_database_error() else {
        return false;
    };
    match refused.code().as_deref() {
        // Serialization failure, deadlock, internal error. "tuple concurrently updated" has no code of its own, and its words
        // depend on the server's language; another internal error is met again at the last try.
        Some("40001" | "40P01" | "XX000") => true,
        // The same new line of a system table; those of smartETL's own tables are named otherwise.
        Some("23505") => refused
            .constraint()
            .is_some_and(|constraint| constraint.starts_with("pg_")),
        _ => false,
    }
}

/// Does the work, and again where it collided.
///
/// # Errors
/// Those of the work: the last ones where it collided each time.
pub async fn tried_again<T, E>(
    collided: impl Fn(&E) -> bool,
    mut work: impl AsyncFnMut() -> Result<T, E>,
) -> Result<T, E> {
    // Those who collided must not meet again at the next try.
    let own = Duration::from_millis(u64::from(std::process::id() % 23));
    let mut tries = 1;
    loop {
        match work().await {
            Err(error) if tries < TRIES && collided(&error) => {
                tokio::time::sleep(PAUSE * tries + own).await;
                tries += 1;
            }
            result => return result,
        }
    }
}
