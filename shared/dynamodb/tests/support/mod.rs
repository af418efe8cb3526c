//! A table of its own for each test.

#![allow(dead_code, reason = "each test file uses what it needs")]

pub mod proxy;
pub mod time;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_client::{Credentials, Deadlines, SdkConfig, Settings};
use dynamodb_items::DynamoItems;
use tests::entropy::SeededEntropy;

/// Far above what moto needs on a busy machine.
pub const PATIENT: Deadlines = Deadlines {
    connect: std::time::Duration::from_secs(10),
    attempt: std::time::Duration::from_secs(30),
    operation: std::time::Duration::from_secs(60),
    attempts: 3,
};

pub fn config(endpoint: &str, deadlines: Deadlines) -> SdkConfig {
    let credentials =
        Credentials { access_key: "test".into(), secret_key: "test".to_owned().into(), session_token: None };
    Settings { region: "us-east-1".into(), endpoint: Some(endpoint.parse().unwrap()), credentials, deadlines }.config()
}

/// A table of its own, with tokens of its own: they count in all tables.
pub struct Table {
    pub name: String,
    number: u64,
}

impl Table {
    pub async fn create(endpoint: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("items-{number}");
        dynamodb_items::create(&config(endpoint, PATIENT), &name).await.unwrap();
        Self { name, number }
    }

    /// The store in the table, reached at this address.
    pub fn items(&self, endpoint: &str, deadlines: Deadlines) -> DynamoItems {
        let entropy = Arc::new(SeededEntropy::new(self.number));
        DynamoItems::new(&config(endpoint, deadlines), &self.name, entropy)
    }
}
