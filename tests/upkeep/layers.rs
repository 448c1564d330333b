//! Which module may import which, held over every file of `src`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the library and what each may import; `pages` for `saved` is the trait alone.
const MAY_IMPORT: [(&str, &[&str]); 15] = [
    ("model", &[]),
    ("visible", &[]),
    ("clock", &[]),
    ("zone", &["model"]),
    ("query", &["model"]),
    ("wire", &["model"]),
    ("source", &["model", "query"]),
    ("client", &["model", "query", "source", "wire", "clock", "visible"]),
    ("saved", &["model", "query", "source", "wire", "pages", "visible", "clock"]),
    ("pages", &["model", "query", "source", "clock"]),
    ("redaction", &["model"]),
    ("sink", &["model", "visible", "redaction", "zone"]),
    ("pump", &["model", "source", "pages", "sink", "clock"]),
    ("sandbox", &[]),
    ("stats", &["model", "sink", "zone"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    assert!(found.len() > 40, "the walk found {} files", found.len());
    let relative = |path: &PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
    found.iter().map(|path| (relative(path), fs::read_to_string(path).unwrap())).collect()
}

/// The modules that a text names after `crate::`.
fn imports(text: &str) -> Vec<&str> {
    text.split("crate::")
        .skip(1)
        .map(|rest| rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap())
        .collect()
}

#[test]
fn every_module_imports_only_what_is_below_it() {
    let allowed: BTreeMap<_, _> = MAY_IMPORT.into_iter().collect();
    let mut strays = Vec::new();
    for (path, text) in files() {
        let module = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let test = path.contains("test");
        if path.starts_with("cli/") || module == "lib" || test {
            continue;
        }
        let Some(may) = allowed.get(module.as_str()) else {
            panic!("{path}: the plan does not name the module {module}");
        };
        let code = text.split("#[cfg(test)]").next().unwrap();
        for import in imports(code) {
            let is_module = allowed.contains_key(import);
            if is_module && import != module && !may.contains(&import) {
                strays.push(format!("{path} imports {import}"));
            }
        }
    }
    assert_eq!(strays, Vec::<String>::new());
}

#[test]
fn the_library_does_not_know_the_program() {
    for (path, text) in files() {
        if !path.starts_with("cli/") {
            assert!(!text.contains("clap"), "{path} names clap");
        }
    }
}

#[test]
fn no_file_is_longer_than_three_hundred_lines() {
    let long: Vec<_> = files()
        .into_iter()
        .filter(|(_, text)| text.lines().count() > 300)
        .map(|(path, text)| format!("{path}: {}", text.lines().count()))
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn every_module_opens_with_what_it_is_for() {
    for (path, text) in files() {
        let is_test = ["test", "properties"].iter().any(|word| path.contains(word));
        assert!(is_test || text.starts_with("//!"), "{path} does not say what it is for");
    }
}
