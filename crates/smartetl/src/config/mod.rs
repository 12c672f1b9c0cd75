//! The configuration: commented defaults < this machine < file < variables < flags, and where each value came from.
//!
//! Reads the environment and the configuration file, and nothing else; it never connects anywhere. Secrets leave
//! it only through [`Settings`], never through messages or [`Origin`].

mod closures;
mod fold;
mod keys;
mod load;
mod meaning;
mod settings;
mod variables;

pub use load::{Inputs, Loaded, MACHINE, Origin, load};
pub use meaning::meaning;
pub use settings::{
    BusinessDay, Calendar, Database, Fuse, FuseMode, Grafana, Http, Load, Log, LogFormat, Login,
    Mail, Postgres, Settings, grafana_url,
};

pub use variables::{SECRETS, name_of as variable_of};

/// The settings as they are shown.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    pub origins: Vec<Origin>,
    /// The file that is read, or would be if it were there.
    pub file: Option<std::path::PathBuf>,
    pub file_read: bool,
}

/// The defaults, their documentation and an example, at once.
pub const DEFAULTS: &str = include_str!("config.default.toml");
