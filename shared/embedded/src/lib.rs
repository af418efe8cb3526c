//! Every storage port over SQLite: the laptop's stores, and in memory the simulation's.
