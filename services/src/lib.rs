//! Finds, installs and starts the services that tests and developers need.
