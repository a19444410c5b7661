//! jobs
use crate::Sql;
/// none
pub static ALL: &[&Sql] = &[];
