use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use services::{FakeTime, Firestore, Moto, Redis};

use crate::again;

#[test]
fn the_services_of_a_process_that_is_killed_end_with_it() {
    if again::is_other() {
        let time = FakeTime::new().unwrap();
        let services = (Redis::start(Some(&time)), Moto::start(Some(&time)), Firestore::start());
        println!("ready");
        // Until it is killed.
        let end = std::io::stdin().read_to_end(&mut Vec::new());
        panic!("{end:?} {}", services.0.is_ok());
    }
    let mut owner = again::other("alone::the_services_of_a_process_that_is_killed_end_with_it")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().ends_with("ready")));
    // Past the gates of moto and Firestore, which are part of the owner.
    let mut connections: Vec<(String, TcpStream)> = programs_of(owner.id())
        .into_iter()
        .map(|program| {
            let port = port_of(&program);
            (program, TcpStream::connect(("127.0.0.1", port)).unwrap())
        })
        .collect();
    assert_eq!(connections.len(), 3, "{connections:?}");
    // With SIGKILL.
    owner.kill().unwrap();
    owner.wait().unwrap();
    for (program, connection) in &mut connections {
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let ended = connection.read(&mut [0; 100]);
        let is_over = match &ended {
            Ok(read) => *read == 0,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        };
        assert!(is_over, "{program} lives on: {ended:?}");
    }
}

/// The command lines of the programs that a process has started.
fn programs_of(process: u32) -> Vec<String> {
    let programs = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let folder = entry.unwrap().path();
        // `pid (name) state parent …`; processes come and go while they are listed.
        let state = fs::read_to_string(folder.join("stat")).ok()?;
        let parent: u32 = state.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
        (parent == process).then(|| fs::read_to_string(folder.join("cmdline")).ok())?
    });
    programs.map(|command| command.replace('\0', " ")).collect()
}

/// Each of them is told its port.
fn port_of(command: &str) -> u16 {
    let words: Vec<&str> = command.split([' ', '=', ':']).collect();
    // Redis writes its address over what it was told.
    let port = words.iter().rev().find_map(|word| word.parse().ok().filter(|port: &u16| *port > 10_000));
    port.unwrap_or_else(|| panic!("{command} names no port"))
}
