//! Changes of accounts and tokens, by a command or through the service: done, and written down who did it, in one transaction.

use super::{Secret, hash_of, hashed, is_right};
use crate::errors::{ErrorCode, Failure};
use crate::reason::Reason;
use smartetl_core::model::{Role, Scope, Way};
use smartetl_store::access::{self, Changed, Done, NewEntry, NewToken};
use sqlx::{Connection as _, PgConnection};

/// The account of the setting `http.password`.
const OF_SETTINGS: &str = "admin";

/// What is changed.
pub enum Change<'a> {
    AddUser {
        name: &'a str,
        role: Role,
        password: &'a str,
    },
    Role {
        name: &'a str,
        role: Role,
    },
    Password {
        name: &'a str,
        password: &'a str,
    },
    RemoveUser {
        name: &'a str,
    },
    RevokeToken {
        name: &'a str,
    },
}

/// Who changes something, and how they came.
#[derive(Clone, Debug)]
pub struct Changes {
    pub who: String,
    pub way: Way,
}

impl Changes {
    /// Does all of it, or nothing.
    ///
    /// # Errors
    /// A [`Failure`] when the name or the password is none, or nobody, or somebody, has the name; or when the server refuses or is gone.
    pub async fn make(
        &self,
        connection: &mut PgConnection,
        changes: Vec<Change<'_>>,
    ) -> anyhow::Result<()> {
        // Before the transaction: it takes its time.
        let mut hashed_changes = Vec::new();
        for change in changes {
            let hash = match &change {
                Change::AddUser { password, .. } | Change::Password { password, .. } => {
                    hashed(password).await?.map_err(wrong)?
                }
                _ => String::new(),
            };
            hashed_changes.push((change, hash));
        }
        let mut transaction = connection.begin().await?;
        for (change, hash) in hashed_changes {
            self.make_one(&mut transaction, change, &hash).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn make_one(
        &self,
        transaction: &mut PgConnection,
        change: Change<'_>,
        hash: &str,
    ) -> anyhow::Result<()> {
        let (name, done, detail, changed) = match change {
            Change::AddUser { name, role, .. } => {
                let name = super::name(name).map_err(wrong)?;
                let added = access::add(transaction, (&name, role, hash)).await?;
                if added == Changed::Not {
                    return Err(taken(&name).into());
                }
                (name, Done::UserAdd, Some(role.as_str()), added)
            }
            Change::Role { name, role } => {
                let set = access::set_role(transaction, name, role).await?;
                (name.to_owned(), Done::UserRole, Some(role.as_str()), set)
            }
            Change::Password { name, .. } => {
                let set = access::set_password(transaction, name, hash).await?;
                (name.to_owned(), Done::UserPassword, None, set)
            }
            Change::RemoveUser { name } => {
                let removed = access::remove(transaction, name).await?;
                (name.to_owned(), Done::UserRemove, None, removed)
            }
            Change::RevokeToken { name } => {
                let changed = if access::revoke(transaction, name).await? {
                    Changed::Done
                } else {
                    Changed::Not
                };
                (name.to_owned(), Done::TokenRevoke, None, changed)
            }
        };
        match changed {
            Changed::Done => {}
            Changed::Not => return Err(nobody(&name, done).into()),
            Changed::LastAdmin => return Err(last_admin(&name).into()),
        }
        self.record(transaction, done, &name, detail).await
    }

    /// Makes a token; it is never shown again.
    ///
    /// # Errors
    /// A [`Failure`] when the name is none or taken, or it may nothing; or when the server refuses or is gone.
    pub async fn make_token(
        &self,
        connection: &mut PgConnection,
        (name, scopes, days): (&str, &[Scope], Option<i32>),
    ) -> anyhow::Result<Secret> {
        let name = super::name(name).map_err(wrong)?;
        if scopes.is_empty() {
            return Err(wrong(Reason::new(
                "a token without a scope is good for nothing",
                "un jeton sans portée ne sert à rien",
            ))
            .into());
        }
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        let secret = Secret::of_token()?;
        let mut transaction = connection.begin().await?;
        let new = NewToken {
            name: &name,
            hash: &hash_of(secret.text()),
            scopes: &scopes,
            made_by: &self.who,
            days,
        };
        if !access::add_token(&mut transaction, new).await? {
            return Err(taken(&name).into());
        }
        let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        let detail = words.join(" ");
        self.record(&mut transaction, Done::TokenCreate, &name, Some(&detail))
            .await?;
        transaction.commit().await?;
        Ok(secret)
    }

    async fn record(
        &self,
        connection: &mut PgConnection,
        done: Done,
        target: &str,
        detail: Option<&str>,
    ) -> anyhow::Result<()> {
        let entry = NewEntry {
            who: &self.who,
            way: self.way,
            done,
            target: Some(target),
            detail,
        };
        Ok(access::record(connection, entry).await?)
    }
}

/// Sees to the account `admin`: with this password, as long as the setting says it.
///
/// # Errors
/// A [`Failure`] when the password is too short or too long; or when the server refuses or is gone.
pub async fn admin_of_settings(
    connection: &mut PgConnection,
    password: &str,
) -> anyhow::Result<()> {
    let changes = Changes {
        who: "http.password".to_owned(),
        way: Way::Command,
    };
    let change = match access::credentials(connection, OF_SETTINGS).await? {
        Some(known) if is_right(password, &known.password).await? => return Ok(()),
        Some(_) => Change::Password {
            name: OF_SETTINGS,
            password,
        },
        None => Change::AddUser {
            name: OF_SETTINGS,
            role: Role::Admin,
            password,
        },
    };
    changes.make(connection, vec![change]).await
}

fn wrong(reason: Reason) -> Failure {
    Failure::new(ErrorCode::Usage, reason)
}

fn taken(name: &str) -> Failure {
    Failure::new(
        ErrorCode::Usage,
        [
            format!("the name {name} is taken"),
            format!("le nom {name} est déjà pris"),
        ],
    )
}

fn nobody(name: &str, done: Done) -> Failure {
    let name = crate::service::shortened(name);
    let text = if done == Done::TokenRevoke {
        [
            format!("there is no token {name}"),
            format!("il n’y a pas de jeton {name}"),
        ]
    } else {
        [
            format!("there is no account {name}"),
            format!("il n’y a pas de compte {name}"),
        ]
    };
    Failure::new(ErrorCode::Usage, text)
}

fn last_admin(name: &str) -> Failure {
    Failure::new(
        ErrorCode::Usage,
        [
            format!("the account {name} is the last one that may do everything"),
            format!("le compte {name} est le dernier à pouvoir tout faire"),
        ],
    )
    .hint([
        "make somebody else an admin first: smartetl users role NAME admin",
        "donnez d’abord ce rôle à quelqu’un d’autre\u{a0}: smartetl users role NOM admin",
    ])
}
