//! Is a web service there: it answers 2xx or 3xx.

use std::sync::OnceLock;

pub async fn probe(url: &str) -> Result<(), String> {
    let answer = client()?
        .get(url)
        .send()
        .await
        .map_err(|error| describe(&error.without_url()))?;
    let status = answer.status();
    if status.is_success() || status.is_redirection() {
        Ok(())
    } else {
        Err(format!("it answers {status}"))
    }
}

/// Redirects are answers, not to be followed; a proxy of the environment is not what is waited for.
fn client() -> Result<&'static reqwest::Client, String> {
    static CLIENT: OnceLock<Result<reqwest::Client, String>> = OnceLock::new();
    CLIENT
        .get_or_init(|| {
            // Fails only when a provider is installed already, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .user_agent(concat!("smartetl/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| describe(&error))
        })
        .as_ref()
        .map_err(Clone::clone)
}

/// The innermost cause says what happened; the outer ones only that sending failed.
fn describe(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    match cause.downcast_ref::<std::io::Error>() {
        Some(error) => crate::errors::reason(error),
        None => cause.to_string(),
    }
}
