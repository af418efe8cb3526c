//! What the functions really ask of AWS is what `tests/actions.toml` says, action by action and resource by resource. The
//! template's policies are held to the same list.
