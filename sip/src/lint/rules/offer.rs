//! Offer and answer (RFC 3264).

use super::super::call::Transaction;
use super::super::description::{Exchange, line, lines};
use super::super::finding::{Complaint, shown};
use super::super::seen::Seen;
use super::{Check, Look, Rule};
use crate::message::{Method, Name};
use crate::sdp::{Direction, Media, Session};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "sdp-grammar",
        source: "RFC 4566 §5",
        expects: "a session description that can be read",
        check: Check::Message(grammar),
    },
    Rule {
        id: "offer-answered",
        source: "RFC 3261 §13.2.1",
        expects: "an answer in the 2xx to an INVITE with an offer",
        check: Check::Response(offer_answered),
    },
    Rule {
        id: "offer-in-2xx",
        source: "RFC 3261 §13.2.1",
        expects: "an offer in the 2xx to an INVITE without one",
        check: Check::Response(offer_in_success),
    },
    Rule {
        id: "answer-media-count",
        source: "RFC 3264 §6",
        expects: "as many m= lines in the answer as in the offer",
        check: Check::Answer(media_count),
    },
    Rule {
        id: "answer-media-kind",
        source: "RFC 3264 §6",
        expects: "in each m= line of the answer the media and the protocol of the offer's",
        check: Check::Answer(media_kind),
    },
    Rule {
        id: "answer-formats",
        source: "RFC 3264 §6.1",
        expects: "in each accepted m= line of the answer a format of the offer",
        check: Check::Answer(formats),
    },
    Rule {
        id: "answer-port-zero",
        source: "RFC 3264 §6",
        expects: "port 0 in the answer to an m= line of port 0",
        check: Check::Answer(port_zero),
    },
    Rule {
        id: "answer-direction",
        source: "RFC 3264 §6.1",
        expects: "an answer that sends only what the offer receives, and receives only what it sends",
        check: Check::Answer(direction),
    },
    Rule {
        id: "answer-time",
        source: "RFC 3264 §6",
        expects: "the t= line of the offer in the answer",
        check: Check::Answer(time),
    },
    Rule {
        id: "dynamic-payload-mapped",
        source: "RFC 3551 §6",
        expects: "an a=rtpmap for each payload type from 96 to 127",
        check: Check::Description(dynamic),
    },
    Rule {
        id: "connection-given",
        source: "RFC 4566 §5.7",
        expects: "a c= line for the session or in each m= section",
        check: Check::Description(connection),
    },
    Rule {
        id: "sdp-version",
        source: "RFC 3264 §8",
        expects: "in o= the same version where nothing changed, one more where something did",
        check: Check::Description(version),
    },
    Rule {
        id: "sdp-origin",
        source: "RFC 3264 §8",
        expects: "the same o= line but for its version",
        check: Check::Description(origin),
    },
    Rule {
        id: "media-kept",
        source: "RFC 3264 §8",
        expects: "an m= line for each of the description before, of the same media",
        check: Check::Description(media_kept),
    },
    Rule {
        id: "payload-mapping-kept",
        source: "RFC 3264 §8.3.2",
        expects: "a payload type that means what it meant before in this session",
        check: Check::Description(mapping_kept),
    },
    Rule {
        id: "one-offer",
        source: "RFC 3264 §4",
        expects: "no offer while another one waits for its answer",
        check: Check::Request(one_offer),
    },
];

fn grammar(look: &Look<'_>) -> Option<Complaint> {
    let text = look.seen.sdp()?;
    let fault = Session::parse(text).err()?;
    Some(look.seen.complain(Name::ContentType).detail(fault.to_string()))
}

/// Whether a reliable provisional response has carried a description (RFC 3262 §5).
fn was_reliably_described(transaction: &Transaction) -> bool {
    transaction.responses().any(|seen| seen.has(Name::RSeq) && seen.sdp().is_some())
}

fn is_bare_success(seen: &Seen, transaction: &Transaction) -> bool {
    transaction.is_invite()
        && seen.is_success()
        && seen.sdp().is_none()
        && !was_reliably_described(transaction)
}

fn offer_answered(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    let is_asked = transaction.request.sdp().is_some();
    (is_asked && is_bare_success(look.seen, transaction)).then(|| look.seen.complain_start())
}

fn offer_in_success(look: &Look<'_>, transaction: &Transaction) -> Option<Complaint> {
    // Another kind of body in the INVITE, such as multipart, may hold the offer.
    let is_bare = transaction.request.message().body().is_empty()
        && look.seen.message().body().is_empty()
        && is_bare_success(look.seen, transaction);
    is_bare.then(|| look.seen.complain_start())
}

fn media_count(look: &Look<'_>, both: &Exchange<'_>) -> Option<Complaint> {
    let (asked, given) = (both.offer.media.len(), both.answer.media.len());
    (asked != given).then(|| {
        let first = line(both.answered, b"m=").unwrap_or_default();
        look.seen.complain_body(first).detail(format!("{asked} were offered, {given} answered"))
    })
}

/// The m= lines side by side; none where their numbers differ, which is another rule.
fn pairs<'a>(both: &'a Exchange<'a>) -> impl Iterator<Item = (&'a Media<'a>, &'a Media<'a>)> {
    let same = both.offer.media.len() == both.answer.media.len();
    both.offer.media.iter().zip(&both.answer.media).filter(move |_| same)
}

/// Quotes the m= line of an answer.
fn complain_media(look: &Look<'_>, media: &Media<'_>) -> Complaint {
    let parts = [b"m=", media.kind, b" ", media.port.to_string().as_bytes(), b" "].concat();
    look.seen.complain_body(&[&parts, media.protocol, b" ", media.formats].concat())
}

fn media_kind(look: &Look<'_>, both: &Exchange<'_>) -> Option<Complaint> {
    let differs = |offer: &Media<'_>, answer: &Media<'_>| {
        offer.kind != answer.kind || offer.protocol != answer.protocol
    };
    let (_, answer) = pairs(both).find(|(offer, answer)| differs(offer, answer))?;
    Some(complain_media(look, answer))
}

fn formats(look: &Look<'_>, both: &Exchange<'_>) -> Option<Complaint> {
    let has_none = |offer: &Media<'_>, answer: &Media<'_>| {
        answer.port != 0 && !answer.formats().any(|format| offer.formats().any(|o| o == format))
    };
    let (_, answer) = pairs(both).find(|(offer, answer)| has_none(offer, answer))?;
    Some(complain_media(look, answer))
}

fn port_zero(look: &Look<'_>, both: &Exchange<'_>) -> Option<Complaint> {
    let (_, answer) = pairs(both).find(|(offer, answer)| offer.port == 0 && answer.port != 0)?;
    Some(complain_media(look, answer))
}

fn direction(look: &Look<'_>, both: &Exchange<'_>) -> Option<Complaint> {
    let (_, answer) = pairs(both).find(|(offer, answer)| {
        let asked = both.offer.direction_of(offer);
        let given = both.answer.direction_of(answer);
        let goes_beyond =
            (given.sends() && !asked.receives()) || (given.receives() && !asked.sends());
        offer.port != 0 && answer.port != 0 && goes_beyond
    })?;
    let given: Direction = both.answer.direction_of(answer);
    Some(complain_media(look, answer).detail(format!("the answer is {}", given.text())))
}

fn time(look: &Look<'_>, both: &Exchange<'_>) -> Option<Complaint> {
    let (asked, given) = (line(both.offered, b"t="), line(both.answered, b"t="));
    (asked != given).then(|| {
        let detail = format!("the offer has {}", shown(asked.unwrap_or_default()));
        look.seen.complain_body(given.unwrap_or_default()).detail(detail)
    })
}

/// The payload types of a section of RTP.
fn payload_types<'a>(media: &Media<'a>) -> impl Iterator<Item = u8> + use<'a> {
    let is_rtp = media.protocol.starts_with(b"RTP/");
    let number = |format: &'a [u8]| core::str::from_utf8(format).ok()?.parse().ok();
    media.formats().filter(move |_| is_rtp).filter_map(number)
}

fn dynamic(look: &Look<'_>, now: &Session<'_>, _: Option<&Seen>) -> Option<Complaint> {
    now.media.iter().filter(|media| media.port != 0).find_map(|media| {
        let is_bare = |kind: &u8| (96..128).contains(kind) && media.rtpmap(*kind).is_none();
        let bare = payload_types(media).find(is_bare)?;
        Some(complain_media(look, media).detail(format!("{bare} has none")))
    })
}

fn connection(look: &Look<'_>, now: &Session<'_>, _: Option<&Seen>) -> Option<Complaint> {
    let bare = now.media.iter().find(|media| now.connection_of(media).is_none())?;
    Some(complain_media(look, bare))
}

/// The o= line in its six parts.
fn origin_parts(text: &[u8]) -> Option<[&[u8]; 6]> {
    let value = line(text, b"o=")?;
    let parts: Vec<&[u8]> = value.split(|&byte| byte == b' ').collect();
    parts.try_into().ok()
}

fn origin(look: &Look<'_>, _: &Session<'_>, before: Option<&Seen>) -> Option<Complaint> {
    let (text, last) = (look.seen.sdp()?, before?.sdp()?);
    let (now, then) = (origin_parts(text)?, origin_parts(last)?);
    let is_same = [0, 1, 3, 4, 5].into_iter().all(|part| now[part] == then[part]);
    (!is_same).then(|| look.seen.complain_body(line(text, b"o=").unwrap_or_default()))
}

fn version(look: &Look<'_>, _: &Session<'_>, before: Option<&Seen>) -> Option<Complaint> {
    let (text, last) = (look.seen.sdp()?, before?.sdp()?);
    let number = |parts: [&[u8]; 6]| core::str::from_utf8(parts[2]).ok()?.parse::<u64>().ok();
    let (now, then) = (number(origin_parts(text)?)?, number(origin_parts(last)?)?);
    let rest = |text| lines(text).filter(|line| !line.starts_with(b"o=") && !line.is_empty());
    let is_changed = !rest(text).eq(rest(last));
    let expected = if is_changed { then.saturating_add(1) } else { then };
    // An unchanged description with a higher version is allowed: only a change needs one.
    let is_right = now == expected || (!is_changed && now == then.saturating_add(1));
    (!is_right).then(|| {
        let what = if is_changed { "changed" } else { "did not change" };
        let detail = format!("the version was {then}, and the description {what}");
        look.seen.complain_body(line(text, b"o=").unwrap_or_default()).detail(detail)
    })
}

fn media_kept(look: &Look<'_>, now: &Session<'_>, before: Option<&Seen>) -> Option<Complaint> {
    let last = Session::parse(before?.sdp()?).ok()?;
    let keeps = now.media.len() >= last.media.len()
        && now.media.iter().zip(&last.media).all(|(now, then)| {
            // RFC 3264 §8.1: the slot of a refused stream may be used for another.
            now.kind == then.kind || then.port == 0
        });
    let text = look.seen.sdp()?;
    (!keeps).then(|| look.seen.complain_body(line(text, b"m=").unwrap_or_default()))
}

fn mapping_kept(look: &Look<'_>, now: &Session<'_>, before: Option<&Seen>) -> Option<Complaint> {
    let last = Session::parse(before?.sdp()?).ok()?;
    now.media.iter().zip(&last.media).find_map(|(now, then)| {
        let changed = payload_types(now).find(|&kind| {
            let (a, b) = (now.rtpmap(kind), then.rtpmap(kind));
            a.is_some_and(|(name, rate)| {
                b.is_some_and(|(old, old_rate)| !name.eq_ignore_ascii_case(old) || rate != old_rate)
            })
        })?;
        Some(complain_media(look, now).detail(format!("payload type {changed} changed")))
    })
}

fn one_offer(look: &Look<'_>) -> Option<Complaint> {
    let seen = look.seen;
    let (dialog, _) = look.call.dialog(seen)?;
    // A pending re-INVITE is the rule `reinvite-pending`.
    if seen.sdp().is_none() || !seen.is(Method::Update) {
        return None;
    }
    let own = |other: &&Transaction| {
        let request = &other.request;
        let is_answered = other
            .responses()
            .any(|seen| seen.sdp().is_some() && (seen.is_final() || seen.has(Name::RSeq)));
        let is_over = other.outcome().is_some();
        request.from_tag == seen.from_tag && request.sdp().is_some() && !is_answered && !is_over
    };
    let first = core::iter::once(dialog.invite);
    let waiting = first.chain(look.call.inside(dialog)).find(own)?;
    Some(seen.complain_start().detail(format!("that of {} waits", waiting.request.start_line())))
}
