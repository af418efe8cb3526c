//! The use cases of Porfin and the ports that they need.

pub mod ports;
