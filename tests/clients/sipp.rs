//! SIPp with our scenarios.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A folder from which SIPp runs: scenarios name their files relative to it.
pub(crate) struct Sipp {
    room: TempDir,
}

impl Sipp {
    /// Makes the folder, with every scenario in it.
    pub(crate) fn new() -> Self {
        let room = tempfile::tempdir().expect("a temporary folder");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
        for entry in fs::read_dir(folder).expect("the folder is part of the source") {
            let path = entry.expect("readable").path();
            if path.extension().is_some_and(|extension| extension == "xml") {
                let name = path.file_name().expect("a file");
                fs::copy(&path, room.path().join(name)).expect("copied");
            }
        }
        Self { room }
    }

    /// Returns the path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    /// Plays a scenario once, and waits for it to succeed.
    pub(crate) fn run(&self, scenario: &str, server: SocketAddr, port: u16, more: &[&str]) {
        finish(self.begin(scenario, server, port, more));
    }

    /// Places calls by SIPp's own caller, each up for a second; all must succeed.
    pub(crate) fn place(&self, server: SocketAddr, port: u16, calls: u32, rate: u32) {
        let sipp = Command::new("sipp")
            .args(["-sn", "uac", &server.to_string(), "-i", "127.0.0.1", "-p", &port.to_string()])
            .args(["-m", &calls.to_string(), "-r", &rate.to_string(), "-d", "1000", "-s", "100"])
            .args(["-nostdin", "-timeout", "60s", "-timeout_error"])
            .current_dir(self.room.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("SIPp is installed (Debian: sip-tester)");
        finish(sipp);
    }

    /// Begins to play a scenario once.
    pub(crate) fn begin(
        &self,
        scenario: &str,
        server: SocketAddr,
        port: u16,
        more: &[&str],
    ) -> Child {
        let [media] = crate::free_ports();
        Command::new("sipp")
            .args([
                "-sf",
                scenario,
                &server.to_string(),
                "-i",
                "127.0.0.1",
                "-p",
                &port.to_string(),
            ])
            .args([
                "-m",
                "1",
                "-nostdin",
                "-timeout",
                "40s",
                "-timeout_error",
                "-trace_err",
                "-deadcall_wait",
                "200",
            ])
            .args(["-mp", &(media & !1).to_string()])
            .args(more)
            .current_dir(self.room.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("SIPp is installed (Debian: sip-tester)")
    }
}

/// Waits for a scenario to succeed.
pub(crate) fn finish(sipp: Child) {
    let output = sipp.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "SIPp: {}\n{said}\n{errors}", output.status);
}
