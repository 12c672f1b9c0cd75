//! The tests of the whole way from bytes to rows.

mod csv;
mod damage;
mod document;
mod encodings;
mod envelope;
mod generic;
mod jsonl;
mod manual;
mod mapping_sets;
mod openlineage;
mod parquet;
mod propose;
mod propose_states;
mod proposed;
mod registry;
mod sniff;
mod support;
