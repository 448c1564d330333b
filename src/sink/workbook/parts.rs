//! The parts of a workbook other than its rows, as ECMA-376 (Office Open XML) defines them.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::Column;
use super::cell::{is_time, letters};
use super::stream::PartStream;
use crate::model::Field;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// The name of the first sheet; that of the second is `Messages 2`.
const SHEET: &str = "Messages";

/// Green, amber, red, magenta and teal, which are readable on white, in the order of the styles of
/// coloured texts.
const COLOURS: [&str; 5] = ["FF1A7F37", "FF9A6700", "FFCF222E", "FF8250DF", "FF0A7A8F"];

/// The path of a sheet in the container; the first sheet has number 1.
pub(super) fn sheet_path(number: usize) -> String {
    format!("xl/worksheets/sheet{number}.xml")
}

/// Writes the parts before the sheets. The number of sheets is not known yet, so the default content
/// type is that of a sheet.
pub(super) fn write_first<W: Write>(stream: &mut PartStream<W>) -> io::Result<()> {
    let types = format!(
        "{DECLARATION}<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"{TYPE}.worksheet+xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{TYPE}.sheet.main+xml\"/>\
         <Override PartName=\"/xl/styles.xml\" ContentType=\"{TYPE}.styles+xml\"/></Types>"
    );
    let relations = format!(
        "{DECLARATION}<Relationships xmlns=\"{PACKAGE}/relationships\">\
         <Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/>\
         </Relationships>"
    );
    let parts =
        [("[Content_Types].xml", types), ("_rels/.rels", relations), ("xl/styles.xml", styles())];
    for (path, part) in parts {
        stream.begin(path)?;
        stream.write(part.as_bytes())?;
    }
    Ok(())
}

/// The styles of cells: plain, header, date, text, and text in each colour.
fn styles() -> String {
    let mut fonts = String::from(
        "<font><sz val=\"11\"/><name val=\"Calibri\"/></font>\
         <font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font>",
    );
    let mut formats = String::from(
        "<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
         <xf numFmtId=\"49\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\" applyNumberFormat=\"1\"/>\
         <xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
         <xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>",
    );
    for (at, colour) in COLOURS.iter().enumerate() {
        let font = at + 2;
        // Writing to a String cannot fail.
        let _ = write!(
            fonts,
            "<font><sz val=\"11\"/><color rgb=\"{colour}\"/><name val=\"Calibri\"/></font>"
        );
        let _ = write!(
            formats,
            "<xf numFmtId=\"49\" fontId=\"{font}\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\" applyNumberFormat=\"1\"/>"
        );
    }
    format!(
        "{DECLARATION}<styleSheet xmlns=\"{MAIN}\">\
         <numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss.000\"/></numFmts>\
         <fonts count=\"{}\">{fonts}</fonts>\
         <fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>\
         <fill><patternFill patternType=\"gray125\"/></fill></fills>\
         <borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
         <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
         <cellXfs count=\"{}\">{formats}</cellXfs>\
         <cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>\
         </styleSheet>",
        COLOURS.len() + 2,
        COLOURS.len() + 4,
    )
}

/// The XML before the rows of a sheet. It keeps the header in view and sets the widths of columns.
pub(super) fn sheet_start(columns: &[Column], header: bool) -> String {
    let mut start = format!("{DECLARATION}<worksheet xmlns=\"{MAIN}\"><sheetViews>");
    start.push_str(if header {
        "<sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" \
         activePane=\"bottomLeft\" state=\"frozen\"/></sheetView>"
    } else {
        "<sheetView workbookViewId=\"0\"/>"
    });
    start.push_str("</sheetViews><cols>");
    for (at, column) in columns.iter().enumerate() {
        let (number, width) = (at + 1, width(*column));
        let _ = write!(
            start,
            "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>"
        );
    }
    start.push_str("</cols><sheetData>");
    start
}

/// The width of a column, in characters.
fn width(column: Column) -> u8 {
    match column {
        column if is_time(column) => 26,
        Column::Result | Column::Why => 40,
        Column::Field(Field::Text | Field::StatusDescription | Field::ErrorDescription) => 60,
        Column::Field(Field::MessageId | Field::BulkId) => 38,
        Column::Field(Field::StatusName | Field::ErrorName | Field::StatusAction) => 32,
        Column::Field(Field::To | Field::From | Field::PricePerMessage) | Column::Country => 22,
        _ => 16,
    }
}

/// The XML after the rows of a sheet: the filter, and that numbers stored as text are not errors.
pub(super) fn sheet_end(columns: usize, rows: u32, header: bool) -> String {
    let last = letters(columns.saturating_sub(1));
    let mut end = String::from("</sheetData>");
    if header {
        let _ = write!(end, "<autoFilter ref=\"A1:{last}{rows}\"/>");
    }
    let _ = write!(
        end,
        "<ignoredErrors><ignoredError sqref=\"A1:{last}{}\" numberStoredAsText=\"1\"/></ignoredErrors>\
         </worksheet>",
        rows.max(1)
    );
    end
}

/// Writes the parts after the sheets. `sheets` has the number of rows of each sheet, and `filtered` is
/// the number of columns with a filter, which is 0 without a header.
pub(super) fn write_last<W: Write>(
    stream: &mut PartStream<W>,
    sheets: &[u32],
    filtered: usize,
) -> io::Result<()> {
    let (mut names, mut filters, mut relations) = (String::new(), String::new(), String::new());
    for (at, rows) in sheets.iter().enumerate() {
        let number = at + 1;
        let name = if at == 0 { SHEET.to_owned() } else { format!("{SHEET} {number}") };
        let _ = write!(names, "<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
        let _ = write!(
            relations,
            "<Relationship Id=\"rId{number}\" Type=\"{RELATIONS}/worksheet\" \
             Target=\"worksheets/sheet{number}.xml\"/>"
        );
        if let Some(last) = filtered.checked_sub(1).map(letters) {
            let _ = write!(
                filters,
                "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"{at}\" hidden=\"1\">\
                 '{name}'!$A$1:${last}${rows}</definedName>"
            );
        }
    }
    if !filters.is_empty() {
        filters = format!("<definedNames>{filters}</definedNames>");
    }
    let styles = sheets.len() + 1;
    let workbook = format!(
        "{DECLARATION}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><bookViews><workbookView/>\
         </bookViews><sheets>{names}</sheets>{filters}</workbook>"
    );
    let relations = format!(
        "{DECLARATION}<Relationships xmlns=\"{PACKAGE}/relationships\">{relations}\
         <Relationship Id=\"rId{styles}\" Type=\"{RELATIONS}/styles\" Target=\"styles.xml\"/>\
         </Relationships>"
    );
    for (path, part) in [("xl/workbook.xml", workbook), ("xl/_rels/workbook.xml.rels", relations)] {
        stream.begin(path)?;
        stream.write(part.as_bytes())?;
    }
    Ok(())
}
