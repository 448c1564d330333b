//! Finds the imports between the files of a crate, from the source text.
//!
//! Reads whole files except items with `#[cfg(test)]`. Grouped imports are expanded, and an item that
//! a module re-exports counts for the file that defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every file below `src`, as its path from there and its text.
pub fn all_files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    assert!(found.len() > 40, "only {} files were found", found.len());
    let relative = |path: &PathBuf| path.strip_prefix(&root).unwrap().display().to_string();
    found.iter().map(|path| (relative(path), fs::read_to_string(path).unwrap())).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// A path in the source, such as `crate::session::context::Context`, without its `::`.
type Segments = Vec<String>;

/// One module: its file, the names that it imports, and the paths in its code.
#[derive(Default)]
struct Module {
    file: String,
    /// Local names and their absolute paths.
    names: BTreeMap<String, Segments>,
    /// Absolute paths that the code uses, outside of re-exports.
    uses: BTreeSet<Segments>,
}

/// A crate by its modules.
pub struct Crate {
    modules: BTreeMap<Segments, Module>,
}

impl Crate {
    /// `src` without `src/cli`.
    pub fn library() -> Self {
        let library = |(path, _): &(String, String)| !path.starts_with("cli/");
        Self::read(all_files().into_iter().filter(library).collect(), "lib.rs")
    }

    /// `src/cli`.
    pub fn program() -> Self {
        let program =
            |(path, text): (String, String)| Some((path.strip_prefix("cli/")?.into(), text));
        Self::read(all_files().into_iter().filter_map(program).collect(), "main.rs")
    }

    fn read(files: Vec<(String, String)>, root: &str) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in files {
            if is_test(&file) {
                continue;
            }
            let path = if file == root { Vec::new() } else { module_path(&file) };
            modules.insert(path, (file, tokens(&text)));
        }
        let paths: BTreeSet<Segments> = modules.keys().cloned().collect();
        let read = |(path, (file, tokens)): (Segments, (String, Vec<String>))| {
            let module = read_module(file, &path, &tokens, &paths);
            (path, module)
        };
        Self { modules: modules.into_iter().map(read).collect() }
    }

    /// Pairs of files of which the first uses an item of the second.
    pub fn imports(&self) -> BTreeSet<(String, String)> {
        let mut imports = BTreeSet::new();
        for module in self.modules.values() {
            for path in &module.uses {
                if let Some(file) = self.definer(path, 0)
                    && file != module.file
                {
                    imports.insert((module.file.clone(), file));
                }
            }
        }
        imports
    }

    /// The file that defines what an absolute path names; `None` for a module or another crate.
    fn definer(&self, path: &[String], depth: usize) -> Option<String> {
        assert!(depth < 20, "{path:?} leads in a circle of re-exports");
        let known = |length: &usize| self.modules.contains_key(&path[..*length]);
        let length = (0..=path.len()).rev().find(known)?;
        let module = &self.modules[&path[..length]];
        let item = path.get(length)?;
        if let Some(target) = module.names.get(item) {
            let target = [target.as_slice(), &path[length + 1..]].concat();
            return self.definer(&target, depth + 1);
        }
        Some(module.file.clone())
    }
}

/// True if a file is only for tests.
fn is_test(file: &str) -> bool {
    let mut parts = file.trim_end_matches(".rs").split('/');
    parts.any(|part| ["tests", "test_support", "properties"].contains(&part))
}

fn module_path(file: &str) -> Segments {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').map(str::to_owned).collect()
}

/// Identifiers and punctuation (`::` as one), without comments, literals and test items.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if let Some(comment) = rest.strip_prefix("//") {
            2 + comment.find('\n').unwrap_or(comment.len())
        } else if let Some(literal) = literal(rest) {
            tokens.push("\"\"".to_owned());
            literal
        } else if first.is_alphabetic() || first == '_' {
            let end = |c: char| !(c.is_alphanumeric() || c == '_');
            let length = rest.find(end).unwrap_or(rest.len());
            tokens.push(rest[..length].to_owned());
            length
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    without_tests(&tokens)
}

/// The length of the string or character literal that a text begins with.
fn literal(text: &str) -> Option<usize> {
    let raw = text.trim_start_matches(['b', 'c']);
    let prefix = text.len() - raw.len();
    if let Some(after) = raw.strip_prefix('r') {
        let hashes = after.len() - after.trim_start_matches('#').len();
        if after[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let start = hashes + 1;
            return Some(prefix + 1 + start + after[start..].find(&end)? + end.len());
        }
    }
    let quote = raw.chars().next().filter(|c| prefix <= 1 && ['"', '\''].contains(c))?;
    let mut escaped = false;
    for (at, c) in raw.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(prefix + at + 1),
            // A lifetime has no second quote.
            _ if quote == '\'' && at > 1 && !raw.starts_with("'\\") => return None,
            _ => {}
        }
    }
    None
}

/// Removes each item with `#[cfg(test)]`.
fn without_tests(tokens: &[String]) -> Vec<String> {
    const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if !tokens[at..].iter().zip(TEST).all(|(token, test)| token == test) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let mut depth = 0;
        for token in &tokens[at..] {
            at += 1;
            match token.as_str() {
                "{" => depth += 1,
                "}" if depth == 1 => break,
                "}" => depth -= 1,
                ";" if depth == 0 => break,
                _ => {}
            }
        }
    }
    kept
}

fn read_module(
    file: String,
    path: &[String],
    tokens: &[String],
    modules: &BTreeSet<Segments>,
) -> Module {
    let mut module = Module { file, ..Module::default() };
    let mut code = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at] != "use" {
            code.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let is_public = at > 0 && (tokens[at - 1] == "pub" || tokens[at - 1] == ")");
        let end = at + tokens[at..].iter().position(|token| token == ";").unwrap();
        for (name, target) in leaves(&tokens[at + 1..end]) {
            let Some(target) = absolute(&target, path, modules, &BTreeMap::new()) else { continue };
            // A re-exported name is used by the module that imports it from here.
            if !is_public {
                let all = (name == "*").then_some(name.clone());
                module.uses.insert(target.iter().cloned().chain(all).collect());
            }
            module.names.insert(name, target);
        }
        at = end + 1;
    }
    for found in paths(&code) {
        if let Some(found) = absolute(&found, path, modules, &module.names) {
            module.uses.insert(found);
        }
    }
    module
}

/// The local names and paths in a tree of imports.
fn leaves(tree: &[String]) -> Vec<(String, Segments)> {
    let Some(group) = tree.iter().position(|token| token == "{") else {
        let path: Segments = tree.iter().filter(|t| *t != "::").cloned().collect();
        let (path, name) = match path.iter().position(|token| token == "as") {
            Some(at) => (path[..at].to_vec(), path[at + 1].clone()),
            None => (path.clone(), path.last().cloned().unwrap_or_default()),
        };
        let path = match path.split_last() {
            Some((last, prefix)) if last == "*" || last == "self" && !prefix.is_empty() => {
                prefix.to_vec()
            }
            _ => path,
        };
        let name = if name == "self" { path.last().cloned().unwrap_or_default() } else { name };
        return vec![(name, path)];
    };
    let prefix = &tree[..group];
    let mut branches = vec![Vec::new()];
    let mut depth = 0;
    for token in &tree[group + 1..tree.len() - 1] {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 0 => {
                branches.push(Vec::new());
                continue;
            }
            _ => {}
        }
        branches.last_mut().unwrap().push(token.clone());
    }
    let whole = |branch: Vec<String>| leaves(&[prefix, &branch].concat());
    branches.into_iter().filter(|branch| !branch.is_empty()).flat_map(whole).collect()
}

/// The paths of two segments or more in the code.
fn paths(code: &[String]) -> BTreeSet<Segments> {
    let is_name = |token: &String| token.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < code.len() {
        let mut path = Vec::new();
        while at < code.len() && is_name(&code[at]) {
            path.push(code[at].clone());
            at += 1;
            if code.get(at).is_some_and(|token| token == "::") {
                at += 1;
            } else {
                break;
            }
        }
        if path.len() > 1 {
            found.insert(path);
        } else if path.is_empty() {
            at += 1;
        }
    }
    found
}

/// A path from the root of the crate; `None` when it leads into another crate.
fn absolute(
    path: &[String],
    module: &[String],
    modules: &BTreeSet<Segments>,
    names: &BTreeMap<String, Segments>,
) -> Option<Segments> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([module, rest].concat()),
        "super" => {
            let parent = module.split_last().map(|(_, parent)| parent).unwrap_or_default();
            if rest.first().is_some_and(|next| next == "super") {
                return absolute(rest, parent, modules, names);
            }
            Some([parent, rest].concat())
        }
        name => {
            if let Some(target) = names.get(name) {
                return Some([target.as_slice(), rest].concat());
            }
            let child = [module, std::slice::from_ref(first)].concat();
            modules.contains(&child).then(|| [child, rest.to_vec()].concat())
        }
    }
}

#[test]
fn the_reader_sees_grouped_imports_re_exports_and_paths_in_the_code() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let read = Crate::read(
        vec![
            file("lib.rs", "mod a; mod b;"),
            file("a.rs", "use crate::{b::{self, One as _}}; // crate::c::No"),
            file(
                "b/mod.rs",
                "mod c; mod d; pub use c::One; fn f() { format!(\"crate::a::No\", d::x()) }",
            ),
            file("b/c.rs", "use super::d::{Two}; pub struct One<'a>(&'a str, char = '\"');"),
            file(
                "b/d.rs",
                "#[cfg(test)] mod tests { use crate::a::No; }\nfn g() { crate::a::h::<u8>() }",
            ),
        ],
        "lib.rs",
    );
    let pairs = read.imports();
    let pairs: Vec<_> = pairs.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    let expected =
        [("a.rs", "b/c.rs"), ("b/c.rs", "b/d.rs"), ("b/d.rs", "a.rs"), ("b/mod.rs", "b/d.rs")];
    assert_eq!(pairs, expected);
}
