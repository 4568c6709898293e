//! A Kamailio that stands in front of the server.

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A running proxy.
pub(crate) struct Kamailio {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    child: Child,
    /// Its configuration and its sockets.
    _room: TempDir,
}

impl Kamailio {
    /// Starts one that sends new calls to `server`; waits until it answers.
    pub(crate) fn start(server: SocketAddr) -> Self {
        let room = tempfile::tempdir().expect("a temporary folder");
        let [port] = crate::free_ports();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let config = include_str!("kamailio.cfg").replace("SERVER", &server.to_string());
        fs::write(room.path().join("kamailio.cfg"), config).expect("written");
        let child = Command::new("kamailio")
            .arg("-f")
            .arg(room.path().join("kamailio.cfg"))
            .args(["-l", &format!("udp:{address}"), "-DD", "-E"])
            .arg("-w")
            .arg(room.path())
            .arg("-Y")
            .arg(room.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Kamailio is installed (Debian: kamailio)");
        let proxy = Self { address, child, _room: room };
        crate::within(10, || proxy.answers().then_some(())).expect("Kamailio answers");
        proxy
    }

    /// Whether it refuses a request that may go no further.
    fn answers(&self) -> bool {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        let own = socket.local_addr().expect("bound");
        let ask = format!(
            "OPTIONS sip:a@{0} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKask\r\nMax-Forwards: 0\r\n\
             From: <sip:a@here>;tag=1\r\nTo: <sip:a@{0}>\r\nCall-ID: ask\r\nCSeq: 1 OPTIONS\r\n\
             Content-Length: 0\r\n\r\n",
            self.address
        );
        let patience = std::time::Duration::from_millis(200);
        socket.set_read_timeout(Some(patience)).expect("a socket");
        let _ = socket.send_to(ask.as_bytes(), self.address);
        let mut room = [0; 2048];
        socket.recv(&mut room).is_ok_and(|length| room[..length].starts_with(b"SIP/2.0 483"))
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        // Its workers end with it when it is asked to; one that is killed leaves them behind.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}
