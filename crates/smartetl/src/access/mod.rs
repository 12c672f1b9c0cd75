//! Passwords, secrets and names of whoever may use the service. What goes to the tables is a hash; nothing here writes a secret anywhere.

mod changes;
mod password;
mod secret;
mod slow;

pub use changes::{Change, Changes, admin_of_settings};
pub use password::{hashed, is_right, nobodys};
pub use secret::{Secret, hash_of};
pub use slow::Slowing;

use crate::night::Lang;
use crate::reason::Reason;
use smartetl_core::model::{Role, Scope};

/// So many characters are enough for a name.
const LONGEST_NAME: usize = 64;

/// The name of an account or a token: letters, digits, and what stands in addresses.
///
/// # Errors
/// When it is none, in both languages.
pub fn name(text: &str) -> Result<String, Reason> {
    let text = text.trim();
    let is_name = !text.is_empty()
        && text.chars().count() <= LONGEST_NAME
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "._-@+".contains(c));
    is_name.then(|| text.to_owned()).ok_or_else(|| {
        Reason::new(
            format!("a name has 1 to {LONGEST_NAME} letters, digits, or . _ - @ +"),
            format!("un nom a de 1 à {LONGEST_NAME} lettres, chiffres, ou . _ - @ +"),
        )
    })
}

/// The user of this machine.
pub fn user() -> String {
    let user = nix::unistd::User::from_uid(nix::unistd::getuid());
    let user = user.ok().flatten().map(|user| user.name);
    let variable = || std::env::var("USER").ok().filter(|name| !name.is_empty());
    user.or_else(variable)
        .unwrap_or_else(|| nix::unistd::getuid().to_string())
}

/// What a token may do with what is not posting.
pub fn role_of(scopes: &[Scope]) -> Option<Role> {
    let roles = scopes.iter().filter_map(|scope| match scope {
        Scope::Read => Some(Role::Viewer),
        Scope::Act => Some(Role::Operator),
        Scope::Admin => Some(Role::Admin),
        Scope::Post => None,
    });
    roles.max()
}

/// What a role is called.
pub fn role(role: Role, lang: Lang) -> &'static str {
    match role {
        Role::Viewer => lang.pick("viewer", "lecteur"),
        Role::Operator => lang.pick("operator", "opérateur"),
        Role::Admin => lang.pick("admin", "administrateur"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_hide_anything() {
        for good in ["ann", "Ann.Martin", "é", "a@example.com", " ann "] {
            assert!(name(good).is_ok(), "{good}");
        }
        let long = "a".repeat(LONGEST_NAME + 1);
        for bad in [
            "", " ", "a b", "a\u{0}", "a\nb", "=1+1", "<b>", "a/b", &long,
        ] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_token_may_what_its_widest_scope_may() {
        assert_eq!(role_of(&[]), None);
        assert_eq!(role_of(&[Scope::Post]), None);
        assert_eq!(role_of(&[Scope::Post, Scope::Read]), Some(Role::Viewer));
        assert_eq!(role_of(&[Scope::Act, Scope::Read]), Some(Role::Operator));
        assert_eq!(role_of(&[Scope::Admin]), Some(Role::Admin));
    }
}
