//! Which module may import which, checked for every file of `src`: the two tables of
//! `docs/architecture.md`, and that no files import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::{Crate, all_files};
use crate::support::documentation::file;

/// The modules of the library and what each may import.
const LIBRARY: [(&str, &[&str]); 18] = [
    ("sms_encoding", &[]),
    ("model", &["sms_encoding"]),
    ("visible", &[]),
    ("clock", &[]),
    ("splitmix", &[]),
    ("zone", &["model"]),
    ("query", &["model"]),
    ("wire", &["model", "visible"]),
    ("source", &["model", "query"]),
    ("client", &["model", "query", "source", "wire", "clock", "visible", "splitmix"]),
    // `pages` for its trait only.
    ("saved", &["model", "query", "source", "wire", "pages", "visible", "clock"]),
    ("pages", &["model", "query", "source", "clock"]),
    ("redaction", &["model", "visible"]),
    ("sink", &["model", "visible", "redaction", "zone"]),
    ("pump", &["source", "pages", "sink", "clock"]),
    // `query` for the names of the parameters only: the sandbox reads values and selects messages by itself,
    // so that a mistake in one of the two is found by the other.
    ("sandbox", &["query", "splitmix", "sms_encoding"]),
    ("stats", &["model", "sink", "zone"]),
    // `client` for the settings of TLS only.
    ("archive", &["model", "query", "source", "pages", "clock", "client"]),
];

/// The modules of the program. Each imports only from those below it in this list.
const PROGRAM: [&str; 14] = [
    "main",
    "parse_error",
    "command_line",
    "commands",
    "help",
    "session",
    "settings",
    "args",
    "credentials",
    "config_file",
    "io",
    "time_input",
    "text",
    "choices",
];
/// The module below all others: every module of the program may import the failure type.
const FAILURE: &str = "failure";

/// The rows of the table of the architecture page that has this header.
fn documented_rows(header: &str) -> Vec<String> {
    let page = file("docs/architecture.md");
    let (_, table) = page.split_once(header).unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(str::to_owned).collect()
}

/// The words between backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn the_architecture_page_has_the_two_tables_of_this_file() {
    let rows = documented_rows("| library module |");
    let documented: BTreeMap<&str, BTreeSet<&str>> = rows
        .iter()
        .map(|row| {
            let (_, imports) = row.rsplit_once(" | ").unwrap();
            (quoted(row)[0], quoted(imports).into_iter().collect())
        })
        .collect();
    let library: BTreeMap<&str, BTreeSet<&str>> = LIBRARY
        .into_iter()
        .map(|(module, imports)| (module, imports.iter().copied().collect()))
        .collect();
    assert_eq!(documented, library);
    let rows = documented_rows("| module of `src/cli/` |");
    let documented: Vec<&str> = rows.iter().map(|row| module(quoted(row)[0])).collect();
    assert_eq!(documented, [PROGRAM.as_slice(), &[FAILURE]].concat());
}

#[test]
fn every_module_of_the_library_imports_what_its_row_allows_and_nothing_else() {
    let allowed: BTreeMap<_, _> = LIBRARY.into_iter().collect();
    let mut unused: Vec<(&str, &str)> =
        LIBRARY.into_iter().flat_map(|(from, may)| may.iter().map(move |to| (from, *to))).collect();
    let mut strays = Vec::new();
    for (from, to) in Crate::library().imports() {
        let (from_module, to_module) = (module(&from), module(&to));
        if from_module == "lib" {
            continue;
        }
        let Some(may) = allowed.get(from_module) else {
            panic!("{from}: the table does not name the module {from_module}");
        };
        if to_module != from_module && !may.contains(&to_module) {
            strays.push(format!("{from} imports {to}"));
        }
        unused.retain(|pair| *pair != (from_module, to_module));
    }
    assert_eq!(strays, Vec::<String>::new());
    assert!(unused.is_empty(), "the table allows imports that no file has: {unused:?}");
}

#[test]
fn every_module_of_the_program_imports_only_from_those_below_it() {
    let rank = |file: &str| {
        let module = module(file);
        let listed = PROGRAM.iter().position(|known| *known == module);
        match listed {
            Some(rank) => rank,
            None if module == FAILURE => PROGRAM.len(),
            None => panic!("{file}: the list does not name the module {module}"),
        }
    };
    let mut strays = Vec::new();
    for (from, to) in Crate::program().imports() {
        if module(&from) != module(&to) && rank(&to) < rank(&from) {
            strays.push(format!("{from} imports {to}"));
        }
        if let (Some(one), Some(other)) = (command(&from), command(&to))
            && one != other
        {
            strays.push(format!("the command {from} imports the command {to}"));
        }
    }
    assert_eq!(strays, Vec::<String>::new());
}

/// A user of the library has no command line. The program writes the messages about its options.
#[test]
fn no_text_of_the_library_names_an_option_of_the_program() {
    // The table of the filters, and the command line of curl.
    let exceptions = ["query/filters.rs", "client/request.rs"];
    let mut strays = Vec::new();
    for (file, text) in all_files() {
        let is_program_or_test = file.starts_with("cli/") || file.contains("test");
        if is_program_or_test || exceptions.contains(&file.as_str()) {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let mut options = line.match_indices("--").map(|(at, _)| &line[at + 2..]);
            if options.any(|option| option.starts_with(|c: char| c.is_ascii_lowercase())) {
                strays.push(format!("{file}: {}", line.trim()));
            }
        }
    }
    assert_eq!(strays, Vec::<String>::new());
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut circles = BTreeSet::new();
    for whole in [Crate::library(), Crate::program()] {
        let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in whole.imports() {
            // A module and its submodules count as one: a submodule may use what the module defines.
            let is_whole = to.strip_suffix("mod.rs").is_some_and(|whole| from.starts_with(whole));
            if !is_whole {
                imports.entry(from).or_default().insert(to);
            }
        }
        circles.extend(imports.keys().filter_map(|start| circle(start, &imports)));
    }
    let listed: Vec<_> = circles.iter().map(|circle| circle.join(" imports ")).collect();
    assert_eq!(listed, Vec::<String>::new());
}

/// The shortest circle of imports through a file, starting with the file that sorts first.
fn circle(start: &str, imports: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut paths = vec![vec![start.to_owned()]];
    let mut seen = BTreeSet::new();
    while !paths.is_empty() {
        let mut longer = Vec::new();
        for mut path in paths {
            for next in imports.get(path.last()?).into_iter().flatten() {
                if next == start {
                    let first = path.iter().enumerate().min_by_key(|(_, file)| *file)?.0;
                    path.rotate_left(first);
                    path.push(path.first()?.clone());
                    return Some(path);
                }
                if seen.insert(next.clone()) {
                    longer.push([path.clone(), vec![next.clone()]].concat());
                }
            }
        }
        paths = longer;
    }
    None
}

/// The first part of a file's path: the module of the table.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The command that a file belongs to; `None` for a file of no command.
fn command(file: &str) -> Option<&str> {
    let name = file.strip_prefix("commands/")?.split('/').next()?.trim_end_matches(".rs");
    (name != "mod").then_some(name)
}

#[test]
fn the_library_does_not_name_clap() {
    for (path, text) in all_files() {
        if !path.starts_with("cli/") {
            assert!(!text.contains("clap"), "{path} names clap");
        }
    }
}

#[test]
fn no_module_is_included_from_another_path() {
    for (path, text) in all_files() {
        assert!(!text.contains("#[path"), "{path} has a #[path] attribute");
    }
}

#[test]
fn every_module_opens_with_its_purpose() {
    for (path, text) in all_files() {
        let is_test = ["test", "properties"].iter().any(|word| path.contains(word));
        assert!(is_test || text.starts_with("//!"), "{path} does not say what it is for");
    }
}

/// The name of the type that a line declares, also inside a function or a module of tests. An indented
/// `type` is that of a trait or an `impl`, and not a type of its own.
fn declared_type(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
    let kind = words.next()?;
    let is_declared = ["struct", "enum", "union", "trait"].contains(&kind)
        || kind == "type" && !line.starts_with(' ');
    let name = words.next().filter(|_| is_declared)?;
    let end = name.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(name.len());
    name.get(..end)
}

#[test]
fn no_type_shares_its_name_with_one_of_another_file() {
    let mut owners = BTreeMap::<String, BTreeSet<String>>::new();
    for (path, text) in all_files() {
        for name in text.lines().filter_map(declared_type) {
            owners.entry(name.to_owned()).or_default().insert(path.clone());
        }
    }
    assert!(owners.len() > 500, "only {} types were found", owners.len());
    let shared: Vec<_> = owners.iter().filter(|(_, paths)| paths.len() > 1).collect();
    assert!(shared.is_empty(), "{shared:?}");
}

#[test]
fn declarations_of_types_are_found_in_every_form() {
    for (line, name) in [
        ("struct Row;", Some("Row")),
        ("pub(super) enum Form {", Some("Form")),
        ("    pub struct Page<'a>(&'a str);", Some("Page")),
        ("pub type Step = fn();", Some("Step")),
        ("    type Data<'a> = Row;", None),
        ("/// A struct of rows", None),
        ("impl Row {", None),
    ] {
        assert_eq!(declared_type(line), name, "{line}");
    }
}
