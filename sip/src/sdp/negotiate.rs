//! Offer and answer for one G.711 stream with telephone-event (RFC 3264, RFC 4733).

use core::net::{IpAddr, SocketAddr};

use super::{Control, Direction, Media, Session, control};
use crate::message::scan;
use crate::text;

/// The codecs spoken: G.711, 8,000 samples per second, one byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// A-law; static payload type 8.
    Pcma,
    /// µ-law; static payload type 0.
    Pcmu,
}

/// A codec under the payload type one leg gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapped {
    /// The codec.
    pub codec: Codec,
    /// Its payload type.
    pub payload_type: u8,
}

/// Our side of a leg.
#[derive(Debug, Clone, Copy)]
pub struct Local<'a> {
    /// Where we receive.
    pub address: SocketAddr,
    /// What we speak, preferred first: for an agent, the caller's codec.
    pub codecs: &'a [Codec],
    /// The payload type we offer telephone-event under; an answer uses the offer's.
    pub event_payload_type: u8,
    /// The session identifier of our `o=` line.
    pub session_id: u64,
    /// Its version: one more whenever the description changes (RFC 3264 §8).
    pub version: u64,
    /// What we would like to do.
    pub direction: Direction,
}

/// What a peer's description says about audio we can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audio {
    /// Which media section it is.
    pub section: usize,
    /// Where the peer receives; `None` when it is on hold by 0.0.0.0 (RFC 3264 §8.4).
    pub address: Option<SocketAddr>,
    /// The codecs we speak too, in the peer's order.
    pub codecs: Vec<Mapped>,
    /// The peer's payload type for telephone-event.
    pub event: Option<u8>,
    /// Milliseconds of audio per packet the peer wants; 10 to 60, else `None`.
    pub ptime_ms: Option<u8>,
    /// The peer's direction.
    pub direction: Direction,
    /// Where the peer receives control packets on a port of their own; nowhere without an address.
    pub control: Control,
    /// Whether the peer would share the audio's port (RFC 5761).
    pub may_share: bool,
}

/// What both sides agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// Where to send; `None` while the peer receives nothing.
    pub remote: Option<SocketAddr>,
    /// What to send.
    pub codec: Mapped,
    /// The payload type of telephone-event we send.
    pub event_out: Option<u8>,
    /// The payload type of telephone-event we receive.
    pub event_in: Option<u8>,
    /// Our direction.
    pub direction: Direction,
    /// Where control packets go; also while the peer receives no audio.
    pub control: Control,
}

/// Why no agreement is possible: answered 488, with a Warning (RFC 3261 §20.43).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No audio section with a port.
    #[error("no audio offered")]
    NoAudio,
    /// Audio only over another transport, such as RTP/SAVP.
    #[error("no RTP/AVP offered")]
    Transport,
    /// No codec in common.
    #[error("no common codec")]
    Codec,
    /// The media address is a name: it could not be checked against the policy of addresses.
    #[error("media address is not a literal")]
    Address,
    /// The answer does not fit the offer.
    #[error("answer does not match the offer")]
    Mismatch,
}

impl Refusal {
    /// The warn-code of RFC 3261 §20.43.
    pub fn warn_code(self) -> u16 {
        match self {
            Self::NoAudio => 304,
            Self::Transport => 302,
            Self::Codec => 305,
            Self::Address => 301,
            Self::Mismatch => 399,
        }
    }
}

impl Codec {
    /// The static payload type (RFC 3551 §6).
    pub fn static_payload_type(self) -> u8 {
        match self {
            Self::Pcma => 8,
            Self::Pcmu => 0,
        }
    }

    /// The encoding name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
        }
    }

    fn of(name: &[u8], rate: u32) -> Option<Self> {
        let codecs = [Self::Pcma, Self::Pcmu].into_iter();
        let mut named = codecs.filter(|codec| name.eq_ignore_ascii_case(codec.name().as_bytes()));
        named.next().filter(|_| rate == 8000)
    }
}

impl Session<'_> {
    /// The first audio section we can do.
    ///
    /// # Errors
    /// The reason why there is none; of several, the one that came furthest.
    pub fn audio(&self) -> Result<Audio, Refusal> {
        let mut why = Refusal::NoAudio;
        for (section, media) in self.media.iter().enumerate() {
            if !media.kind.eq_ignore_ascii_case(b"audio") || media.port == 0 {
                continue;
            }
            match self.read_audio(section, media) {
                Ok(audio) => return Ok(audio),
                Err(refusal) => why = refusal,
            }
        }
        Err(why)
    }

    fn read_audio(&self, section: usize, media: &Media<'_>) -> Result<Audio, Refusal> {
        if !media.protocol.eq_ignore_ascii_case(b"RTP/AVP") {
            return Err(Refusal::Transport);
        }
        let mut codecs = Vec::new();
        let mut event = None;
        for payload_type in payload_types(media) {
            match (media.rtpmap(payload_type), payload_type) {
                (Some((b"telephone-event", 8000)), _) => event = event.or(Some(payload_type)),
                (Some((name, rate)), _) => {
                    let codec = Codec::of(name, rate);
                    codecs.extend(codec.map(|codec| Mapped { codec, payload_type }));
                }
                // RFC 3551 §6: static types need no rtpmap.
                (None, 0) => codecs.push(Mapped { codec: Codec::Pcmu, payload_type }),
                (None, 8) => codecs.push(Mapped { codec: Codec::Pcma, payload_type }),
                (None, _) => {}
            }
        }
        if codecs.is_empty() {
            return Err(Refusal::Codec);
        }
        let ip =
            self.connection_of(media).and_then(|host| host.address()).ok_or(Refusal::Address)?;
        let address = (!ip.is_unspecified()).then_some(SocketAddr::new(ip, media.port));
        let ptime = media.attributes.get(b"ptime").and_then(scan::number);
        let ptime_ms =
            ptime.and_then(|ms| u8::try_from(ms).ok()).filter(|ms| (10..=60).contains(ms));
        let direction = self.direction_of(media);
        let control = address.map_or(Control::Nowhere, |audio| control::own_port(media, audio));
        let may_share = control::is_shared(media);
        Ok(Audio { section, address, codecs, event, ptime_ms, direction, control, may_share })
    }
}

fn payload_types<'a>(media: &Media<'a>) -> impl Iterator<Item = u8> + use<'a> {
    let numbers = media.formats().filter_map(scan::number);
    numbers.filter_map(|number| u8::try_from(number).ok()).filter(|&number| number < 128)
}

impl Audio {
    fn agree(&self, codec: Mapped, local: &Local<'_>, event_in: Option<u8>) -> Agreed {
        let direction = self.direction.answer(local.direction);
        Agreed {
            remote: self.address.filter(|_| self.direction.receives()),
            codec,
            event_out: self.event,
            event_in,
            direction,
            control: self.control,
        }
    }

    /// The offered codec we prefer to send: the offer's first that we speak, as RFC 3264 §6.1 asks.
    fn pick(&self, codecs: &[Codec]) -> Option<Mapped> {
        self.codecs.iter().copied().find(|mapped| codecs.contains(&mapped.codec))
    }
}

/// Writes an offer: our codecs in their order, telephone-event, 20 ms.
pub fn write_offer(local: &Local<'_>, out: &mut Vec<u8>) {
    out.clear();
    write_origin(local.address.ip(), local.session_id, local.version, b"0 0", out);
    let codecs = local
        .codecs
        .iter()
        .map(|&codec| Mapped { codec, payload_type: codec.static_payload_type() });
    let codecs: Vec<Mapped> = codecs.collect();
    write_audio(local, &codecs, Some(local.event_payload_type), local.direction, out);
}

/// Writes the answer to an offer: one codec, the offer's payload types, every other section
/// refused with port 0 in its place (RFC 3264 §6).
///
/// # Errors
/// The [`Refusal`] when nothing fits; nothing is written then.
pub fn write_answer(
    offer: &Session<'_>,
    local: &Local<'_>,
    out: &mut Vec<u8>,
) -> Result<Agreed, Refusal> {
    let audio = offer.audio()?;
    let codec = audio.pick(local.codecs).ok_or(Refusal::Codec)?;
    let mut agreed = audio.agree(codec, local, audio.event);
    if audio.may_share {
        agreed.control = Control::Shared;
    }
    out.clear();
    write_origin(local.address.ip(), local.session_id, local.version, offer.time(), out);
    for (section, media) in offer.media.iter().enumerate() {
        if section == audio.section {
            write_audio(local, &[codec], audio.event, agreed.direction, out);
            if audio.may_share {
                // RFC 5761 §5.1.1: said again, it is agreed.
                out.extend_from_slice(b"a=rtcp-mux\r\n");
            }
        } else {
            write_refused(media, out);
        }
    }
    Ok(agreed)
}

/// Writes the answer that takes nothing of an offer: every section with port 0 (RFC 3264 §6).
pub fn write_decline(offer: &Session<'_>, ip: IpAddr, session_id: u64, out: &mut Vec<u8>) {
    out.clear();
    write_origin(ip, session_id, 1, offer.time(), out);
    offer.media.iter().for_each(|media| write_refused(media, out));
}

/// Reads the answer to an offer written by [`write_offer`].
///
/// # Errors
/// [`Refusal::Mismatch`] when the sections differ in number, or the first refusal of the audio.
pub fn read_answer(answer: &Session<'_>, local: &Local<'_>) -> Result<Agreed, Refusal> {
    // RFC 3264 §6: "there MUST be a media line for each".
    if answer.media.len() != 1 {
        return Err(Refusal::Mismatch);
    }
    let audio = answer.audio()?;
    let codec = audio.pick(local.codecs).ok_or(Refusal::Codec)?;
    let event_in = audio.event.map(|_| local.event_payload_type);
    Ok(audio.agree(codec, local, event_in))
}

fn write_origin(ip: IpAddr, id: u64, version: u64, time: &[u8], out: &mut Vec<u8>) {
    let family = match ip {
        IpAddr::V4(_) => b"IP4 ",
        IpAddr::V6(_) => b"IP6 ",
    };
    out.extend_from_slice(b"v=0\r\no=- ");
    text::decimal(id, out);
    out.push(b' ');
    text::decimal(version, out);
    for part in [b" IN ", &b"\r\ns=-\r\nc=IN "[..]] {
        out.extend_from_slice(part);
        out.extend_from_slice(family);
        text::address(ip, out);
    }
    out.extend_from_slice(b"\r\nt=");
    out.extend_from_slice(time);
    out.extend_from_slice(b"\r\n");
}

/// A section of an offer that is not taken.
fn write_refused(media: &Media<'_>, out: &mut Vec<u8>) {
    for piece in [&b"m="[..], media.kind, b" 0 ", media.protocol, b" ", media.formats, b"\r\n"] {
        out.extend_from_slice(piece);
    }
}

fn write_audio(
    local: &Local<'_>,
    codecs: &[Mapped],
    event: Option<u8>,
    direction: Direction,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(b"m=audio ");
    text::decimal(local.address.port(), out);
    out.extend_from_slice(b" RTP/AVP");
    let types = codecs.iter().map(|mapped| mapped.payload_type).chain(event);
    for payload_type in types {
        out.push(b' ');
        text::decimal(payload_type, out);
    }
    out.extend_from_slice(b"\r\n");
    for mapped in codecs {
        out.extend_from_slice(b"a=rtpmap:");
        text::decimal(mapped.payload_type, out);
        out.push(b' ');
        out.extend_from_slice(mapped.codec.name().as_bytes());
        out.extend_from_slice(b"/8000\r\n");
    }
    if let Some(event) = event {
        // RFC 4733 §2.4.1: the sixteen keys.
        out.extend_from_slice(b"a=rtpmap:");
        text::decimal(event, out);
        out.extend_from_slice(b" telephone-event/8000\r\na=fmtp:");
        text::decimal(event, out);
        out.extend_from_slice(b" 0-15\r\n");
    }
    out.extend_from_slice(b"a=ptime:20\r\na=");
    out.extend_from_slice(direction.text().as_bytes());
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local<'a>(codecs: &'a [Codec]) -> Local<'a> {
        Local {
            address: "192.0.2.7:20000".parse().expect("address"),
            codecs,
            event_payload_type: 101,
            session_id: 42,
            version: 1,
            direction: Direction::SendRecv,
        }
    }

    const BOTH: &[Codec] = &[Codec::Pcma, Codec::Pcmu];

    fn offer(media: &str) -> String {
        format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n{media}")
    }

    fn answer(media: &str) -> Result<(String, Agreed), Refusal> {
        let text = offer(media);
        let session = Session::parse(text.as_bytes()).expect("good");
        let mut out = Vec::new();
        let agreed = write_answer(&session, &local(BOTH), &mut out)?;
        Ok((String::from_utf8(out).expect("text"), agreed))
    }

    #[test]
    fn the_answer_repeats_the_offers_time_and_a_decline_refuses_every_section() {
        let text = offer("m=audio 6000 RTP/AVP 0\r\nm=video 9 RTP/AVP 31\r\n");
        let text = text.replace("t=0 0", "t=3034423619 3042462419");
        let read = Session::parse(text.as_bytes()).expect("a good offer");
        let mut answer = Vec::new();
        write_answer(&read, &local(&[Codec::Pcmu]), &mut answer).expect("common");
        assert_eq!(Session::parse(&answer).expect("good").time(), b"3034423619 3042462419");
        write_decline(&read, [192, 0, 2, 1].into(), 7, &mut answer);
        insta::assert_snapshot!(String::from_utf8_lossy(&answer).replace('\r', ""), @"
        v=0
        o=- 7 1 IN IP4 192.0.2.1
        s=-
        c=IN IP4 192.0.2.1
        t=3034423619 3042462419
        m=audio 0 RTP/AVP 0
        m=video 0 RTP/AVP 31
        ");
    }

    #[test]
    fn an_answer_takes_the_offers_first_codec_and_payload_types() {
        let (text, agreed) = answer(
            "m=video 9 RTP/AVP 31\r\nm=audio 6000 RTP/AVP 3 0 8 96\r\na=rtpmap:96 telephone-event/8000\r\n",
        )
        .expect("agreed");
        insta::assert_snapshot!(text, @r"
        v=0
        o=- 42 1 IN IP4 192.0.2.7
        s=-
        c=IN IP4 192.0.2.7
        t=0 0
        m=video 0 RTP/AVP 31
        m=audio 20000 RTP/AVP 0 96
        a=rtpmap:0 PCMU/8000
        a=rtpmap:96 telephone-event/8000
        a=fmtp:96 0-15
        a=ptime:20
        a=sendrecv
        ");
        assert_eq!(agreed.codec, Mapped { codec: Codec::Pcmu, payload_type: 0 });
        assert_eq!((agreed.event_in, agreed.event_out), (Some(96), Some(96)));
        assert_eq!(agreed.remote, "192.0.2.1:6000".parse().ok());
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_its_reason() {
        let refused = |media| answer(media).expect_err("refused");
        assert_eq!(refused("m=audio 6000 RTP/SAVP 0\r\n"), Refusal::Transport);
        assert_eq!(refused("m=audio 6000 RTP/AVP 18 3\r\n"), Refusal::Codec);
        assert_eq!(refused("m=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/16000\r\n"), Refusal::Codec);
        assert_eq!(refused("m=audio 0 RTP/AVP 0\r\n"), Refusal::NoAudio);
        assert_eq!(refused("m=video 9 RTP/AVP 0\r\n"), Refusal::NoAudio);
        let named = "m=audio 6000 RTP/AVP 0\r\nc=IN IP4 pc.example.com\r\n";
        assert_eq!(refused(named), Refusal::Address);
        assert!(answer("m=audio 6000 RTP/SAVP 0\r\nm=audio 6002 RTP/AVP 8\r\n").is_ok());
    }

    #[test]
    fn hold_comes_as_sendonly_inactive_or_no_address() {
        let held = |extra: &str| {
            let (_, agreed) =
                answer(&format!("m=audio 6000 RTP/AVP 0\r\n{extra}")).expect("agreed");
            (agreed.remote.is_some(), agreed.direction)
        };
        assert_eq!(held("a=sendonly\r\n"), (false, Direction::RecvOnly));
        assert_eq!(held("a=inactive\r\n"), (false, Direction::Inactive));
        assert_eq!(held("c=IN IP4 0.0.0.0\r\n"), (false, Direction::SendRecv));
        assert_eq!(held("a=recvonly\r\n"), (true, Direction::SendOnly));
    }

    #[test]
    fn an_offer_is_read_back_by_the_other_side_and_its_answer_by_us() {
        let (mut offered, mut answered) = (Vec::new(), Vec::new());
        let ours = local(&[Codec::Pcmu, Codec::Pcma]);
        write_offer(&ours, &mut offered);
        let offer = Session::parse(&offered).expect("good");
        let theirs = Local {
            address: "[2001:db8::5]:4000".parse().expect("address"),
            ..local(&[Codec::Pcma])
        };
        let at_theirs = write_answer(&offer, &theirs, &mut answered).expect("agreed");
        let answer = Session::parse(&answered).expect("good");
        let at_ours = read_answer(&answer, &ours).expect("agreed");
        assert_eq!(at_ours.codec, at_theirs.codec);
        assert_eq!(at_ours.remote, "[2001:db8::5]:4000".parse().ok());
        assert_eq!(at_theirs.remote, Some(ours.address));
        assert_eq!((at_ours.event_in, at_ours.event_out), (Some(101), Some(101)));
    }

    #[test]
    fn an_answer_must_fit_the_offer() {
        let two = offer("m=audio 6000 RTP/AVP 0\r\nm=audio 6002 RTP/AVP 0\r\n");
        let session = Session::parse(two.as_bytes()).expect("good");
        assert_eq!(read_answer(&session, &local(BOTH)), Err(Refusal::Mismatch));
        let g711u = offer("m=audio 6000 RTP/AVP 0\r\n");
        let session = Session::parse(g711u.as_bytes()).expect("good");
        assert_eq!(read_answer(&session, &local(&[Codec::Pcma])), Err(Refusal::Codec));
    }

    #[test]
    fn one_port_for_audio_and_control_is_shared_where_the_offer_asks_and_never_offered() {
        let (text, agreed) = answer("m=audio 6000 RTP/AVP 0\r\na=rtcp-mux\r\n").expect("agreed");
        assert!(text.ends_with("a=sendrecv\r\na=rtcp-mux\r\n"), "{text}");
        assert_eq!(agreed.control, Control::Shared);
        let (text, agreed) = answer("m=audio 6000 RTP/AVP 0\r\n").expect("agreed");
        assert!(!text.contains("rtcp"), "{text}");
        assert_eq!(agreed.control, Control::At("192.0.2.1:6001".parse().expect("address")));
        // Nobody offered it, so an answer that has it changes nothing.
        let unasked = offer("m=audio 6000 RTP/AVP 0\r\na=rtcp-mux\r\n");
        let session = Session::parse(unasked.as_bytes()).expect("good");
        let agreed = read_answer(&session, &local(BOTH)).expect("agreed");
        assert_eq!(agreed.control, Control::At("192.0.2.1:6001".parse().expect("address")));
    }

    #[test]
    fn packet_times_outside_10_to_60_are_not_taken() {
        let ptime = |ms: u32| {
            let text = offer(&format!("m=audio 6000 RTP/AVP 0\r\na=ptime:{ms}\r\n"));
            Session::parse(text.as_bytes()).expect("good").audio().expect("audio").ptime_ms
        };
        assert_eq!((ptime(30), ptime(5), ptime(200), ptime(9999)), (Some(30), None, None, None));
    }
}
