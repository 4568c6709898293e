//! The planted faults: each rule finds its own, and nothing else is said.

use crate::flow::Edit::{self, Add, At, Bare, Copy, Cut, Drop, Replace, To};

/// Rule, flow, edit.
pub(crate) type Fault = (&'static str, &'static str, &'static [Edit]);

const ANSWER_AGAIN: &str = "Content-Type: application/sdp\nContent-Length: *\n\nv=0\n\
    o=ana 2890844526 1 IN IP4 192.0.2.101\ns=-\nc=IN IP4 192.0.2.101\nt=0 0\n\
    m=audio 49172 RTP/AVP 8 101\na=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\n";

pub(crate) const FAULTS: &[Fault] = &[
    // form
    ("well-formed", "session", &[Replace(2, "SIP/2.0 100", "SIP/2.0 99")]),
    ("well-formed", "session", &[Replace(2, "CSeq:", "CSeq")]),
    ("body-length", "session", &[Replace(2, "Content-Length: *", "Content-Length: 5")]),
    ("body-length", "tcp", &[Cut(2, "Content-Length")]),
    ("mandatory-fields", "session", &[Cut(6, "CSeq")]),
    ("mandatory-fields", "session", &[Cut(2, "Call-ID")]),
    ("single-fields", "session", &[Add(1, "Call-ID: another")]),
    ("single-fields", "session", &[Add(6, "Content-Type: a/b"), Add(6, "Content-Type: c/d")]),
    ("field-grammar", "session", &[Add(1, "Expires: soon")]),
    ("cseq-method", "session", &[Replace(6, "CSeq: 1 BYE", "CSeq: 1 INFO")]),
    ("body-surplus", "session", &[Replace(2, "Content-Length: *", "Content-Length: 0\n\nxyz")]),
    ("field-text", "session", &[Add(1, "Subject: a\x07b")]),
    ("content-type", "session", &[Replace(2, "Content-Length: *", "Content-Length: *\n\nhello")]),
    ("from-tag", "refusals", &[Replace(0, ";tag=refa0", "")]),
    ("branch-cookie", "session", &[Replace(0, "z9hG4bK74bf9", "74bf9")]),
    ("cseq-range", "refusals", &[Replace(0, "CSeq: 1 MESSAGE", "CSeq: 2147483648 MESSAGE")]),
    ("max-forwards", "session", &[Cut(6, "Max-Forwards")]),
    ("via-transport", "tcp", &[Replace(5, "SIP/2.0/TCP", "SIP/2.0/UDP")]),
    // request
    ("request-contact", "busy", &[Cut(1, "Contact")]),
    ("branch-unique", "tcp", &[Replace(0, "tcpnashds7", "tcp74bf9")]),
    ("branch-unique", "refusals", &[Replace(0, "z9hG4bKref0", "z9hG4bKref1")]),
    ("tag-unique", "refusals", &[Replace(0, "refa1", "refa0")]),
    (
        "credentials-cseq",
        "proxies",
        &[Replace(0, "CSeq: 2 ", "CSeq: 1 "), Replace(0, "CSeq: 3 ", "CSeq: 2 ")],
    ),
    (
        "retry-cseq",
        "timer",
        &[
            Replace(0, "CSeq: 2 ", "CSeq: 1 "),
            Replace(0, "CSeq: 3 ", "CSeq: 2 "),
            Replace(0, "CSeq: 4 ", "CSeq: 3 "),
        ],
    ),
    // response
    ("response-matches", "session", &[Replace(3, "z9hG4bK74bf9", "z9hG4bKother")]),
    (
        "response-to-ack",
        "session",
        &[Copy(4, 2020, &[("CSeq: 1 INVITE", "CSeq: 1 ACK"), ("74bf9", "74bd5")])],
    ),
    ("response-via", "session", &[Replace(3, "UDP 192.0.2.101", "UDP 192.0.2.109")]),
    ("response-from", "session", &[Replace(3, "From: <sip:ana", "From: <sip:eve")]),
    ("response-to", "session", &[Replace(3, "To: <sip:ben", "To: <sip:eve")]),
    ("response-to", "session", &[Replace(7, ";tag=9fxced76sl", ";tag=1")]),
    ("to-tag", "busy", &[Replace(0, ";tag=busyb", "")]),
    ("to-tag-kept", "session", &[Replace(3, "8321234356", "another1")]),
    ("one-final", "busy", &[Copy(3, 520, &[("486 Busy Here", "603 Decline")])]),
    (
        "one-final",
        "busy",
        &[Copy(2, 520, &[("100 Trying", "182 Queued"), ("net>", "net>;tag=busyb")])],
    ),
    ("response-address", "session", &[To(3, "192.0.2.101:5099")]),
    ("rport-filled", "register", &[Replace(2, ";received=192.0.2.101;rport=5060", ";rport")]),
    (
        "received-added",
        "session",
        &[Replace(0, "UDP 192.0.2.101:5060", "UDP pc33.example.com:5060")],
    ),
    ("response-contact", "session", &[Cut(4, "Contact")]),
    ("record-route-copied", "proxies", &[Cut(9, "Record-Route")]),
    ("response-require", "session", &[Add(4, "Require: foo")]),
    // refusal
    ("redirect-contact", "refusals", &[Cut(15, "Contact")]),
    ("challenge-401", "register", &[Cut(2, "WWW-Authenticate")]),
    ("challenge-407", "proxies", &[Cut(2, "Proxy-Authenticate")]),
    ("allow-405", "refusals", &[Cut(2, "Allow")]),
    ("accept-415", "refusals", &[Cut(4, "Accept")]),
    ("unsupported-420", "refusals", &[Cut(7, "Unsupported")]),
    ("require-421", "refusals", &[Cut(10, "Require")]),
    ("min-se-422", "timer", &[Cut(2, "Min-SE")]),
    ("min-expires-423", "refusals", &[Cut(13, "Min-Expires")]),
    ("unsupported-names", "refusals", &[Replace(7, "Unsupported: foo", "Unsupported: bar")]),
    // timing
    ("repeat-interval", "lossy", &[At(2, 100)]),
    ("repeat-reliable", "tcp", &[Copy(1, 10, &[])]),
    ("repeat-too-late", "silence", &[Copy(1, 64_000, &[])]),
    ("repeat-without-need", "session", &[Copy(1, 1000, &[])]),
    ("repeat-identical", "lossy", &[Replace(2, "INVITE sip:ben", "INVITE sip:eve")]),
    ("final-interval", "lossy", &[At(6, 3100)]),
    ("final-after-ack", "session", &[Copy(4, 3000, &[])]),
    // ack
    ("ack-cseq", "session", &[Replace(5, "CSeq: 1 ACK", "CSeq: 5 ACK")]),
    ("ack-unasked", "session", &[At(5, 1500)]),
    ("ack-branch", "busy", &[Replace(4, "z9hG4bKbusy1", "z9hG4bKbusy9")]),
    ("ack-new-branch", "session", &[Replace(5, "74bd5", "74bf9")]),
    ("ack-copies", "busy", &[Replace(4, "ACK sip:ben@example.net", "ACK sip:ben@example.org")]),
    ("ack-copies", "busy", &[Cut(4, "Route")]),
    ("ack-to", "busy", &[Replace(4, "busyb", "busyx")]),
    ("ack-answer", "offerless", &[Bare(4)]),
    ("ack-surplus-answer", "session", &[Replace(5, "Content-Length: *\n", ANSWER_AGAIN)]),
    ("ack-require", "busy", &[Add(4, "Require: foo")]),
    // cancel
    ("cancel-matches", "cancel", &[Replace(0, "CSeq: 1 CANCEL", "CSeq: 3 CANCEL")]),
    (
        "cancel-copies",
        "cancel",
        &[Replace(4, "sip:ben@example.net SIP", "sip:ben@example.org SIP")],
    ),
    ("cancel-too-early", "cancel", &[At(4, 5)]),
    ("cancel-too-late", "cancel", &[At(6, 2000), At(7, 2010)]),
    ("cancel-require", "cancel", &[Add(4, "Require: foo")]),
    ("cancel-answer", "cancel", &[Replace(5, "200 OK", "481 Call/Transaction Does Not Exist")]),
    ("cancel-487", "cancel", &[Replace(6, "487 Request Terminated", "486 Busy Here")]),
    // dialog
    ("cseq-increasing", "tcp", &[Replace(0, "CSeq: 2 BYE", "CSeq: 1 BYE")]),
    (
        "dialog-tags",
        "tcp",
        &[Replace(5, "tag=tcp8321", "tag=tcpxxxx"), Replace(6, "tag=tcp8321", "tag=tcpxxxx")],
    ),
    (
        "remote-target",
        "tcp",
        &[Replace(5, "BYE sip:ben@192.0.2.201:5060", "BYE sip:ben@example.net")],
    ),
    (
        "route-set",
        "proxies",
        &[Replace(
            15,
            "<sip:192.0.2.11;lr>, <sip:192.0.2.22;lr>",
            "<sip:192.0.2.22;lr>, <sip:192.0.2.11;lr>",
        )],
    ),
    (
        "bye-in-dialog",
        "busy",
        &[
            Copy(
                4,
                600,
                &[("ACK sip", "BYE sip"), ("CSeq: 1 ACK", "CSeq: 2 BYE"), ("busy1", "busy2")],
            ),
            Copy(3, 610, &[("486", "481"), ("CSeq: 1 INVITE", "CSeq: 2 BYE"), ("busy1", "busy2")]),
        ],
    ),
    ("bye-in-dialog", "tcp", &[Replace(5, ";tag=tcp8321", "")]),
    ("bye-before-ack", "session", &[At(5, 9500), Copy(4, 2500, &[]), Copy(4, 3500, &[])]),
    (
        "request-after-bye",
        "tcp",
        &[Copy(
            5,
            12_000,
            &[("tcpnashds7", "tcpinfo"), ("CSeq: 2 BYE", "CSeq: 3 INFO"), ("BYE sip", "INFO sip")],
        )],
    ),
    (
        "success-after-bye",
        "session",
        &[
            Copy(
                5,
                9020,
                &[("ACK sip", "BYE sip"), ("74bd5", "cross"), ("CSeq: 1 ACK", "CSeq: 2 BYE")],
            ),
            Copy(
                3,
                9030,
                &[("180 Ringing", "200 OK"), ("74bf9", "cross"), ("CSeq: 1 INVITE", "CSeq: 2 BYE")],
            ),
        ],
    ),
    ("481-in-dialog", "update", &[Replace(7, "200 OK", "481 Call Does Not Exist"), Bare(7)]),
    (
        "reinvite-pending",
        "offerless",
        &[
            Copy(8, 8005, &[("CSeq: 7", "CSeq: 8"), ("off5", "off8")]),
            Copy(
                9,
                8006,
                &[
                    ("200 OK", "500 No"),
                    ("CSeq: 7 INVITE", "CSeq: 8 INVITE\nRetry-After: 1"),
                    ("off5", "off8"),
                ],
            ),
            Copy(10, 8007, &[("CSeq: 7", "CSeq: 8"), ("off6", "off8")]),
        ],
    ),
    ("reinvite-glare", "glare", &[Replace(7, "491 Request Pending", "486 Busy Here")]),
    ("wait-after-491", "glare", &[At(13, 6500)]),
    // register
    (
        "register-uri",
        "register",
        &[
            Replace(0, "REGISTER sip:", "REGISTER sip:bob@"),
            Replace(0, "uri=\"sip:", "uri=\"sip:bob@"),
        ],
    ),
    ("register-star", "register", &[Cut(7, "Expires")]),
    ("register-cseq", "register", &[Replace(0, "CSeq: 4 ", "CSeq: 0 ")]),
    (
        "register-call-id",
        "register",
        &[
            Replace(5, "1j9FpLxk3uxtm8tn", "other"),
            Replace(6, "1j9FpLxk3uxtm8tn", "other"),
            Replace(5, "a73kszlfl", "a73other"),
            Replace(6, "a73kszlfl", "a73other"),
        ],
    ),
    ("register-expires", "register", &[Replace(4, ";expires=3600", "")]),
    ("register-longer", "register", &[Replace(4, "expires=3600", "expires=7200")]),
    // auth
    ("challenge-fields", "register", &[Replace(2, "realm=\"atlanta.example.com\", ", "")]),
    ("credentials-fields", "register", &[Replace(3, ", cnonce=\"0a4f113b\"", "")]),
    ("credentials-realm", "register", &[Replace(3, "realm=\"atlanta", "realm=\"boston")]),
    ("credentials-nonce", "register", &[Replace(3, "nonce=\"ea9c", "nonce=\"ffff")]),
    ("credentials-count", "register", &[Replace(5, "nc=00000002", "nc=00000001")]),
    ("credentials-count", "register", &[Replace(5, "nc=00000002", "nc=2")]),
    ("credentials-uri", "register", &[Replace(3, "uri=\"sip:biloxi", "uri=\"sip:other")]),
    ("credentials-kind", "register", &[Replace(3, "Authorization: D", "Proxy-Authorization: D")]),
    // reliable
    ("rseq-with-100rel", "session", &[Add(3, "RSeq: 5")]),
    (
        "100rel-required",
        "reliable",
        &[Cut(6, "RSeq"), Cut(6, "Require"), Drop(7), Drop(8), Replace(0, "CSeq: 4 ", "CSeq: 3 ")],
    ),
    ("rseq-increasing", "reliable", &[Replace(0, "813521", "813523")]),
    ("rack-matches", "reliable", &[Replace(7, "813521 1 INVITE", "813521 2 INVITE")]),
    (
        "success-before-prack",
        "reliable",
        &[Drop(6), Drop(7), Drop(8), Replace(0, "CSeq: 4 ", "CSeq: 3 "), At(4, 2500), At(5, 2510)],
    ),
    // session timer
    (
        "session-expires-least",
        "timer",
        &[
            Replace(9, "Session-Expires: 120", "Session-Expires: 60"),
            At(10, 110_000),
            At(11, 110_010),
        ],
    ),
    ("refresher-named", "timer", &[Replace(9, "120;refresher=uac", "120")]),
    ("timer-required", "timer", &[Cut(9, "Require")]),
    ("refresher-supports", "timer", &[Cut(8, "Supported"), Cut(9, "Require")]),
    ("session-expires-raised", "timer", &[Replace(9, "120;refresher", "180;refresher")]),
    ("min-se-after-422", "timer", &[Cut(4, "Min-SE")]),
    ("session-refreshed", "timer", &[Drop(8), Drop(9), Replace(0, "CSeq: 4 ", "CSeq: 3 ")]),
    // offer and answer
    ("sdp-grammar", "session", &[Replace(4, "m=audio 3456", "m=audio 99999")]),
    ("offer-answered", "session", &[Bare(4)]),
    ("offer-in-2xx", "offerless", &[Bare(3), Bare(4)]),
    ("answer-media-count", "update", &[Replace(2, "m=video 0 RTP/AVP 31\n", "")]),
    ("answer-media-kind", "update", &[Replace(2, "m=video 0", "m=text 0")]),
    ("answer-formats", "session", &[Replace(4, "RTP/AVP 8 101", "RTP/AVP 0")]),
    ("answer-port-zero", "update", &[Replace(2, "m=video 0", "m=video 5000")]),
    ("answer-direction", "offerless", &[Replace(6, "a=recvonly", "a=sendrecv")]),
    ("answer-time", "session", &[Replace(4, "t=0 0", "t=1 2")]),
    ("dynamic-payload-mapped", "session", &[Replace(1, "a=rtpmap:101 telephone-event/8000\n", "")]),
    ("connection-given", "session", &[Replace(4, "c=IN IP4 192.0.2.201\n", "")]),
    ("sdp-version", "offerless", &[Replace(9, "2890844526 3 IN", "2890844526 7 IN")]),
    ("sdp-version", "offerless", &[Replace(9, "2890844526 3 IN", "2890844526 2 IN")]),
    ("sdp-origin", "offerless", &[Replace(9, "o=ana", "o=anna")]),
    (
        "media-kept",
        "update",
        &[Replace(6, "m=video 0 RTP/AVP 31\n", ""), Replace(7, "m=video 0 RTP/AVP 31\n", "")],
    ),
    ("payload-mapping-kept", "offerless", &[Replace(9, "101 telephone-event", "101 iLBC")]),
    ("one-offer", "update", &[At(6, 3100), At(7, 3300)]),
    // missing
    ("ack-missing", "busy", &[Drop(4), Copy(3, 1000, &[]), Copy(3, 2000, &[])]),
    ("request-repeated", "silence", &[Drop(2), Drop(3), Drop(4), Drop(5), Drop(6), Drop(7)]),
    ("final-repeated", "lossy", &[Drop(6), Drop(7), Drop(8)]),
    ("cancelled-ends", "cancel", &[Drop(6), Drop(7)]),
    ("prack-missing", "reliable", &[Drop(7), Drop(8), Replace(0, "CSeq: 4 ", "CSeq: 3 ")]),
];
