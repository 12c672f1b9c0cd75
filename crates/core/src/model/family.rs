//! Which jobs are one job in other clothes.

/// A job's name without what changes while the job stays: a version, a context, digits at its end.
/// `CHARGE_STOCKS_PROD_v1.2` and `CHARGE_STOCKS_3` are of the family `CHARGE_STOCKS`.
/// A name that is nothing else stays as it is.
pub fn job_family(job: &str) -> String {
    const CONTEXTS: &[&str] = &["prod", "prd", "rec", "uat", "dev", "test"];
    let mut family = job;
    loop {
        let trimmed = family.trim_end_matches(|c: char| c.is_ascii_digit() || "._- ".contains(c));
        let without_v = match trimmed.strip_suffix(['v', 'V']) {
            Some(rest) if trimmed.len() < family.len() && rest.ends_with(['_', '-', '.', ' ']) => {
                rest
            }
            _ => trimmed,
        };
        let word = without_v
            .rsplit(['_', '-', '.', ' '])
            .next()
            .unwrap_or_default();
        let next =
            if word.len() < without_v.len() && CONTEXTS.contains(&word.to_lowercase().as_str()) {
                &without_v[..without_v.len() - word.len()]
            } else {
                without_v
            };
        if next.is_empty() {
            return job.to_owned();
        }
        if next == family {
            return family.to_owned();
        }
        family = next;
    }
}

#[cfg(test)]
mod tests {
    use super::job_family;

    #[test]
    fn version_context_and_digits_go() {
        for (job, family) in [
            ("CHARGE_STOCKS_PROD_v1.2", "CHARGE_STOCKS"),
            ("CHARGE_STOCKS_3", "CHARGE_STOCKS"),
            ("CHARGE_STOCKS", "CHARGE_STOCKS"),
            ("load_orders_v2", "load_orders"),
            ("J010", "J"),
            ("2024", "2024"),
            ("PROD", "PROD"),
            ("envoi", "envoi"),
        ] {
            assert_eq!(job_family(job), family, "{job}");
        }
    }
}
