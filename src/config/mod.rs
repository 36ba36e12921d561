//! What the user wrote: `tollgate.yaml`, read into a tree with places and then into a [`Config`].

pub mod fields;
pub mod tree;
