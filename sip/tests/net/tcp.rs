//! Connections: what they carry, how they end, what strangers cannot do.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};

use sip::flow::Flow;
use sip::net::{Clock, ConnectionId, Poller, Tcp, TcpLimits, TcpRefused, Token, Why};
use sip::stream::Piece;
use sip::{Duration, Instant};

use super::{loopback, wait};

const OPTIONS: &[u8] = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n";

/// One side under test, driven by hand.
struct Desk {
    clock: Clock,
    poller: Poller,
    tcp: Tcp,
    messages: Vec<(Flow, Vec<u8>)>,
    broken: Vec<Flow>,
}

impl Desk {
    fn new(limits: TcpLimits) -> Self {
        let poller = Poller::new().expect("a poller");
        let tcp = Tcp::listen(loopback(), limits, Token(100), &poller).expect("a port");
        Self { clock: Clock::start(), poller, tcp, messages: Vec::new(), broken: Vec::new() }
    }

    fn dial(&self) -> TcpStream {
        let stream = TcpStream::connect(self.tcp.local_addr()).expect("a listener");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time");
        stream
    }

    fn turn(&mut self) {
        for ready in wait(&mut self.poller, &self.clock) {
            assert!(self.tcp.owns(ready.token));
            let (messages, broken) = (&mut self.messages, &mut self.broken);
            self.tcp.handle_ready(self.clock.now(), &self.poller, ready, &mut |flow, piece| {
                match piece {
                    Piece::Message(bytes) => messages.push((flow, bytes.to_vec())),
                    Piece::Broken { .. } => broken.push(flow),
                    Piece::Ping => panic!("pings are answered inside"),
                }
            });
        }
    }

    /// Turns until so many messages have come.
    fn until_messages(&mut self, count: usize) {
        while self.messages.len() < count {
            self.turn();
        }
    }

    /// Turns and looks at the clock until a connection is gone.
    fn until_closed(&mut self) -> Why {
        loop {
            self.tcp.handle_timeout(self.clock.now());
            if let Some(closed) = self.tcp.poll_closed() {
                return closed.why;
            }
            let until = self.clock.now() + Duration::from_millis(20);
            let mut ready = Vec::new();
            self.poller.wait(&self.clock, Some(until), &mut ready).expect("a poller");
            for ready in ready {
                let now = self.clock.now();
                self.tcp.handle_ready(now, &self.poller, ready, &mut |_, _| {});
            }
        }
    }

    fn send(&mut self, flow: Flow, bytes: &[u8]) -> Result<(), TcpRefused> {
        self.tcp.send(self.clock.now(), &self.poller, ConnectionId(flow.socket), bytes)
    }
}

/// Long after anything.
fn later(desk: &Desk, seconds: u64) -> Instant {
    desk.clock.now() + Duration::from_secs(seconds)
}

#[test]
fn messages_are_cut_out_and_answered_on_their_connection() {
    let mut desk = Desk::new(TcpLimits::default());
    let mut phone = desk.dial();
    let (head, tail) = OPTIONS.split_at(20);
    phone.write_all(head).expect("sent");
    desk.turn();
    phone.write_all(&[tail, OPTIONS].concat()).expect("sent");
    desk.until_messages(2);
    assert!(desk.messages.iter().all(|(_, bytes)| bytes == OPTIONS));
    let flow = desk.messages[0].0;
    assert_eq!(flow.remote, phone.local_addr().expect("connected"));
    desk.send(flow, b"SIP/2.0 200 OK\r\n\r\n").expect("open");
    let mut answer = [0; 18];
    phone.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"SIP/2.0 200 OK\r\n\r\n");
}

#[test]
fn pings_are_answered() {
    let mut desk = Desk::new(TcpLimits::default());
    let mut phone = desk.dial();
    phone.write_all(b"\r\n\r\n").expect("sent");
    desk.turn();
    desk.turn();
    let mut pong = [0; 2];
    phone.read_exact(&mut pong).expect("an answer");
    assert_eq!(&pong, b"\r\n");
}

#[test]
fn a_peer_that_only_finished_writing_still_gets_its_answer() {
    let mut desk = Desk::new(TcpLimits::default());
    let mut phone = desk.dial();
    phone.write_all(OPTIONS).expect("sent");
    phone.shutdown(Shutdown::Write).expect("half closed");
    desk.until_messages(1);
    let flow = desk.messages[0].0;
    desk.send(flow, b"answer").expect("open");
    assert_eq!(desk.until_closed(), Why::Ended);
    let mut answer = Vec::new();
    phone.read_to_end(&mut answer).expect("an answer");
    assert_eq!(answer, b"answer");
    assert!(desk.tcp.is_empty());
    assert_eq!(desk.send(flow, b"x"), Err(TcpRefused::Gone));
}

#[test]
fn a_new_connection_is_not_taken_for_an_old_one() {
    let mut desk = Desk::new(TcpLimits::default());
    let mut old = desk.dial();
    old.write_all(OPTIONS).expect("sent");
    desk.until_messages(1);
    let flow = desk.messages[0].0;
    drop(old);
    desk.until_closed();
    let mut new = desk.dial();
    new.write_all(OPTIONS).expect("sent");
    desk.until_messages(2);
    assert_ne!(desk.messages[1].0.socket, flow.socket);
    assert_eq!(desk.send(flow, b"for the old one"), Err(TcpRefused::Gone));
}

#[test]
fn what_cannot_be_read_is_told_once_answered_and_closed() {
    let mut desk = Desk::new(TcpLimits::default());
    let mut phone = desk.dial();
    phone.write_all(b"OPTIONS sip:a SIP/2.0\r\nContent-Length: x\r\n\r\n").expect("sent");
    while desk.broken.is_empty() {
        desk.turn();
    }
    phone.write_all(OPTIONS).expect("sent");
    let flow = desk.broken[0];
    desk.send(flow, b"SIP/2.0 400 Bad Request\r\n\r\n").expect("open");
    assert_eq!(desk.until_closed(), Why::Unreadable);
    assert_eq!((desk.broken.len(), desk.messages.len()), (1, 0));
    let mut answer = [0; 27];
    phone.read_exact(&mut answer).expect("an answer");
}

#[test]
fn connections_are_bounded_in_all_and_by_peer() {
    for limits in [
        TcpLimits { connections_max: 2, ..TcpLimits::default() },
        TcpLimits { per_peer_max: 2, ..TcpLimits::default() },
    ] {
        let mut desk = Desk::new(limits);
        let mut phones: Vec<TcpStream> = (0..3).map(|_| desk.dial()).collect();
        while desk.tcp.refused() == 0 {
            desk.turn();
        }
        assert_eq!(desk.tcp.len(), 2);
        let last = phones.last_mut().expect("three");
        assert_eq!(last.read(&mut [0; 1]).expect("closed"), 0);
        let to = loopback();
        let refused = desk.tcp.connect(desk.clock.now(), &desk.poller, to);
        assert_eq!(refused.expect_err("full").kind(), ErrorKind::QuotaExceeded);
        phones.remove(0);
        desk.until_closed();
        let _fourth = desk.dial();
        while desk.tcp.len() < 2 {
            desk.turn();
        }
    }
}

#[test]
fn idle_connections_and_unfinished_messages_are_closed_in_time() {
    let limits = TcpLimits { idle: Duration::from_secs(60), ..TcpLimits::default() };
    let mut desk = Desk::new(limits);
    let mut slow = desk.dial();
    let _idle = desk.dial();
    slow.write_all(b"OPTIONS sip:a").expect("sent");
    while desk.tcp.len() < 2 {
        desk.turn();
    }
    desk.turn();
    desk.tcp.handle_timeout(later(&desk, 29));
    assert_eq!(desk.tcp.poll_closed(), None);
    desk.tcp.handle_timeout(later(&desk, 35));
    assert_eq!(desk.tcp.poll_closed().map(|closed| closed.why), Some(Why::SlowMessage));
    desk.tcp.handle_timeout(later(&desk, 70));
    assert_eq!(desk.tcp.poll_closed().map(|closed| closed.why), Some(Why::Idle));
    assert!(desk.tcp.is_empty() && desk.tcp.next_timeout().is_none());
}

#[test]
fn a_peer_that_does_not_read_is_given_up() {
    let limits = TcpLimits { unsent_max: 100_000, ..TcpLimits::default() };
    let mut desk = Desk::new(limits);
    let mut phone = desk.dial();
    phone.write_all(OPTIONS).expect("sent");
    desk.until_messages(1);
    let flow = desk.messages[0].0;
    let chunk = vec![0; 50_000];
    // The system's own buffers are finite too: a few megabytes.
    let sends = (0..1000).take_while(|_| desk.send(flow, &chunk).is_ok()).count();
    assert!((2..1000).contains(&sends), "{sends}");
    assert_eq!(desk.tcp.poll_closed().map(|closed| closed.why), Some(Why::SlowReader));
}

#[test]
fn what_waits_for_room_is_written_when_the_peer_reads() {
    let limits = TcpLimits { unsent_max: 1 << 24, ..TcpLimits::default() };
    let mut desk = Desk::new(limits);
    let mut phone = desk.dial();
    phone.write_all(OPTIONS).expect("sent");
    desk.until_messages(1);
    let flow = desk.messages[0].0;
    let bytes: Vec<u8> =
        (0..10_000_000_u32).flat_map(|n| n.to_le_bytes()).take(9_000_000).collect();
    desk.send(flow, &bytes).expect("room");
    desk.tcp.close(ConnectionId(flow.socket));
    let reader = std::thread::spawn(move || {
        let mut got = Vec::new();
        phone.read_to_end(&mut got).expect("all of it");
        got
    });
    assert_eq!(desk.until_closed(), Why::Ours);
    assert!(reader.join().expect("read") == bytes);
}

#[test]
fn pings_of_a_peer_that_reads_no_answers_are_not_kept() {
    let limits = TcpLimits { unsent_max: 64 * 1024, ..TcpLimits::default() };
    let mut desk = Desk::new(limits);
    let phone = desk.dial();
    phone.set_nonblocking(true).expect("a socket");
    // Pings, and now and then a message, or the pings alone would be too many.
    let flood = [&b"\r\n\r\n".repeat(30)[..], OPTIONS].concat().repeat(50);
    let mut why = None;
    // The system's own buffers take megabytes before anything waits here.
    for _ in 0..20_000 {
        let _ = (&phone).write(&flood);
        let mut ready = Vec::new();
        desk.poller.wait(&desk.clock, Some(desk.clock.now()), &mut ready).expect("a poller");
        for ready in ready {
            desk.tcp.handle_ready(desk.clock.now(), &desk.poller, ready, &mut |_, _| {});
        }
        why = desk.tcp.poll_closed().map(|closed| closed.why);
        if why.is_some() {
            break;
        }
    }
    assert_eq!(why, Some(Why::SlowReader));
}

#[test]
fn a_connection_we_make_carries_messages_both_ways() {
    let mut desk = Desk::new(TcpLimits::default());
    let peer = TcpListener::bind("127.0.0.1:0").expect("a port");
    let to = peer.local_addr().expect("bound");
    let flow = desk.tcp.connect(desk.clock.now(), &desk.poller, to).expect("begun");
    // On loopback it stands at once; elsewhere this would wait for it.
    desk.send(flow, OPTIONS).expect("open");
    let (mut stream, _) = peer.accept().expect("a connection");
    let mut got = vec![0; OPTIONS.len()];
    stream.read_exact(&mut got).expect("sent");
    assert_eq!(got, OPTIONS);
    stream.write_all(OPTIONS).expect("sent");
    desk.until_messages(1);
    assert_eq!(desk.messages[0].0, flow);
}

#[test]
fn a_peer_that_refuses_is_told_to_the_owner() {
    let mut desk = Desk::new(TcpLimits::default());
    let peer = TcpListener::bind("127.0.0.1:0").expect("a port");
    let to = peer.local_addr().expect("bound");
    drop(peer);
    match desk.tcp.connect(desk.clock.now(), &desk.poller, to) {
        Ok(_) => assert_eq!(desk.until_closed(), Why::Broken(ErrorKind::ConnectionRefused)),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionRefused),
    }
    assert!(desk.tcp.is_empty());
}
