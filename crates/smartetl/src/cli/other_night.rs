//! A note on the night beside the one that is told: the newest may have only begun, or another than the newest is told.

use super::Context;
use super::again::{program, quoted};
use crate::night::{self, Teller};
use crate::report::Clock;
use smartetl_store::StoreError;
use smartetl_store::night::{Night, night};
use sqlx::PgConnection;

/// So many seconds after its border a business day has only begun, and what people call the last night is the one before.
const BEGUN_S: i64 = 12 * 60 * 60;

/// Nothing where `told`, which nobody asked for by its day, is the newest night and has more than begun. `folder` is the flag
/// that a shell needs to reach the database.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn note(
    connection: &mut PgConnection,
    told: &Night,
    teller: &Teller,
    context: &Context,
    folder: &str,
) -> Result<Option<String>, StoreError> {
    let clock = Clock {
        zone: teller.zone.clone(),
        border: context.settings.business_day.border,
    };
    let has_begun_only = told
        .last_event_at
        .is_none_or(|last| clock.elapsed(last, told.day) < BEGUN_S);
    let day = told.after.or(told.before.filter(|_| has_begun_only));
    let Some(day) = day else {
        return Ok(None);
    };
    let other = night(connection, Some(&told.environment), Some(day)).await?;
    Ok(other.map(|other| {
        let when = if told.after.is_some() {
            teller.lang.pick(
                "A newer night has begun",
                "Une nuit plus récente a commencé",
            )
        } else {
            teller.lang.pick("The night before", "La nuit précédente")
        };
        let parts: Vec<_> = night::sentence(&other, teller)
            .into_iter()
            .map(|part| part.text)
            .collect();
        let colon = teller.lang.colon();
        let mut more = format!("→ {}{folder} report night --day {day}", program());
        if told.environment != "PROD" {
            more = format!("{more} --environment {}", quoted(&told.environment));
        }
        format!(
            "{when} ({}){colon} {} {more}",
            teller.days_of_night(day),
            parts.join(" ")
        )
    }))
}
