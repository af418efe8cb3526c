use xshell::{Shell, cmd};

/// Lets the tests that hold the document to the code write it instead: first the examples, which are built into what the
/// second one runs.
pub(crate) fn write(sh: &Shell) -> anyhow::Result<()> {
    let _write = sh.push_env("PORFIN_WRITE_OPENAPI", "1");
    for test in ["the_examples_are_what_the_api_answers", "the_committed_document_is_what_the_code_makes"] {
        let test = format!("api::openapi::{test}");
        cmd!(sh, "cargo test --quiet --package tests --test it -- --exact {test}").run()?;
    }
    Ok(())
}
