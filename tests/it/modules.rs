//! The modules of a crate use each other one way: whoever reads one need not read all.

use std::collections::{BTreeMap, BTreeSet};

use crate::architecture::sources;

type Uses = BTreeMap<String, BTreeSet<String>>;

/// What is shipped of a file: without comments, and without the tests at its end.
fn code(text: &str) -> String {
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
fn uses(files: &[(&str, &str)]) -> Uses {
    let top = |path: &str| path.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
    let modules: BTreeSet<String> = files.iter().map(|(path, _)| top(path)).collect();
    let mut uses = Uses::new();
    for (path, text) in files {
        let (module, code) = (top(path), code(text));
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
    let all = sources(&["cli", "functions", "shared"]);
    let mut crates: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (path, text) in &all {
        if let Some((name, inside)) = path.split_once("/src/").filter(|(_, inside)| !inside.contains("test")) {
            crates.entry(name).or_default().push((inside, text));
        }
    }
    let (mut seen, mut arrows) = (0, 0);
    for (name, files) in crates {
        let uses = uses(&files);
        (seen, arrows) = (seen + 1, arrows + uses.values().map(BTreeSet::len).sum::<usize>());
        let circle = circle(uses);
        assert!(circle.is_empty(), "{name}: {circle:?}");
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
