//! Durations as people write them, and the machine's time zone. The only place that asks the machine for its zone.

use jiff::tz::TimeZone;
use std::time::Duration;

/// Reads `60s`, `1m30s`, `500ms`, or a bare number of seconds.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Ok(Duration::from_secs(seconds.into()));
    }
    let duration: jiff::SignedDuration = text
        .parse()
        .map_err(|_| format!("`{text}` is no duration; write for example 30s, 2m or 500ms"))?;
    Duration::try_from(duration).map_err(|_| format!("`{text}` is negative"))
}

/// The machine's zone name: `TZ` if it names one, else what the system says; `None` where neither is known.
pub fn machine_zone() -> Option<String> {
    let from_variable = std::env::var("TZ")
        .ok()
        .map(|value| value.trim_start_matches(':').to_owned());
    from_variable
        .into_iter()
        .chain(iana_time_zone::get_timezone())
        .find(|name| TimeZone::get(name).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let check = |text: &str, millis: u64| {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_millis(millis)),
                "{text}"
            );
        };
        check("60", 60_000);
        check("60s", 60_000);
        check("1m30s", 90_000);
        check("500ms", 500);
        for wrong in ["", "soon", "-5s", "12 parsecs"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }
}
