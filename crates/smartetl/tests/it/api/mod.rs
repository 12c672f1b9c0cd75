//! `/api/v1`, through the real program over a real database.

mod access;
mod acts;
mod changes;
mod client;
mod compare;
mod docs;
mod document;
mod edit_job;
mod errors;
mod files;
mod forgery;
mod history;
mod hostile;
mod issue;
mod messages;
mod pages;
mod refused;
mod roles;
mod routes;
mod schema;
mod search;
mod settings;
mod source;
mod tasks;
mod topics;
mod uploads;
