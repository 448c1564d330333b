//! Draws the statistics into a picture for a report: delivered share, messages, groups, latencies.
//!
//! An SVG follows the page that it is on: light, or dark where the viewer prefers that. A PNG has a
//! light panel. A picture is written whole or not at all.

mod canvas;
mod delivered;
mod latencies;
mod layout;
mod palette;
mod shares;
mod timeline;

use std::io::Write;
use std::path::Path;

use omnilogs::stats::Summary;
use omnilogs::zone::Zone;
use plotters::prelude::{BitMapBackend, DrawingArea, IntoDrawingArea, SVGBackend};
use plotters::style::{FontStyle, register_font};
use quick_xml::escape::escape;

use self::canvas::{Canvas, WIDTH};
use crate::failure::{Failure, Kind};
use crate::io::output::{Output, ended_by_writing};

/// Pixels of a PNG for each unit of the layout: sharp on screens and on paper.
const PNG_SCALE: u32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ImageFormat {
    Svg,
    Png,
}

/// A picture that will be drawn.
pub(crate) struct Plot {
    form: ImageFormat,
    output: Output,
}

impl Plot {
    /// Makes sure that it can be written before anything is sent.
    ///
    /// # Errors
    /// When the name ends in neither `.svg` nor `.png`, or its folder cannot be written to.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let form = match ending.to_ascii_lowercase().as_str() {
            "svg" => ImageFormat::Svg,
            "png" => ImageFormat::Png,
            _ => {
                return Err(Failure::usage("--plot: the name has to end in .svg or .png")
                    .hint("--plot report.svg"));
            }
        };
        Ok(Self { form, output: Output::file(path)? })
    }

    /// Draws it, and puts the file in its place.
    ///
    /// # Errors
    /// When it cannot be drawn or written.
    pub(crate) fn draw(mut self, summary: &Summary, zone: Zone) -> Result<(), Failure> {
        let drawn = match self.form {
            ImageFormat::Svg => svg(summary, zone).map(String::into_bytes),
            ImageFormat::Png => png(summary, zone),
        };
        let picture = drawn
            .map_err(|why| Failure::new(Kind::Local, "cannot draw the statistics").because(why))?;
        if let Err(error) = self.output.write_all(&picture) {
            return ended_by_writing(error, self.output);
        }
        self.output.close(true)
    }
}

/// The picture as an SVG document.
fn svg(summary: &Summary, zone: Zone) -> Result<String, String> {
    let mut document = String::new();
    let size = (WIDTH, layout::height(summary));
    draw(SVGBackend::with_string(&mut document, size).into_drawing_area(), 1, summary, zone)?;
    Ok(described(&document, summary, zone))
}

/// The document with its title, its content in words for readers who do not see it, and its colours on
/// a dark page.
fn described(document: &str, summary: &Summary, zone: Zone) -> String {
    let start = document.find("<svg").unwrap_or(0);
    let Some(end) = document[start..].find('>').map(|end| start + end) else {
        return document.to_owned();
    };
    let (before, after) = document.split_at(end);
    let title = escape(layout::title(summary, zone));
    let text = escape(layout::text(summary).join("\n"));
    let style = palette::dark_style();
    format!(
        "{before} role=\"img\" aria-labelledby=\"title desc\">\n<title id=\"title\">{title}</title>\n\
         <desc id=\"desc\">{text}</desc>\n<style>{style}</style>{}",
        &after[1..]
    )
}

/// The picture as a PNG file.
fn png(summary: &Summary, zone: Zone) -> Result<Vec<u8>, String> {
    let (width, height) = (WIDTH * PNG_SCALE, layout::height(summary) * PNG_SCALE);
    let mut pixels = vec![0; width as usize * height as usize * 3];
    let backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
    draw(backend.into_drawing_area(), PNG_SCALE, summary, zone)?;
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
    writer.write_image_data(&pixels).map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    Ok(file)
}

fn draw<DB: plotters::prelude::DrawingBackend>(
    area: DrawingArea<DB, plotters::coord::Shift>,
    scale: u32,
    summary: &Summary,
    zone: Zone,
) -> Result<(), String> {
    // Only a file that is not a font is refused; in an SVG the viewer chooses the font.
    register_font("sans-serif", FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT)
        .map_err(|_| "the built-in font cannot be read".to_owned())?;
    let canvas = Canvas::new(area, scale);
    layout::draw(&canvas, summary, zone).map_err(|error| error.to_string())?;
    canvas.area.present().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
