//! The tests of the whole way from bytes to rows.

mod csv;
mod damage;
mod encodings;
mod generic;
mod jsonl;
mod manual;
mod mapping_sets;
mod message;
mod parquet;
mod propose;
mod registry;
mod sniff;
mod support;
