//! The connection to AWS: region, credentials, endpoint, HTTPS client and deadlines.
