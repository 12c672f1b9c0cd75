//! Who logs in where, out of an address. As sqlx reads it: a user, password or database among the parameters wins.

use crate::errors::{ErrorCode, Failure};
use percent_encoding::percent_decode_str;
use reqwest::Url;
use smartetl_store::roles::Login;

pub(super) struct Address {
    pub login: Login,
    pub database: Option<String>,
}

impl Address {
    /// `key`: the setting that it is.
    ///
    /// # Errors
    /// When it names no user.
    pub(super) fn of(key: &str, url: &str) -> Result<Self, Failure> {
        let wrong = |message: [&str; 2]| {
            Failure::new(ErrorCode::ConfigInvalid, message)
                .at(key)
                .hint([
                    "write postgresql://user:password@host:5432/database",
                    "écrivez postgresql://utilisateur:motdepasse@hôte:5432/base",
                ])
        };
        // The value may hold a password: it is not repeated.
        let parsed: Url = url
            .parse()
            .map_err(|_| wrong(["this is no address", "ce n’est pas une adresse"]))?;
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let mut name = decoded(parsed.username());
        let mut password = parsed.password().map(decoded);
        let mut database = decoded(parsed.path().trim_start_matches('/'));
        for (parameter, value) in parsed.query_pairs() {
            match &*parameter {
                "user" => name = value.into_owned(),
                "password" => password = Some(value.into_owned()),
                "dbname" => database = value.into_owned(),
                _ => {}
            }
        }
        if name.is_empty() {
            return Err(wrong([
                "the address names no user",
                "l’adresse n’indique pas d’utilisateur",
            ]));
        }
        Ok(Self {
            login: Login {
                name,
                password: password.filter(|password| !password.is_empty()),
            },
            database: Some(database).filter(|name| !name.is_empty()),
        })
    }

    /// # Errors
    /// When it names no database.
    pub(super) fn database(&self, key: &str) -> Result<String, Failure> {
        self.database.clone().ok_or_else(|| {
            Failure::new(
                ErrorCode::ConfigInvalid,
                [
                    "the address names no database",
                    "l’adresse n’indique pas de base",
                ],
            )
            .at(key)
            .hint([
                "write postgresql://user:password@host:5432/database",
                "écrivez postgresql://utilisateur:motdepasse@hôte:5432/base",
            ])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let check = |url: &str, name: &str, password: Option<&str>, database: Option<&str>| {
            let address = Address::of("database.url", url).expect("it names a user");
            assert_eq!(address.login.name, name, "{url}");
            assert_eq!(address.login.password.as_deref(), password, "{url}");
            assert_eq!(address.database.as_deref(), database, "{url}");
        };
        check(
            "postgresql://ann:p%40ss@db:5432/etl",
            "ann",
            Some("p@ss"),
            Some("etl"),
        );
        check(
            "postgres://an%20n@%2Frun%2Fpg/my%20etl",
            "an n",
            None,
            Some("my etl"),
        );
        check(
            "postgresql:///?user=ann&password=x&dbname=etl",
            "ann",
            Some("x"),
            Some("etl"),
        );
        check("postgresql://ann@db", "ann", None, None);
        assert!(Address::of("database.url", "postgresql:///etl").is_err());
    }
}
