//! The torture messages of RFC 4475 and RFC 5118 against the parser.
//!
//! `torture.csv` holds for each file the sentence of the RFC that decides, the outcomes it allows
//! for a parser and for a server, and which of the parser's this crate has. Alternatives stand
//! between bars: `accept`, `ignore`, or a status to answer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sip::message::{Carrier, Index, Message, Name, Rejected, Uri, Verdict, unescape};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

struct Case {
    file: String,
    sentence: String,
    parser: String,
    server: String,
    ours: String,
}

fn cases() -> Vec<Case> {
    let mut reader = csv::Reader::from_path(root().join("torture.csv")).expect("the table");
    reader
        .records()
        .map(|record| {
            let record = record.expect("a line of the table");
            let field = |at: usize| record.get(at).expect("seven columns").to_owned();
            Case {
                file: field(0),
                sentence: field(3),
                parser: field(4),
                server: field(5),
                ours: field(6),
            }
        })
        .collect()
}

fn bytes(file: &str) -> Vec<u8> {
    fs::read(root().join("torture").join(file)).expect("a torture file")
}

/// What the parser makes of a datagram when every field is read.
fn outcome(datagram: &[u8]) -> String {
    let mut index = Index::default();
    let verdict = match Message::parse(datagram, Carrier::Datagram, &mut index) {
        Ok(message) => match message.audit() {
            Ok(()) => return "accept".to_owned(),
            Err(fault) => Rejected { fault, message: Some(message) }.verdict(),
        },
        Err(rejected) => rejected.verdict(),
    };
    match verdict {
        Verdict::Answer(status) => status.to_string(),
        Verdict::Ignore => "ignore".to_owned(),
    }
}

/// Reads a message that must be accepted.
fn read<T>(file: &str, look: impl FnOnce(&Message<'_>) -> T) -> T {
    let bytes = bytes(file);
    let mut index = Index::default();
    let message = Message::parse(&bytes, Carrier::Datagram, &mut index);
    look(&message.unwrap_or_else(|rejected| panic!("{file}: {}", rejected.fault)))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_table_covers_every_file_once_with_a_sentence() {
    let cases = cases();
    let listed: BTreeSet<&str> = cases.iter().map(|case| case.file.as_str()).collect();
    assert_eq!(listed.len(), cases.len(), "a file twice");
    let mut found = BTreeSet::new();
    for folder in ["rfc4475", "rfc5118"] {
        for entry in fs::read_dir(root().join("torture").join(folder)).expect("the folder") {
            let name = entry.expect("an entry").file_name().into_string().expect("text");
            found.insert(format!("{folder}/{name}"));
        }
    }
    assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), listed);
    assert_eq!(listed.iter().filter(|file| file.starts_with("rfc4475")).count(), 49);
    assert_eq!(listed.iter().filter(|file| file.starts_with("rfc5118")).count(), 12);
    for case in &cases {
        assert!(case.sentence.len() > 30, "{}: no sentence", case.file);
        let known = |outcome: &str| {
            matches!(outcome, "accept" | "ignore" | "silent")
                || outcome.parse::<u16>().is_ok_and(|status| (200..700).contains(&status))
        };
        let all = format!("{}|{}|{}", case.parser, case.server, case.ours);
        assert!(all.split('|').all(known), "{}: {all}", case.file);
    }
}

#[test]
fn every_message_has_an_outcome_its_rfc_allows() {
    let mut wrong = Vec::new();
    for case in cases() {
        let outcome = outcome(&bytes(&case.file));
        if outcome != case.ours || !case.parser.split('|').any(|allowed| allowed == outcome) {
            wrong.push(format!("{}: {outcome}, not {}: {}", case.file, case.ours, case.sentence));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn baddn_is_refused_for_its_display_names_too() {
    // The published file lacks the blank line that ends the head.
    let mut whole = bytes("rfc4475/baddn.dat");
    whole.extend_from_slice(b"\r\n");
    let mut index = Index::default();
    let message = Message::parse(&whole, Carrier::Datagram, &mut index).expect("framed");
    assert_eq!(message.check().expect_err("commas").to_string(), "malformed From");
}

#[test]
fn wsinv_reads_as_if_it_were_written_plainly() {
    read("rfc4475/wsinv.dat", |message| {
        let essentials = message.check().expect("complete");
        assert_eq!(text(essentials.from.display().as_ref()), "J Rosenberg \\\"");
        assert_eq!(text(essentials.from.raw_uri), "sip:jdrosen@example.com");
        assert_eq!(essentials.from_tag.map(text).as_deref(), Some("98asjd8"));
        assert_eq!(text(essentials.to.raw_uri), "sip:vivekg@chair-dnrc.example.com");
        assert_eq!(essentials.to_tag.map(text).as_deref(), Some("1918181833n"));
        assert_eq!(essentials.max_forwards, Some(68));
        assert_eq!(
            (essentials.cseq.number, essentials.cseq.method.to_string().as_str()),
            (9, "INVITE")
        );
        let vias: Vec<_> = message.vias().map(|via| via.expect("good")).collect();
        let seen: Vec<_> = vias
            .iter()
            .map(|via| {
                (text(via.transport), via.host.to_string(), via.branch().map(text).expect("branch"))
            })
            .collect();
        let own = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            seen,
            [
                own("UDP", "192.0.2.2", "390skdjuw"),
                own("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
                own("UDP", "192.168.255.111", "z9hG4bK30239"),
            ]
        );
        assert_eq!(message.first(Name::Subject), Some(&b""[..]));
        let contact = message.addresses(Name::Contact).next().expect("one").expect("good");
        assert_eq!(text(contact.display().as_ref()), "Quoted string \"\"");
        assert_eq!(contact.params.get(b"newparam").map(text).as_deref(), Some("newvalue"));
        assert_eq!(contact.params.find(b"secondparam"), Some(None));
        assert_eq!(contact.params.get(b"q").map(text).as_deref(), Some("0.33"));
        let route = message.addresses(Name::Route).next().expect("one").expect("good");
        let Ok(Uri::Sip(route)) = route.uri() else { panic!("a SIP URI") };
        assert!(route.is_loose_router());
        assert_eq!(route.params.get(b"unknownwith").map(text).as_deref(), Some("value"));
        let unusual = message.first_named(b"UnknownHeaderWithUnusualValue");
        assert_eq!(unusual.map(text).as_deref(), Some(";;,,;;,;"));
        assert_eq!(message.body().len(), 150);
    });
}

#[test]
fn intmeth_keeps_every_unusual_byte() {
    read("rfc4475/intmeth.dat", |message| {
        let method = message.method().expect("a request");
        assert_eq!(method.to_string().as_bytes(), b"!interesting-Method0123456789_*+`.%indeed\\'~");
        assert!(!method.is_known());
        let Some(Uri::Sip(uri)) = message.request_uri() else { panic!("a SIP URI") };
        let user = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*";
        assert_eq!(uri.user.map(text).as_deref(), Some(user));
        let password = "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)";
        assert_eq!(uri.password.map(text).as_deref(), Some(password));
        let essentials = message.check().expect("complete");
        assert_eq!(essentials.via.branch().map(text).as_deref(), Some("z9hG4bK-.!%66*_+`'~"));
        assert_eq!(essentials.to.display().as_ref(), b"BEL:\x07 NUL:\0 DEL:\x7f");
        assert_eq!(text(essentials.from.raw_display), "token1~` token2'+_ token3*%!.-");
        assert_eq!(essentials.from_tag.map(text).as_deref(), Some("_token~1'+`*%!-."));
        assert_eq!(text(essentials.call_id), "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
        assert_eq!(essentials.max_forwards, Some(255));
        let extension = message.first_named(b"extensionHeader-!.%*+_`'~");
        assert_eq!(extension.map(text).as_deref(), Some("\u{feff}大停電"));
    });
}

#[test]
fn escapes_are_undone_in_uris_and_nowhere_else() {
    read("rfc4475/esc01.dat", |message| {
        let Some(Uri::Sip(uri)) = message.request_uri() else { panic!("a SIP URI") };
        assert_eq!(text(&uri.unescaped_user().expect("user")), "sips:user@example.com");
        let essentials = message.check().expect("complete");
        let Ok(Uri::Sip(to)) = essentials.to.uri() else { panic!("a SIP URI") };
        assert_eq!(text(&to.unescaped_user().expect("user")), "user");
        let contact = message.addresses(Name::Contact).next().expect("one").expect("good");
        let Ok(Uri::Sip(contact)) = contact.uri() else { panic!("a SIP URI") };
        assert_eq!(text(&contact.unescaped_user().expect("user")), "caller");
        assert!(contact.is_loose_router());
        let name = contact.params.get(b"name").expect("the parameter `name`");
        assert_eq!(text(&unescape(name)), "value%41");
    });
    read("rfc4475/esc02.dat", |message| {
        assert_eq!(message.method().expect("a request").to_string(), "RE%47IST%45R");
        assert_eq!(message.addresses(Name::Contact).count(), 2);
        let essentials = message.check().expect("complete");
        assert_eq!(text(&essentials.to.display()), "%Z%45");
        assert_eq!(essentials.via.branch().map(text).as_deref(), Some("z9hG4bK209%fzsnel234"));
    });
    read("rfc4475/escnull.dat", |message| {
        let Some(Ok(to)) = message.address(Name::To).transpose() else { panic!("To") };
        let Ok(Uri::Sip(to)) = to.uri() else { panic!("a SIP URI") };
        assert_eq!(to.unescaped_user().expect("user").as_ref(), b"null-\0-null");
        let contacts: Vec<_> = message.addresses(Name::Contact).map(|c| c.expect("good")).collect();
        let [one, two] = contacts.as_slice() else { panic!("two contacts") };
        assert!(!one.uri().expect("good").matches(&two.uri().expect("good")));
    });
}

#[test]
fn parameters_belong_where_the_brackets_say() {
    read("rfc4475/semiuri.dat", |message| {
        let Some(Uri::Sip(uri)) = message.request_uri() else { panic!("a SIP URI") };
        assert_eq!(text(&uri.unescaped_user().expect("user")), "user;par=u@example.net");
        assert_eq!(uri.host.to_string(), "example.com");
        assert_eq!(message.values(Name::Accept).count(), 6);
    });
    let contact = |file: &str| {
        read(file, |message| {
            let contact = message.addresses(Name::Contact).next().expect("one").expect("good");
            let Ok(Uri::Sip(uri)) = contact.uri() else { panic!("a SIP URI") };
            let in_field = contact.params.find(b"unknownparam").is_some();
            let in_uri = uri.params.find(b"unknownparam").is_some();
            (in_field, in_uri, text(uri.headers))
        })
    };
    assert_eq!(contact("rfc4475/cparam01.dat"), (true, false, String::new()));
    assert_eq!(contact("rfc4475/cparam02.dat"), (false, true, String::new()));
    let route = "Route=%3Csip:sip.example.com%3E".to_owned();
    assert_eq!(contact("rfc4475/regescrt.dat"), (false, false, route));
}

#[test]
fn framing_follows_content_length() {
    read("rfc4475/dblreq.dat", |message| {
        assert_eq!(message.body(), b"");
        assert_eq!(message.call_id(), Ok(Some(&b"dblreq.0ha0isndaksdj99sdfafnl3lk233412"[..])));
    });
    read("rfc4475/mpart01.dat", |message| {
        assert_eq!(message.body().len(), 553);
        assert!(message.body().contains(&0));
        let kind = message.content_type().expect("good").expect("there");
        assert!(kind.is("multipart/mixed"));
        assert_eq!(kind.params.get(b"boundary"), Some(&b"7a9cbec02ceef655"[..]));
    });
    read("rfc4475/inv2543.dat", |message| assert_eq!(message.body().len(), 105));
    read("rfc5118/ipv4-mapped-ipv6.dat", |message| assert_eq!(message.body().len(), 236));
}

#[test]
fn reasons_lengths_and_transports_may_be_unusual() {
    read("rfc4475/noreason.dat", |message| assert_eq!(message.status(), Some(100)));
    read("rfc4475/unreason.dat", |message| {
        let sip::message::StartLine::Status { reason, .. } = message.start() else {
            panic!("status")
        };
        assert!(text(reason).starts_with("= 2**3 * 5**2 но сто девяносто девять"));
    });
    read("rfc4475/transports.dat", |message| {
        let seen: Vec<_> = message.vias().map(|via| text(via.expect("good").transport)).collect();
        assert_eq!(seen, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
    });
    read("rfc4475/longreq.dat", |message| {
        assert_eq!(message.vias().count(), 34);
        let branch = message.vias().last().expect("one").expect("good").branch().expect("branch");
        assert!(branch.starts_with(b"verylonglong") && branch.ends_with(b"longbranchvalue"));
    });
    read("rfc4475/lwsdisp.dat", |message| {
        assert_eq!(text(message.check().expect("complete").from.raw_display), "caller");
    });
}

#[test]
fn old_clients_have_no_branch_of_ours() {
    for file in ["rfc4475/inv2543.dat", "rfc4475/badbranch.dat"] {
        read(file, |message| {
            let essentials = message.check().expect("complete");
            assert_eq!(essentials.via.rfc3261_branch(), None, "{file}");
        });
    }
}

#[test]
fn ipv6_references_end_at_their_bracket() {
    let target = |file: &str| {
        read(file, |message| {
            let Some(Uri::Sip(uri)) = message.request_uri() else { panic!("a SIP URI") };
            (uri.host.to_string(), uri.port)
        })
    };
    let host = |text: &str| text.to_owned();
    assert_eq!(target("rfc5118/ipv6-good.dat"), (host("[2001:db8::10]"), None));
    assert_eq!(target("rfc5118/port-ambiguous.dat"), (host("[2001:db8::10:5070]"), None));
    assert_eq!(target("rfc5118/port-unambiguous.dat"), (host("[2001:db8::10]"), Some(5070)));
    let embedded = (host("[2001:db8::c000:201]"), None);
    assert_eq!(target("rfc5118/ipv6-bug-abnf-3-colons.dat"), embedded);
    assert_eq!(target("rfc5118/ipv6-correct-abnf-2-colons.dat"), embedded);
    let received = |file: &str| read(file, |message| message.top_via().expect("good").received());
    let expected = "2001:db8::9:255".parse().ok();
    assert_eq!(received("rfc5118/via-received-param-no-delim.dat"), expected);
    assert_eq!(received("rfc5118/via-received-param-with-delim.dat"), expected);
    read("rfc5118/ipv4-mapped-ipv6.dat", |message| {
        let via = message.top_via().expect("good");
        assert_eq!((via.host.to_string().as_str(), via.port), ("[::ffff:192.0.2.10]", Some(19823)));
    });
    read("rfc5118/mult-ip-in-header.dat", |message| {
        let vias: Vec<_> = message.vias().map(|via| via.expect("good").host.to_string()).collect();
        assert_eq!(vias, ["[2001:db8::9:1]", "192.0.2.1", "[2001:db8::9:255]"]);
    });
}
