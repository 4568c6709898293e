//! Messages to try things on: well formed by construction, or torture messages damaged.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use sip::message::{Method, Name};
use sip::write::{Writer, quote};

/// All torture messages.
pub(crate) fn corpus() -> &'static [Vec<u8>] {
    static CORPUS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    CORPUS.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torture");
        let folders = ["rfc4475", "rfc5118"].map(|folder| fs::read_dir(root.join(folder)));
        let mut paths: Vec<_> = folders
            .into_iter()
            .flat_map(|entries| entries.expect("a folder"))
            .map(|entry| entry.expect("an entry").path())
            .collect();
        paths.sort();
        paths.iter().map(|path| fs::read(path).expect("a file")).collect()
    })
}

/// A torture message with pieces cut, doubled, replaced and joined to another.
pub(crate) fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"\r\n",
        b"\r",
        b"\n",
        b":",
        b";",
        b",",
        b"\"",
        b"<",
        b">",
        b"\\",
        b"%",
        b"[",
        b"]",
        b"@",
        b"=",
        b" ",
        b"\0",
        b"\xff",
        b"SIP/2.0",
        b"z9hG4bK",
        b"Content-Length: 7\r\n",
        b"99999999999",
    ];
    let damage = (any::<prop::sample::Index>(), 0..4_u8, select(pieces));
    let start = (select(corpus().to_vec()), select(corpus().to_vec()));
    (start, vec(damage, 0..8)).prop_map(|((mut bytes, other), damages)| {
        for (place, kind, piece) in damages {
            if bytes.is_empty() {
                bytes.clone_from(&other);
            }
            let at = place.index(bytes.len());
            match kind {
                0 => bytes.truncate(at),
                1 => drop(bytes.splice(at..at, piece.iter().copied())),
                2 => drop(bytes.remove(at)),
                _ => bytes.extend_from_slice(&other[at.min(other.len())..]),
            }
        }
        bytes
    })
}

/// What a generated message is made of.
#[derive(Debug, Clone)]
pub(crate) struct Plain {
    pub(crate) method: &'static str,
    pub(crate) uri: String,
    pub(crate) host: String,
    pub(crate) branch: String,
    pub(crate) display: String,
    pub(crate) user: String,
    pub(crate) from_tag: String,
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
    pub(crate) subject: String,
    pub(crate) body: Vec<u8>,
}

const METHODS: [&str; 8] =
    ["INVITE", "BYE", "CANCEL", "REGISTER", "OPTIONS", "INFO", "MESSAGE", "NOTIFY"];

pub(crate) fn plain() -> impl Strategy<Value = Plain> {
    let token = "[a-zA-Z0-9.-]{1,12}";
    let host = prop_oneof!["[a-z][a-z0-9]{0,8}\\.(com|net)", "192\\.0\\.2\\.[1-9]"];
    let names = (token, "[ -~]{0,20}", "[a-z][a-z0-9_.!~*'()&=+$,;?/-]{0,10}", token);
    let rest = (0..=i32::MAX.cast_unsigned(), "[!-~]([ -~]{0,30}[!-~])?", vec(any::<u8>(), 0..40));
    let start = (select(METHODS.to_vec()), host.clone(), host, "[a-z0-9]{1,20}");
    (start, names, rest).prop_map(
        |(
            (method, target, host, branch),
            (from_tag, display, user, call_id),
            (cseq, subject, body),
        )| {
            let uri = format!("sip:{user}@{target}");
            Plain {
                method,
                uri,
                host,
                branch,
                display,
                user,
                from_tag,
                call_id,
                cseq,
                subject,
                body,
            }
        },
    )
}

impl Plain {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let method = Method::from_bytes(self.method.as_bytes());
        let mut writer = Writer::request(out, method, self.uri.as_bytes());
        let mut display = Vec::new();
        quote(self.display.as_bytes(), &mut display);
        let (host, branch) = (&self.host, &self.branch);
        writer.formatted(Name::Via, format_args!("SIP/2.0/UDP {host}:5060;branch=z9hG4bK{branch}"));
        writer.pieces(
            Name::From,
            &[&display, b" <", self.uri.as_bytes(), b">;tag=", self.from_tag.as_bytes()],
        );
        writer
            .pieces(Name::To, &[b"<", self.uri.as_bytes(), b">"])
            .header(Name::CallId, self.call_id.as_bytes())
            .formatted(Name::CSeq, format_args!("{} {}", self.cseq, self.method))
            .header(Name::MaxForwards, b"70")
            .header(Name::Subject, self.subject.as_bytes());
        writer.finish_with(b"application/octet-stream", &self.body);
    }
}
