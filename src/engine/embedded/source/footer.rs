//! stub
use crate::scalar::Scalar;
/// a
#[derive(Debug, Clone, PartialEq)]
pub struct Footer {
    /// a
    pub rows: u64,
    /// a
    pub columns: Vec<FooterColumn>,
}
/// a
#[derive(Debug, Clone, PartialEq)]
pub struct FooterColumn {
    /// a
    pub name: String,
    /// a
    pub nulls: Option<u64>,
    /// a
    pub min: Option<Scalar>,
    /// a
    pub max: Option<Scalar>,
}
impl super::Dataset {
    /// a
    pub fn footer(&self) -> Option<Footer> {
        None
    }
    /// a
    pub fn bytes(&self, _columns: &[String]) -> u64 {
        self.files().iter().map(|f| f.bytes).sum()
    }
}
