//! Contexts whose runs stand in no environment: told once by each command that looks at runs.

use super::Context;
use crate::night;
use sqlx::PgConnection;

/// Tells them, with the setting to write; nothing where there are none.
///
/// # Errors
/// When the server refuses or is gone.
pub async fn warn(connection: &mut PgConnection, context: &Context) -> anyhow::Result<()> {
    if context.verbosity < 0 {
        return Ok(());
    }
    let contexts = smartetl_store::facts::unmapped(connection).await?;
    // One environment and its words as they are, so that what is shown can be used.
    let example = context
        .settings
        .environments
        .get_key_value("PROD")
        .or_else(|| context.settings.environments.iter().next());
    let example = example.map(|(name, words)| (name.as_str(), words.as_slice()));
    if let Some((text, hint)) = night::unmapped(&contexts, example, context.lang()) {
        context.warn(&text, &hint);
    }
    Ok(())
}
