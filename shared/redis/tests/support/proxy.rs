use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What happens to answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    Pass,
    /// They come so much later.
    Late(Duration),
    /// They never come; the connection stands.
    Swallowed,
    /// The first bytes come, and then nothing more.
    Halved,
    /// The next one is lost with its connection; those after it pass.
    LostOnce,
}

/// Stands between a limiter and its server, and ends with the test.
pub struct Proxy {
    pub url: String,
    state: Arc<Mutex<State>>,
    _tasks: JoinSet<()>,
}

struct State {
    answers: Answers,
    connections: u64,
    /// Connections up to this one are forgotten: nothing passes any more, and nobody is told.
    forgotten: u64,
}

impl Proxy {
    pub async fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("redis://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let state = Arc::new(Mutex::new(State { answers: Answers::Pass, connections: 0, forgotten: 0 }));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, port, Arc::clone(&state)));
        Self { url, state, _tasks: tasks }
    }

    pub fn answers(&self, answers: Answers) {
        self.state.lock().unwrap().answers = answers;
    }

    /// How many connections were made.
    pub fn connections(&self) -> u64 {
        self.state.lock().unwrap().connections
    }

    /// Forgets all connections that there are, as what stands in between does after some minutes of silence.
    pub fn forget(&self) {
        let mut state = self.state.lock().unwrap();
        state.forgotten = state.connections;
    }
}

async fn accept(listener: TcpListener, port: u16, state: Arc<Mutex<State>>) {
    let mut passing = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let number = {
            let mut state = state.lock().unwrap();
            state.connections += 1;
            state.connections
        };
        let state = Arc::clone(&state);
        passing.spawn(async move {
            // Whatever ends it ends both connections.
            let _ = pass(client, port, number, &state).await;
        });
    }
}

async fn pass(mut client: TcpStream, port: u16, number: u64, state: &Mutex<State>) -> io::Result<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    let (mut asked, mut answered) = ([0; 65_536], [0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => match read? {
                0 => return Ok(()),
                n if state.lock().unwrap().forgotten < number => server.write_all(&asked[..n]).await?,
                _ => {}
            },
            read = server.read(&mut answered) => {
                let answers = {
                    let mut state = state.lock().unwrap();
                    let answers = if state.forgotten < number { state.answers } else { Answers::Swallowed };
                    if answers == Answers::LostOnce {
                        state.answers = Answers::Pass;
                    }
                    answers
                };
                match (answers, read?) {
                    (Answers::LostOnce, _) | (_, 0) => return Ok(()),
                    (Answers::Pass, n) => client.write_all(&answered[..n]).await?,
                    (Answers::Late(by), n) => {
                        tokio::time::sleep(by).await;
                        client.write_all(&answered[..n]).await?;
                    }
                    (Answers::Halved, n) => client.write_all(&answered[..n / 2]).await?,
                    (Answers::Swallowed, _) => {}
                }
            }
        }
    }
}
