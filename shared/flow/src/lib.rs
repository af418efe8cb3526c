//! The use cases of Porfin and the ports that they need.

pub mod browse;
mod compose;
pub mod converse;
pub mod job;
pub mod owner;
pub mod platform;
pub mod ports;
pub mod receive;
pub mod records;
pub mod seal;
pub mod wake;
