//! Each response with its request.

use core::net::{IpAddr, SocketAddr};

use super::super::call::Transaction;
use super::super::finding::{Complaint, shown};
use super::super::seen::{Seen, same_uri};
use super::{Check, Look, Rule};
use crate::flow::Transport;
use crate::message::{Host, Method, Name, Uri, Via};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "response-matches",
        source: "RFC 3261 §17.1.3",
        expects: "the branch and CSeq of a request that was sent",
        check: Check::Stray(matches_request),
    },
    Rule {
        id: "response-to-ack",
        source: "RFC 3261 §17",
        expects: "no response to an ACK",
        check: Check::Message(to_ack),
    },
    Rule {
        id: "response-via",
        source: "RFC 3261 §8.2.6.2",
        expects: "the request's Via values, in their order",
        check: Check::Response(via),
    },
    Rule {
        id: "response-from",
        source: "RFC 3261 §8.2.6.2",
        expects: "the From of the request",
        check: Check::Response(from),
    },
    Rule {
        id: "response-to",
        source: "RFC 3261 §8.2.6.2",
        expects: "the To of the request, with its tag if it had one",
        check: Check::Response(to),
    },
    Rule {
        id: "to-tag",
        source: "RFC 3261 §8.2.6.2",
        expects: "a tag in To of every response but 100",
        check: Check::Response(to_tag),
    },
    Rule {
        id: "to-tag-kept",
        source: "RFC 3261 §8.2.6.2",
        expects: "the same To tag in all responses of one user agent to one request",
        check: Check::Response(to_tag_kept),
    },
    Rule {
        id: "one-final",
        source: "RFC 3261 §17.2.1",
        expects: "after the final response nothing but copies of it",
        check: Check::Response(one_final),
    },
    Rule {
        id: "response-address",
        source: "RFC 3261 §18.2.2",
        expects: "a response sent to the source address of its request, at its Via port or its source port by rport",
        check: Check::Response(address),
    },
    Rule {
        id: "rport-filled",
        source: "RFC 3581 §4",
        expects: "rport and received filled in where the client asked for them",
        check: Check::Response(rport),
    },
    Rule {
        id: "received-added",
        source: "RFC 3261 §18.2.1",
        expects: "received in the topmost Via whose host is not the source address",
        check: Check::Response(received),
    },
    Rule {
        id: "response-contact",
        source: "RFC 3261 §12.1.1",
        expects: "Contact in a 2xx to INVITE",
        check: Check::Response(contact),
    },
    Rule {
        id: "record-route-copied",
        source: "RFC 3261 §12.1.1",
        expects: "all Record-Route values of the request in a response that makes a dialog",
        check: Check::Response(record_route),
    },
    Rule {
        id: "response-require",
        source: "RFC 3261 §8.2.4",
        expects: "in Require only extensions that the request supports",
        check: Check::Response(require),
    },
];

fn matches_request(look: &Look<'_>) -> Option<Complaint> {
    let is_ours = look.call.is_complete() && !look.seen.is(Method::Ack);
    is_ours.then(|| look.seen.complain(Name::Via))
}

fn to_ack(look: &Look<'_>) -> Option<Complaint> {
    (!look.seen.is_request() && look.seen.is(Method::Ack)).then(|| look.seen.complain_start())
}

fn via(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let ours = sent_by(look.seen);
    let asked = sent_by(&transaction.request);
    (ours != asked).then(|| look.seen.complain(Name::Via))
}

/// Host, port and branch of a Via.
type SentBy = (Vec<u8>, Option<u16>, Option<Vec<u8>>);

/// What identifies each Via: the server may add parameters (RFC 3261 §18.2.1, RFC 3581 §4).
fn sent_by(seen: &Seen) -> Vec<SentBy> {
    let read = |via: Via<'_>| {
        let host = match via.host {
            Host::Address(address) => address.to_string().into_bytes(),
            Host::Name(name) => name.to_ascii_lowercase(),
        };
        (host, via.port, via.branch().map(<[u8]>::to_vec))
    };
    seen.message().vias().filter_map(|via| via.ok().map(read)).collect()
}

fn from(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let request = &transaction.request;
    let is_same =
        look.seen.from_tag == request.from_tag && same_address(look.seen, request, Name::From);
    (!is_same).then(|| look.seen.complain(Name::From))
}

fn to(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let request = &transaction.request;
    let keeps_tag = request.to_tag.is_none() || request.to_tag == look.seen.to_tag;
    let is_same = keeps_tag && same_address(look.seen, request, Name::To);
    (!is_same).then(|| look.seen.complain(Name::To))
}

fn same_address(a: &Seen, b: &Seen, name: Name) -> bool {
    match (a.message().address(name), b.message().address(name)) {
        (Ok(Some(a)), Ok(Some(b))) => same_uri(a.raw_uri, b.raw_uri),
        _ => false,
    }
}

fn to_tag(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let is_missing = look.seen.status() > 100
        && look.seen.to_tag.is_none()
        // CANCEL's 200 and every other method's, too.
        && transaction.request.to_tag.is_none();
    is_missing.then(|| look.seen.complain(Name::To))
}

/// A fork gives other tags; so only where the response's own Contact is where it came from, and
/// nothing stands between.
fn to_tag_kept(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let tag = look.seen.to_tag.as_ref()?;
    let first = transaction.responses().find(|seen| seen.to_tag.is_some())?;
    let is_agent = |seen: &Seen| contact_socket(seen) == Some(seen.passage.from);
    let is_same_agent = first.passage.from == look.seen.passage.from
        && !transaction.is_relayed
        && (is_agent(first) || is_agent(look.seen));
    (is_same_agent && first.to_tag.as_ref() != Some(tag)).then(|| look.seen.complain(Name::To))
}

/// Where the first Contact points, if it is an address.
fn contact_socket(seen: &Seen) -> Option<SocketAddr> {
    let contact = seen.contact()?;
    let Ok(Uri::Sip(uri)) = contact.uri() else { return None };
    Some(SocketAddr::new(uri.host.address()?, uri.port.unwrap_or(5060)))
}

fn one_final(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let outcome = transaction.outcome()?;
    // A forking proxy passes every 2xx on (RFC 3261 §16.7 step 5), and a reliable provisional
    // response of another branch may cross the first.
    let is_fork = look.seen.to_tag != outcome.to_tag
        && transaction.is_invite()
        && !look.seen.passage.from.eq(&outcome.passage.from);
    let is_second_success = look.seen.is_success()
        && outcome.is_success()
        && transaction.is_invite()
        && look.seen.to_tag != outcome.to_tag;
    (!is_fork && !is_second_success && !super::is_forgotten(look, transaction)).then(|| {
        look.seen.complain_start().detail(format!("{} was the final response", outcome.status()))
    })
}

fn address(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let request = &transaction.request;
    let (asked, answered) = (request.passage, look.seen.passage);
    if asked.transport != Transport::Udp || answered.transport != Transport::Udp {
        return None;
    }
    let via = request.message().top_via().ok()?;
    if via.params.find(b"maddr").is_some() {
        return None;
    }
    let port = if via.asks_rport() { asked.from.port() } else { via.port.unwrap_or(5060) };
    let expected = SocketAddr::new(asked.from.ip(), port);
    (answered.to != expected).then(|| {
        let went = format!("{expected} was expected, it went to {}", answered.to);
        look.seen.complain(Name::Via).detail(went)
    })
}

fn rport(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let asked = transaction.request.message().top_via().ok()?;
    let answered = look.seen.message().top_via().ok()?;
    let source = transaction.request.passage.from;
    let is_filled =
        answered.rport() == Some(source.port()) && answered.received() == Some(source.ip());
    (asked.asks_rport() && !is_filled)
        .then(|| look.seen.complain(Name::Via).detail(format!("the request came from {source}")))
}

fn received(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let asked = transaction.request.message().top_via().ok()?;
    let answered = look.seen.message().top_via().ok()?;
    let source: IpAddr = transaction.request.passage.from.ip();
    let differs = asked.host.address() != Some(source);
    // With rport in the request, `rport-filled` says it.
    let is_wrong = differs && !asked.asks_rport() && answered.received() != Some(source);
    is_wrong
        .then(|| look.seen.complain(Name::Via).detail(format!("the request came from {source}")))
}

fn contact(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let needs = transaction.is_invite() && look.seen.is_success();
    let is_there = look.seen.contact().is_some();
    (needs && !is_there).then(|| look.seen.complain_start())
}

fn record_route(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let request = &transaction.request;
    let makes_dialog = transaction.is_invite()
        && request.to_tag.is_none()
        && look.seen.to_tag.is_some()
        && (101..300).contains(&look.seen.status());
    if !makes_dialog {
        return None;
    }
    let (asked, given) = (request.uris(Name::RecordRoute), look.seen.uris(Name::RecordRoute));
    // Proxies further on stand before those of this request.
    let has_all = given.len() >= asked.len()
        && given.iter().rev().zip(asked.iter().rev()).all(|(a, b)| same_uri(a, b));
    (!has_all).then(|| look.seen.complain(Name::RecordRoute))
}

fn require(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let request = &transaction.request;
    if look.seen.status() == 421 {
        return None;
    }
    let message = look.seen.message();
    let required = message.tokens(Name::Require).ok()?;
    let is_unknown =
        |tag: &&[u8]| !request.lists(Name::Supported, tag) && !request.lists(Name::Require, tag);
    let unknown = required.iter().find(is_unknown)?;
    let detail = format!("the request does not support {}", shown(unknown));
    Some(look.seen.complain(Name::Require).detail(detail))
}
