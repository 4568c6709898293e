//! How a message finds its transaction (RFC 3261 §17.1.3, §17.2.3).

use core::hash::{BuildHasher as _, Hash, Hasher};
use std::hash::RandomState;

use crate::message::{Essentials, Message, Method, Name, StartLine};

/// What finds a transaction: 128 bits of the text that names it, hashed under secrets of this process.
///
/// A stranger who does not know the secrets cannot make two texts with the same key, and by chance it happens once in 10²⁰
/// years of a million transactions a second; so the text itself need not be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(u64, u64);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Any part of it is as good as a hash.
        state.write_u64(self.0);
    }
}

/// Makes keys.
#[derive(Debug, Default)]
pub(super) struct Keys {
    secrets: [RandomState; 2],
    text: Vec<u8>,
}

impl Keys {
    /// The key of the client transaction that a message belongs to; `None` without a branch.
    pub(super) fn client(&mut self, essentials: &Essentials<'_>) -> Option<Key> {
        client(essentials, &mut self.text).then(|| self.key())
    }

    /// The key of the server transaction of this method that a request belongs to.
    pub(super) fn server(
        &mut self,
        request: &Message<'_>,
        essentials: &Essentials<'_>,
        method: Method<'_>,
    ) -> Key {
        server(request, essentials, method, &mut self.text);
        self.key()
    }

    fn key(&self) -> Key {
        let [one, two] = &self.secrets;
        Key(one.hash_one(&self.text), two.hash_one(&self.text))
    }
}

/// Writes what names a client transaction: branch and method.
fn client(essentials: &Essentials<'_>, out: &mut Vec<u8>) -> bool {
    out.clear();
    out.push(b'C');
    out.extend_from_slice(essentials.cseq.method.as_bytes());
    out.push(0);
    let Some(branch) = essentials.via.branch() else { return false };
    out.extend_from_slice(branch);
    true
}

/// Writes what names a server transaction.
///
/// An ACK finds its INVITE; a CANCEL has a transaction of its own, and finds the INVITE when asked
/// for with `method`. Without a branch of RFC 3261 the older rule holds: Request-URI, From tag,
/// Call-ID, CSeq number and topmost Via. To's tag, which that rule also compares, is left out: an
/// ACK has the response's, and the five others tell requests apart.
fn server(
    request: &Message<'_>,
    essentials: &Essentials<'_>,
    method: Method<'_>,
    out: &mut Vec<u8>,
) {
    out.clear();
    let via = &essentials.via;
    out.push(if via.rfc3261_branch().is_some() { b'S' } else { b'O' });
    let method = if method == Method::Ack { Method::Invite } else { method };
    out.extend_from_slice(method.as_bytes());
    out.push(0);
    if let Some(branch) = via.rfc3261_branch() {
        out.extend_from_slice(branch);
        out.push(0);
        let start = out.len();
        crate::write::host_port(&via.host, via.port, out);
        out[start..].make_ascii_lowercase();
        return;
    }
    if let StartLine::Request { uri, .. } = request.start() {
        out.extend_from_slice(uri);
    }
    out.push(0);
    out.extend_from_slice(essentials.from_tag.unwrap_or_default());
    out.push(0);
    out.extend_from_slice(essentials.call_id);
    out.push(0);
    crate::text::decimal(essentials.cseq.number, out);
    out.push(0);
    out.extend_from_slice(request.values(Name::Via).next().unwrap_or_default());
}
