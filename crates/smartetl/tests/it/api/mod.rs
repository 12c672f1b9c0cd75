//! `/api/v1`, through the real program over a real database.

mod changes;
mod client;
mod document;
mod files;
mod hostile;
mod pages;
mod refused;
mod routes;
mod schema;
