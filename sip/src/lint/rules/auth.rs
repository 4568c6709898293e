//! Credentials and the challenges they answer.

use super::super::finding::{Complaint, shown};
use super::super::seen::{Seen, same_uri};
use super::{Check, Look, Rule};
use crate::message::{AuthParams, Name};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "challenge-fields",
        source: "RFC 7616 §3.3",
        expects: "realm and nonce in a Digest challenge",
        check: Check::Message(challenge_fields),
    },
    Rule {
        id: "credentials-fields",
        source: "RFC 7616 §3.4",
        expects: "username, realm, nonce, uri and response in Digest credentials, with qop also nc and cnonce",
        check: Check::Request(fields),
    },
    Rule {
        id: "credentials-realm",
        source: "RFC 3261 §22.1",
        expects: "the realm of a challenge that was made",
        check: Check::Request(realm),
    },
    Rule {
        id: "credentials-nonce",
        source: "RFC 3261 §22.1",
        expects: "a nonce the server has given for this realm",
        check: Check::Request(nonce),
    },
    Rule {
        id: "credentials-count",
        source: "RFC 7616 §3.4",
        expects: "an nc of eight hexadecimal digits, higher with each request that uses the nonce",
        check: Check::Request(count),
    },
    Rule {
        id: "credentials-uri",
        source: "RFC 3261 §22.4",
        expects: "the Request-URI as uri of the credentials",
        check: Check::Request(uri),
    },
    Rule {
        id: "credentials-kind",
        source: "RFC 3261 §22.3",
        expects: "Authorization after a 401, Proxy-Authorization after a 407",
        check: Check::Request(kind),
    },
];

const CREDENTIALS: [Name; 2] = [Name::Authorization, Name::ProxyAuthorization];
const CHALLENGES: [Name; 2] = [Name::WwwAuthenticate, Name::ProxyAuthenticate];

/// The digest values of these fields, each with its field.
fn digests(seen: &Seen, names: [Name; 2]) -> Vec<(Name, AuthParams<'_>)> {
    let of = |name| {
        let values = seen.message().auth(name).unwrap_or_default();
        values.into_iter().filter(AuthParams::is_digest).map(move |auth| (name, auth))
    };
    names.into_iter().flat_map(of).collect()
}

fn nonce_key(auth: &AuthParams<'_>) -> Option<Vec<u8>> {
    Some([&auth.get(b"realm")?[..], b"\0", &auth.get(b"nonce")?[..]].concat())
}

/// What a message says of nonces: (key, count used). Challenges count 0.
pub(in super::super) fn nonces(seen: &Seen) -> Vec<(Vec<u8>, u32)> {
    let names = if seen.is_request() { CREDENTIALS } else { CHALLENGES };
    let read = |(_, auth): (Name, AuthParams<'_>)| {
        Some((nonce_key(&auth)?, nonce_count(&auth).unwrap_or_default()))
    };
    digests(seen, names).into_iter().filter_map(read).collect()
}

fn nonce_count(auth: &AuthParams<'_>) -> Option<u32> {
    let text = auth.get(b"nc")?;
    let text = core::str::from_utf8(&text).ok()?;
    (text.len() == 8).then(|| u32::from_str_radix(text, 16).ok()).flatten()
}

fn lacks(auth: &AuthParams<'_>, needed: &[&str]) -> Option<String> {
    needed.iter().find(|name| auth.get(name.as_bytes()).is_none()).map(|name| (*name).to_owned())
}

fn challenge_fields(look: &Look<'_>) -> Option<Complaint> {
    digests(look.seen, CHALLENGES).into_iter().find_map(|(name, auth)| {
        let missing = lacks(&auth, &["realm", "nonce"])?;
        Some(look.seen.complain(name).detail(format!("{missing} is missing")))
    })
}

fn fields(look: &Look<'_>) -> Option<Complaint> {
    digests(look.seen, CREDENTIALS).into_iter().find_map(|(name, auth)| {
        let always = lacks(&auth, &["username", "realm", "nonce", "uri", "response"]);
        let with_qop = || auth.get(b"qop").and_then(|_| lacks(&auth, &["nc", "cnonce"]));
        let missing = always.or_else(with_qop)?;
        Some(look.seen.complain(name).detail(format!("{missing} is missing")))
    })
}

/// The Digest challenges of this Call-ID, up to now.
fn challenged<'a>(look: &Look<'a>) -> Vec<(Name, AuthParams<'a>)> {
    let call = look.call;
    let responses = call.transactions.iter().flat_map(|transaction| transaction.responses());
    let asked = responses.flat_map(|seen| digests(seen, CHALLENGES));
    asked.filter(|(_, auth)| nonce_key(auth).is_some()).collect()
}

fn realm(look: &Look<'_>) -> Option<Complaint> {
    let asked = challenged(look);
    digests(look.seen, CREDENTIALS).into_iter().find_map(|(name, auth)| {
        let realm = auth.get(b"realm")?;
        let is_known = asked.iter().any(|(_, asked)| asked.get(b"realm").as_ref() == Some(&realm));
        (!asked.is_empty() && !is_known).then(|| {
            look.seen.complain(name).detail(format!("no challenge named {}", shown(&realm)))
        })
    })
}

fn nonce(look: &Look<'_>) -> Option<Complaint> {
    let asked = challenged(look);
    digests(look.seen, CREDENTIALS).into_iter().find_map(|(name, auth)| {
        let realm = auth.get(b"realm")?;
        let is_asked = asked.iter().any(|(_, asked)| asked.get(b"realm").as_ref() == Some(&realm));
        let is_known = look.memory.nonces.get(&nonce_key(&auth)?).is_some();
        (is_asked && !is_known).then(|| look.seen.complain(name))
    })
}

fn count(look: &Look<'_>) -> Option<Complaint> {
    digests(look.seen, CREDENTIALS).into_iter().find_map(|(name, auth)| {
        auth.get(b"nc")?;
        // A proxy's copy of the request carries the same count.
        if !look.seen.is_first_hop() {
            return None;
        }
        let Some(count) = nonce_count(&auth) else { return Some(look.seen.complain(name)) };
        let last = *look.memory.nonces.get(&nonce_key(&auth)?)?;
        (count <= last).then(|| {
            look.seen.complain(name).detail(format!("{last:08x} was the last of this nonce"))
        })
    })
}

fn uri(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    digests(seen, CREDENTIALS).into_iter().find_map(|(name, auth)| {
        let uri = auth.get(b"uri")?;
        // RFC 3261 §22.4 rule 5: a proxy on the way may have changed the Request-URI.
        let differs = seen.is_first_hop() && !same_uri(&uri, seen.target());
        differs.then(|| seen.complain(name).detail(format!("uri is {}", shown(&uri))))
    })
}

fn kind(look: &Look<'_>) -> Option<Complaint> {
    let asked = challenged(look);
    digests(look.seen, CREDENTIALS).into_iter().find_map(|(name, auth)| {
        let is_end = name == Name::Authorization;
        let expected = if is_end { Name::WwwAuthenticate } else { Name::ProxyAuthenticate };
        let of_nonce = |(_, asked): &&(Name, AuthParams<'_>)| nonce_key(asked) == nonce_key(&auth);
        let (answered, _) = asked.iter().find(of_nonce)?;
        (*answered != expected).then(|| look.seen.complain(name))
    })
}
