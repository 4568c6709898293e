//! A baresip without a screen, told what to do over its control port.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A running baresip.
pub(crate) struct Baresip {
    child: Child,
    control: TcpStream,
    heard: String,
    room: TempDir,
}

impl Baresip {
    /// Starts one that registers as `user` at `server`, answers every call, and sends a tone.
    pub(crate) fn start(server: SocketAddr, user: &str, password: &str, hertz: u32) -> Self {
        let room = tempfile::tempdir().expect("a temporary folder");
        let [sip, control] = crate::free_ports();
        let folder = room.path().display();
        let config = format!(
            "poll_method epoll\nsip_listen 127.0.0.1:{sip}\nnet_interface 127.0.0.1\n\
             audio_player aubridge,sink\naudio_source ausine,{hertz}\naudio_alert aubridge,alert\n\
             ausrc_srate 48000\nausrc_channels 2\naudio_channels 1\nrtp_ports 41000-41999\nrtp_timeout 5\n\
             ctrl_tcp_listen 127.0.0.1:{control}\nsnd_path {folder}\n\
             module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule ausine.so\nmodule aubridge.so\n\
             module sndfile.so\nmodule_tmp uuid.so\nmodule_tmp account.so\nmodule_app menu.so\n\
             module_app ctrl_tcp.so\n"
        );
        let account = format!(
            "<sip:{user}@{server};transport=udp>;auth_pass={password};answermode=auto;regint=60;\
             audio_codecs=PCMA/8000/1\n"
        );
        for (name, text) in [("config", config.as_str()), ("accounts", &account), ("contacts", "")]
        {
            fs::write(room.path().join(name), text).expect("written");
        }
        let log = fs::File::create(room.path().join("log")).expect("created");
        let child = Command::new("baresip")
            .arg("-f")
            .arg(room.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file"))
            .stderr(log)
            .spawn()
            .expect("baresip is installed (Debian: baresip-core)");
        let address = SocketAddr::from(([127, 0, 0, 1], control));
        let control = crate::within(10, || TcpStream::connect(address).ok());
        let control = control.expect("baresip's control port opens");
        control.set_nonblocking(true).expect("a socket");
        Self { child, control, heard: String::new(), room }
    }

    /// Tells it something, as one would at its prompt.
    pub(crate) fn tell(&mut self, command: &str, parameter: &str) {
        let text = format!("{{\"command\":\"{command}\",\"params\":\"{parameter}\"}}");
        self.control.set_nonblocking(false).expect("a socket");
        write!(self.control, "{}:{text},", text.len()).expect("baresip listens");
        self.control.set_nonblocking(true).expect("a socket");
    }

    /// Waits until it reports an event such as `REGISTER_OK`, counting from the last one waited for.
    pub(crate) fn wait_for(&mut self, event: &str, seconds: u64) {
        let wanted = format!("\"type\":\"{event}\"");
        let found = crate::within(seconds, || {
            let mut room = [0; 4096];
            if let Ok(length) = self.control.read(&mut room) {
                self.heard.push_str(&String::from_utf8_lossy(&room[..length]));
            }
            self.heard.find(&wanted)
        });
        if let Some(at) = found {
            self.heard.drain(..at + wanted.len());
            return;
        }
        let log = fs::read_to_string(self.room.path().join("log")).unwrap_or_default();
        panic!("baresip reports no {event}; it said {}\n{log}", self.heard);
    }

    /// Waits until it is registered: it says so in its log, maybe before anybody listens to its events.
    pub(crate) fn wait_registered(&self) {
        let log = || fs::read_to_string(self.room.path().join("log")).unwrap_or_default();
        let is_registered = || log().contains("200 OK").then_some(());
        crate::within(10, is_registered).unwrap_or_else(|| panic!("not registered: {}", log()));
    }

    /// Returns the recordings of what it heard, the newest last.
    pub(crate) fn recordings(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.room.path()).expect("its folder");
        let mut found: Vec<PathBuf> =
            entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        found.retain(|path| path.to_string_lossy().ends_with("-dec.wav"));
        found.sort();
        found
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        // One that ended already cannot be ended again.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
