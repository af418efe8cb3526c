//! Just enough of Redis' protocol.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

/// A connection.
pub struct Client(BufReader<TcpStream>);

impl Client {
    pub fn connect(port: u16) -> Self {
        Self(BufReader::new(TcpStream::connect(("127.0.0.1", port)).unwrap()))
    }

    /// The lines of an answer that is simple, a text or a list of texts; an empty one where the connection ends.
    pub fn ask(&mut self, command: &str) -> Vec<String> {
        self.0.get_mut().write_all(format!("{command}\r\n").as_bytes()).unwrap();
        let first = self.line();
        let more = match first.strip_prefix('*') {
            Some(elements) => 2 * elements.parse::<usize>().unwrap(),
            None if first.starts_with('$') && first != "$-1" => 1,
            None => 0,
        };
        [first].into_iter().chain((0..more).map(|_| self.line())).collect::<Vec<_>>()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}
