//! Fields of TFDV's messages by their numbers: `schema.proto` and `statistics.proto` of tensorflow/metadata, v0.

/// One field of a message.
pub(super) struct Field {
    pub(super) number: u32,
    pub(super) name: &'static str,
    pub(super) holds: Holds,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Holds {
    /// UTF-8 text.
    Text,
    /// Whole number of 64 bits.
    Whole,
    /// true or false.
    Truth,
    /// Float of 32 or 64 bits.
    Number,
    /// One of these words.
    Word(&'static [(u64, &'static str)]),
    /// A message with these fields.
    Message(fn() -> &'static [Field]),
    /// What was seen in the data, and is not read.
    Nothing,
}

const fn field(number: u32, name: &'static str, holds: Holds) -> Field {
    Field {
        number,
        name,
        holds,
    }
}

use Holds::{Message, Nothing, Number, Text, Truth, Whole, Word};

/// A message without a field that is known.
fn bare() -> &'static [Field] {
    &[]
}

const TYPES: Holds = Word(&[
    (0, "TYPE_UNKNOWN"),
    (1, "BYTES"),
    (2, "INT"),
    (3, "FLOAT"),
    (4, "STRUCT"),
]);

const STAGES: Holds = Word(&[
    (0, "UNKNOWN_STAGE"),
    (1, "PLANNED"),
    (2, "ALPHA"),
    (3, "BETA"),
    (4, "PRODUCTION"),
    (5, "DEPRECATED"),
    (6, "DEBUG_ONLY"),
    (7, "DISABLED"),
    (9, "VALIDATION_DERIVED"),
]);

/// `Schema`.
pub(super) fn schema() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "feature", Message(feature)),
        field(4, "string_domain", Message(string_domain)),
        field(5, "default_environment", Text),
        field(6, "sparse_feature", Message(named)),
        field(8, "annotation", Message(bare)),
        field(9, "float_domain", Message(float_domain)),
        field(10, "int_domain", Message(int_domain)),
        field(11, "dataset_constraints", Message(dataset_constraints)),
        field(12, "weighted_feature", Message(named)),
        field(13, "tensor_representation_group", Nothing),
        field(14, "represent_variable_length_as_ragged", Truth),
    ];
    ALL
}

fn feature() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "name", Text),
        field(2, "deprecated", Truth),
        field(5, "value_count", Message(ends)),
        field(6, "type", TYPES),
        field(7, "domain", Text),
        field(9, "int_domain", Message(int_domain)),
        field(10, "float_domain", Message(float_domain)),
        field(11, "string_domain", Message(string_domain)),
        field(13, "bool_domain", Message(bool_domain)),
        field(14, "presence", Message(presence)),
        field(15, "distribution_constraints", Message(mass)),
        field(16, "annotation", Message(bare)),
        field(17, "group_presence", Message(bare)),
        field(18, "skew_comparator", Message(comparator)),
        field(19, "not_in_environment", Text),
        field(20, "in_environment", Text),
        field(21, "drift_comparator", Message(comparator)),
        field(22, "lifecycle_stage", STAGES),
        field(23, "shape", Message(shape)),
        field(24, "natural_language_domain", Message(bare)),
        field(25, "image_domain", Message(bare)),
        field(26, "mid_domain", Message(bare)),
        field(27, "url_domain", Message(bare)),
        field(28, "time_domain", Message(bare)),
        field(29, "struct_domain", Message(struct_domain)),
        field(30, "time_of_day_domain", Message(bare)),
        field(31, "unique_constraints", Message(ends)),
        field(32, "value_counts", Message(bare)),
        field(34, "validation_derived_source", Message(bare)),
        field(35, "sequence_metadata", Message(bare)),
    ];
    ALL
}

fn named() -> &'static [Field] {
    const ALL: &[Field] = &[field(1, "name", Text)];
    ALL
}

fn ends() -> &'static [Field] {
    const ALL: &[Field] = &[field(1, "min", Whole), field(2, "max", Whole)];
    ALL
}

fn int_domain() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "name", Text),
        field(3, "min", Whole),
        field(4, "max", Whole),
        field(5, "is_categorical", Truth),
    ];
    ALL
}

fn float_domain() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "name", Text),
        field(3, "min", Number),
        field(4, "max", Number),
        field(5, "disallow_nan", Truth),
        field(6, "disallow_inf", Truth),
        field(7, "is_embedding", Truth),
        field(8, "is_categorical", Truth),
        field(9, "embedding_dim", Whole),
    ];
    ALL
}

fn string_domain() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "name", Text),
        field(2, "value", Text),
        field(3, "is_categorical", Nothing),
    ];
    ALL
}

fn bool_domain() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "name", Text),
        field(2, "true_value", Text),
        field(3, "false_value", Text),
    ];
    ALL
}

fn struct_domain() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "feature", Message(feature)),
        field(2, "sparse_feature", Message(named)),
    ];
    ALL
}

fn presence() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "min_fraction", Number),
        field(2, "min_count", Whole),
    ];
    ALL
}

fn mass() -> &'static [Field] {
    const ALL: &[Field] = &[field(1, "min_domain_mass", Number)];
    ALL
}

fn comparator() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "infinity_norm", Message(threshold)),
        field(2, "jensen_shannon_divergence", Message(threshold)),
        field(3, "normalized_abs_difference", Message(threshold)),
    ];
    ALL
}

fn threshold() -> &'static [Field] {
    const ALL: &[Field] = &[field(1, "threshold", Number)];
    ALL
}

fn shape() -> &'static [Field] {
    const ALL: &[Field] = &[field(2, "dim", Message(dim))];
    ALL
}

fn dim() -> &'static [Field] {
    const ALL: &[Field] = &[field(1, "size", Whole), field(2, "name", Text)];
    ALL
}

fn dataset_constraints() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "num_examples_drift_comparator", Message(bare)),
        field(2, "num_examples_version_comparator", Message(bare)),
        field(3, "min_examples_count", Whole),
        field(4, "max_examples_count", Whole),
    ];
    ALL
}

/// `DatasetFeatureStatisticsList`.
pub(super) fn statistics() -> &'static [Field] {
    const ALL: &[Field] = &[field(1, "datasets", Message(dataset))];
    ALL
}

fn dataset() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "name", Text),
        field(2, "num_examples", Whole),
        field(3, "features", Message(column)),
        field(4, "weighted_num_examples", Nothing),
        field(5, "cross_features", Nothing),
    ];
    ALL
}

fn column() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "name", Text),
        field(
            2,
            "type",
            Word(&[
                (0, "INT"),
                (1, "FLOAT"),
                (2, "STRING"),
                (3, "BYTES"),
                (4, "STRUCT"),
            ]),
        ),
        field(3, "num_stats", Message(of_values)),
        field(4, "string_stats", Message(of_values)),
        field(5, "bytes_stats", Message(of_values)),
        field(6, "custom_stats", Nothing),
        field(7, "struct_stats", Message(of_values)),
        field(8, "path", Message(path)),
    ];
    ALL
}

fn path() -> &'static [Field] {
    const ALL: &[Field] = &[field(1, "step", Text)];
    ALL
}

/// What all kinds of statistics have first; the rest is what was seen.
fn of_values() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "common_stats", Message(common)),
        field(2, "seen", Nothing),
        field(3, "seen", Nothing),
        field(4, "seen", Nothing),
        field(5, "seen", Nothing),
        field(6, "seen", Nothing),
        field(7, "seen", Nothing),
        field(8, "seen", Nothing),
        field(9, "seen", Nothing),
        field(10, "seen", Nothing),
    ];
    ALL
}

fn common() -> &'static [Field] {
    const ALL: &[Field] = &[
        field(1, "num_non_missing", Whole),
        field(2, "num_missing", Whole),
        field(3, "min_num_values", Whole),
        field(4, "max_num_values", Whole),
        field(5, "avg_num_values", Nothing),
        field(6, "num_values_histogram", Nothing),
        field(7, "weighted_common_stats", Nothing),
        field(8, "tot_num_values", Nothing),
        field(9, "feature_list_length_histogram", Nothing),
        field(10, "presence_and_valency_stats", Nothing),
        field(11, "weighted_presence_and_valency_stats", Nothing),
    ];
    ALL
}
