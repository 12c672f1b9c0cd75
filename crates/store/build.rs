//! A new migration is a reason to build again: the macro that takes the folder in does not say so.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
