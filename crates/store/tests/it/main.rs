//! The tests of smartetl-store against a real PostgreSQL: one binary, one module per area.

mod embedded;
mod testkit;
