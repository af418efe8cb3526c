use std::time::{Duration, Instant};

/// Asks again and again until there is an answer, at most for the time given. The machine's own processes are waited for
/// here, so this is real time whatever the tests' clock says.
#[expect(clippy::disallowed_methods, reason = "a process of the machine is waited for in real time")]
pub(crate) fn until<T>(at_most: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let begin = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if begin.elapsed() > at_most {
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
