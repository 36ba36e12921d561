//! Predictions of one or two models as plain vectors, row beside row.

use super::metric::{OwnNumbers, Task};
use super::table::{Column, Table};
use crate::config::models::Columns;
use crate::diagnostic::plural;
use crate::scalar::Scalar;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;

/// Why rows cannot be judged: one sentence with what to do.
pub type Problem = String;

/// Classes of a multi-class model, at most.
pub const MOST_CLASSES: usize = 1_000;

/// What really happened, per row.
#[derive(Debug, Clone, PartialEq)]
pub enum Truth {
    /// Places in `names`; of two classes, 1 is the positive one.
    Classes {
        /// Per row.
        of: Vec<u32>,
        /// Classes by name.
        names: Vec<String>,
    },
    /// Numbers: of a regression the value, of a ranking the relevance.
    Values(Vec<f64>),
}

/// What a model said, per row; what it did not say is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Predicted {
    /// Places in the names of the truth's classes.
    pub class: Option<Vec<u32>>,
    /// Of the positive class, or an order.
    pub score: Option<Vec<f64>>,
    /// One per class.
    pub scores: Option<Vec<Vec<f64>>>,
    /// Predicted number.
    pub value: Option<Vec<f64>>,
    /// Lower end.
    pub low: Option<Vec<f64>>,
    /// Upper end.
    pub high: Option<Vec<f64>>,
    /// Terms of the user's own metrics.
    pub own: Vec<OwnNumbers>,
}

/// The rows of one model as they were read.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// What it predicts.
    pub task: Task,
    /// What really happened.
    pub truth: Truth,
    /// What it said.
    pub predicted: Predicted,
    /// Weights, finite and not below 0.
    pub weight: Option<Vec<f64>>,
    /// Names of the rows; two rows never share one.
    pub keys: Option<Vec<String>>,
}

/// Names of the columns that a side is made of, each once.
#[must_use]
pub fn names(columns: &Columns) -> Vec<String> {
    let single = [
        &columns.label,
        &columns.score,
        &columns.class,
        &columns.value,
        &columns.low,
        &columns.high,
        &columns.weight,
        &columns.query,
        &columns.cluster,
        &columns.time,
    ];
    let mut names: Vec<String> = Vec::new();
    let scores = columns.scores.iter().map(|(_, column)| column);
    for name in single
        .into_iter()
        .flatten()
        .chain(scores)
        .chain(&columns.key)
    {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// What a model predicts, by the columns that are named.
#[must_use]
pub fn task(columns: &Columns) -> Option<Task> {
    if columns.query.is_some() {
        Some(Task::Ranking)
    } else if !columns.scores.is_empty() {
        Some(Task::Multiclass)
    } else if columns.score.is_some() {
        Some(Task::Binary)
    } else if columns.value.is_some() {
        Some(Task::Regression)
    } else {
        None
    }
}

impl Side {
    /// Reads one model's rows.
    ///
    /// Problems: no rows; a null or NaN label, prediction, weight or key; a label that is neither of two classes; a weight
    /// below 0 or all 0; a key that occurs twice.
    pub fn read(table: &Table, columns: &Columns, task: Task) -> Result<Self, Problem> {
        if table.rows == 0 {
            return Err("there are no rows".to_owned());
        }
        let label = columns
            .label
            .as_deref()
            .ok_or("no `label` column is named")?;
        let truth = truth(table, label, columns, task)?;
        let predicted = predicted(table, columns, &truth)?;
        let weight = columns.weight.as_deref();
        let weight = weight.map(|name| weights(table, name)).transpose()?;
        let keys = keys(table, &columns.key)?;
        Ok(Self {
            task,
            truth,
            predicted,
            weight,
            keys,
        })
    }

    /// These rows, in that order.
    #[must_use]
    pub fn gather(&self, rows: &[u32]) -> Self {
        fn of<T: Clone>(values: &[T], rows: &[u32]) -> Vec<T> {
            rows.iter().map(|r| values[*r as usize].clone()).collect()
        }
        let numbers = |values: &Option<Vec<f64>>| values.as_deref().map(|v| of(v, rows));
        let said = &self.predicted;
        Self {
            task: self.task,
            truth: match &self.truth {
                Truth::Classes { of: classes, names } => Truth::Classes {
                    of: of(classes, rows),
                    names: names.clone(),
                },
                Truth::Values(values) => Truth::Values(of(values, rows)),
            },
            predicted: Predicted {
                class: said.class.as_deref().map(|v| of(v, rows)),
                score: numbers(&said.score),
                scores: said
                    .scores
                    .as_ref()
                    .map(|all| all.iter().map(|v| of(v, rows)).collect()),
                value: numbers(&said.value),
                low: numbers(&said.low),
                high: numbers(&said.high),
                own: said.own.iter().map(|own| own.gather(rows)).collect(),
            },
            weight: numbers(&self.weight),
            keys: self.keys.as_deref().map(|v| of(v, rows)),
        }
    }

    /// Rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match &self.truth {
            Truth::Classes { of, .. } => of.len(),
            Truth::Values(values) => values.len(),
        }
    }

    /// SHA-256 over label, weight and key of each row, combined whatever the order of the rows.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut sum = [0u64; 4];
        for row in 0..self.rows() {
            let mut hash = Sha256::new();
            match &self.truth {
                Truth::Classes { of, names } => hash.update(names[of[row] as usize].as_bytes()),
                Truth::Values(values) => hash.update(values[row].to_bits().to_le_bytes()),
            }
            hash.update([0]);
            if let Some(weight) = &self.weight {
                hash.update(weight[row].to_bits().to_le_bytes());
            }
            hash.update([0]);
            match &self.keys {
                Some(keys) => hash.update(keys[row].as_bytes()),
                None => hash.update((row as u64).to_le_bytes()),
            }
            let bytes = hash.finalize();
            for (part, bytes) in sum.iter_mut().zip(bytes.chunks_exact(8)) {
                let bytes: [u8; 8] = bytes.try_into().expect("chunks of eight bytes");
                *part = part.wrapping_add(u64::from_le_bytes(bytes));
            }
        }
        let mut hash = Sha256::new();
        hash.update((self.rows() as u64).to_le_bytes());
        for part in sum {
            hash.update(part.to_le_bytes());
        }
        crate::report::text::hex(&hash.finalize())
    }

    /// Where each row of this side stands in `other`.
    ///
    /// Rows are paired by key, or by their place where neither side has one. Problems: sides of which one has keys only;
    /// rows that the other side does not have; labels or weights that differ.
    pub fn pair(&self, other: &Self) -> Result<Vec<u32>, Problem> {
        let places: Vec<u32> = match (&self.keys, &other.keys) {
            (Some(mine), Some(theirs)) => by_key(mine, theirs)?,
            (None, None) if self.rows() == other.rows() => {
                (0..u32::try_from(self.rows()).map_err(|_| "too many rows")?).collect()
            }
            (None, None) => {
                return Err(format!(
                    "the candidate has {}, the baseline {}, and no `key` says which belong together",
                    plural(self.rows() as u64, "row"),
                    plural(other.rows() as u64, "row")
                ));
            }
            _ => return Err("only one of both sides has a `key`".to_owned()),
        };
        self.same_truth(other, &places)?;
        Ok(places)
    }

    fn same_truth(&self, other: &Self, places: &[u32]) -> Result<(), Problem> {
        let differs = |row: usize| {
            let there = places[row] as usize;
            let labels = match (&self.truth, &other.truth) {
                (Truth::Classes { of: a, names: x }, Truth::Classes { of: b, names: y }) => {
                    x[a[row] as usize] != y[b[there] as usize]
                }
                (Truth::Values(a), Truth::Values(b)) => a[row].to_bits() != b[there].to_bits(),
                _ => true,
            };
            let weights = match (&self.weight, &other.weight) {
                (Some(a), Some(b)) => a[row].to_bits() != b[there].to_bits(),
                (None, None) => false,
                _ => true,
            };
            labels || weights
        };
        let mut differing = (0..self.rows()).filter(|row| differs(*row));
        let Some(first) = differing.next() else {
            return Ok(());
        };
        Err(format!(
            "{} another label or weight on both sides, first row {} of the candidate; both must be judged on the same rows",
            match differing.count() + 1 {
                1 => "1 row has".to_owned(),
                n => format!("{n} rows have"),
            },
            first + 1
        ))
    }
}

fn by_key(mine: &[String], theirs: &[String]) -> Result<Vec<u32>, Problem> {
    let mut places: HashMap<&str, u32> = HashMap::with_capacity(theirs.len());
    for (place, key) in theirs.iter().enumerate() {
        places.insert(key, u32::try_from(place).map_err(|_| "too many rows")?);
    }
    let found: Vec<Option<u32>> = mine
        .iter()
        .map(|k| places.get(k.as_str()).copied())
        .collect();
    let missing = found.iter().filter(|f| f.is_none()).count();
    let surplus = theirs.len() - (mine.len() - missing);
    if missing + surplus > 0 {
        let first = found.iter().position(Option::is_none);
        let first = first.map_or_else(String::new, |row| format!(", first row {}", row + 1));
        return Err(format!(
            "rows do not pair: {missing} of the candidate have no partner in the baseline{first}, {surplus} of the baseline none \
             in the candidate; score both on the same rows"
        ));
    }
    Ok(found.into_iter().flatten().collect())
}

/// The column of that name; reading asked for it, so it is there.
fn column<'a>(table: &'a Table, name: &str) -> Result<&'a Column, Problem> {
    table
        .column(name)
        .ok_or_else(|| format!("there is no column `{name}`"))
}

/// Numbers without null and NaN.
fn numbers(table: &Table, name: &str) -> Result<Vec<f64>, Problem> {
    let column = column(table, name)?;
    if matches!(column, Column::Texts { .. }) {
        return Err(format!("`{name}` is text, and numbers are needed"));
    }
    let values: Vec<f64> = (0..table.rows)
        .map(|row| column.number(row).unwrap_or(f64::NAN))
        .collect();
    all_there(name, &values, |v| v.is_nan(), "null or NaN")?;
    Ok(values)
}

fn all_there<T>(
    name: &str,
    values: &[T],
    bad: impl Fn(&T) -> bool,
    what: &str,
) -> Result<(), Problem> {
    let mut rows = values.iter().enumerate().filter(|(_, v)| bad(v));
    let Some((first, _)) = rows.next() else {
        return Ok(());
    };
    let n = rows.count() + 1;
    Err(format!(
        "`{name}` is {what} in {n} of {}, first row {}",
        plural(values.len() as u64, "row"),
        first + 1
    ))
}

fn weights(table: &Table, name: &str) -> Result<Vec<f64>, Problem> {
    let weights = numbers(table, name)?;
    all_there(
        name,
        &weights,
        |w| *w < 0.0 || w.is_infinite(),
        "below 0 or infinite",
    )?;
    if weights.iter().all(|w| *w == 0.0) {
        return Err(format!("`{name}` is 0 in every row"));
    }
    Ok(weights)
}

/// Texts without null.
pub(super) fn texts(table: &Table, name: &str) -> Result<Vec<String>, Problem> {
    let column = column(table, name)?;
    let values: Vec<Option<String>> = (0..table.rows).map(|row| column.text(row)).collect();
    all_there(name, &values, Option::is_none, "null")?;
    Ok(values.into_iter().flatten().collect())
}

pub(super) fn keys(table: &Table, names: &[String]) -> Result<Option<Vec<String>>, Problem> {
    if names.is_empty() {
        return Ok(None);
    }
    let mut keys = vec![String::new(); table.rows];
    for name in names {
        for (key, part) in keys.iter_mut().zip(texts(table, name)?) {
            // The length keeps `ab`, `c` apart from `a`, `bc`.
            write!(key, "{}:{part}", part.len()).expect("writing to a String cannot fail");
        }
    }
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(keys.len());
    for (row, key) in keys.iter().enumerate() {
        if let Some(first) = seen.insert(key, row) {
            return Err(format!(
                "the key {} is not unique: rows {} and {} have the same",
                names.join(", "),
                first + 1,
                row + 1
            ));
        }
    }
    Ok(Some(keys))
}

fn truth(table: &Table, label: &str, columns: &Columns, task: Task) -> Result<Truth, Problem> {
    match task {
        Task::Regression | Task::Ranking => Ok(Truth::Values(numbers(table, label)?)),
        Task::Binary => {
            let of = positives(table, label, columns.positive.as_ref())?;
            let names = vec!["negative".to_owned(), "positive".to_owned()];
            Ok(Truth::Classes { of, names })
        }
        Task::Multiclass => classes(table, label, columns),
    }
}

/// 1 in rows of the positive class.
fn positives(table: &Table, name: &str, positive: Option<&Scalar>) -> Result<Vec<u32>, Problem> {
    let texts = texts(table, name)?;
    if let Some(positive) = positive {
        let positive = positive.to_string();
        let of: Vec<u32> = texts.iter().map(|t| u32::from(*t == positive)).collect();
        let others: std::collections::BTreeSet<&String> =
            texts.iter().filter(|t| **t != positive).collect();
        if others.len() > 1 {
            return Err(format!(
                "`{name}` has {} values besides the positive one, and a binary model has one",
                others.len()
            ));
        }
        return Ok(of);
    }
    let one = |text: &str| match text {
        "true" | "1" => Some(1),
        "false" | "0" => Some(0),
        _ => None,
    };
    let of: Vec<Option<u32>> = texts.iter().map(|t| one(t)).collect();
    all_there(
        name,
        &of,
        Option::is_none,
        "neither true nor false (1 nor 0)",
    )
    .map_err(|problem| format!("{problem}; `positive` names the positive class"))?;
    Ok(of.into_iter().flatten().collect())
}

fn classes(table: &Table, label: &str, columns: &Columns) -> Result<Truth, Problem> {
    let texts = texts(table, label)?;
    let mut names: Vec<String> = columns
        .scores
        .iter()
        .map(|(class, _)| class.clone())
        .collect();
    if names.is_empty() {
        let predicted = columns.class.as_deref().map(|c| self::texts(table, c));
        let predicted = predicted.transpose()?.unwrap_or_default();
        let all: std::collections::BTreeSet<&String> = texts.iter().chain(&predicted).collect();
        names = all.into_iter().cloned().collect();
    }
    if names.len() > MOST_CLASSES {
        return Err(format!("`{label}` has more than {MOST_CLASSES} classes"));
    }
    let of = places(&texts, &names, label)?;
    Ok(Truth::Classes { of, names })
}

fn places(texts: &[String], names: &[String], column: &str) -> Result<Vec<u32>, Problem> {
    let known: HashMap<&str, u32> = names.iter().map(String::as_str).zip(0..).collect();
    let of: Vec<Option<u32>> = texts
        .iter()
        .map(|t| known.get(t.as_str()).copied())
        .collect();
    all_there(column, &of, Option::is_none, "none of the classes")?;
    Ok(of.into_iter().flatten().collect())
}

fn predicted(table: &Table, columns: &Columns, truth: &Truth) -> Result<Predicted, Problem> {
    let optional = |name: &Option<String>| name.as_deref().map(|n| numbers(table, n)).transpose();
    let score = optional(&columns.score)?;
    let scores: Vec<Vec<f64>> = columns
        .scores
        .iter()
        .map(|(_, column)| numbers(table, column))
        .collect::<Result<_, _>>()?;
    let class = match (&columns.class, truth) {
        (Some(name), Truth::Classes { names, .. })
            if names.len() == 2 && columns.scores.is_empty() =>
        {
            Some(positives(table, name, columns.positive.as_ref())?)
        }
        (Some(name), Truth::Classes { names, .. }) => {
            Some(places(&texts(table, name)?, names, name)?)
        }
        (Some(_), Truth::Values(_)) => None,
        (None, _) if !scores.is_empty() => Some(greatest(&scores)),
        (None, Truth::Classes { .. }) => {
            let threshold = columns.threshold.unwrap_or(0.5);
            let at = |score: &Vec<f64>| score.iter().map(|s| u32::from(*s >= threshold)).collect();
            score.as_ref().map(at)
        }
        (None, Truth::Values(_)) => None,
    };
    Ok(Predicted {
        class,
        score,
        scores: (!scores.is_empty()).then_some(scores),
        value: optional(&columns.value)?,
        low: optional(&columns.low)?,
        high: optional(&columns.high)?,
        own: Vec::new(),
    })
}

/// The class with the greatest score, the first of equal ones.
fn greatest(scores: &[Vec<f64>]) -> Vec<u32> {
    let best = |row: usize| {
        let mut best = 0;
        for (place, score) in scores.iter().enumerate() {
            if score[row] > scores[best][row] {
                best = place;
            }
        }
        u32::try_from(best).expect("at most a thousand classes")
    };
    (0..scores[0].len()).map(best).collect()
}
