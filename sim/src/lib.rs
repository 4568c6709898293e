//! People and virtual time.
