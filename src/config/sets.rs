//! Reusable sets of expectations: `sets:` declares them, `use:` takes them, with arguments for their parameters.
//!
//! A set is text until it is used: every `${name}` in it is filled in, and what comes out is read like expectations
//! that stand where the set is used. Problems point at the set, those of an argument at the place that gave it.

mod fill;

use super::fields::{Fields, Problems, text};
use super::source_file;
use super::tree::{self, Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place, SourceFile, listing};
use crate::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Sets inside sets, at most.
const DEEPEST: usize = 20;

/// One declared set.
#[derive(Debug, Clone)]
struct Set {
    name: String,
    place: Place,
    /// Parameters with their defaults; without one an argument must be given.
    parameters: Vec<(Key, Option<Node>)>,
    /// Sets that it takes itself.
    uses: Vec<Node>,
    /// Its own expectations, not filled in.
    expect: Vec<Node>,
}

/// Sets of one file, and where its paths start.
#[derive(Debug, Clone)]
struct Shelf {
    folder: PathBuf,
    /// The file of sets; `None` for `tollgate.yaml`.
    path: Option<PathBuf>,
    sets: Vec<Set>,
}

/// Every set that is known: those of `tollgate.yaml` first, then those of files, as they are named.
#[derive(Debug, Default)]
pub struct Library {
    shelves: Vec<Shelf>,
    /// Files that were read, in the order of their first use.
    pub files: Vec<Arc<SourceFile>>,
    /// Files that were taken from since this was cleared.
    pub used: Vec<PathBuf>,
    /// Whether the sets of `tollgate.yaml` are among them.
    has_config: bool,
}

/// One entry of `use`.
struct Use {
    /// Name of the set; all sets of the file where there is none.
    set: Option<String>,
    /// The file that declares it.
    file: Option<String>,
    place: Place,
    with: Vec<(Key, Node)>,
}

impl Library {
    /// The sets of `tollgate.yaml`; `sets` is the value of that key.
    #[must_use]
    pub fn of_config(sets: &[(Key, Node)], folder: &Path, problems: &mut Problems) -> Self {
        Self {
            shelves: vec![Shelf {
                folder: folder.to_owned(),
                path: None,
                sets: declared(sets, problems),
            }],
            files: Vec::new(),
            used: Vec::new(),
            has_config: true,
        }
    }

    /// The expectations of all sets that `uses` names, in that order, filled in; every problem is added.
    ///
    /// `folder` is that of the file where `use` stands: paths of files with sets are relative to it.
    pub fn expectations(
        &mut self,
        uses: &[Node],
        folder: &Path,
        problems: &mut Problems,
    ) -> Vec<Node> {
        let mut found = Vec::new();
        let board = if self.has_config { Some(0) } else { None };
        for node in uses {
            if let Some(wanted) = read_use(node, problems) {
                let at = At { folder, board };
                self.take(&wanted, &at, &mut Vec::new(), &mut found, problems);
            }
        }
        found
    }

    /// Adds the expectations of one entry of `use`.
    fn take(
        &mut self,
        wanted: &Use,
        at: &At,
        above: &mut Vec<(PathBuf, String)>,
        found: &mut Vec<Node>,
        problems: &mut Problems,
    ) {
        let board = if let Some(file) = &wanted.file {
            let Some(found) = self.of_file(file, (&wanted.place, at), problems) else {
                return;
            };
            Some(found)
        } else {
            at.board
        };
        let Some((board, sets)) = self.named(wanted, board, problems) else {
            return;
        };
        let folder = self.shelves[board].folder.clone();
        let path = self.shelves[board].path.clone().unwrap_or_default();
        if !path.as_os_str().is_empty() && !self.used.contains(&path) {
            self.used.push(path.clone());
        }
        for set in sets {
            let id = (path.clone(), set.name.clone());
            if above.contains(&id) || above.len() >= DEEPEST {
                problems.add(circle(above, &set.name, &wanted.place));
                return;
            }
            let Some(values) = fill::arguments(&set.parameters, wanted_of(wanted, &set), problems)
            else {
                continue;
            };
            above.push(id);
            for node in &set.uses {
                let filled = fill::fill(node, &values, problems);
                if let Some(inner) = filled.and_then(|n| read_use(&n, problems)) {
                    let at = At {
                        folder: &folder,
                        board: Some(board),
                    };
                    self.take(&inner, &at, above, found, problems);
                }
            }
            above.pop();
            found.extend(
                set.expect
                    .iter()
                    .filter_map(|n| fill::fill(n, &values, problems)),
            );
        }
    }

    /// The shelf of a file, which is read when it is named first.
    fn of_file(
        &mut self,
        file: &str,
        (place, at): (&Place, &At),
        problems: &mut Problems,
    ) -> Option<usize> {
        let path = at.folder.join(file);
        let known = |s: &Shelf| s.path.as_ref() == Some(&path);
        if let Some(known) = self.shelves.iter().position(known) {
            return Some(known);
        }
        let (source, sets) = read_file(&path, place, problems)?;
        self.files.push(source);
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        self.shelves.push(Shelf {
            folder,
            path: Some(path),
            sets,
        });
        Some(self.shelves.len() - 1)
    }

    /// The set by name, on its board or among those of `tollgate.yaml`; all of a file where no name is given.
    fn named(
        &self,
        wanted: &Use,
        board: Option<usize>,
        problems: &mut Problems,
    ) -> Option<(usize, Vec<Set>)> {
        let (Some(name), config) = (&wanted.set, self.has_config.then_some(0)) else {
            let board = board?;
            return Some((board, self.shelves[board].sets.clone()));
        };
        let own_file = wanted.file.is_some();
        let config = config.filter(|_| !own_file && board != config);
        let tried = [board, config];
        let places: Vec<usize> = tried.into_iter().flatten().collect();
        for place in &places {
            let mut sets = self.shelves[*place].sets.iter();
            if let Some(set) = sets.find(|s| s.name == *name) {
                return Some((*place, vec![set.clone()]));
            }
        }
        let all = places.iter().flat_map(|p| &self.shelves[*p].sets);
        let all: Vec<&str> = all.map(|s| s.name.as_str()).collect();
        let help = match &all[..] {
            [] if !self.has_config => {
                "sets of tollgate.yaml are not known here; name the file, such as `sets.yaml#name`"
                    .to_owned()
            }
            [] => "declare it under `sets`, or name its file, such as `sets.yaml#name`".to_owned(),
            all => listing("sets", name, all.iter().copied()),
        };
        problems.add(
            Diagnostic::new("unknown-set", format!("there is no set `{name}`"))
                .at(&wanted.place, "not declared")
                .help(help),
        );
        None
    }
}

/// Where an entry of `use` stands.
struct At<'a> {
    folder: &'a Path,
    /// The board of its own file.
    board: Option<usize>,
}

/// Arguments that concern one set, with the place of the entry.
fn wanted_of<'a>(wanted: &'a Use, set: &'a Set) -> fill::Given<'a> {
    fill::Given {
        set: &set.name,
        with: &wanted.with,
        place: &wanted.place,
    }
}

fn circle(above: &[(PathBuf, String)], name: &str, place: &Place) -> Diagnostic {
    let mut way: Vec<&str> = above.iter().map(|(_, n)| n.as_str()).collect();
    way.push(name);
    Diagnostic::new(
        "set-cycle",
        format!("the set `{name}` takes itself: {}", way.join(" uses ")),
    )
    .at(place, "used again here")
    .help(format!(
        "take one `use` of the circle out; sets may be {DEEPEST} deep"
    ))
}

fn read_file(
    path: &Path,
    place: &Place,
    problems: &mut Problems,
) -> Option<(Arc<SourceFile>, Vec<Set>)> {
    let source = match source_file(path) {
        Ok(source) => source,
        Err(Error::Config(list)) => {
            problems.0.extend(list);
            return None;
        }
        Err(error) => {
            problems.add(
                Diagnostic::new("unreadable-sets", error.to_string())
                    .at(place, "named here")
                    .help("paths are relative to the file that names them; a name alone is a set"),
            );
            return None;
        }
    };
    let node = match tree::parse(&source) {
        Ok(node) => node,
        Err(problem) => {
            problems.add(problem);
            return None;
        }
    };
    let mut fields = Fields::of(&node, "a file of sets", problems)?;
    crate::contract::version(&mut fields, problems);
    fields.require("sets", problems);
    let sets = declared(fields.entries("sets", problems), problems);
    fields.finish(problems);
    Some((source, sets))
}

fn declared(sets: &[(Key, Node)], problems: &mut Problems) -> Vec<Set> {
    let each = sets
        .iter()
        .filter_map(|(key, node)| set(key, node, problems));
    each.collect()
}

fn set(key: &Key, node: &Node, problems: &mut Problems) -> Option<Set> {
    let what = format!("set `{}`", key.name);
    let mut fields = Fields::of(node, &what, problems)?;
    fields.text("description", problems);
    let parameters = fields.entries("parameters", problems).iter();
    let parameters = parameters.map(|(key, node)| {
        let default = Some(node.clone()).filter(|n| n.value != Value::Null);
        (key.clone(), default)
    });
    let set = Set {
        name: key.name.clone(),
        place: key.place.clone(),
        parameters: parameters.collect(),
        uses: fields.list("use").to_vec(),
        expect: fields.list("expect").to_vec(),
    };
    fields.finish(problems);
    if set.uses.is_empty() && set.expect.is_empty() {
        problems.add(
            Diagnostic::new("promises-nothing", format!("{what} holds nothing"))
                .at(&set.place, "neither `expect` nor `use`")
                .help("give it expectations, or remove it"),
        );
    }
    if is_file(&set.name) || set.name.contains('#') {
        problems.add(
            Diagnostic::new("wrong-name", format!("{what} would be taken for a file"))
                .at(&set.place, "holds `/`, `#` or ends in .yaml")
                .help("name sets in plain words, such as `money`"),
        );
    }
    fill::unused(
        &set.parameters,
        set.expect.iter().chain(&set.uses),
        problems,
    );
    Some(set)
}

/// Whether a text of `use` is a file rather than a name.
fn is_file(text: &str) -> bool {
    let ends = |end: &str| text.to_ascii_lowercase().ends_with(end);
    text.contains('/') || ends(".yaml") || ends(".yml")
}

/// `name`, `file.yaml`, `file.yaml#name`, or a mapping of `set` and `with`.
fn read_use(node: &Node, problems: &mut Problems) -> Option<Use> {
    let ((written, place), with) = if matches!(node.value, Value::Map(_)) {
        let mut fields = Fields::of(node, "an entry of `use`", problems)?;
        let set = fields.require("set", problems);
        let set = set.and_then(|n| text(n, "set", problems).map(|t| (t, n.place.clone())));
        let with = fields.entries("with", problems).to_vec();
        fields.finish(problems);
        (set?, with)
    } else {
        let name = text(node, "use", problems)?;
        ((name, node.place.clone()), Vec::new())
    };
    let (file, set) = match written.split_once('#') {
        Some((file, set)) => (Some(file), Some(set)),
        None if is_file(&written) => (Some(written.as_str()), None),
        None => (None, Some(written.as_str())),
    };
    if file == Some("") || set == Some("") {
        problems.add(
            Diagnostic::new("wrong-set", format!("`{written}` names no set"))
                .at(&place, "something is missing")
                .help("write `name`, `sets.yaml` for all sets of a file, or `sets.yaml#name`"),
        );
        return None;
    }
    Some(Use {
        set: set.map(str::to_owned),
        file: file.map(str::to_owned),
        place,
        with,
    })
}
