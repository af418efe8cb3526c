//! Large values in Amazon S3.
