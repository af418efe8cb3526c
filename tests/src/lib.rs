//! Contract suites, journeys and structure checks over the whole workspace.
