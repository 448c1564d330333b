//! The pictures of the documentation show what the program shows on a terminal.
//!
//! `INSTA_UPDATE=always cargo test pictures` draws them again.

mod svg;

use std::fs;
use std::path::Path;

use svg::{DARK, LIGHT, picture};

use crate::support::omnilogs;
use crate::support::preload::variables;
use crate::support::terminal::Screen;

const COLUMNS: u16 = 80;
/// 2026-11-25 14:37:30 UTC: pictures show the traffic of a working day, and an outage since 14:02.
const TIME: &str = "1795617450";

/// What a command shows on a terminal at that time.
fn screen(command: &str) -> Screen {
    let mut run = omnilogs().env("TERM", "xterm-256color");
    for (name, value) in variables("PRELOAD_TIME", TIME) {
        run = run.env(name, value);
    }
    run.args(command.split(' ').skip(1)).on_terminal(COLUMNS).end().code(0)
}

/// Compares the pictures of a screen with the files, or writes them.
#[track_caller]
fn check(name: &str, command: &str) -> Screen {
    let screen = screen(command);
    for (theme, palette) in [("light", &LIGHT), ("dark", &DARK)] {
        let drawn = picture(command, &screen, COLUMNS, palette);
        let file = format!("docs/pictures/{name}-{theme}.svg");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
        if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            fs::write(&path, &drawn).unwrap();
        }
        assert!(
            fs::read_to_string(&path).is_ok_and(|kept| kept == drawn),
            "{file} is not what the program shows; INSTA_UPDATE=always cargo test pictures"
        );
    }
    screen
}

/// The message is the one that the summary of the list suggests.
#[test]
fn the_pictures_of_a_list_and_of_a_message_are_what_the_program_shows() {
    let list = check("list", "omnilogs --sandbox=outage -n 16").text();
    let (_, next) = list.rsplit_once("next: ").unwrap();
    let (show, _) = next.split_once(" · ").unwrap();
    assert!(show.starts_with("omnilogs show "), "{show}");
    check("show", show);
}

#[test]
fn the_picture_of_an_outage_is_what_the_program_shows() {
    check("stats", "omnilogs stats --sandbox=outage --since 3h");
}
