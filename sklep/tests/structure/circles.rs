//! Inside a crate, no file takes something from one that takes something from it, however far round.
//!
//! What a file takes is what it names by `crate`, `super` or `self`, followed through the re-exports of other files to
//! where it is defined.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failed test")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "most of Rust's syntax names nothing of other files"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, Item, UseTree, visit::Visit};

/// Files that may form a circle: GraphQL's types refer to one another.
const ALLOWED: &[&[&str]] = &[&["api/schema/customer.rs", "api/schema/purchase.rs"]];

/// The crates that are looked at.
const CRATES: &[&str] = &["domain", "api"];

type Module = Vec<String>;
type Named = Vec<String>;

/// One file, which is one module.
#[derive(Debug, Default)]
struct Source {
    name: String,
    /// What it defines itself.
    defines: BTreeSet<String>,
    /// What it imports from elsewhere, by the name that it gives it.
    imports: Vec<(String, Named)>,
    /// What it only passes on to others, unless it uses the name itself.
    passes_on: BTreeSet<String>,
    /// First words of the paths that it uses.
    uses: BTreeSet<String>,
    /// Everything else that it names.
    names: Vec<Named>,
}

/// The files of one crate.
type Sources = BTreeMap<Module, Source>;

fn is_test(attributes: &[Attribute]) -> bool {
    let is = |attribute: &Attribute| {
        attribute.path().is_ident("cfg") && {
            let condition = attribute.parse_args::<syn::Path>();
            condition.is_ok_and(|condition| condition.is_ident("test"))
        }
    };
    attributes.iter().any(is)
}

/// Reads a module and those below it.
fn read(file: &Path, root: &Path, module: &Module, sources: &mut Sources) {
    let text = fs::read_to_string(file).unwrap();
    let parsed = syn::parse_file(&text).unwrap();
    let shown = file.strip_prefix(root.parent().unwrap().parent().unwrap()).unwrap();
    let mut reader = Reader { module, source: Source::default(), below: Vec::new() };
    reader.source.name = shown.to_str().unwrap().replacen("/src/", "/", 1);
    parsed.items.iter().for_each(|item| reader.item(item));
    let Reader { source, below, .. } = reader;
    sources.insert(module.clone(), source);
    let folder = if module.is_empty() { root.to_owned() } else { file.with_extension("") };
    for name in below {
        let path = folder.join(format!("{name}.rs"));
        read(&path, root, &[&module[..], &[name]].concat(), sources);
    }
}

struct Reader<'a> {
    module: &'a Module,
    source: Source,
    below: Vec<String>,
}

impl Reader<'_> {
    fn item(&mut self, item: &Item) {
        let (attributes, name) = match item {
            Item::Mod(it) => (&it.attrs, Some(&it.ident)),
            Item::Struct(it) => (&it.attrs, Some(&it.ident)),
            Item::Enum(it) => (&it.attrs, Some(&it.ident)),
            Item::Trait(it) => (&it.attrs, Some(&it.ident)),
            Item::Type(it) => (&it.attrs, Some(&it.ident)),
            Item::Fn(it) => (&it.attrs, Some(&it.sig.ident)),
            Item::Const(it) => (&it.attrs, Some(&it.ident)),
            Item::Static(it) => (&it.attrs, Some(&it.ident)),
            Item::Use(it) => (&it.attrs, None),
            Item::Impl(it) => (&it.attrs, None),
            Item::Macro(it) => (&it.attrs, it.ident.as_ref()),
            _ => return,
        };
        if is_test(attributes) {
            return;
        }
        self.source.defines.extend(name.map(ToString::to_string));
        match item {
            Item::Mod(it) if it.content.is_none() => self.below.push(it.ident.to_string()),
            Item::Use(it) => {
                let before = self.source.imports.len();
                self.import(&it.tree, &mut Vec::new());
                if !matches!(it.vis, syn::Visibility::Inherited) {
                    let names =
                        self.source.imports.iter().skip(before).map(|(name, _)| name.clone());
                    self.source.passes_on.extend(names);
                }
            }
            _ => self.visit_item(item),
        }
    }

    fn import(&mut self, tree: &UseTree, prefix: &mut Named) {
        match tree {
            UseTree::Path(it) => {
                prefix.push(it.ident.to_string());
                self.import(&it.tree, prefix);
                prefix.pop();
            }
            UseTree::Group(it) => it.items.iter().for_each(|tree| self.import(tree, prefix)),
            UseTree::Name(it) => self.named(&it.ident, &it.ident, prefix),
            UseTree::Rename(it) => self.named(&it.ident, &it.rename, prefix),
            UseTree::Glob(_) => self.source.names.extend(absolute(self.module, prefix)),
        }
    }

    fn named(&mut self, name: &syn::Ident, here: &syn::Ident, prefix: &[String]) {
        let mut path = prefix.to_vec();
        if name != "self" {
            path.push(name.to_string());
        }
        let here = if here == "self" { path.last().cloned() } else { Some(here.to_string()) };
        // `use reader::Reader` names a module below.
        let below = path.first().is_some_and(|first| self.below.contains(first));
        let path = if below {
            Some([self.module.clone(), path].concat())
        } else {
            absolute(self.module, &path)
        };
        self.source.imports.extend(here.zip(path));
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Named = path.segments.iter().map(|it| it.ident.to_string()).collect();
        self.source.names.extend(absolute(self.module, &segments));
        self.source.uses.extend(segments.first().cloned());
        syn::visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // Who may see it is nothing that it takes.
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import(&item.tree, &mut Vec::new());
    }
}

/// The path from the crate's root; none for other crates and for what is in scope.
fn absolute(module: &Module, path: &[String]) -> Option<Named> {
    let (mut base, mut rest) = match path.first()?.as_str() {
        "crate" => (Vec::new(), path.get(1..)?),
        "self" => (module.clone(), path.get(1..)?),
        "super" => (module.clone(), path),
        _ => return None,
    };
    while rest.first().is_some_and(|first| first == "super") {
        base.pop();
        rest = rest.get(1..)?;
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

/// The file that defines what the path names.
fn definer(sources: &Sources, path: &[String], steps: usize) -> Option<Module> {
    let module = (0..=path.len())
        .rev()
        .map(|length| path.split_at(length))
        .find(|(module, _)| sources.contains_key(*module));
    let (module, rest) = module?;
    let source = &sources[module];
    let Some(name) = rest.first() else { return Some(module.to_vec()) };
    if source.defines.contains(name) || steps == 0 {
        return Some(module.to_vec());
    }
    let import = source.imports.iter().find(|(here, _)| here == name);
    match import {
        Some((_, path)) => definer(sources, &[&path[..], &rest[1..]].concat(), steps - 1),
        None => Some(module.to_vec()),
    }
}

/// Which files each file takes something from.
fn arrows(sources: &Sources) -> BTreeMap<&str, BTreeSet<&str>> {
    let arrow = |source: &Source| -> BTreeSet<&str> {
        let imports = source.imports.iter();
        let taken = imports
            .filter(|(name, _)| !source.passes_on.contains(name) || source.uses.contains(name));
        let paths = taken.map(|(_, path)| path).chain(&source.names);
        let definers = paths.filter_map(|path| definer(sources, path, 10));
        let names = definers.map(|module| sources[&module].name.as_str());
        names.filter(|name| *name != source.name).collect()
    };
    sources.values().map(|source| (source.name.as_str(), arrow(source))).collect()
}

fn reachable<'a>(
    arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    from: &'a str,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = arrows[from].iter().copied().collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(arrows[next].iter().copied());
        }
    }
    reached
}

fn circles(sources: &Sources) -> BTreeSet<Vec<String>> {
    let arrows = arrows(sources);
    let reached: BTreeMap<&str, _> =
        arrows.keys().map(|file| (*file, reachable(&arrows, file))).collect();
    let circle = |file: &&str| {
        let others = reached[file].iter().filter(|other| reached[*other].contains(*file));
        let circle: BTreeSet<String> = others.map(|other| (*other).to_owned()).collect();
        circle.into_iter().collect::<Vec<_>>()
    };
    arrows.keys().map(circle).filter(|circle| !circle.is_empty()).collect()
}

fn told(sources: &Sources, circle: &[String]) -> String {
    let arrows = arrows(sources);
    let within = |file: &String| {
        let to = arrows[file.as_str()].iter().filter(|to| circle.iter().any(|it| it == *to));
        format!("  {file} -> {}\n", to.copied().collect::<Vec<_>>().join(", "))
    };
    circle.iter().map(within).collect()
}

#[test]
fn no_files_of_a_crate_form_a_circle() {
    let workspace = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let mut found = String::new();
    for name in CRATES {
        let root = workspace.join(name).join("src");
        let file = [root.join("lib.rs"), root.join("main.rs")].into_iter().find(|it| it.exists());
        let mut sources = Sources::new();
        read(&file.unwrap(), &root, &Module::new(), &mut sources);
        assert!(sources.len() > 5, "{name} is read");
        for circle in circles(&sources) {
            if !ALLOWED.contains(&circle.iter().map(String::as_str).collect::<Vec<_>>().as_slice())
            {
                found.extend([name, ":\n", &told(&sources, &circle)]);
            }
        }
    }
    assert!(found.is_empty(), "files that take something from each other:\n{found}");
}
