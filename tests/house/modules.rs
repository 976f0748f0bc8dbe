//! The modules of the library and what each names of the others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// A path such as `call::lane::Lane`, a name each.
type Names = Vec<String>;

#[derive(Default)]
struct Module {
    file: String,
    text: String,
    children: BTreeSet<String>,
    /// What it passes on under a name: the whole path of it.
    passes_on: BTreeMap<String, Names>,
}

/// By their paths; the library itself has the empty one.
pub struct Modules(BTreeMap<Names, Module>);

impl Modules {
    pub fn of_the_library() -> Self {
        Self::of_the_crate("")
    }

    /// Those of the library of a crate, or of its program where it has no library. The crate is named by its folder.
    pub fn of_the_crate(folder: &str) -> Self {
        let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
        let has_library = sources.iter().any(|(file, _)| file == "src/lib.rs");
        let of_programs = |file: &str| file.starts_with("src/bin/") || has_library && file == "src/main.rs";
        Self::new(sources.into_iter().filter(|(file, _)| !of_programs(file)))
    }

    pub fn from<const N: usize>(texts: [(&str, &str); N]) -> Self {
        Self::new(texts.into_iter().map(|(file, text)| (file.to_owned(), text.to_owned())))
    }

    fn new(texts: impl Iterator<Item = (String, String)>) -> Self {
        let mut modules = Self(BTreeMap::new());
        for (file, text) in texts {
            let (path, text) = (path_of(&file), without_tests_and_comments(&text));
            modules.0.insert(path, Module { file, text, ..Module::default() });
        }
        let paths: Vec<Names> = modules.0.keys().cloned().collect();
        for path in paths.iter().filter(|path| !path.is_empty()) {
            let (name, parent) = path.split_last().unwrap();
            modules.0.get_mut(parent).unwrap().children.insert(name.clone());
        }
        for path in &paths {
            let passed: Vec<(String, Names)> =
                modules.uses(path).into_iter().filter(|each| each.public).map(|each| (each.name, each.path)).collect();
            modules.0.get_mut(path).unwrap().passes_on.extend(passed);
        }
        modules
    }

    /// Which file names something of which other file. Passing a name on is no use of it.
    pub fn edges(&self) -> impl Iterator<Item = (&str, &str)> {
        let edges: BTreeSet<(&str, &str)> = self
            .0
            .iter()
            .flat_map(|(path, module)| {
                let used = self.uses(path).into_iter().filter(|each| !each.public).map(|each| each.path);
                let named = self.inline_paths(path);
                used.chain(named).map(|target| (module.file.as_str(), self.file_of(&target))).collect::<Vec<_>>()
            })
            .filter(|(from, to)| from != to)
            .collect();
        edges.into_iter()
    }

    /// What the `use` lines of a module name, of this library.
    fn uses(&self, path: &Names) -> Vec<Use> {
        let mut uses = Vec::new();
        for statement in self.0[path].text.split(';') {
            let Some(start) = find_use(statement) else { continue };
            let public = statement[..start].trim_end().ends_with(['b', ')']);
            for mut names in expanded(&statement[start + "use ".len()..]) {
                let name = names.pop().unwrap();
                if let Some(path) = self.whole(path, &names) {
                    uses.push(Use { public, name, path });
                }
            }
        }
        uses
    }

    /// Paths in the text itself that begin at the library: `crate::model::wire::nullable`.
    fn inline_paths(&self, path: &Names) -> Vec<Names> {
        let text = &self.0[path].text;
        let is_part = |character: char| character.is_alphanumeric() || character == '_' || character == ':';
        let parts = text.match_indices("crate::").map(|(start, _)| {
            text[start..].split(|character| !is_part(character)).next().unwrap().trim_end_matches(':')
        });
        // What begins a group of names, `crate::{…}`, is a `use` line's.
        parts.map(names).filter(|part| part.len() > 1).filter_map(|part| self.whole(path, &part)).collect()
    }

    /// A path as it stands in a module, from the library's root; None where it leads into another crate.
    fn whole(&self, module: &Names, names: &[String]) -> Option<Names> {
        let (first, rest) = names.split_first()?;
        let parent = || module[..module.len() - 1].to_vec();
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([module.as_slice(), rest].concat()),
            "super" => self.whole(&parent(), &[&["self".to_owned()], rest].concat()).map(|path| self.climbed(path)),
            name if self.0[module].children.contains(name) => Some([module.as_slice(), names].concat()),
            _ => None,
        }
    }

    /// `a::super::b` is `b`.
    fn climbed(&self, path: Names) -> Names {
        path.into_iter().fold(Names::new(), |mut climbed, name| {
            if name == "super" {
                climbed.pop();
            } else {
                climbed.push(name);
            }
            climbed
        })
    }

    /// The file that defines what a whole path names.
    fn file_of(&self, path: &[String]) -> &str {
        let mut module = Names::new();
        for (at, name) in path.iter().enumerate() {
            if self.0[&module].children.contains(name) {
                module.push(name.clone());
            } else if let Some(target) = self.0[&module].passes_on.get(name) {
                return self.file_of(&[target.as_slice(), &path[at + 1..]].concat());
            } else {
                break;
            }
        }
        &self.0[&module].file
    }
}

/// The sets of names each of which leads to all others of its set: a line for each.
pub fn circles<'a>(edges: &BTreeSet<(&'a str, &'a str)>) -> Vec<String> {
    let mut reached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in edges {
        reached.entry(from).or_default().insert(to);
    }
    loop {
        let beyond = |names: &BTreeSet<&'a str>| -> BTreeSet<&'a str> {
            names.iter().filter_map(|name| reached.get(name)).flatten().chain(names).copied().collect()
        };
        let further: BTreeMap<_, _> = reached.iter().map(|(from, to)| (*from, beyond(to))).collect();
        if further == reached {
            break;
        }
        reached = further;
    }
    let leads_back = |name: &str, other: &str| reached.get(other).is_some_and(|names| names.contains(name));
    let circle = |(name, names): (&&str, &BTreeSet<&str>)| {
        names.iter().filter(|other| leads_back(name, other)).copied().collect::<Vec<_>>().join(", ")
    };
    let circles: BTreeSet<String> = reached.iter().map(circle).filter(|circle| !circle.is_empty()).collect();
    circles.into_iter().collect()
}

struct Use {
    public: bool,
    name: String,
    path: Names,
}

/// `src/call/lane.rs` is `call::lane`, `src/call/mod.rs` is `call`; `src/lib.rs` and `src/main.rs` are the crate itself.
fn path_of(file: &str) -> Names {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.strip_suffix("mod").map_or(path, |folder| folder.trim_end_matches('/'));
    path.split('/').filter(|name| !["", "lib", "main"].contains(name)).map(str::to_owned).collect()
}

fn without_tests_and_comments(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text);
    code.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

/// Where `use ` begins as the last word of a statement's beginning.
fn find_use(statement: &str) -> Option<usize> {
    statement.match_indices("use ").map(|(at, _)| at).find(|at| {
        let before = statement[..*at].trim_end();
        *at == 0
            || statement[..*at].ends_with([' ', '\n'])
                && (before.is_empty() || before.ends_with(['}', '{', ']', 'b', ')']))
    })
}

/// A `use` tree's paths, each followed by the name it gets: `a::{b, c as d}` is `a b b` and `a c d`.
fn expanded(tree: &str) -> Vec<Names> {
    let tree = tree.trim();
    if let Some((start, group)) = tree.split_once('{') {
        let group = group.rsplit_once('}').map_or(group, |(inside, _)| inside);
        let start: Names = names(start);
        let trees = at_the_top(group).into_iter().filter(|tree| !tree.trim().is_empty()).flat_map(expanded);
        return trees.map(|names| [start.clone(), names].concat()).collect();
    }
    let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
    let mut path = names(path);
    let mut name = if name.is_empty() { path.last().cloned().unwrap_or_default() } else { name.trim().to_owned() };
    if name == "self" || name == "*" {
        path.pop();
        name = path.last().cloned().unwrap_or(name);
    }
    path.push(name);
    vec![path]
}

fn names(path: &str) -> Names {
    path.split("::").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Splits at the commas that are in no braces.
fn at_the_top(group: &str) -> Vec<&str> {
    let mut depth = 0;
    let parts = group.split(move |character| {
        depth += i32::from(character == '{') - i32::from(character == '}');
        character == ',' && depth == 0
    });
    parts.collect()
}

/// The files of a crate with their texts.
pub fn sources(root: &Path) -> Vec<(String, String)> {
    files(root, "src", &["rs"])
}

/// The files below a folder that end so, with their texts.
pub fn files(root: &Path, folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(&root.join(folder), endings, &mut files);
    let relative = |file: &Path| file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
    files.iter().map(|file| (relative(file), fs::read_to_string(file).unwrap())).collect()
}

fn collect(folder: &Path, endings: &[&str], files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, endings, files);
        } else if path.extension().is_some_and(|extension| endings.iter().any(|ending| extension == *ending)) {
            files.push(path);
        }
    }
}
