//! Request methods.

use core::fmt;

macro_rules! methods {
    ($($variant:ident $text:literal $doc:literal,)*) => {
        /// The method of a request, or of a CSeq.
        ///
        /// Case-sensitive (RFC 3261 §7.1). A method this crate has no name for is kept as bytes.
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Method<'a> {
            $(#[doc = $doc] $variant,)*
            /// Any other token.
            Other(&'a [u8]),
        }

        impl<'a> Method<'a> {
            /// Names the method; the bytes must be a token already.
            pub fn from_bytes(bytes: &'a [u8]) -> Self {
                match bytes {
                    $($text => Self::$variant,)*
                    other => Self::Other(other),
                }
            }

            /// The method as it stands on the wire.
            pub fn as_bytes(&self) -> &'a [u8] {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(bytes) => bytes,
                }
            }
        }
    };
}

methods! {
    Invite b"INVITE" "Starts or changes a session (RFC 3261).",
    Ack b"ACK" "Confirms a final response to INVITE (RFC 3261).",
    Bye b"BYE" "Ends a session (RFC 3261).",
    Cancel b"CANCEL" "Withdraws a pending INVITE (RFC 3261).",
    Register b"REGISTER" "Binds an address (RFC 3261).",
    Options b"OPTIONS" "Asks for capabilities; also a keep-alive (RFC 3261).",
    Prack b"PRACK" "Confirms a provisional response (RFC 3262).",
    Update b"UPDATE" "Changes a session without a new INVITE (RFC 3311).",
    Info b"INFO" "Carries application data in a dialog (RFC 6086).",
    Refer b"REFER" "Asks the peer to call somebody (RFC 3515).",
    Subscribe b"SUBSCRIBE" "Asks for notifications (RFC 6665).",
    Notify b"NOTIFY" "Reports an event (RFC 6665).",
    Message b"MESSAGE" "Carries a text message (RFC 3428).",
    Publish b"PUBLISH" "Publishes event state (RFC 3903).",
}

impl Method<'_> {
    /// Whether this crate has a name for the method.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

impl fmt::Debug for Method<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Method<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_case_sensitive() {
        assert_eq!(Method::from_bytes(b"INVITE"), Method::Invite);
        assert_eq!(Method::from_bytes(b"Invite"), Method::Other(b"Invite"));
        assert_eq!(Method::from_bytes(b"RE%47IST%45R"), Method::Other(b"RE%47IST%45R"));
    }
}
