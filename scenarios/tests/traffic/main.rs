//! Load files: every key, what is made of it, and which kind of file is which.

mod help;
mod keys;
mod kinds;
