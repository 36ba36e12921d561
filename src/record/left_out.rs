//! What a part of a run did not look at.

use serde::{Deserialize, Serialize};

/// What a run that was asked for a part did not look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LeftOut {
    /// The options that asked for a part, as given: `--only not_null`.
    pub asked: Vec<String>,
    /// Datasets of the configuration that were not judged.
    #[serde(default)]
    pub datasets: Vec<String>,
    /// Models of the configuration that were not judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Promises of the judged datasets that were not evaluated.
    pub promises: u64,
    /// Whether drift of judged datasets was not looked at.
    pub drift: bool,
}

impl LeftOut {
    /// One sentence for the reader: `Only a part was checked (--only not_null): 4 promises were left out.`
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut parts = Vec::new();
        match &self.datasets[..] {
            [] => {}
            [one] => parts.push(format!("the dataset {one}")),
            all => parts.push(format!("the datasets {}", all.join(", "))),
        }
        match &self.models[..] {
            [] => {}
            [one] => parts.push(format!("the model {one}")),
            all => parts.push(format!("the models {}", all.join(", "))),
        }
        if self.promises > 0 {
            parts.push(crate::diagnostic::plural(self.promises, "promise"));
        }
        if self.drift {
            parts.push("drift".to_owned());
        }
        let asked = self.asked.join(" ");
        match &parts[..] {
            [] => format!("A part was asked for ({asked}), and it is all there is."),
            parts => format!(
                "Only a part was checked ({asked}); left out: {}.",
                parts.join("; ")
            ),
        }
    }
}
