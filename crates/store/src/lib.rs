//! The PostgreSQL side of smartETL: the embedded server, the tables and their migrations, bulk copying, checkpoints, the
//! ledger. It knows no log format; what rows mean is decided in the core.

pub mod access;
pub mod audit;
pub mod backup;
pub mod catalogue;
pub mod checkpoint;
pub mod collision;
pub mod consumers;
pub mod copy;
pub mod deadlines;
pub mod embedded;
mod error;
pub mod export;
pub mod facts;
pub mod fusion;
mod hex;
pub mod indexes;
pub mod issues;
pub mod ledger;
pub mod looking;
pub mod night;
mod partitions;
pub mod posted;
pub mod problems;
pub mod processes;
pub mod prune;
pub mod report;
pub mod roles;
mod schema;
pub mod search;
pub mod sources;
pub mod stream;
pub mod take_back;
pub mod tasks;
pub mod upkeep;
pub mod uploads;

pub use error::StoreError;
pub use hex::hex;
pub use partitions::{Month, ensure_months};
pub use schema::{Applied, check_tables, is_current, migrate, schema_sql};
