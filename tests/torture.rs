//! The torture messages of RFC 4475 and RFC 5118 against a running `callstorm serve`: each gets an answer its RFC
//! allows, and after each the server still answers an OPTIONS.

mod serving;

use serving::Serving;
use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::time::Duration;

/// A centre that knows one number and one telephone.
const CENTRE: &str = r#"
schema = 1
length = "24h"

[contact.sales]
queue = "sales"
numbers = ["100"]
arrivals.poisson = { rate = "1/h" }
talk = "60s"

[queue.sales]
target = "80% in 20s"

[agents.team]
count = 2
skills = { sales = 1 }

[live.agent.ana]
group = "team"
extension = "201"
password_env = "ANA_PW"
"#;

/// Ports that the messages' topmost Via names: answers go there (RFC 3261 §18.2.2).
const PORTS: [u16; 5] = [5060, 5050, 5070, 6050, 19823];

/// A peer with an address of its own on this machine, at which the messages' ports are free.
struct Peer {
    sockets: Vec<UdpSocket>,
}

impl Peer {
    fn new() -> Self {
        let free = |last: u8| -> Option<Vec<UdpSocket>> {
            PORTS
                .iter()
                .map(|port| UdpSocket::bind((format!("127.8.8.{last}"), *port)).ok())
                .collect()
        };
        let sockets = (1..255).find_map(free).expect("an address of the loopback network is free");
        for socket in &sockets {
            socket.set_nonblocking(true).expect("a socket");
        }
        Self { sockets }
    }

    /// Takes what a server sent; what an earlier server repeated is dropped.
    fn heard(&self, server: &Serving) -> Vec<String> {
        let (mut heard, mut room) = (Vec::new(), vec![0; 65_536]);
        for socket in &self.sockets {
            while let Ok((length, from)) = socket.recv_from(&mut room) {
                if from == server.address {
                    heard.push(String::from_utf8_lossy(&room[..length]).into_owned());
                }
            }
        }
        heard
    }

    /// Sends a message, then two OPTIONS; returns the answers to the message, and panics when an OPTIONS gets none.
    fn tell(&self, server: &Serving, file: &str, message: &[u8], number: usize) -> Vec<String> {
        self.sockets[0].send_to(message, server.address).expect("loopback takes it");
        let mut answers = Vec::new();
        // The first may overtake an answer that the switch had to decide; the second comes after it.
        for probe in ["a", "b"] {
            self.probe(server, &format!("{probe}{number}"), &mut answers)
                .unwrap_or_else(|| panic!("{file}: no answer to an OPTIONS; {}", server.talk()));
        }
        answers
    }

    /// Asks by OPTIONS; adds what else is heard until the answer. `None` where none comes.
    fn probe(&self, server: &Serving, name: &str, others: &mut Vec<String>) -> Option<()> {
        let options = format!(
            "OPTIONS sip:100@{0} SIP/2.0\r\nVia: SIP/2.0/UDP here;branch=z9hG4bKprobe{name}\r\n\
             From: <sip:probe@here>;tag=p{name}\r\nTo: <sip:100@{0}>\r\nCall-ID: probe-{name}@here\r\n\
             CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
            server.address
        );
        self.sockets[0].send_to(options.as_bytes(), server.address).expect("loopback takes it");
        for _ in 0..5_000 {
            others.extend(self.heard(server));
            let asked = format!("probe-{name}@here");
            if let Some(at) = others.iter().position(|text| text.contains(&asked)) {
                let answer = others.remove(at);
                assert!(answer.starts_with("SIP/2.0 200 "), "{answer}");
                return Some(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        None
    }
}

struct Case {
    file: String,
    allowed: String,
    bytes: Vec<u8>,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sip/tests");
    let mut table = csv::Reader::from_path(folder.join("torture.csv")).expect("the table");
    let cases: Vec<Case> = table
        .records()
        .map(|record| {
            let record = record.expect("a line of the table");
            let file = record[0].to_owned();
            let bytes = fs::read(folder.join("torture").join(&file)).expect("a torture file");
            Case { file, allowed: record[5].to_owned(), bytes }
        })
        .collect();
    assert_eq!(cases.len(), 61);
    cases
}

/// The final answer among some: its status, or `silent`.
fn outcome(answers: &[String]) -> String {
    let mut statuses = answers.iter().filter_map(|answer| answer.split(' ').nth(1));
    statuses.rfind(|status| !status.starts_with('1')).unwrap_or("silent").to_owned()
}

#[test]
fn each_message_gets_an_answer_its_rfc_allows() {
    let peer = Peer::new();
    let mut wrong = Vec::new();
    for (number, case) in cases().iter().enumerate() {
        // A server of its own: several messages share a branch, and would count as repeated.
        let server = Serving::start(CENTRE, &[], &[("ANA_PW", "secret")]);
        let outcome = outcome(&peer.tell(&server, &case.file, &case.bytes, number));
        if !case.allowed.split('|').any(|allowed| allowed == outcome) {
            wrong.push(format!("{}: {outcome}, allowed {}", case.file, case.allowed));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_server_survives_them_all_twice_and_ends_with_its_report() {
    let peer = Peer::new();
    let server = Serving::start(CENTRE, &[], &[("ANA_PW", "secret")]);
    for (number, case) in cases().iter().chain(cases().iter()).enumerate() {
        peer.tell(&server, &case.file, &case.bytes, number);
    }
    let ended = server.interrupt();
    assert_eq!(ended.code, Some(0), "{}", ended.talk);
    assert!(ended.files.contains(&"summary.json".to_owned()), "{:?}", ended.files);
}
