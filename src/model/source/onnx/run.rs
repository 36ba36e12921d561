//! Rows through a model: chunk by chunk, its outputs put together again.

use super::graph::{Graph, Port};
use super::operators::{decode, framework};
use super::values::{Cells, input, output};
use super::weights::Held;
use super::{Inputs, Scored, Settings, Weights, wrong};
use crate::context::check_interrupt;
use crate::error;
use crate::model::table::{Column, Table};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use tract_onnx::tract_hir::internal::{
    InferenceFact, InferenceModelExt, IntoArcTensor, IntoRunnable, Tensor, TractResult,
    TypedRunnableModel,
};

/// Rows that are scored at once, where the model does not say how many it takes.
const CHUNK: usize = 4096;

/// Rows of one input at most; more is no table.
const LARGEST_CHUNK: usize = 1 << 20;

/// Scores every row of a table; see [`super::score`].
pub(super) fn score(
    settings: &Settings,
    bytes: &[u8],
    table: &Table,
    wanted: &[String],
) -> error::Result<Scored> {
    let fail = |reason: String| wrong(settings, &reason);
    if table.rows == 0 {
        return Err(fail("there are no rows to score".to_owned()));
    }
    let folder = settings.path.parent().unwrap_or(Path::new("."));
    let model = guarded(|| Model::new(bytes, settings, wanted, folder)).map_err(fail)?;
    let chunk = model.chunk(table.rows).map_err(fail)?;
    let mut gathered: Vec<(String, Cells)> = Vec::new();
    // One plan for whole chunks, and one for what is left.
    let mut plans: HashMap<usize, Arc<TypedRunnableModel>> = HashMap::new();
    for start in (0..table.rows).step_by(chunk.rows) {
        check_interrupt()?;
        let rows = start..table.rows.min(start + chunk.rows);
        let size = if chunk.fixed { chunk.rows } else { rows.len() };
        let found = guarded(|| {
            let plan = match plans.entry(size) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => free.insert(model.plan(size)?),
            };
            let inputs = model.inputs(settings, table, rows.clone(), size)?;
            let said = plan.run(inputs.into_iter().map(Into::into).collect());
            let said = said.map_err(|e| told(&e))?;
            let said: Vec<Arc<Tensor>> = said
                .into_iter()
                .map(IntoArcTensor::into_arc_tensor)
                .collect();
            model.outputs(&said, rows.clone(), size)
        });
        add(&mut gathered, found.map_err(fail)?).map_err(fail)?;
    }
    Ok(Scored {
        predictions: Table {
            rows: table.rows,
            columns: gathered
                .into_iter()
                .map(|(n, c)| (n, Column::from(c)))
                .collect(),
        },
        weights: model.weights,
    })
}

/// Runs what tract does; its panics, of which a broken model can cause some, become errors.
///
/// Nothing that a panic leaves half done is used again: the first error ends the scoring.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    quiet::install();
    let done = quiet::during(|| catch_unwind(AssertUnwindSafe(work)));
    done.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|t| (*t).to_owned()));
        let text = text.unwrap_or_default();
        Err(format!(
            "the model cannot be run: {}",
            text.lines().next().unwrap_or_default()
        ))
    })
}

/// An error of tract in one line.
fn told(error: &tract_onnx::tract_hir::internal::TractError) -> String {
    let text = format!("{error:#}")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    format!("the model cannot be run: {text}")
}

struct Model {
    graph: Graph,
    /// Of each input that is needed: the columns that make it.
    columns: Vec<(Port, Vec<String>)>,
    folder: String,
    onnx: tract_onnx::Onnx,
    weights: Vec<Weights>,
}

/// How many rows are scored at once.
struct Chunk {
    rows: usize,
    /// The model takes exactly these: what is missing in the last chunk is filled up with its last row, and cut off again.
    fixed: bool,
}

impl Model {
    fn new(
        bytes: &[u8],
        settings: &Settings,
        wanted: &[String],
        folder: &Path,
    ) -> Result<Self, String> {
        let mut onnx = framework();
        let proto = decode(bytes, &onnx)?;
        let graph = Graph::of(proto, wanted, folder)?;
        // Each chunk of another size reads them again: from what was read here.
        let (held, weights) = Held::read(folder, &graph.weights)?;
        onnx.provider = Arc::new(held);
        let columns = assigned(&graph.inputs, &settings.inputs)?;
        let folder = folder
            .to_str()
            .ok_or("its folder has a name that is no text")?;
        Ok(Self {
            graph,
            columns,
            folder: folder.to_owned(),
            onnx,
            weights,
        })
    }

    fn chunk(&self, rows: usize) -> Result<Chunk, String> {
        let mut fixed: Option<(usize, &str)> = None;
        for (port, _) in &self.columns {
            let Some(size) = port.shape.as_ref().and_then(|s| *s.first()?) else {
                continue;
            };
            match fixed {
                Some((other, name)) if other != size => {
                    return Err(format!(
                        "the inputs `{name}` and `{}` take {other} and {size} rows",
                        port.name
                    ));
                }
                _ => fixed = Some((size, &port.name)),
            }
        }
        match fixed {
            Some((size, name)) if size == 0 || size > LARGEST_CHUNK => {
                Err(format!("the input `{name}` takes {size} rows at once"))
            }
            Some((size, _)) => Ok(Chunk {
                rows: size,
                fixed: true,
            }),
            None => Ok(Chunk {
                rows: rows.min(CHUNK),
                fixed: false,
            }),
        }
    }

    /// The model, made ready for so many rows.
    fn plan(&self, rows: usize) -> Result<Arc<TypedRunnableModel>, String> {
        let parsed = self.onnx.parse(&self.graph.proto, Some(&self.folder));
        let parsed = parsed.map_err(|e| told(&e))?;
        if let Some(name) = parsed.unresolved_inputs.first() {
            return Err(format!("it reads `{name}`, which nothing makes"));
        }
        let mut model = parsed.model;
        let ready = || -> TractResult<Arc<TypedRunnableModel>> {
            for (place, outlet) in model.input_outlets()?.to_vec().into_iter().enumerate() {
                let name = model.node(outlet.node).name.clone();
                if let Some((port, columns)) = self.columns.iter().find(|(p, _)| p.name == name) {
                    let fact =
                        InferenceFact::dt_shape(port.element, shape(port, rows, columns.len()));
                    model.set_input_fact(place, fact)?;
                }
            }
            model.into_optimized()?.into_runnable()
        };
        ready().map_err(|e| told(&e))
    }

    /// Inputs in the order in which the model takes them.
    fn inputs(
        &self,
        settings: &Settings,
        table: &Table,
        rows: std::ops::Range<usize>,
        size: usize,
    ) -> Result<Vec<Tensor>, String> {
        let one = |(port, names): &(Port, Vec<String>)| {
            let columns = names.iter().map(|name| {
                let column = table.column(name);
                let column = column.ok_or_else(|| format!("there is no column `{name}`"))?;
                Ok((name.as_str(), column))
            });
            let columns: Vec<(&str, &Column)> = columns.collect::<Result<_, String>>()?;
            let shape = shape(port, size, names.len());
            input(port, &columns, rows.clone(), &shape, settings.nulls)
        };
        self.columns.iter().map(one).collect()
    }

    fn outputs(
        &self,
        said: &[Arc<Tensor>],
        rows: std::ops::Range<usize>,
        size: usize,
    ) -> Result<Vec<(String, Cells)>, String> {
        let mut columns = Vec::new();
        for (at, tensor) in self.graph.outputs.iter().zip(said) {
            columns.extend(output(at, tensor, rows.clone(), size)?);
        }
        Ok(columns)
    }
}

/// The columns of each input that is needed, in the order of the model.
fn assigned(ports: &[Port], given: &Inputs) -> Result<Vec<(Port, Vec<String>)>, String> {
    let inputs_of = || ports.iter().map(|p| p.name.as_str());
    let mut assigned = Vec::new();
    let of = |port: &Port| -> Option<Vec<String>> {
        match given {
            Inputs::Features(columns) if ports.len() == 1 => Some(columns.clone()),
            Inputs::Features(columns) => columns
                .contains(&port.name)
                .then(|| vec![port.name.clone()]),
            Inputs::Named(inputs) => {
                let found = inputs.iter().find(|(name, _)| *name == port.name);
                found.map(|(_, columns)| columns.clone())
            }
        }
    };
    let written: Vec<&String> = match given {
        Inputs::Features(_) if ports.len() == 1 => Vec::new(),
        Inputs::Features(columns) => columns.iter().collect(),
        Inputs::Named(inputs) => inputs.iter().map(|(name, _)| name).collect(),
    };
    if let Some(stray) = written
        .into_iter()
        .find(|w| inputs_of().all(|n| n != w.as_str()))
    {
        let told = crate::diagnostic::listing("inputs", stray, inputs_of());
        return Err(format!("it has no input `{stray}`; {told}"));
    }
    for port in ports {
        match of(port) {
            Some(columns) => {
                fits(port, &columns)?;
                if port.needed {
                    assigned.push((port.clone(), columns));
                }
            }
            None if port.needed => {
                return Err(format!("no column is named for its input `{}`", port.name));
            }
            None => {}
        }
    }
    Ok(assigned)
}

/// Whether so many columns make an input.
fn fits(port: &Port, columns: &[String]) -> Result<(), String> {
    let name = &port.name;
    let count = columns.len();
    let columns = crate::diagnostic::plural(count as u64, "column");
    match port.shape.as_deref() {
        None | Some([_, None]) => Ok(()),
        Some([_]) if count == 1 => Ok(()),
        Some([_]) => Err(format!(
            "the input `{name}` takes one value a row, and {columns} are named"
        )),
        Some([_, Some(wide)]) if *wide == count => Ok(()),
        Some([_, Some(wide)]) => Err(format!(
            "the input `{name}` takes {wide} values a row, and {columns} are named"
        )),
        Some(other) => Err(format!(
            "the input `{name}` has {} dimensions; rows of a table have 2 at most",
            other.len()
        )),
    }
}

/// Sizes of an input of so many rows.
fn shape(port: &Port, rows: usize, wide: usize) -> Vec<usize> {
    match port.shape.as_deref() {
        Some([_]) => vec![rows],
        _ => vec![rows, wide],
    }
}

/// Adds the predictions of a chunk to those before.
fn add(gathered: &mut Vec<(String, Cells)>, chunk: Vec<(String, Cells)>) -> Result<(), String> {
    if gathered.is_empty() {
        *gathered = chunk;
        return Ok(());
    }
    let same = gathered.len() == chunk.len();
    if !same || gathered.iter().zip(&chunk).any(|((a, _), (b, _))| a != b) {
        return Err("it has other outputs for some rows than for others".to_owned());
    }
    for ((_, all), (_, more)) in gathered.iter_mut().zip(chunk) {
        all.extend(more);
    }
    Ok(())
}

/// A panic that is caught is told as an error, and by nobody else.
mod quiet {
    use std::cell::Cell;
    use std::sync::Once;

    thread_local! {
        static QUIET: Cell<bool> = const { Cell::new(false) };
    }

    /// Panics of a thread that is [`during`] something are not printed; all others as before.
    pub(super) fn install() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                if !QUIET.get() {
                    before(info);
                }
            }));
        });
    }

    pub(super) fn during<T>(work: impl FnOnce() -> T) -> T {
        QUIET.set(true);
        let done = work();
        QUIET.set(false);
        done
    }
}
