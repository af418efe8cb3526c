//! The queues over Amazon SQS.
