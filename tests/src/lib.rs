//! Contract suites, journeys and structure checks over the whole workspace.

pub mod business;
pub mod clock;
pub mod contract;
pub mod entropy;
pub mod runs;
pub mod seeds;
pub mod world;
