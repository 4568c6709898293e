//! The registrar, message by message (RFC 3261 §10.3, RFC 3665 §2), and our registrations elsewhere.

use sip::Duration;
use sip::digest::{Account, Algorithm, Secret, Subject, answer};
use sip::endpoint::{Caller, CommandError, Credentials, Enrol, Event, Refused, Standing, Unbound};
use sip::flow::{Flow, Transport};
use sip::message::{AuthParams, Method};

use crate::desk::{
    Desk, OFFER, field, first_word, flow, from, invite, request, response, status_of,
};

const URI: &str = "sip:example.com";

/// A REGISTER of the user's with these credentials and fields.
struct Phone {
    user: &'static str,
    password: &'static str,
    cseq: u32,
    challenge: Option<String>,
    count: u32,
}

impl Phone {
    fn new() -> Self {
        Self { user: "ana", password: "secret", cseq: 0, challenge: None, count: 0 }
    }

    fn text(&mut self, fields: &str) -> String {
        self.cseq += 1;
        let mut fields = fields.to_owned();
        if let Some(challenge) = &self.challenge {
            self.count += 1;
            let challenge = AuthParams::parse(challenge.as_bytes()).expect("a challenge");
            let secret = Secret::Password(self.password.as_bytes());
            let account = Account { user: self.user.as_bytes(), secret };
            let subject = Subject { method: Method::Register, uri: URI.as_bytes(), body: b"" };
            let mut out = b"Authorization: ".to_vec();
            answer(&challenge, &account, &subject, b"c", self.count, &mut out).expect("known");
            fields.push_str(core::str::from_utf8(&out).expect("text"));
            fields.push_str("\r\n");
        }
        let branch = format!("r{}{}", self.user, self.cseq);
        request("REGISTER", URI, &branch, self.cseq, "", &fields, "")
            .replace("Contact: <sip:ben@192.0.2.9>\r\n", "")
            .replace("sip:100@example.com", &format!("sip:{}@example.com", self.user))
            .replace("c1@", &format!("{}@", self.user))
    }

    fn register(&mut self, desk: &mut Desk, fields: &str) -> String {
        let text = self.text(fields);
        desk.receive(&text);
        let reply = desk.sent();
        if let Some(challenge) = field(&reply, "WWW-Authenticate") {
            self.challenge = Some(challenge);
            self.count = 0;
        }
        reply
    }

    /// Registers after the challenge.
    fn proved(desk: &mut Desk) -> Self {
        let mut phone = Self::new();
        assert_eq!(status_of(&phone.register(desk, CONTACT)), 401);
        phone
    }
}

const CONTACT: &str = "Contact: <sip:ana@192.0.2.9>\r\n";

fn contacts(desk: &Desk) -> Vec<String> {
    let account = desk.endpoint.account(b"ana").expect("she has one");
    let contact = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    desk.endpoint.bindings(account).map(|binding| contact(binding.contact)).collect()
}

fn registered(desk: &mut Desk) -> (sip::endpoint::BindingId, bool) {
    match desk.event() {
        Event::Registered { binding, is_new, .. } => (binding, is_new),
        other => panic!("{other:?}"),
    }
}

fn unregistered(desk: &mut Desk) -> Unbound {
    match desk.event() {
        Event::Unregistered { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_phone_is_challenged_registers_asks_refreshes_and_leaves() {
    // RFC 3665 §2.1 to §2.4.
    let mut desk = Desk::registrar();
    let mut phone = Phone::new();
    let challenged = phone.register(&mut desk, CONTACT);
    assert_eq!(status_of(&challenged), 401);
    assert!(field(&challenged, "WWW-Authenticate").is_some_and(|c| !c.contains("stale")));
    assert_eq!(desk.endpoint.usage().transactions, 0, "a flood keeps nothing");
    desk.no_event();
    let ok = phone.register(&mut desk, CONTACT);
    assert_eq!(status_of(&ok), 200, "{ok}");
    assert_eq!(field(&ok, "Contact").as_deref(), Some("<sip:ana@192.0.2.9>;expires=3600"));
    assert!(registered(&mut desk).1);
    desk.pass(Duration::from_secs(10));
    let asked = phone.register(&mut desk, "");
    assert_eq!(field(&asked, "Contact").as_deref(), Some("<sip:ana@192.0.2.9>;expires=3590"));
    desk.no_event();
    phone.register(&mut desk, "Contact: <sip:ana@192.0.2.9>;expires=60\r\n");
    assert!(!registered(&mut desk).1);
    let left = phone.register(&mut desk, &format!("{CONTACT}Expires: 0\r\n"));
    assert_eq!((status_of(&left), field(&left, "Contact")), (200, None));
    assert_eq!(unregistered(&mut desk), Unbound::Removed);
    desk.is_clean();
    assert_eq!(desk.endpoint.counters().get(Refused::Unproved), 1);
    assert_eq!(desk.endpoint.counters().total(), 1);
}

#[test]
fn a_registration_runs_out_and_calls_go_where_it_came_from() {
    let mut desk = Desk::registrar();
    let mut phone = Phone::proved(&mut desk);
    let text = phone.text(&format!("{CONTACT}Expires: 30\r\n"));
    let nat = from("198.51.100.7:40000");
    desk.receive_from(nat, &text.replace(";branch", ";rport;branch"));
    assert_eq!(desk.status(), 200);
    let (binding, _) = registered(&mut desk);
    let account = desk.endpoint.account(b"ana").expect("she has one");
    let held = desk.endpoint.bindings(account).next().expect("one");
    assert_eq!((held.id, held.flow), (binding, nat));
    desk.pass(Duration::from_secs(30));
    assert_eq!(unregistered(&mut desk), Unbound::Expired);
    desk.is_clean();
}

#[test]
fn wrong_passwords_users_and_addresses_are_refused() {
    let mut desk = Desk::registrar();
    desk.endpoint.add_account(b"ben", b"other").expect("there is a registrar");
    for (user, password) in [("ana", "wrong"), ("nobody", "secret")] {
        let mut phone = Phone { user, password, ..Phone::new() };
        phone.register(&mut desk, CONTACT);
        let refused = phone.register(&mut desk, CONTACT);
        assert_eq!(status_of(&refused), 401, "{refused}");
        assert!(field(&refused, "WWW-Authenticate").is_some_and(|c| !c.contains("stale")));
    }
    assert_eq!(desk.endpoint.counters().get(Refused::Credentials), 2);
    let mut phone = Phone { cseq: 20, ..Phone::new() };
    phone.register(&mut desk, CONTACT);
    for (address, status) in [("ben", 403), ("nobody", 404)] {
        let text = phone.text(CONTACT);
        let to = format!("To: <sip:{address}@example.com>");
        desk.receive(&text.replace("To: <sip:ana@example.com>", &to));
        assert_eq!(desk.status(), status);
    }
    assert_eq!(desk.endpoint.counters().get(Refused::Address), 2);
    desk.no_event();
    assert_eq!(contacts(&desk), [""; 0]);
}

#[test]
fn credentials_are_good_once_and_an_old_nonce_is_stale() {
    let mut desk = Desk::registrar();
    let mut phone = Phone::proved(&mut desk);
    let text = phone.text(CONTACT);
    desk.receive(&text);
    assert_eq!(desk.status(), 200);
    desk.receive(&text.replace("rana2", "replay").replace("CSeq: 2", "CSeq: 3"));
    let replayed = desk.sent();
    assert!(status_of(&replayed) == 401 && replayed.contains("stale=true"), "{replayed}");
    assert_eq!(desk.endpoint.counters().get(Refused::Replay), 1);
    phone.cseq = 3;
    assert_eq!(status_of(&phone.register(&mut desk, CONTACT)), 200, "a higher count is new");
    desk.pass(Duration::from_secs(61));
    let stale = phone.register(&mut desk, CONTACT);
    assert!(status_of(&stale) == 401 && stale.contains("stale=true"), "{stale}");
    assert_eq!(status_of(&phone.register(&mut desk, CONTACT)), 200);
}

#[test]
fn credentials_for_another_uri_are_wrong() {
    let mut desk = Desk::registrar();
    let mut phone = Phone::proved(&mut desk);
    let text = phone.text(CONTACT);
    desk.receive(&text.replace("REGISTER sip:example.com ", "REGISTER sip:elsewhere.com "));
    assert_eq!(desk.status(), 401);
    assert_eq!(desk.endpoint.counters().get(Refused::Credentials), 1);
}

#[test]
fn an_account_is_challenged_by_its_own_algorithms_and_answers_with_no_weaker_one() {
    let mut desk = Desk::registrar();
    let account = desk.endpoint.account(b"ana").expect("she has one");
    assert_eq!(desk.endpoint.set_algorithms(account, &[]), Err(CommandError::Malformed));
    desk.endpoint.set_algorithms(account, &[Algorithm::Sha256, Algorithm::Md5]).expect("there");
    let both = Phone::new().register(&mut desk, CONTACT);
    let offered: Vec<&str> =
        both.lines().filter_map(|line| line.strip_prefix("WWW-Authenticate: ")).collect();
    assert!(offered.len() == 2 && offered[0].contains("algorithm=SHA-256,"), "{both}");
    desk.endpoint.set_algorithms(account, &[Algorithm::Sha256]).expect("there");
    let mut phone = Phone { cseq: 5, ..Phone::new() };
    phone.register(&mut desk, CONTACT);
    let ok = phone.register(&mut desk, CONTACT);
    assert_eq!(status_of(&ok), 200, "{ok}");
    let challenge = phone.challenge.as_mut().expect("it was challenged");
    *challenge = challenge.replace("SHA-256", "MD5");
    assert_eq!(status_of(&phone.register(&mut desk, CONTACT)), 401);
    assert_eq!(desk.endpoint.counters().get(Refused::Credentials), 1);
}

#[test]
fn times_are_bounded() {
    let mut desk = Desk::registrar();
    let mut phone = Phone::proved(&mut desk);
    let brief = phone.register(&mut desk, &format!("{CONTACT}Expires: 29\r\n"));
    assert_eq!((status_of(&brief), field(&brief, "Min-Expires").as_deref()), (423, Some("30")));
    assert_eq!(desk.endpoint.counters().get(Refused::TooBrief), 1);
    let long = phone.register(&mut desk, &format!("{CONTACT}Expires: 4294967295\r\n"));
    assert_eq!(field(&long, "Contact").as_deref(), Some("<sip:ana@192.0.2.9>;expires=3600"));
}

#[test]
fn a_star_removes_all_and_only_by_the_rules() {
    let mut desk = Desk::registrar();
    let mut phone = Phone::proved(&mut desk);
    phone.register(&mut desk, "Contact: <sip:ana@192.0.2.9>, <sip:ana@192.0.2.8>\r\n");
    registered(&mut desk);
    registered(&mut desk);
    for bad in [
        "Contact: *\r\n",
        "Contact: *\r\nExpires: 60\r\n",
        "Contact: *, <sip:a@b>\r\nExpires: 0\r\n",
    ] {
        assert_eq!(status_of(&phone.register(&mut desk, bad)), 400, "{bad}");
    }
    assert_eq!(contacts(&desk).len(), 2);
    let ok = phone.register(&mut desk, "Contact: *\r\nExpires: 0\r\n");
    assert_eq!(status_of(&ok), 200);
    assert_eq!([unregistered(&mut desk), unregistered(&mut desk)], [Unbound::Removed; 2]);
    desk.is_clean();
}

#[test]
fn an_old_request_of_the_same_phone_changes_nothing() {
    let mut desk = Desk::registrar();
    let mut phone = Phone::proved(&mut desk);
    phone.cseq = 10;
    phone.register(&mut desk, CONTACT);
    registered(&mut desk);
    phone.cseq = 7;
    let old = phone.register(
        &mut desk,
        "Contact: <sip:new@192.0.2.9>\r\nContact: <sip:ana@192.0.2.9>;expires=0\r\n",
    );
    assert_eq!(status_of(&old), 500);
    assert_eq!(contacts(&desk), ["sip:ana@192.0.2.9"], "all or nothing");
    assert_eq!(desk.endpoint.counters().get(Refused::OutOfOrder), 1);
    phone.cseq = 8;
    let text =
        phone.text(&format!("{CONTACT}Expires: 0\r\n")).replace("Call-ID: ana@", "Call-ID: b@");
    desk.receive(&text);
    assert_eq!(desk.status(), 200, "another Call-ID has its own order");
    assert_eq!(unregistered(&mut desk), Unbound::Removed);
    desk.no_event();
}

#[test]
fn contacts_are_limited_compared_as_uris_and_newest_first() {
    let mut desk = Desk::registrar();
    let mut phone = Phone::proved(&mut desk);
    phone.register(&mut desk, CONTACT);
    phone.register(&mut desk, "Contact: <sip:%61na@192.0.2.9>\r\n");
    assert!(registered(&mut desk).1 && !registered(&mut desk).1);
    phone.register(&mut desk, "Contact: <sip:ana@192.0.2.8>\r\n");
    assert_eq!(contacts(&desk), ["sip:ana@192.0.2.8", "sip:%61na@192.0.2.9"]);
    let many: String = (0..9).map(|n| format!("Contact: <sip:ana@10.0.0.{n}>\r\n")).collect();
    assert_eq!(status_of(&phone.register(&mut desk, &many)), 403);
    for bad in ["Contact: <mailto:a@b>\r\n", "Contact: <sip:a b>\r\n"] {
        assert_eq!(status_of(&phone.register(&mut desk, bad)), 400, "{bad}");
    }
    assert_eq!(contacts(&desk).len(), 2);
    assert_eq!(desk.endpoint.counters().get(Refused::Contact), 2);
}

#[test]
fn a_connection_takes_its_contacts_along() {
    let mut desk = Desk::registrar();
    let mut phone = Phone::proved(&mut desk);
    let connection = Flow { transport: Transport::Tcp, ..flow() };
    let text = phone.text(CONTACT);
    desk.receive_from(connection, &text);
    assert_eq!(desk.status(), 200);
    let (binding, _) = registered(&mut desk);
    desk.endpoint.handle_unreachable(desk.now, connection);
    assert_eq!(unregistered(&mut desk), Unbound::Disconnected);
    assert_eq!(desk.endpoint.remove_binding(binding), Err(CommandError::Gone));
    desk.is_clean();
}

#[test]
fn a_caller_is_known_by_his_flow_or_his_credentials() {
    let mut desk = Desk::registrar();
    let mut phone = Phone::proved(&mut desk);
    let call = |n: u32| {
        let text = invite(&n.to_string(), n, "", OFFER).replace("c1@", &format!("i{n}@"));
        text.replace("sip:ben@example", "sip:ana@example")
    };
    let caller = |desk: &mut Desk| match desk.event() {
        Event::Incoming { caller, leg, .. } => (caller, leg),
        other => panic!("{other:?}"),
    };
    let account = desk.endpoint.account(b"ana").expect("she has one");
    desk.receive(&call(1));
    assert_eq!(caller(&mut desk).0, Caller::Stranger);
    phone.register(&mut desk, CONTACT);
    desk.rest();
    registered(&mut desk);
    desk.receive(&call(2));
    assert_eq!(caller(&mut desk).0, Caller::Registered(account));
    desk.receive_from(from("198.51.100.7:5060"), &call(3));
    let (who, leg) = caller(&mut desk);
    assert_eq!(who, Caller::Stranger);
    desk.rest();
    desk.endpoint.challenge(desk.now, leg).expect("open");
    let challenge = desk.sent();
    assert_eq!(status_of(&challenge), 401);
    let challenge = field(&challenge, "WWW-Authenticate").expect("a challenge");
    let parsed = AuthParams::parse(challenge.as_bytes()).expect("a challenge");
    let account_of = Account { user: b"ana", secret: Secret::Password(b"secret") };
    let subject = Subject { method: Method::Invite, uri: b"sip:100@192.0.2.1", body: b"" };
    let mut out = Vec::new();
    answer(&parsed, &account_of, &subject, b"c", 1, &mut out).expect("known");
    let credentials = format!("Authorization: {}\r\nCSeq", String::from_utf8_lossy(&out));
    desk.event();
    desk.receive_from(from("198.51.100.7:5060"), &call(4).replacen("CSeq", &credentials, 1));
    assert_eq!(caller(&mut desk).0, Caller::Proved(account));
}

#[test]
fn a_binding_is_restored_after_a_restart() {
    let mut desk = Desk::registrar();
    let account = desk.endpoint.account(b"ana").expect("she has one");
    let expires_at = desk.now + Duration::from_secs(50);
    let restore = |desk: &mut Desk, contact: &[u8]| {
        desk.endpoint.restore_binding(desk.now, account, contact, flow(), expires_at)
    };
    assert_eq!(restore(&mut desk, b"nothing").err(), Some(CommandError::Malformed));
    let id = restore(&mut desk, b"sip:ana@192.0.2.9").expect("good");
    assert_eq!(registered(&mut desk), (id, true));
    let mut phone = Phone::proved(&mut desk);
    phone.register(&mut desk, CONTACT);
    assert_eq!(registered(&mut desk), (id, false), "the phone renews it");
}

fn enrol() -> Enrol<'static> {
    Enrol {
        flow: flow(),
        registrar: b"sip:example.com",
        address: b"<sip:ben@example.com>",
        contact_user: b"ben",
        headers: &[],
        expires: Duration::from_secs(100),
        credentials: Some(Credentials::new(b"ben", b"secret")),
    }
}

fn standing(desk: &mut Desk) -> Standing {
    match desk.event() {
        Event::Registration { state, .. } => state,
        other => panic!("{other:?}"),
    }
}

#[test]
fn we_register_refresh_and_leave() {
    let mut desk = Desk::new();
    let ours = desk.endpoint.register(desk.now, &enrol()).expect("good");
    let first = desk.sent();
    assert_eq!(field(&first, "Contact").as_deref(), Some("<sip:ben@192.0.2.1:5060>"));
    let challenge = "WWW-Authenticate: Digest realm=\"x\", nonce=\"n\"\r\n";
    desk.receive(&response(&first, 401, "r", challenge, ""));
    let second = desk.sent();
    assert!(field(&second, "Authorization").is_some());
    assert_eq!(field(&second, "CSeq").as_deref(), Some("2 REGISTER"));
    let granted =
        "Contact: <sip:x@y>;expires=9\r\nContact: <sip:ben@192.0.2.1:5060>;expires=80\r\n";
    desk.receive(&response(&second, 200, "r", granted, ""));
    assert_eq!(standing(&mut desk), Standing::Registered(Duration::from_secs(80)));
    desk.pass(Duration::from_secs(39));
    assert_eq!(desk.rest(), [""; 0]);
    desk.pass(Duration::from_secs(1));
    let refresh = desk.sent();
    assert_eq!(field(&refresh, "CSeq").as_deref(), Some("3 REGISTER"));
    assert_eq!(field(&refresh, "Call-ID"), field(&first, "Call-ID"));
    desk.endpoint.unregister(desk.now, ours).expect("there");
    assert_eq!(desk.rest(), [""; 0], "one request at a time");
    desk.receive(&response(&refresh, 200, "r", "Expires: 100\r\n", ""));
    let removal = desk.sent();
    assert_eq!(field(&removal, "Expires").as_deref(), Some("0"));
    desk.receive(&response(&removal, 200, "r", "", ""));
    assert_eq!(standing(&mut desk), Standing::Removed);
    assert_eq!(desk.endpoint.unregister(desk.now, ours), Err(CommandError::Gone));
    desk.is_clean();
}

#[test]
fn a_registrar_that_wants_longer_gets_it_once() {
    let mut desk = Desk::new();
    desk.endpoint.register(desk.now, &enrol()).expect("good");
    let first = desk.sent();
    desk.receive(&response(&first, 423, "r", "Min-Expires: 300\r\n", ""));
    let second = desk.sent();
    assert_eq!(field(&second, "Expires").as_deref(), Some("300"));
    desk.receive(&response(&second, 423, "r", "Min-Expires: 900\r\n", ""));
    assert_eq!(standing(&mut desk), Standing::Failed(423));
    desk.is_clean();
}

#[test]
fn a_registration_that_fails_is_told_once() {
    for status in [403, 503] {
        let mut desk = Desk::new();
        desk.endpoint.register(desk.now, &enrol()).expect("good");
        let first = desk.sent();
        desk.receive(&response(&first, status, "r", "", ""));
        assert_eq!(standing(&mut desk), Standing::Failed(status));
        desk.is_clean();
    }
    let mut desk = Desk::new();
    desk.endpoint.register(desk.now, &enrol()).expect("good");
    desk.pass(Duration::from_secs(33));
    assert_eq!(standing(&mut desk), Standing::Failed(408));
    desk.is_clean();
}

#[test]
fn a_ping_tells_whether_the_peer_lives() {
    let mut desk = Desk::new();
    let mut pong = |answer: bool| {
        let ping = desk.endpoint.ping(desk.now, flow(), b"sip:ana@192.0.2.9", &[]).expect("good");
        let options = desk.sent();
        assert_eq!(first_word(&options), "OPTIONS");
        if answer {
            desk.receive(&response(&options, 405, "r", "", ""));
        } else {
            desk.pass(Duration::from_secs(33));
            desk.rest();
        }
        match desk.event() {
            Event::Pong { ping: told, status } if told == ping => status,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!([pong(true), pong(false)], [Some(405), None]);
    assert_eq!(
        desk.endpoint.ping(desk.now, flow(), b"tel:1", &[]).err(),
        Some(CommandError::Malformed)
    );
    desk.is_clean();
}
