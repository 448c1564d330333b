//! Draws the statistics as a picture for a report: delivered share, messages, groups, latencies.
//!
//! An SVG is light, or dark where the viewer prefers that. A PNG is light. A picture is written
//! completely or not at all.

mod canvas;
mod delivery;
mod groups;
mod latencies;
mod layout;
mod palette;
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

/// Pixels of a PNG per unit of the layout: enough for sharp text on screens and on paper.
const PNG_SCALE: u32 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ImageFormat {
    Svg,
    Png,
}

/// The picture of `--plot`, whose file is open and is not drawn yet.
pub(crate) struct Plot {
    format: ImageFormat,
    output: Output,
}

impl Plot {
    /// Opens the file. This comes before any request, so that a bad path costs nothing.
    ///
    /// # Errors
    /// When the name ends in neither `.svg` nor `.png`, or its folder cannot be written to.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let format = match ending.to_ascii_lowercase().as_str() {
            "svg" => ImageFormat::Svg,
            "png" => ImageFormat::Png,
            _ => {
                return Err(Failure::usage("--plot: the name has to end in .svg or .png")
                    .hint("--plot report.svg"));
            }
        };
        Ok(Self { format, output: Output::file(path)? })
    }

    /// Draws the picture, and puts the file into its place.
    ///
    /// # Errors
    /// When the picture cannot be drawn or written.
    pub(crate) fn draw(mut self, summary: &Summary, zone: Zone) -> Result<(), Failure> {
        let drawn = match self.format {
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
    Ok(with_description(&document, summary, zone))
}

/// The document with its title, a description for people who do not see the picture, and the colours
/// on a dark page.
fn with_description(document: &str, summary: &Summary, zone: Zone) -> String {
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
    // The font is for a PNG, and for the widths of texts; in an SVG the viewer chooses the font.
    register_font("sans-serif", FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT)
        .map_err(|_| "the built-in font cannot be read".to_owned())?;
    let canvas = Canvas::new(area, scale);
    layout::draw(&canvas, summary, zone).map_err(|error| error.to_string())?;
    canvas.area.present().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
