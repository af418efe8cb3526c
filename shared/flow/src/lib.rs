//! The use cases of Porfin and the ports that they need.

mod compose;
pub mod job;
pub mod owner;
pub mod platform;
pub mod ports;
pub mod receive;
pub mod records;
pub mod seal;
pub mod wake;
