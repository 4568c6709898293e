//! SIP, SDP, RTP and DTMF as sans-IO machines.
