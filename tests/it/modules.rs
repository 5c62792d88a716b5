//! The modules of a crate use each other one way: whoever reads one need not read all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Uses = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package stands in the workspace").to_owned()
}

fn source_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(source_files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
    found
}

/// What is shipped of a file: without comments, and without the tests at its end.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let shipped = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    shipped.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The first words of what a path goes on with: of `{a::b, c}` these are `a` and `c`.
fn first_words(rest: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect::<String>();
    let Some(list) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let (mut depth, mut words, mut start) = (0, Vec::new(), 0);
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                words.push(word(list[start..at].trim_start()));
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    words
}

/// What each top module of a crate uses of the others. What stands in `lib.rs` itself is a module like the others.
fn uses(source: &Path) -> Uses {
    let top = |path: &Path| -> String {
        let first = path.strip_prefix(source).expect("below the crate").components().next().expect("a name");
        first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
    };
    let is_shipped = |path: &PathBuf| {
        let inside = path.strip_prefix(source).expect("below the crate");
        !inside.to_string_lossy().contains("test")
    };
    let files: Vec<_> = source_files(source).into_iter().filter(is_shipped).collect();
    let modules: BTreeSet<String> = files.iter().map(|path| top(path)).collect();
    let mut uses = Uses::new();
    for path in &files {
        let (module, code) = (top(path), code(path));
        let mut words: BTreeSet<String> = code.split("crate::").skip(1).flat_map(first_words).collect();
        if module == "lib" {
            words.extend(code.split("use ").skip(1).flat_map(first_words).filter(|word| modules.contains(word)));
        }
        let others = words.into_iter().map(|word| if modules.contains(&word) { word } else { "lib".to_owned() });
        uses.entry(module.clone()).or_default().extend(others.filter(|other| *other != module));
    }
    uses
}

/// What is left when whatever uses nothing that is left is taken away, again and again.
fn circle(mut uses: Uses) -> Uses {
    loop {
        let left: BTreeSet<String> = uses.keys().cloned().collect();
        let before = uses.len();
        uses.retain(|_, used| used.iter().any(|other| left.contains(other)));
        if uses.len() == before {
            return uses;
        }
    }
}

#[test]
fn no_crate_has_a_circle_of_modules() {
    let folders = ["shared", "functions"].map(|folder| root().join(folder));
    let crates = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let crates = crates.map(|entry| entry.expect("an entry").path().join("src")).chain([root().join("cli/src")]);
    let (mut seen, mut arrows) = (0, 0);
    for source in crates {
        let uses = uses(&source);
        (seen, arrows) = (seen + 1, arrows + uses.values().map(BTreeSet::len).sum::<usize>());
        let circle = circle(uses);
        assert!(circle.is_empty(), "{}: {circle:?}", source.display());
    }
    assert!(seen >= 15 && arrows > 300, "{arrows} arrows in {seen} crates");
}

#[test]
fn a_circle_is_found_behind_what_leads_to_it() {
    let uses = [("a", "b"), ("b", "c"), ("c", "b"), ("d", "e")];
    let uses = uses.map(|(module, used)| (module.to_owned(), BTreeSet::from([used.to_owned()])));
    let found = circle(uses.into());
    assert_eq!(found.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(first_words("{a::{b, c}, d, e::f};"), ["a", "d", "e"]);
    assert_eq!(first_words("a::b;"), ["a"]);
}
