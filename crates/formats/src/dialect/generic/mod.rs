//! generic
pub const NAME: &str = "generic";
#[derive(Debug)]
pub struct Mapping;
