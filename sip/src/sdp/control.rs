//! Where a stream's control packets go: one port above the audio's, where `a=rtcp` says (RFC 3605), or to the audio's own
//! port where both sides share it (RFC 5761).

use core::net::{IpAddr, SocketAddr};

use super::Media;
use crate::message::scan;

/// Where the control packets of a stream go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// To a port of their own.
    At(SocketAddr),
    /// To wherever the audio goes.
    Shared,
    /// Nowhere: no port is left above the audio's, or control is refused by port 0.
    Nowhere,
}

/// Whether the writer of a section would share one port (RFC 5761 §5.1.1).
pub(super) fn is_shared(media: &Media<'_>) -> bool {
    media.attributes.get(b"rtcp-mux").is_some()
}

/// Where the writer of a section that receives audio at `audio` receives control.
pub(super) fn own_port(media: &Media<'_>, audio: SocketAddr) -> Control {
    let said = media.attributes.get(b"rtcp").and_then(|value| read(value, audio.ip()));
    // RFC 3550 §11: else the next higher port.
    let above = || audio.port().checked_add(1).map(|port| SocketAddr::new(audio.ip(), port));
    let address = said.or_else(above).filter(|address| address.port() != 0);
    address.map_or(Control::Nowhere, Control::At)
}

/// RFC 3605 §2.1: `port [nettype addrtype address]`; an address that is a name is not followed.
fn read(value: &[u8], default: IpAddr) -> Option<SocketAddr> {
    let mut words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let port = u16::try_from(scan::number(words.next()?)?).ok()?;
    let ip = match words.nth(2) {
        Some(address) => core::str::from_utf8(address).ok()?.parse().ok()?,
        None => default,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::super::Session;
    use super::*;

    fn at(lines: &str) -> (bool, Control) {
        let text = format!(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 6000 RTP/AVP 8\r\n{lines}"
        );
        let session = Session::parse(text.as_bytes()).expect("good");
        let audio = "192.0.2.1:6000".parse().expect("address");
        (is_shared(&session.media[0]), own_port(&session.media[0], audio))
    }

    fn address(text: &str) -> Control {
        Control::At(text.parse().expect("address"))
    }

    #[test]
    fn control_goes_one_port_above_unless_the_description_says_otherwise() {
        assert_eq!(at(""), (false, address("192.0.2.1:6001")));
        assert_eq!(at("a=rtcp:7000\r\n"), (false, address("192.0.2.1:7000")));
        assert_eq!(at("a=rtcp:7000 IN IP4 192.0.2.9\r\n"), (false, address("192.0.2.9:7000")));
        assert_eq!(at("a=rtcp-mux\r\na=rtcp:6000\r\n"), (true, address("192.0.2.1:6000")));
        assert_eq!(at("a=rtcp:0\r\n").1, Control::Nowhere);
        for bad in ["x", "", "70000", "7000 IN IP4 pc.example.com"] {
            let read = at(&format!("a=rtcp:{bad}\r\n")).1;
            assert_eq!(read, address("192.0.2.1:6001"), "{bad}");
        }
    }

    #[test]
    fn no_port_lies_above_the_last() {
        let session = Session::parse(
            b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 65535 RTP/AVP 8\r\n",
        );
        let session = session.expect("good");
        let audio = "192.0.2.1:65535".parse().expect("address");
        assert_eq!(own_port(&session.media[0], audio), Control::Nowhere);
    }
}
