//! Intents, gates and quotas in Amazon DynamoDB.
