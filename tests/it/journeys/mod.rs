//! Journeys through the whole platform: from Meta's body at the webhook, through every queue and handler, to what Meta
//! was asked to send. Each ends with the checks of everything that must hold.

#![allow(clippy::unwrap_used, reason = "tests")]

mod assistant;
mod away;
mod borders;
mod conversation;
mod files;
mod handing_out;
mod identity;
mod marketing;
mod outages;
mod owners;
mod races;
mod refusals;
mod restore;
mod restore_anytime;
mod restore_steps;
mod rules;
mod switches;
mod unknown;
mod versions;
mod webhooks;
