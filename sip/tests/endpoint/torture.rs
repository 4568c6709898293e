//! The torture messages of RFC 4475 and RFC 5118 against an endpoint whose owner knows no number.
//!
//! The column `server` of `torture.csv` holds what each may be answered.

use std::path::Path;

use sip::endpoint::{Event, Refusal};

use crate::desk::{Desk, from, request, status_of};

/// The final answer to a datagram, or `silent`.
fn outcome(desk: &mut Desk, datagram: &[u8]) -> String {
    desk.endpoint.handle_message(desk.now, from("192.0.2.9:5060"), datagram);
    while let Some(event) = desk.endpoint.poll_event() {
        match event {
            Event::Incoming { leg, .. } => {
                desk.endpoint.refuse(desk.now, leg, &Refusal::status(404)).expect("open");
            }
            Event::Ended { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    let mut buffer = Vec::new();
    let mut outcome = "silent".to_owned();
    while desk.endpoint.poll_transmit(&mut buffer).is_some() {
        let status = status_of(&String::from_utf8_lossy(&buffer));
        if status >= 200 {
            outcome = status.to_string();
        }
    }
    outcome
}

#[test]
fn every_torture_message_is_answered_as_its_rfc_allows_and_the_next_request_too() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut reader = csv::Reader::from_path(root.join("torture.csv")).expect("the table");
    let mut desk = Desk::registrar();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.expect("a line of the table");
        let (file, allowed) = (&record[0], &record[5]);
        let bytes = std::fs::read(root.join("torture").join(file)).expect("a torture file");
        let got = outcome(&mut desk, &bytes);
        if !allowed.split('|').any(|status| status == got) {
            wrong.push(format!("{file}: {got}, not {allowed}"));
        }
        seen += 1;
        let options = request("OPTIONS", "sip:192.0.2.1", &format!("t{seen}"), seen, "", "", "");
        assert_eq!(outcome(&mut desk, options.as_bytes()), "200", "after {file}");
    }
    assert_eq!((wrong, seen), (Vec::new(), 61));
    desk.is_clean();
}
