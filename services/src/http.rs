use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// Far above what a service of this machine takes.
const DEADLINE: Duration = Duration::from_secs(10);

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub status: u16,
    /// The body, as text.
    pub body: String,
}

/// Makes one request to a port of this machine. `head` holds the lines after the request's own, each with its `\r\n`.
pub(crate) fn call(port: u16, method: &str, path: &str, head: &str, body: &str) -> io::Result<Answer> {
    let mut stream = connect(port)?;
    let length = body.len();
    // HTTP/1.0 has no chunks.
    let request =
        format!("{method} {path} HTTP/1.0\r\nhost: 127.0.0.1:{port}\r\ncontent-length: {length}\r\n{head}\r\n{body}");
    stream.write_all(request.as_bytes())?;
    answer(BufReader::new(stream))
}

/// Reads as long as its length says, or to the end where it says none: not every server closes the connection.
fn answer(mut stream: impl BufRead) -> io::Result<Answer> {
    let malformed = || io::Error::new(io::ErrorKind::InvalidData, "no answer of HTTP");
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.trim().parse().ok()).ok_or_else(malformed)?;
    let mut length = u64::MAX;
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(|_| malformed())?;
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = String::new();
    stream.take(length).read_to_string(&mut body)?;
    Ok(Answer { status, body })
}

/// A connection to a port of this machine, with a deadline for everything.
pub(crate) fn connect(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), DEADLINE)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    Ok(stream)
}
