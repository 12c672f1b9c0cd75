//! Who may use the service, and who changed what. Secrets are hashes by the time they come here.

mod accounts;
mod audit;
mod sessions;
mod tokens;

pub use accounts::{
    Account, Changed, Credentials, accounts, add, any, credentials, remove, set_password, set_role,
};
pub use audit::{Done, Entry, NewEntry, entries, record};
pub use sessions::{LoggedIn, begin_session, end_session, session};
pub use tokens::{ApiToken, NewToken, add_token, revoke, token, tokens};
