//! The PostgreSQL side of smartETL: the embedded server. It knows no log format.

pub mod embedded;
