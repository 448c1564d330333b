//! Text as the messages of the program need it.

mod quote;
mod suggestion;

pub(crate) use quote::quoted;
pub(crate) use suggestion::closest;
