//! Named agents: registered, signed in, reachable; ringing, answers that cross, talks and their ends.

use crate::town::{NAMED, Town, scenario};
use acd::{AgentId, AgentPhase};
use sip::Duration;
use sip::endpoint::{Credentials, End, Event, Leg, Refusal};

const ANA: AgentId = AgentId(0);
const BEN: AgentId = AgentId(1);

fn town() -> Town {
    Town::new(&scenario(NAMED, ""), false)
}

fn phase(town: &Town, agent: AgentId) -> AgentPhase {
    town.exchange.switch().phase(agent)
}

/// A caller, and the telephone of ana that rings for him.
fn ringing(town: &mut Town) -> (usize, Leg, usize, Leg) {
    let ana = town.agent("201");
    let caller = town.move_in();
    let call = town.dial(caller, "100");
    town.pass_millis(200);
    let leg = town.rings(ana).expect("ana's telephone rings");
    assert_eq!(phase(town, ANA), AgentPhase::Reserved);
    (caller, call, ana, leg)
}

fn talking(town: &mut Town) -> (usize, Leg, usize, Leg) {
    let (caller, call, ana, leg) = ringing(town);
    town.answer(ana, leg);
    town.pass_millis(200);
    assert_eq!(phase(town, ANA), AgentPhase::Talking);
    (caller, call, ana, leg)
}

fn ended(town: &Town, peer: usize) -> Option<End> {
    town.peers[peer].events.iter().find_map(|event| match event {
        Event::Ended { why, .. } => Some(*why),
        _ => None,
    })
}

#[test]
fn registered_is_not_signed_in() {
    let mut town = town();
    let ana = town.move_in();
    town.register(ana, "201");
    let caller = town.move_in();
    town.dial(caller, "100");
    town.pass_millis(500);
    assert!(town.rings(ana).is_none(), "nobody signed in");
    town.dial(ana, "*11");
    town.pass_millis(500);
    assert!(town.rings(ana).is_some(), "*11 signs in, and the waiting call comes");
    town.close();
}

#[test]
fn an_agent_answers_and_both_hear_the_end_when_the_caller_hangs_up() {
    let mut town = town();
    let (caller, call, ana, _) = talking(&mut town);
    town.hang_up(caller, call);
    town.pass_millis(200);
    assert_eq!(ended(&town, ana), Some(End::Hangup));
    assert_eq!(phase(&town, ANA), AgentPhase::Ready);
    town.close();
}

#[test]
fn an_agent_who_hangs_up_ends_the_call_for_the_caller() {
    let mut town = town();
    let (caller, _, ana, leg) = talking(&mut town);
    town.hang_up(ana, leg);
    town.pass_millis(200);
    assert_eq!(ended(&town, caller), Some(End::Hangup));
    assert_eq!(phase(&town, ANA), AgentPhase::Ready);
    town.close();
}

#[test]
fn a_caller_who_gives_up_while_it_rings_stops_the_telephone() {
    let mut town = town();
    let (caller, call, ana, _) = ringing(&mut town);
    town.hang_up(caller, call);
    town.pass_millis(200);
    assert_eq!(ended(&town, ana), Some(End::Cancelled));
    assert_eq!(phase(&town, ANA), AgentPhase::Ready);
    town.close();
}

#[test]
fn an_answer_that_crosses_the_callers_end_is_hung_up() {
    for lead_micros in [0, 50, 120, 250, 400] {
        let mut town = town();
        let (caller, call, ana, leg) = ringing(&mut town);
        town.hang_up(caller, call);
        town.pass(Duration::from_micros(lead_micros));
        let sdp = town.sdp(ana);
        if town.peers[ana].endpoint.answer(town.now, leg, &sdp).is_ok() {
            town.collect();
        }
        town.pass_millis(500);
        assert!(ended(&town, ana).is_some(), "{lead_micros}");
        assert_eq!(phase(&town, ANA), AgentPhase::Ready, "{lead_micros}");
        town.close();
    }
}

#[test]
fn a_telephone_that_refuses_gives_the_call_to_the_next_agent() {
    for status in [486, 600, 603, 480, 488, 302, 404, 503] {
        let mut town = town();
        let (_, _, ana, leg) = ringing(&mut town);
        let ben = town.agent("202");
        let refusal = Refusal::status(status);
        town.peers[ana].endpoint.refuse(town.now, leg, &refusal).expect("it rings");
        town.collect();
        town.pass_millis(200);
        let next = town.rings(ben).unwrap_or_else(|| panic!("{status}: ben's telephone rings"));
        town.answer(ben, next);
        town.pass_millis(200);
        assert_eq!(phase(&town, BEN), AgentPhase::Talking, "{status}");
        let expected = match status {
            404 | 503 => AgentPhase::NotReady,
            _ => AgentPhase::BackOff,
        };
        assert_eq!(phase(&town, ANA), expected, "{status}");
        town.close();
    }
}

#[test]
fn a_telephone_that_nobody_answers_is_left_alone_for_a_while() {
    let mut town = town();
    let (_, _, ana, _) = ringing(&mut town);
    town.pass(Duration::from_secs(15));
    assert_eq!(ended(&town, ana), Some(End::Cancelled));
    assert_eq!(phase(&town, ANA), AgentPhase::BackOff);
    town.peers[ana].events.clear();
    town.pass(Duration::from_secs(10));
    assert!(town.rings(ana).is_some(), "after the back-off it rings again");
    town.close();
}

#[test]
fn codes_take_an_agent_off_and_back_and_out() {
    let mut town = town();
    let ana = town.agent("201");
    assert_eq!(phase(&town, ANA), AgentPhase::Ready);
    for (code, expected) in [
        ("*12", AgentPhase::NotReady),
        ("*11", AgentPhase::Ready),
        ("*13", AgentPhase::SignedOut),
        ("*12", AgentPhase::SignedOut),
        ("*11", AgentPhase::Ready),
    ] {
        town.dial(ana, code);
        town.pass_millis(200);
        assert_eq!(phase(&town, ANA), expected, "{code}");
    }
    town.close();
}

#[test]
fn a_stranger_who_dials_a_code_is_asked_for_credentials() {
    let mut town = town();
    let stranger = town.move_in();
    town.dial(stranger, "*11");
    town.pass_millis(200);
    assert_eq!(ended(&town, stranger), Some(End::Refused(401)));
    assert_eq!(phase(&town, ANA), AgentPhase::SignedOut);
    town.peers[stranger].events.clear();
    let credentials = Some(Credentials::new(b"201", b"secret"));
    let sdp = town.sdp(stranger);
    town.dial_with(stranger, "*11", Some(&sdp), credentials);
    town.pass_millis(200);
    assert_eq!(ended(&town, stranger), Some(End::Hangup), "the receipt is hung up");
    assert_eq!(
        phase(&town, ANA),
        AgentPhase::NotReady,
        "signed in, but no telephone is registered"
    );
    town.close();
}

#[test]
fn an_agent_whose_telephone_is_gone_gets_no_offers_until_it_is_back() {
    let mut town = town();
    let ana = town.move_in();
    let registration = town.register(ana, "201");
    town.dial(ana, "*11");
    town.pass_millis(200);
    town.peers[ana].endpoint.unregister(town.now, registration).expect("registered");
    town.collect();
    town.pass_millis(200);
    assert_eq!(phase(&town, ANA), AgentPhase::NotReady);
    let caller = town.move_in();
    town.dial(caller, "100");
    town.pass_millis(200);
    assert!(town.rings(ana).is_none());
    town.register(ana, "201");
    town.pass_millis(200);
    assert!(town.rings(ana).is_some(), "back, and the waiting call comes");
    town.close();
}

#[test]
fn a_telephone_that_misses_two_options_is_unreachable_and_its_talk_goes_on() {
    let mut asked = scenario(NAMED, "");
    for agent in &mut asked.live.agents {
        agent.keep_alive = Some(acd::Duration::from_secs(30));
    }
    let mut town = Town::new(&asked, false);
    let (caller, _, ana, _) = talking(&mut town);
    town.pass(Duration::from_secs(100));
    assert_eq!(phase(&town, ANA), AgentPhase::Talking, "it answers its OPTIONS");
    // The telephone's wire is cut: nothing reaches it any more.
    town.peers[ana].endpoint.bind(0, "127.0.0.1:1".parse().expect("address"));
    town.cut(ana);
    town.pass(Duration::from_secs(130));
    assert_eq!(phase(&town, ANA), AgentPhase::Talking, "a call in progress is untouched");
    assert!(ended(&town, caller).is_none());
    let call = town.peers[caller].events.iter().find_map(|event| match event {
        Event::Answered { leg, .. } => Some(*leg),
        _ => None,
    });
    town.hang_up(caller, call.expect("answered"));
    town.pass_millis(500);
    assert_eq!(phase(&town, ANA), AgentPhase::NotReady, "unreachable");
    town.close();
}

#[test]
fn the_newest_binding_rings() {
    let mut town = town();
    let old = town.agent("201");
    let new = town.move_in();
    town.register(new, "201");
    let caller = town.move_in();
    town.dial(caller, "100");
    town.pass_millis(200);
    assert!(town.rings(new).is_some() && town.rings(old).is_none());
    town.close();
}

#[test]
fn an_agent_who_holds_is_a_fact_of_the_switch() {
    let mut town = town();
    let (_, _, ana, leg) = talking(&mut town);
    let text = String::from_utf8(town.sdp(ana)).expect("text");
    let hold = text.replace("o=- 7 1", "o=- 7 2") + "a=sendonly\r\n";
    town.peers[ana].endpoint.change(town.now, leg, hold.as_bytes()).expect("the leg is up");
    town.pass_millis(200);
    assert_eq!(phase(&town, ANA), AgentPhase::Held);
    let back = text.replace("o=- 7 1", "o=- 7 3");
    town.peers[ana].endpoint.change(town.now, leg, back.as_bytes()).expect("the leg is up");
    town.pass_millis(200);
    assert_eq!(phase(&town, ANA), AgentPhase::Talking);
    town.close();
}

#[test]
fn after_call_work_ends_by_its_limit_or_by_the_agent() {
    let mut working = scenario(NAMED, "");
    working.groups[0].wrap_up = Some(acd::Duration::from_secs(30));
    for by_agent in [false, true] {
        let mut town = Town::new(&working, false);
        let (caller, call, ana, _) = talking(&mut town);
        town.hang_up(caller, call);
        town.pass_millis(200);
        assert_eq!(phase(&town, ANA), AgentPhase::Acw);
        if by_agent {
            town.dial(ana, "*11");
            town.pass_millis(200);
        } else {
            town.pass(Duration::from_secs(31));
        }
        assert_eq!(phase(&town, ANA), AgentPhase::Ready);
        town.close();
    }
}

#[test]
fn each_agent_is_challenged_by_the_digest_that_the_scenario_names() {
    let challenge = |digest: &str| {
        let named = NAMED.replacen("keep_alive", &format!("digest = \"{digest}\"\nkeep_alive"), 1);
        let mut town = Town::new(&scenario(&named, ""), false);
        let register = "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9999;branch=z9hG4bKx\r\n\
            From: <sip:201@127.0.0.1>;tag=1\r\nTo: <sip:201@127.0.0.1>\r\nCall-ID: r\r\nCSeq: 1 REGISTER\r\n\
            Max-Forwards: 70\r\nContact: <sip:201@127.0.0.1:9999>\r\nContent-Length: 0\r\n\r\n";
        let mut flow = town.flow();
        flow.remote = "127.0.0.1:9999".parse().expect("address");
        town.exchange.handle_message(town.now, flow, register.as_bytes());
        let mut answer = Vec::new();
        town.exchange.poll_transmit(&mut answer).expect("a challenge");
        let text = String::from_utf8(answer).expect("text");
        let lines = text.lines().filter(|line| line.starts_with("WWW-Authenticate:"));
        let algorithm = |line: &str| {
            line.split("algorithm=")
                .nth(1)
                .map(|rest| rest.split([',', ' ']).next().unwrap_or("").to_owned())
        };
        let algorithms: Vec<String> =
            lines.map(|line| algorithm(line).unwrap_or_else(|| "MD5".to_owned())).collect();
        let ana = town.agent("201");
        let caller = town.move_in();
        town.dial(caller, "100");
        town.pass_millis(200);
        assert!(town.rings(ana).is_some(), "{digest}: ana registered and signed in");
        algorithms
    };
    assert_eq!(challenge("md5"), ["MD5"]);
    assert_eq!(challenge("sha-256"), ["SHA-256"]);
    assert_eq!(challenge("both"), ["SHA-256", "MD5"]);
}
