#![doc = include_str!("../README.md")]

mod error;
mod from_statrs;
mod law;
mod space;
mod validate;

pub use error::LawError;
pub use law::Law;
pub use space::Space;
