//! A `callstorm serve` of a test's own, on a free port, ended with the test.
#![allow(dead_code, reason = "each test file uses its part")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use tempfile::TempDir;

/// A running server.
pub(crate) struct Serving {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    child: Child,
    room: TempDir,
    talk: Arc<Mutex<String>>,
    listener: Option<JoinHandle<()>>,
}

/// What a server left behind.
pub(crate) struct Ended {
    /// Its exit code.
    pub(crate) code: Option<i32>,
    /// What it wrote to stdout: the summary.
    pub(crate) said: String,
    /// What it wrote to stderr.
    pub(crate) talk: String,
    /// The names of the files of its report.
    pub(crate) files: Vec<String>,
    /// Where they are.
    pub(crate) room: TempDir,
}

impl Serving {
    /// Starts a server for a scenario; waits until it listens.
    pub(crate) fn start(scenario: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let room = tempfile::tempdir().expect("a temporary folder");
        fs::write(room.path().join("centre.toml"), scenario).expect("written");
        let mut child = Command::new(env!("CARGO_BIN_EXE_callstorm"))
            .args(["serve", "centre.toml", "--listen", "127.0.0.1:0", "--out", "out"])
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(room.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary was built for this test");
        let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
        let mut talk = String::new();
        let address = loop {
            let read = stderr.read_line(&mut talk).expect("text");
            let last = talk.lines().last().unwrap_or("");
            if let Some(rest) = last.split(" at ").nth(1).filter(|_| last.contains("serving")) {
                let address = rest.split([';', ' ']).next().unwrap_or("");
                break address.parse().expect("an address and a port");
            }
            assert!(read > 0, "the server ended: {talk}");
        };
        let talk = Arc::new(Mutex::new(talk));
        let shared = Arc::clone(&talk);
        let listener = std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let mut talk = shared.lock().expect("nobody panics with it");
                talk.push_str(&line);
                talk.push('\n');
            }
        });
        Self { address, child, room, talk, listener: Some(listener) }
    }

    /// Returns what it wrote to stderr so far.
    pub(crate) fn talk(&self) -> String {
        self.talk.lock().expect("nobody panics with it").clone()
    }

    /// Ends it as Ctrl-C does; waits for its report.
    pub(crate) fn interrupt(mut self) -> Ended {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-INT", &pid]).status().expect("a shell's tool");
        assert!(killed.success());
        let mut said = String::new();
        let mut stdout = self.child.stdout.take().expect("piped");
        stdout.read_to_string(&mut said).expect("text");
        let code = self.child.wait().expect("it ends").code();
        if let Some(listener) = self.listener.take() {
            listener.join().expect("it only reads");
        }
        let files = fs::read_dir(self.room.path().join("out")).map_or_else(
            |_| Vec::new(),
            |entries| {
                let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
                entries.filter_map(Result::ok).map(name).collect()
            },
        );
        let room = std::mem::replace(&mut self.room, tempfile::tempdir().expect("a folder"));
        Ended { code, said, talk: self.talk(), files, room }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // A server that ended already cannot be ended again.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
