//! Help texts: what `-h` and `--help` of each command print, the examples, and the topics.
//!
//! The texts are made from the descriptions of the options, so that no option can be missing.
//! Nothing is printed here. The manual pages use the same examples and topics.

mod command;
mod examples;
mod layout;
mod topics;

use clap::Command;
use layout::HelpPage;

pub(crate) use command::{
    HelpRequest, Length, ManualEntry, build_commands, command_help, manual_entry, with_help_marker,
    with_help_markers,
};
pub(crate) use examples::of as examples;
pub(crate) use topics::{TOPICS, Topic};

/// How a help text is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HelpStyle {
    /// Columns of a line; longer lines are wrapped between words.
    pub(crate) width: usize,
    /// Whether headings and option names are bold.
    pub(crate) colour: bool,
}

/// The text of a topic; `program` is the whole command line.
pub(crate) fn topic_help(topic: &Topic, program: Command, style: HelpStyle) -> String {
    let mut page = HelpPage::new(style);
    page.paragraph(topic.about);
    if topic.name == topics::CONNECTION {
        page.formatted(&command::connection_options(program, style));
    }
    topics::write(topic, &mut page);
    page.finish()
}
