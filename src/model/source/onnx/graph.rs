//! What of a model is needed: its inputs, the outputs that are asked for, and the nodes between them.

use super::operators::{known, walk};
use crate::diagnostic::listing;
use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::tensor_shape_proto::dimension::Value as Size;
use tract_onnx::pb::type_proto::Value as Kind;
use tract_onnx::pb::{GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto};
use tract_onnx::tract_hir::internal::DatumType;

/// A model of which only what is needed is left.
pub(super) struct Graph {
    pub(super) proto: ModelProto,
    /// All inputs that it has, in its order, whether they are needed or not.
    pub(super) inputs: Vec<Port>,
    /// Outputs that are asked for.
    pub(super) outputs: Vec<Output>,
    /// Files in which weights are, below the folder of the model.
    pub(super) weights: Vec<PathBuf>,
}

/// An input.
#[derive(Debug, Clone)]
pub(super) struct Port {
    pub(super) name: String,
    pub(super) element: DatumType,
    /// Sizes as they are declared; `None` is one that the model leaves open. Absent: not even their number is told.
    pub(super) shape: Option<Vec<Option<usize>>>,
    /// Whether an output that is asked for depends on it.
    pub(super) needed: bool,
}

/// An output.
#[derive(Debug, Clone)]
pub(super) struct Output {
    /// As the file calls it.
    pub(super) name: String,
    /// The tensor that holds it.
    pub(super) tensor: String,
    /// Classes, where it maps them to values.
    pub(super) classes: Option<Vec<String>>,
    /// Columns of it that are asked for.
    pub(super) columns: Vec<String>,
}

impl Graph {
    /// What the columns `wanted` need of a model in the folder `folder`.
    ///
    /// Errors: in words, for an output that is not there, an operator that cannot be run, an input that is no tensor, and
    /// weights in a file outside the folder.
    pub(super) fn of(
        mut proto: ModelProto,
        wanted: &[String],
        folder: &Path,
        onnx: &tract_onnx::Onnx,
    ) -> Result<Self, String> {
        let mut graph = proto
            .graph
            .take()
            .ok_or("it is no ONNX model: it has no graph")?;
        let outputs = asked(&mut graph, wanted)?;
        let needed = prune(&mut graph, &outputs)?;
        known(&graph, onnx)?;
        let fixed: HashSet<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
        let open = graph
            .input
            .iter()
            .filter(|i| !fixed.contains(i.name.as_str()));
        let mut inputs = Vec::new();
        for value in open {
            let is_needed = needed.contains(&value.name);
            match port(value) {
                Ok(port) => inputs.push(Port {
                    needed: is_needed,
                    ..port
                }),
                Err(problem) if is_needed => return Err(problem),
                Err(_) => {}
            }
        }
        made(&graph, &outputs)?;
        graph.input.retain(|i| needed.contains(&i.name));
        let weights = external(&graph, folder)?;
        proto.graph = Some(graph);
        Ok(Self {
            proto,
            inputs,
            outputs,
            weights,
        })
    }
}

/// The outputs that hold these columns; maps of classes become the tensors that they are made of.
fn asked(graph: &mut GraphProto, wanted: &[String]) -> Result<Vec<Output>, String> {
    let maps: HashMap<String, (String, Vec<String>)> = graph
        .node
        .iter()
        .filter(|n| n.op_type == "ZipMap" && n.domain == "ai.onnx.ml")
        .filter_map(|n| {
            Some((
                n.output.first()?.clone(),
                (n.input.first()?.clone(), classes(n)),
            ))
        })
        .collect();
    let all = graph.output.iter().map(|output| {
        let map = maps.get(&output.name).cloned();
        let (tensor, classes) = match map {
            Some((tensor, classes)) => (tensor, Some(classes)),
            None => (output.name.clone(), None),
        };
        Output {
            name: output.name.clone(),
            tensor,
            classes,
            columns: Vec::new(),
        }
    });
    let all: Vec<Output> = all.collect();
    let mut chosen: Vec<Output> = Vec::new();
    for column in wanted {
        let Some(output) = holding(&all, column) else {
            let names = all.iter().map(|o| o.name.as_str());
            return Err(format!(
                "no output holds `{column}`; {}",
                listing("outputs", column, names)
            ));
        };
        let known = chosen.iter().position(|o| o.name == output.name);
        let place = known.unwrap_or_else(|| {
            chosen.push(output.clone());
            chosen.len() - 1
        });
        chosen[place].columns.push(column.clone());
    }
    Ok(chosen)
}

/// The output of a column's name, or of what stands before one of its dots; the longest one.
fn holding<'a>(outputs: &'a [Output], column: &str) -> Option<&'a Output> {
    let of = |name: &str| {
        let rest = column.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let holding = outputs.iter().filter(|o| of(&o.name));
    holding.max_by_key(|o| o.name.len())
}

/// Classes of a `ZipMap`, as text.
fn classes(node: &NodeProto) -> Vec<String> {
    let of = |name: &str| node.attribute.iter().find(|a| a.name == name);
    let texts = of("classlabels_strings").filter(|a| !a.strings.is_empty());
    match (texts, of("classlabels_int64s")) {
        (Some(a), _) => a
            .strings
            .iter()
            .map(|s| String::from_utf8_lossy(s).into_owned())
            .collect(),
        (None, Some(a)) => a.ints.iter().map(i64::to_string).collect(),
        (None, None) => Vec::new(),
    }
}

/// Leaves the nodes and weights that the outputs depend on; the names of all tensors that they depend on.
fn prune(graph: &mut GraphProto, outputs: &[Output]) -> Result<HashSet<String>, String> {
    let mut maker: HashMap<&str, usize> = HashMap::new();
    for (place, node) in graph.node.iter().enumerate() {
        for output in node.output.iter().filter(|o| !o.is_empty()) {
            if maker.insert(output, place).is_some() {
                return Err(format!("the tensor `{output}` is made twice"));
            }
        }
    }
    let mut needed: HashSet<String> = HashSet::new();
    let mut nodes: HashSet<usize> = HashSet::new();
    let mut open: Vec<String> = outputs.iter().map(|o| o.tensor.clone()).collect();
    while let Some(name) = open.pop() {
        let place = maker.get(name.as_str()).copied();
        if !needed.insert(name) {
            continue;
        }
        let Some(place) = place.filter(|place| nodes.insert(*place)) else {
            continue;
        };
        let node = &graph.node[place];
        open.extend(node.input.iter().filter(|i| !i.is_empty()).cloned());
        for inner in node
            .attribute
            .iter()
            .flat_map(|a| a.g.iter().chain(&a.graphs))
        {
            walk(inner, 1, &mut |node| {
                open.extend(node.input.iter().cloned())
            })?;
            open.extend(inner.output.iter().map(|o| o.name.clone()));
        }
    }
    let mut place = 0;
    graph.node.retain(|_| {
        place += 1;
        nodes.contains(&(place - 1))
    });
    graph.initializer.retain(|t| needed.contains(&t.name));
    if !graph.sparse_initializer.is_empty() {
        return Err("it has sparse weights, which cannot be run here".to_owned());
    }
    graph.output = outputs
        .iter()
        .map(|o| ValueInfoProto {
            name: o.tensor.clone(),
            ..ValueInfoProto::default()
        })
        .collect();
    Ok(needed)
}

/// Whether everything that is read is made.
///
/// Errors: in words, a tensor that nothing makes.
fn made(graph: &GraphProto, outputs: &[Output]) -> Result<(), String> {
    let mut there: HashSet<&str> = graph.input.iter().map(|i| i.name.as_str()).collect();
    there.extend(graph.initializer.iter().map(|t| t.name.as_str()));
    there.extend(
        graph
            .node
            .iter()
            .flat_map(|n| &n.output)
            .map(String::as_str),
    );
    let read = graph
        .node
        .iter()
        .flat_map(|n| &n.input)
        .filter(|i| !i.is_empty());
    let mut read = read.chain(outputs.iter().map(|o| &o.tensor));
    match read.find(|name| !there.contains(name.as_str())) {
        Some(name) => Err(format!("it reads `{name}`, which nothing makes")),
        None => Ok(()),
    }
}

/// An input with its type and sizes.
fn port(value: &ValueInfoProto) -> Result<Port, String> {
    let name = &value.name;
    let Some(Kind::TensorType(tensor)) = value.r#type.as_ref().and_then(|t| t.value.as_ref())
    else {
        return Err(format!("the input `{name}` is no tensor"));
    };
    let element = DataType::try_from(tensor.elem_type).ok();
    let element = element.and_then(|e| DatumType::try_from(e).ok());
    let element =
        element.ok_or_else(|| format!("the input `{name}` is of a type that is not known"))?;
    let size = |size: &Option<Size>| match size {
        Some(Size::DimValue(size)) => usize::try_from(*size).ok(),
        _ => None,
    };
    let shape = tensor.shape.as_ref();
    let shape = shape.map(|s| s.dim.iter().map(|d| size(&d.value)).collect());
    Ok(Port {
        name: name.clone(),
        element,
        shape,
        needed: false,
    })
}

/// Files in which weights are.
///
/// Errors: in words, a path that leaves the folder, and a file that is not there.
fn external(graph: &GraphProto, folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut tensors: Vec<&TensorProto> = graph.initializer.iter().collect();
    let mut inner: Vec<&GraphProto> = Vec::new();
    walk(graph, 0, &mut |node| {
        for attribute in &node.attribute {
            tensors.extend(attribute.t.iter().chain(&attribute.tensors));
            inner.extend(attribute.g.iter().chain(&attribute.graphs));
        }
    })?;
    tensors.extend(inner.iter().flat_map(|g| &g.initializer));
    let mut files: Vec<PathBuf> = Vec::new();
    for tensor in tensors {
        if tensor.data_location != Some(DataLocation::External as i32) {
            continue;
        }
        let location = tensor.external_data.iter().find(|e| e.key == "location");
        let location = location.map_or("", |e| e.value.as_str());
        let file = folder.join(location);
        let stays = !location.is_empty()
            && Path::new(location)
                .components()
                .all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        if !stays {
            return Err(format!(
                "the weights `{}` are in `{location}`, which is not below the folder of the model",
                tensor.name
            ));
        }
        if !file.is_file() {
            return Err(format!(
                "the weights `{}` are in `{location}`, and there is no such file beside the model",
                tensor.name
            ));
        }
        let file = PathBuf::from(location);
        if !files.contains(&file) {
            files.push(file);
        }
    }
    Ok(files)
}
