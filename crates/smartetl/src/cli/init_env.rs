//! `smartetl init-env`: the settings of `compose.yaml` with passwords of this machine's randomness.

use super::Outcome;
use crate::output;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use smartetl_store::embedded::random;
use smartetl_store::hex;

/// Where the settings are explained; its secrets are empty.
const TEMPLATE: &str = include_str!("../../../../.env.example");

/// What is filled in where the template leaves it empty.
#[derive(Clone, Copy)]
enum Secret {
    /// 192 bits, as the embedded server has; hexadecimal, so that it can stand anywhere.
    Password,
    /// 256 bits, hexadecimal.
    Key,
    /// 256 bits as Fernet wants them: the base64 of addresses.
    Fernet,
}

const SECRETS: [(&str, Secret); 10] = [
    ("POSTGRES_PASSWORD", Secret::Password),
    ("SMARTETL_DB_PASSWORD", Secret::Password),
    ("AIRFLOW_DB_PASSWORD", Secret::Password),
    ("GRAFANA_DB_PASSWORD", Secret::Password),
    ("GRAFANA_ADMIN_PASSWORD", Secret::Password),
    ("AIRFLOW_ADMIN_PASSWORD", Secret::Password),
    ("AIRFLOW_SECRET_KEY", Secret::Key),
    ("AIRFLOW_FERNET_KEY", Secret::Fernet),
    ("SMARTETL_HTTP_TOKEN", Secret::Password),
    ("SMARTETL_HTTP_PASSWORD", Secret::Password),
];

/// Needs no configuration: it comes before all others.
pub fn run() -> anyhow::Result<Outcome> {
    let mut text = String::new();
    for line in TEMPLATE.lines() {
        text.push_str(line);
        let empty = line.strip_suffix('=');
        let secret = SECRETS.iter().find(|(name, _)| Some(*name) == empty);
        if let Some((_, secret)) = secret {
            text.push_str(&secret.draw()?);
        }
        text.push('\n');
    }
    output::print(&text)?;
    Ok(Outcome::Done)
}

impl Secret {
    fn draw(self) -> anyhow::Result<String> {
        Ok(match self {
            Self::Password => hex(&random::<24>()?),
            Self::Key => hex(&random::<32>()?),
            Self::Fernet => URL_SAFE.encode(random::<32>()?),
        })
    }
}
