//! The `api` function in Lambda.

fn main() -> std::process::ExitCode {
    boot::cloud::refuse("api")
}
