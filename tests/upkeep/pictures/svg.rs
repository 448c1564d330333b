//! A screen of a terminal as an SVG picture.

use std::fmt::Write;

use vt100::Color;

use crate::support::terminal::Screen;

/// The colours of a terminal.
pub struct Palette {
    ground: &'static str,
    text: &'static str,
    border: &'static str,
    /// The colours 1 to 5 of the sixteen that a theme chooses: red, green, yellow, blue, magenta.
    theme: [&'static str; 5],
}

/// Dark text on a light ground.
pub const LIGHT: Palette = Palette {
    ground: "#ffffff",
    text: "#1f2328",
    border: "#d1d9e0",
    theme: ["#cf222e", "#116329", "#4d2d00", "#0969da", "#8250df"],
};

/// Light text on a dark ground.
pub const DARK: Palette = Palette {
    ground: "#0d1117",
    text: "#e6edf3",
    border: "#3d444d",
    theme: ["#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff"],
};

/// Width and height of a cell, in units of the picture. Every run of characters is given the width
/// of its cells, so that columns align in any font.
const CELL: (f32, f32) = (8.4, 18.0);
const FONT_SIZE: u16 = 14;
/// From the top of a cell to the base of its characters.
const BASELINE: f32 = 13.5;
const MARGIN: f32 = 14.0;

/// How a cell looks.
#[derive(Clone, PartialEq)]
struct Style {
    colour: String,
    ground: Option<String>,
    is_bold: bool,
}

impl Palette {
    /// The colour of a cell; `None` for the one that the terminal has anyway.
    fn colour(&self, colour: Color) -> Option<String> {
        match colour {
            Color::Default => None,
            Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
            Color::Idx(at @ 1..=5) => Some(self.theme[usize::from(at) - 1].to_owned()),
            // The cube of six steps for red, green and blue, which is the same in every terminal.
            Color::Idx(at @ 16..=231) => {
                let step = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let at = at - 16;
                let [red, green, blue] = [at / 36, at / 6 % 6, at % 6].map(step);
                Some(format!("#{red:02x}{green:02x}{blue:02x}"))
            }
            Color::Idx(other) => panic!("the palette lacks colour {other}"),
        }
    }

    fn style(&self, cell: &vt100::Cell) -> Style {
        assert!(!cell.inverse() && !cell.underline(), "this style is not drawn");
        Style {
            colour: self.colour(cell.fgcolor()).unwrap_or_else(|| self.text.to_owned()),
            ground: self.colour(cell.bgcolor()),
            is_bold: cell.bold(),
        }
    }
}

/// The part of a cell that a block character fills: left, top, width and height.
fn block(character: char) -> Option<[f32; 4]> {
    match character {
        '▁'..='█' => {
            let height = eighths('▁', character);
            Some([0.0, 1.0 - height, 1.0, height])
        }
        '▉'..='▏' => Some([0.0, 0.0, 1.0 - eighths('▉', character), 1.0]),
        _ => None,
    }
}

/// The height or width of a block character in eighths; `first` has one eighth.
fn eighths(first: char, character: char) -> f32 {
    let number = u32::from(character) - u32::from(first) + 1;
    f32::from(u8::try_from(number).unwrap()) / 8.0
}

fn rectangle(out: &mut String, [x, y, width, height]: [f32; 4], colour: &str) {
    writeln!(
        out,
        "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"{colour}\"/>"
    )
    .unwrap();
}

/// Characters of one style in one line, without gaps.
struct Run {
    column: u16,
    cells: u16,
    text: String,
    style: Style,
}

impl Run {
    fn draw(&self, out: &mut String, top: f32) {
        let text = self.text.replace('&', "&amp;").replace('<', "&lt;");
        let x = MARGIN + f32::from(self.column) * CELL.0;
        let (y, width) = (top + BASELINE, f32::from(self.cells) * CELL.0);
        let weight = if self.style.is_bold { " font-weight=\"bold\"" } else { "" };
        let colour = &self.style.colour;
        writeln!(
            out,
            "<text x=\"{x:.2}\" y=\"{y:.2}\" textLength=\"{width:.2}\" fill=\"{colour}\"{weight}>{text}</text>"
        )
        .unwrap();
    }
}

/// Draws a line of cells: grounds and blocks as rectangles, anything else as text.
fn line(out: &mut String, top: f32, cells: &[(u16, &vt100::Cell)], palette: &Palette) {
    let mut run: Option<Run> = None;
    let is_drawn = |(_, (_, cell)): &(usize, &(u16, &vt100::Cell))| !cell.is_wide_continuation();
    for (at, (column, cell)) in cells.iter().enumerate().filter(is_drawn) {
        let style = palette.style(cell);
        let left = MARGIN + f32::from(*column) * CELL.0;
        if let Some(ground) = &style.ground {
            rectangle(out, [left, top, CELL.0, CELL.1], ground);
        }
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let filled = text.chars().next().and_then(block);
        if let Some([x, y, width, height]) = filled {
            let place = [left + x * CELL.0, top + y * CELL.1, width * CELL.0, height * CELL.1];
            rectangle(out, place, &style.colour);
        }
        // One space is a part of a sentence; two are a gap between columns.
        let is_gap = text == " " && cells.get(at + 1).is_none_or(|(_, next)| !is_text(next));
        let width = if cell.is_wide() { 2 } else { 1 };
        let ends = |run: &Run| {
            filled.is_some() || is_gap || run.style != style || run.column + run.cells != *column
        };
        if let Some(done) = run.take_if(|run| ends(run)) {
            done.draw(out, top);
        }
        if filled.is_none() && (run.is_some() || text != " ") {
            let new = Run { column: *column, cells: 0, text: String::new(), style };
            let run = run.get_or_insert(new);
            run.text += text;
            run.cells += width;
        }
    }
    if let Some(run) = run {
        run.draw(out, top);
    }
}

fn is_text(cell: &vt100::Cell) -> bool {
    cell.has_contents() && cell.contents() != " "
}

/// The picture of a command and of the screen after it.
pub fn picture(command: &str, screen: &Screen, columns: u16, palette: &Palette) -> String {
    let lines = u16::try_from(screen.lines().len()).unwrap();
    let width = 2.0 * MARGIN + f32::from(columns) * CELL.0;
    // The command and a gap are above the screen.
    let first = MARGIN + 1.5 * CELL.1;
    let height = first + f32::from(lines) * CELL.1 + MARGIN;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" font-size=\"{FONT_SIZE}\" \
         font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         role=\"img\">\n<title>{command}</title>\n"
    );
    let Palette { ground, text, border, .. } = palette;
    writeln!(
        out,
        "<rect x=\"0.5\" y=\"0.5\" width=\"{:.0}\" height=\"{:.0}\" rx=\"6\" fill=\"{ground}\" stroke=\"{border}\"/>",
        width - 1.0,
        height - 1.0
    )
    .unwrap();
    let prompt = format!("$ {command}");
    let style = Style { colour: (*text).to_owned(), ground: None, is_bold: true };
    let cells = u16::try_from(prompt.chars().count()).unwrap();
    Run { column: 0, cells, text: prompt, style }.draw(&mut out, MARGIN);
    for number in 0..lines {
        let cells: Vec<_> =
            (0..columns).filter_map(|at| Some((at, screen.cell(number, at)?))).collect();
        line(&mut out, first + f32::from(number) * CELL.1, &cells, palette);
    }
    out + "</svg>\n"
}
