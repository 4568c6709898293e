//! Operation lists on transactions: whatever comes, in any order, nothing panics and nothing stays.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index as Pick, select};
use sip::flow::{Flow, Transport};
use sip::message::{Carrier, Index, Message, Method, Name};
use sip::transaction::{ClientId, Event, Handled, ServerId, Settings, Transactions};
use sip::write::{ReplyPlan, Writer, respond};
use sip::{Duration, Instant};

#[derive(Debug, Clone)]
enum Operation {
    Start { method: &'static str, branch: u8 },
    Cancel(Pick),
    Request { method: &'static str, branch: u8 },
    Response { method: &'static str, branch: u8, status: u16 },
    Respond { server: Pick, status: u16 },
    Acknowledged(Pick),
    Unreachable,
    Wait(u64),
}

const METHODS: [&str; 5] = ["INVITE", "BYE", "OPTIONS", "CANCEL", "ACK"];
const STATUSES: [u16; 6] = [100, 180, 200, 302, 487, 603];

fn operation() -> impl Strategy<Value = Operation> {
    let method = || select(METHODS.to_vec());
    let status = || select(STATUSES.to_vec());
    prop_oneof![
        (method(), 0..4_u8).prop_map(|(method, branch)| Operation::Start { method, branch }),
        any::<Pick>().prop_map(Operation::Cancel),
        (method(), 0..4_u8).prop_map(|(method, branch)| Operation::Request { method, branch }),
        (method(), 0..4_u8, status()).prop_map(|(method, branch, status)| Operation::Response {
            method,
            branch,
            status
        }),
        (any::<Pick>(), status())
            .prop_map(|(server, status)| Operation::Respond { server, status }),
        any::<Pick>().prop_map(Operation::Acknowledged),
        Just(Operation::Unreachable),
        (0..40_000_u64).prop_map(Operation::Wait),
    ]
}

struct Bench {
    now: Instant,
    ends: Transactions,
    flow: Flow,
    clients: Vec<ClientId>,
    servers: Vec<ServerId>,
    ended: Vec<Event>,
}

fn request(method: &str, branch: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer =
        Writer::request(&mut out, Method::from_bytes(method.as_bytes()), b"sip:a@b.com");
    // Branch 0 is an old client's.
    let via = match branch {
        0 => "SIP/2.0/UDP 192.0.2.1;branch=1".to_owned(),
        n => format!("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{n}"),
    };
    writer
        .header(Name::Via, via.as_bytes())
        .header(Name::From, b"<sip:x@y.com>;tag=1")
        .header(Name::To, b"<sip:a@b.com>")
        .header(Name::CallId, b"1")
        .formatted(Name::CSeq, format_args!("1 {method}"));
    writer.finish();
    out
}

fn with<T>(bytes: &[u8], act: impl FnOnce(&Message<'_>) -> T) -> T {
    let mut index = Index::default();
    act(&Message::parse(bytes, Carrier::Datagram, &mut index).expect("well formed"))
}

fn response(method: &str, branch: u8, status: u16) -> Vec<u8> {
    let mut out = Vec::new();
    with(&request(method, branch), |message| {
        respond(message, None, status, b"x", ReplyPlan::default(), &mut out).finish();
    });
    out
}

impl Bench {
    fn run(&mut self, operation: Operation) {
        match operation {
            Operation::Start { method, branch } => {
                let started = self.ends.start(self.now, self.flow, &request(method, branch));
                self.clients.extend(started.ok());
            }
            Operation::Cancel(pick) if !self.clients.is_empty() => {
                let client = self.clients[pick.index(self.clients.len())];
                self.ends.cancel(self.now, client);
            }
            Operation::Request { method, branch } => self.receive(&request(method, branch)),
            Operation::Response { method, branch, status } => {
                self.receive(&response(method, branch, status));
            }
            Operation::Respond { server, status } if !self.servers.is_empty() => {
                let server = self.servers[server.index(self.servers.len())];
                self.ends.respond(self.now, server, status, &response("INVITE", 1, status));
            }
            Operation::Acknowledged(pick) if !self.servers.is_empty() => {
                self.ends.acknowledged(self.servers[pick.index(self.servers.len())]);
            }
            Operation::Unreachable => self.ends.handle_unreachable(self.now, self.flow),
            Operation::Wait(ms) => {
                self.now = self.now + Duration::from_millis(ms);
                self.ends.handle_timeout(self.now);
                let next = self.ends.next_timeout();
                assert!(next.is_none_or(|next| next > self.now), "a timer was left unfired");
            }
            Operation::Cancel(_) | Operation::Respond { .. } | Operation::Acknowledged(_) => {}
        }
        let mut buffer = Vec::new();
        while self.ends.poll_transmit(&mut buffer).is_some() {
            with(&buffer, |message| message.check().map(drop))
                .expect("what is sent is well formed");
        }
        while let Some(event) = self.ends.poll_event() {
            if let Event::ClientEnded(_) | Event::ServerEnded(_) = event {
                assert!(!self.ended.contains(&event), "ended twice");
                self.ended.push(event);
            }
        }
    }

    fn receive(&mut self, bytes: &[u8]) {
        let handled = with(bytes, |message| {
            let essentials = message.check().expect("complete");
            self.ends.handle_message(self.now, self.flow, message, &essentials)
        });
        match handled {
            Handled::Request(server) | Handled::Cancel { cancel: server, .. } => {
                self.servers.push(server);
            }
            Handled::Ack
            | Handled::Response(_)
            | Handled::StrayResponse
            | Handled::Absorbed
            | Handled::Full => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_nothing_stays(
        operations in vec(operation(), 0..60),
        transport in select(vec![Transport::Udp, Transport::Tcp]),
    ) {
        let remote = "192.0.2.1:5060".parse().expect("address");
        let flow = Flow { transport, socket: 0, remote };
        let settings = Settings { transactions_max: 6, ..Settings::default() };
        let mut bench = Bench {
            now: Instant::default(),
            ends: Transactions::new(settings),
            flow,
            clients: Vec::new(),
            servers: Vec::new(),
            ended: Vec::new(),
        };
        for operation in operations {
            bench.run(operation);
            prop_assert!(bench.ends.len() <= settings.transactions_max);
        }
        // Calm: the user answers what is open and gives up what rings; then time must empty it all.
        for server in bench.servers.clone() {
            bench.ends.respond(bench.now, server, 487, &response("INVITE", 1, 487));
        }
        for client in bench.clients.clone() {
            bench.ends.cancel(bench.now, client);
        }
        for _ in 0..6 {
            bench.run(Operation::Wait(33_000));
        }
        prop_assert_eq!(bench.ends.len(), 0);
        prop_assert_eq!(bench.ends.next_timeout(), None);
        prop_assert_eq!(bench.ended.len(), bench.clients.len() + bench.servers.len());
        // What ended is forgotten: the same request is a new one.
        for branch in 0..4 {
            let before = bench.servers.len();
            bench.receive(&request("INVITE", branch));
            prop_assert_eq!(bench.servers.len(), before + 1);
        }
    }
}
