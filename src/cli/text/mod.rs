//! Text as the messages of the program need it.

mod quote;

pub(crate) use quote::quoted;
