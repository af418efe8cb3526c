//! The system of record in Firestore.
