//! Digest authentication, both sides (RFC 7616, RFC 3261 §22; RFC 2069 without qop).
//!
//! MD5 first, because SIPp and baresip know nothing else; SHA-256 and SHA-512-256 (RFC 8760) where they
//! are asked for. Client nonces and the key of the server's nonces are random and handed in.

use core::fmt;

use crate::message::{AuthParams, Method, unquote};
use crate::time::{Duration, Instant};
use crate::write::quote;

mod hash;

pub use hash::{Algorithm, Hex};

/// What protects a request beyond the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// No `qop`: as RFC 2069.
    None,
    /// `qop=auth`.
    Auth,
    /// `qop=auth-int`: the body is covered too.
    AuthInt,
}

/// Who answers a challenge.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    /// The user name.
    pub user: &'a [u8],
    /// The password, or the hash that stands for it.
    pub secret: Secret<'a>,
}

/// A password or its hash.
#[derive(Clone, Copy)]
pub enum Secret<'a> {
    /// The password itself.
    Password(&'a [u8]),
    /// `MD5(user:realm:password)` in lower-case hex, so that no password need be kept; for MD5 only.
    Hash(&'a [u8; HEX]),
    /// The hashes of all algorithms.
    Kept(&'a Kept),
}

/// Length of an MD5 hash in hex.
pub const HEX: usize = 32;

/// What is kept of a password: its hash with user and realm, for every algorithm.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kept([(Algorithm, Hex); 3]);

impl Kept {
    /// Hashes a password.
    pub fn new(user: &[u8], realm: &[u8], password: &[u8]) -> Self {
        let algorithms = [Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512Half];
        Self(algorithms.map(|algorithm| (algorithm, algorithm.hash(&[user, realm, password]))))
    }

    fn get(&self, algorithm: Algorithm) -> Option<Hex> {
        let mut kept = self.0.iter().filter(|(of, _)| of.shares_hash_with(algorithm));
        kept.next().map(|(_, hash)| *hash)
    }
}

impl fmt::Debug for Kept {
    /// A kept hash is as good as the password: it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept(..)")
    }
}

/// The request to be protected.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Its method.
    pub method: Method<'a>,
    /// The `uri` of the credentials: the Request-URI as the client wrote it.
    pub uri: &'a [u8],
    /// Its body.
    pub body: &'a [u8],
}

/// Why credentials are not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A scheme or algorithm we did not ask for, or a parameter is missing: challenge again.
    #[error("no digest we asked for")]
    NotOurs,
    /// The nonce is not one of ours: challenge again.
    #[error("nonce not ours")]
    Forged,
    /// The nonce is too old: challenge again with `stale=true`, so nobody is asked for a password.
    #[error("nonce too old")]
    Stale,
    /// Wrong user or password.
    #[error("wrong response")]
    Wrong,
}

impl Protection {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Auth => Some("auth"),
            Self::AuthInt => Some("auth-int"),
        }
    }

    /// The best a challenge offers; `auth` before `auth-int`, which proxies break.
    fn best_of(params: &AuthParams<'_>) -> Option<Self> {
        let Some(offered) = params.get(b"qop") else { return Some(Self::None) };
        let offers = |name: &str| {
            let mut options = offered.split(|&byte| byte == b',');
            options.any(|option| option.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
        };
        if offers("auth") { Some(Self::Auth) } else { offers("auth-int").then_some(Self::AuthInt) }
    }
}

/// `MD5(user:realm:password)`, to keep instead of a password where MD5 is the only algorithm.
pub fn hash_password(user: &[u8], realm: &[u8], password: &[u8]) -> [u8; HEX] {
    let hash = Algorithm::Md5.hash(&[user, realm, password]);
    *hash.first_chunk().expect("an MD5 hash has 32 digits")
}

/// What goes into a response beside the account.
struct Terms<'a> {
    algorithm: Algorithm,
    protection: Protection,
    realm: &'a [u8],
    nonce: &'a [u8],
    cnonce: &'a [u8],
    nc: &'a [u8],
}

/// RFC 7616 §3.4.1; `None` when the secret is a hash for another algorithm.
fn response(account: &Account<'_>, subject: &Subject<'_>, terms: &Terms<'_>) -> Option<Hex> {
    let algorithm = terms.algorithm;
    let hash = |pieces: &[&[u8]]| algorithm.hash(pieces);
    let password = match account.secret {
        Secret::Password(password) => hash(&[account.user, terms.realm, password]),
        Secret::Hash(md5) if algorithm.shares_hash_with(Algorithm::Md5) => Hex::copy(md5),
        Secret::Hash(_) => return None,
        Secret::Kept(kept) => kept.get(algorithm)?,
    };
    let a1 = if algorithm.is_session() {
        hash(&[&password, terms.nonce, terms.cnonce])
    } else {
        password
    };
    let method = subject.method.as_bytes();
    let a2 = match terms.protection {
        Protection::None | Protection::Auth => hash(&[method, subject.uri]),
        Protection::AuthInt => hash(&[method, subject.uri, &hash(&[subject.body])]),
    };
    Some(match terms.protection.name() {
        None => hash(&[&a1, terms.nonce, &a2]),
        Some(qop) => hash(&[&a1, terms.nonce, terms.nc, terms.cnonce, qop.as_bytes(), &a2]),
    })
}

/// Answers a challenge: appends the value of Authorization or Proxy-Authorization.
///
/// `count` is how often this nonce has been used, this time included; `cnonce` a random token.
/// `None` when the challenge is not one we can answer; nothing is appended then.
pub fn answer(
    challenge: &AuthParams<'_>,
    account: &Account<'_>,
    subject: &Subject<'_>,
    cnonce: &[u8],
    count: u32,
    out: &mut Vec<u8>,
) -> Option<()> {
    let algorithm = Algorithm::of(challenge).filter(|_| challenge.is_digest())?;
    let protection = Protection::best_of(challenge)?;
    let (realm, nonce) = (challenge.get(b"realm")?, challenge.get(b"nonce")?);
    // RFC 7616 §3.4: eight hexadecimal digits.
    let nc = format!("{count:08x}");
    let nc = nc.as_bytes();
    let terms = Terms { algorithm, protection, realm: &realm, nonce: &nonce, cnonce, nc };
    let response = response(account, subject, &terms)?;
    out.extend_from_slice(b"Digest username=");
    quote(account.user, out);
    let quoted: [(&[u8], &[u8]); 4] =
        [(b"realm", &realm), (b"nonce", &nonce), (b"uri", subject.uri), (b"response", &response)];
    for (name, value) in quoted {
        separate(name, out);
        quote(value, out);
    }
    separate(b"algorithm", out);
    out.extend_from_slice(algorithm.name().as_bytes());
    if let Some(opaque) = challenge.get(b"opaque") {
        separate(b"opaque", out);
        quote(&opaque, out);
    }
    if let Some(qop) = protection.name() {
        separate(b"qop", out);
        out.extend_from_slice(qop.as_bytes());
        separate(b"nc", out);
        out.extend_from_slice(nc);
    }
    if protection != Protection::None || algorithm.is_session() {
        separate(b"cnonce", out);
        quote(cnonce, out);
    }
    Some(())
}

fn separate(name: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b", ");
    out.extend_from_slice(name);
    out.push(b'=');
}

/// The server's side: makes challenges and checks credentials without keeping nonces.
///
/// A nonce is its time and a keyed hash of it. That a nonce is not used twice with one count is for
/// the caller to remember, by [`Accepted`].
pub struct Guard {
    realm: Vec<u8>,
    key: [u8; 32],
    lifetime: Duration,
}

/// Credentials that were right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// When the nonce was made.
    pub issued: Instant,
    /// How often the client says it used it; 0 without qop. A count seen before is a replay.
    pub count: u32,
}

impl Guard {
    /// Makes a guard; the key is 32 random bytes, the lifetime how long a nonce is good.
    pub fn new(realm: &[u8], key: [u8; 32], lifetime: Duration) -> Self {
        Self { realm: realm.to_vec(), key, lifetime }
    }

    /// The realm.
    pub fn realm(&self) -> &[u8] {
        &self.realm
    }

    /// Appends the value of WWW-Authenticate or Proxy-Authenticate, for MD5.
    ///
    /// `is_stale` tells the client that only the nonce was wrong.
    pub fn challenge(&self, now: Instant, is_stale: bool, out: &mut Vec<u8>) {
        self.challenge_by(Algorithm::Md5, now, is_stale, out);
    }

    /// As [`Self::challenge`], for another algorithm.
    ///
    /// Who offers several writes one header field for each, the preferred first (RFC 8760 §2.4); MD5
    /// goes first where SIPp or baresip is to register, which fail at what they do not know.
    pub fn challenge_by(
        &self,
        algorithm: Algorithm,
        now: Instant,
        is_stale: bool,
        out: &mut Vec<u8>,
    ) {
        out.extend_from_slice(b"Digest realm=");
        quote(&self.realm, out);
        separate(b"nonce", out);
        quote(&self.nonce(now), out);
        separate(b"algorithm", out);
        out.extend_from_slice(algorithm.name().as_bytes());
        out.extend_from_slice(b", qop=\"auth\"");
        if is_stale {
            out.extend_from_slice(b", stale=true");
        }
    }

    fn nonce(&self, issued: Instant) -> Vec<u8> {
        let time = format!("{:016x}", issued.as_micros());
        let mut nonce = time.clone().into_bytes();
        // The key stands on both sides of a text of fixed length: nothing can be appended to it.
        let keyed = Algorithm::Sha256.hash(&[&self.key, time.as_bytes(), &self.key]);
        // 128 bits of it are enough, and keep the header short.
        nonce.extend_from_slice(&keyed[..HEX]);
        nonce
    }

    fn issued(&self, nonce: &[u8]) -> Option<Instant> {
        let time = core::str::from_utf8(nonce.get(..16)?).ok()?;
        let issued = Instant::from_micros(u64::from_str_radix(time, 16).ok()?);
        same(&self.nonce(issued), nonce).then_some(issued)
    }

    /// Checks credentials; `secret` is that of the user they name.
    ///
    /// The `uri` they name must be what the caller takes for the Request-URI: see [`named_uri`].
    ///
    /// # Errors
    /// [`Refused`]. For a user who is not known, check against a random hash all the same: the time
    /// it takes then does not tell.
    pub fn check(
        &self,
        now: Instant,
        credentials: &AuthParams<'_>,
        secret: Secret<'_>,
        subject: &Subject<'_>,
    ) -> Result<Accepted, Refused> {
        let need = |name| credentials.get(name).ok_or(Refused::NotOurs);
        let algorithm = Algorithm::of(credentials).filter(|_| credentials.is_digest());
        let algorithm = algorithm.ok_or(Refused::NotOurs)?;
        let (user, realm) = (need(b"username")?, need(b"realm")?);
        let (nonce, claimed) = (need(b"nonce")?, need(b"response")?);
        let protection = Protection::best_of(credentials).ok_or(Refused::NotOurs)?;
        if realm.as_ref() != self.realm {
            return Err(Refused::NotOurs);
        }
        let issued = self.issued(&nonce).ok_or(Refused::Forged)?;
        let cnonce = credentials.get(b"cnonce").unwrap_or_default();
        let nc = credentials.get(b"nc").unwrap_or_default();
        let count = match protection {
            Protection::None => 0,
            Protection::Auth | Protection::AuthInt => read_count(&nc).ok_or(Refused::NotOurs)?,
        };
        let terms =
            Terms { algorithm, protection, realm: &realm, nonce: &nonce, cnonce: &cnonce, nc: &nc };
        let account = Account { user: &user, secret };
        let expected = response(&account, subject, &terms).ok_or(Refused::NotOurs)?;
        if !same(&expected, &claimed) {
            return Err(Refused::Wrong);
        }
        // Only a client that knows the password learns that its nonce is old.
        if now.saturating_since(issued) > self.lifetime {
            return Err(Refused::Stale);
        }
        Ok(Accepted { issued, count })
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guard({})", self.realm.escape_ascii())
    }
}

fn read_count(nc: &[u8]) -> Option<u32> {
    let text = core::str::from_utf8(nc).ok().filter(|text| text.len() == 8)?;
    u32::from_str_radix(text, 16).ok()
}

/// Compares without stopping at the first difference.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

/// The `uri` that credentials name.
pub fn named_uri<'a>(credentials: &AuthParams<'a>) -> Option<std::borrow::Cow<'a, [u8]>> {
    credentials.iter().find(|p| p.name.eq_ignore_ascii_case(b"uri"))?.value.map(unquote)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(
        challenge: &str,
        user: &str,
        password: &str,
        subject: &Subject<'_>,
        cnonce: &str,
    ) -> String {
        let challenge = AuthParams::parse(challenge.as_bytes()).expect("a challenge");
        let account =
            Account { user: user.as_bytes(), secret: Secret::Password(password.as_bytes()) };
        let mut out = Vec::new();
        answer(&challenge, &account, subject, cnonce.as_bytes(), 1, &mut out).expect("answerable");
        String::from_utf8(out).expect("text")
    }

    fn field(credentials: &str, name: &str) -> String {
        let params = AuthParams::parse(credentials.as_bytes()).expect("credentials");
        let value = params.get(name.as_bytes()).expect("the parameter");
        String::from_utf8(value.into_owned()).expect("text")
    }

    const GET: Subject<'_> =
        Subject { method: Method::Other(b"GET"), uri: b"/dir/index.html", body: b"" };

    #[test]
    fn the_example_of_rfc_2617_gives_its_response() {
        let challenge = "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", \
            nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
        let out = answered(challenge, "Mufasa", "Circle Of Life", &GET, "0a4f113b");
        assert_eq!(field(&out, "response"), "6629fae49393a05397450978507c4ef1");
        assert_eq!(field(&out, "nc"), "00000001");
        assert_eq!(field(&out, "opaque"), "5ccc069c403ebaf9f0171e9517f40e41");
    }

    #[test]
    fn the_md5_example_of_rfc_7616_gives_its_response() {
        let challenge = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=MD5, \
            nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", \
            opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let out = answered(challenge, "Mufasa", "Circle of Life", &GET, cnonce);
        assert_eq!(field(&out, "response"), "8ca523f5e9506fed4657c9700eebdbec");
    }

    #[test]
    fn the_sha_256_example_of_rfc_7616_gives_its_response() {
        let challenge = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", \
            algorithm=SHA-256, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\"";
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let out = answered(challenge, "Mufasa", "Circle of Life", &GET, cnonce);
        let expected = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert_eq!(field(&out, "response"), expected);
        assert_eq!(field(&out, "algorithm"), "SHA-256");
    }

    #[test]
    fn the_sha_512_256_example_of_rfc_7616_gives_the_response_of_its_erratum() {
        // Erratum 4897: the example itself was computed with half a SHA-512.
        let challenge = "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, \
            nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\"";
        let get = Subject { uri: b"/doe.json", ..GET };
        let cnonce = "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v";
        let out = answered(challenge, "J\u{e4}s\u{f8}n Doe", "Secret, or not?", &get, cnonce);
        let expected = "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5";
        assert_eq!(field(&out, "response"), expected);
    }

    #[test]
    fn every_algorithm_is_accepted_from_password_and_kept_hash() {
        let issued = Instant::from_micros(5_000_000);
        for algorithm in Algorithm::ALL {
            let mut challenge = Vec::new();
            guard().challenge_by(algorithm, issued, false, &mut challenge);
            let challenge = String::from_utf8(challenge).expect("text");
            let credentials = answered(&challenge, "ana", "secret", &REGISTER, "c0ffee");
            let params = AuthParams::parse(credentials.as_bytes()).expect("credentials");
            assert_eq!(Algorithm::of(&params), Some(algorithm));
            let kept = Kept::new(b"ana", b"call \"centre\"", b"secret");
            let other = Kept::new(b"ana", b"call \"centre\"", b"Secret");
            let md5 = hash_password(b"ana", b"call \"centre\"", b"secret");
            let check = |secret| guard().check(issued, &params, secret, &REGISTER);
            assert!(check(Secret::Password(b"secret")).is_ok(), "{algorithm:?}");
            assert!(check(Secret::Kept(&kept)).is_ok(), "{algorithm:?}");
            assert_eq!(check(Secret::Kept(&other)), Err(Refused::Wrong), "{algorithm:?}");
            // A hash for MD5 says nothing about another algorithm.
            let by_md5 = check(Secret::Hash(&md5));
            assert_eq!(by_md5.is_ok(), algorithm.name().starts_with("MD5"), "{algorithm:?}");
            assert_eq!(format!("{kept:?}"), "Kept(..)");
        }
    }

    #[test]
    fn without_qop_the_response_is_that_of_rfc_2069() {
        // HA1 939e7578ed9e3c518a452acee763bce9 and HA2 39aff3a2bab6126f332b942af96d3366 of RFC 2617
        // §3.5, joined by the older rule.
        let challenge =
            "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"";
        let out = answered(challenge, "Mufasa", "Circle Of Life", &GET, "x");
        assert_eq!(field(&out, "response"), "670fd8c2df070c60b045671b8b24ff02");
        assert!(!out.contains("qop") && !out.contains("nc=") && !out.contains("cnonce"));
    }

    const REGISTER: Subject<'_> =
        Subject { method: Method::Register, uri: b"sip:example.com", body: b"v=0" };

    fn guard() -> Guard {
        Guard::new(b"call \"centre\"", [7; 32], Duration::from_secs(60))
    }

    fn check(
        credentials: &str,
        now: Instant,
        password: &str,
        subject: &Subject<'_>,
    ) -> Result<Accepted, Refused> {
        let params = AuthParams::parse(credentials.as_bytes()).expect("credentials");
        guard().check(now, &params, Secret::Password(password.as_bytes()), subject)
    }

    fn session(issued: Instant) -> String {
        let mut challenge = Vec::new();
        guard().challenge(issued, false, &mut challenge);
        let challenge = String::from_utf8(challenge).expect("text");
        answered(&challenge, "ana", "secret", &REGISTER, "c0ffee")
    }

    #[test]
    fn a_guard_accepts_its_own_challenge_answered() {
        let issued = Instant::from_micros(5_000_000);
        let credentials = session(issued);
        let now = issued + Duration::from_secs(60);
        let expected = Ok(Accepted { issued, count: 1 });
        assert_eq!(check(&credentials, now, "secret", &REGISTER), expected);
        let params = AuthParams::parse(credentials.as_bytes()).expect("credentials");
        let kept = hash_password(b"ana", b"call \"centre\"", b"secret");
        assert_eq!(guard().check(now, &params, Secret::Hash(&kept), &REGISTER), expected);
        assert_eq!(named_uri(&params).as_deref(), Some(&b"sip:example.com"[..]));
    }

    #[test]
    fn a_guard_refuses_everything_else() {
        let issued = Instant::from_micros(5_000_000);
        let good = session(issued);
        let invite = Subject { method: Method::Invite, ..REGISTER };
        assert_eq!(check(&good, issued, "Secret", &REGISTER), Err(Refused::Wrong));
        assert_eq!(check(&good, issued, "secret", &invite), Err(Refused::Wrong));
        let late = issued + Duration::from_secs(61);
        assert_eq!(check(&good, late, "secret", &REGISTER), Err(Refused::Stale));
        assert_eq!(check(&good, late, "wrong", &REGISTER), Err(Refused::Wrong));
        let forged = good.replace("nonce=\"0000", "nonce=\"1000");
        assert_eq!(check(&forged, issued, "secret", &REGISTER), Err(Refused::Forged));
        let sha = good.replace("algorithm=MD5", "algorithm=SHA-256");
        assert_eq!(check(&sha, issued, "secret", &REGISTER), Err(Refused::Wrong));
        let unknown = good.replace("algorithm=MD5", "algorithm=SHA-1");
        assert_eq!(check(&unknown, issued, "secret", &REGISTER), Err(Refused::NotOurs));
        let uncounted = good.replace("nc=00000001", "nc=1");
        assert_eq!(check(&uncounted, issued, "secret", &REGISTER), Err(Refused::NotOurs));
        assert_eq!(check("Basic a=b", issued, "secret", &REGISTER), Err(Refused::NotOurs));
    }

    #[test]
    fn sessions_and_bodies_can_be_covered() {
        let challenge = "Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess, qop=\"auth-int\"";
        let response = |body| {
            let subject = Subject { body, ..REGISTER };
            field(&answered(challenge, "ana", "secret", &subject, "c"), "response")
        };
        assert_ne!(response(b"v=0"), response(b"v=1"));
        let unknown =
            AuthParams::parse(b"Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512").expect("good");
        let account = Account { user: b"ana", secret: Secret::Password(b"x") };
        let mut out = Vec::new();
        assert_eq!(answer(&unknown, &account, &REGISTER, b"c", 1, &mut out), None);
        assert!(out.is_empty());
    }
}
