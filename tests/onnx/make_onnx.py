"""Writes the ONNX files of these tests, the rows that they score, and what onnxruntime says of them.

Usage: python make_onnx.py      needs requirements.txt; the files beside it are written. Fixed seeds: two runs write the
same bytes with the same versions of these packages.

flights.csv holds 120 flights of January with the outputs of the models under MODEL.OUTPUT; operators.csv rows of four numbers
with the outputs of operators.onnx, one of each operator that programs run.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from onnx import TensorProto as T
from onnx import helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

HERE = Path(__file__).parent
FLIGHTS = HERE / "../../examples/flights/data/flights-2013-01.parquet"
NUMBERS = ["dep_delay", "distance", "sched_dep_time", "air_time"]
WORDS = ["carrier", "origin"]


def outputs(path, feed):
    """What onnxruntime says, by column."""
    session = onnxruntime.InferenceSession(str(path))
    feed = {i.name: feed[i.name] for i in session.get_inputs()}
    columns = {}
    for output, said in zip(session.get_outputs(), session.run(None, feed)):
        if isinstance(said, list):
            columns |= {f"{output.name}.{k}": [row[k] for row in said] for k in said[0]}
            continue
        said = said.reshape(len(said), -1)
        for k in range(said.shape[1]):
            columns[output.name if said.shape[1] == 1 else f"{output.name}.{k}"] = said[:, k]
    return columns


def flights():
    rows = pd.read_parquet(FLIGHTS)
    rows = rows[rows.arr_delay.notna() & rows.dep_delay.notna()].sample(1500, random_state=1).reset_index(drop=True)
    x, words = rows[NUMBERS].astype("float32"), rows[WORDS].astype(object)
    late = (rows.arr_delay > 15).astype("int64")
    when = np.where(rows.arr_delay > 15, "late", np.where(rows.arr_delay < -5, "early", "on time"))
    mixed = pd.concat([words, x], axis=1)
    shape = [("X", FloatTensorType([None, len(NUMBERS)]))]
    named = [(w, StringTensorType([None, 1])) for w in WORDS] + [(n, FloatTensorType([None, 1])) for n in NUMBERS]
    encoded = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), WORDS), (StandardScaler(), NUMBERS))
    models = {
        "logit": (make_pipeline(StandardScaler(), LogisticRegression()).fit(x, late), shape, {"zipmap": False}),
        "boosted": (GradientBoostingClassifier(n_estimators=8, max_depth=2, random_state=0).fit(x, late), shape, {"zipmap": False}),
        "forest": (RandomForestClassifier(4, max_depth=3, random_state=0).fit(x, when), shape, {}),
        "mixed": (make_pipeline(encoded, LogisticRegression(max_iter=500)).fit(mixed, late), named, {"zipmap": False}),
        "minutes": (
            RandomForestRegressor(4, max_depth=3, random_state=0).fit(x, rows.arr_delay.astype("float64")), shape, None,
        ),
        "svc": (make_pipeline(StandardScaler(), SVC()).fit(x[:60], late[:60]), shape, {"zipmap": False}),
    }
    kept = slice(0, 120)
    table = pd.concat([rows[["arr_delay", *WORDS, *NUMBERS]][kept], late[kept].rename("late")], axis=1)
    table.insert(0, "id", range(len(table)))
    for name, (model, inputs, options) in models.items():
        path = HERE / f"{name}.onnx"
        options = None if options is None else {id(model.steps[-1][1] if hasattr(model, "steps") else model): options}
        path.write_bytes(convert_sklearn(model, name, inputs, options=options, target_opset=17).SerializeToString())
        feed = {c: mixed[[c]].to_numpy() for c in mixed} | {"X": x.to_numpy()}
        for column, values in outputs(path, feed).items():
            table[f"{name}.{column}"] = pd.Series(values)[kept]
    table.to_csv(HERE / "flights.csv", index=False, float_format="%.9g")


def save(name, nodes, outputs, inputs=None, weights=(), **more):
    inputs = inputs or [helper.make_tensor_value_info("X", T.FLOAT, ["N", 4])]
    outputs = [o if not isinstance(o, str) else helper.make_tensor_value_info(o, T.FLOAT, None) for o in outputs]
    tensors = [w if isinstance(w, onnx.TensorProto) else numpy_helper.from_array(w[1], w[0]) for w in weights]
    graph = helper.make_graph(nodes, name, inputs, outputs, tensors)
    sets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3), *more.get("sets", [])]
    model = helper.make_model(graph, opset_imports=sets, producer_name="tests")
    model.ir_version = 9
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())


node = helper.make_node


def ml(operator, inputs, outputs, **attributes):
    return node(operator, inputs, outputs, domain="ai.onnx.ml", **attributes)


def tree(stem, weights, ids, leaves, **more):
    """One tree of two questions and the leaves 1, 3 and 4."""
    lists = {"treeids": [0] * 5, "nodeids": range(5), "featureids": [0, 0, 1, 0, 0], "values": [0.1, 0, -1, 0, 0],
             "modes": ["BRANCH_LEQ", "LEAF", "BRANCH_LT", "LEAF", "LEAF"], "truenodeids": [1, 0, 3, 0, 0],
             "falsenodeids": [2, 0, 4, 0, 0], "missing_value_tracks_true": [0, 0, 1, 0, 0]}
    lists = {f"nodes_{k}": [float(x) for x in v] if k == "values" else list(v) for k, v in lists.items()}
    return lists | {f"{stem}_treeids": [0] * len(ids), f"{stem}_nodeids": leaves, f"{stem}_ids": ids, f"{stem}_weights": weights} | more


def operators():
    plain = ("Abs Neg Sigmoid Tanh Erf Softplus Softsign HardSigmoid HardSwish Elu Selu Celu LeakyRelu ThresholdedRelu Relu Floor Ceil "
             "Round Sign Sin Cos Tan Atan Mish Softmax LogSoftmax LpNormalization Hardmax Identity Flatten Trilu").split()
    nodes = [node(o, ["X"], [o]) for o in plain]
    c, w = np.array([[1.5, -2, 3, 4]], "float32"), np.arange(12, dtype="float32").reshape(4, 3) / 7 - 0.5
    weights = [("c", c), ("w", w), ("axis", np.array([1])), ("at", np.array(1)), ("lo", np.float32(-1)), ("two", np.array([2])), ("places", np.array([2, -1])),
               ("three", np.array([[3, -3, 7, -7]])), ("bias", np.array([1, 2, 3], "float32")), ("one", np.float32(1)),
               ("shape", np.array([-1, 2, 2])), ("flat", np.array([-1, 4])), ("extract", np.array([3, 1]))]
    nodes += [node(o, ["X", "c"], [o]) for o in "Add Sub Mul Div Max Min".split()]
    nodes += [node(o, ["X", "axis"], [o]) for o in "ReduceSum ReduceMean ReduceMax ReduceMin ReduceL1 ReduceL2 ReduceProd ReduceSumSquare ReduceLogSumExp".split()]
    for o in "Greater Less GreaterOrEqual LessOrEqual Equal".split():
        nodes += [node(o, ["X", "c"], [f"{o}_"]), node("Cast", [f"{o}_"], [o], to=T.FLOAT)]
    nodes += [
        node("Abs", ["X"], ["A"]), node("Sqrt", ["A"], ["Sqrt"]), node("Add", ["A", "one"], ["A1"]), node("Log", ["A1"], ["Log"]),
        node("Pow", ["A1", "c"], ["Pow"]), node("ArgMax", ["X"], ["ArgMax"], axis=1), node("ArgMin", ["X"], ["ArgMin"], axis=1),
        node("Cast", ["X"], ["Whole"], to=T.INT64), node("Div", ["Whole", "three"], ["WholeDiv"]), node("Clip", ["X", "lo", "one"], ["Clip"]),
        node("MatMul", ["X", "w"], ["MatMul"]), node("Gemm", ["X", "w", "bias"], ["Gemm"], alpha=0.5), node("Gather", ["X", "places"], ["Gather"], axis=1),
        node("TopK", ["X", "two"], ["TopK", "TopKPlaces"]), node("Concat", ["X", "A"], ["Concat"], axis=1), node("Where", ["Greater_", "X", "c"], ["Where"]),
        node("Reshape", ["X", "shape"], ["R"]), node("Transpose", ["R"], ["Q"], perm=[0, 2, 1]), node("Reshape", ["Q", "flat"], ["Transposed"]),
        node("Split", ["X"], ["Split", "S2"], axis=1, num_outputs=2), node("CumSum", ["X", "at"], ["CumSum"]), node("PRelu", ["X", "c"], ["PRelu"]),
        ml("Scaler", ["X"], ["Scaler"], offset=[1.0, 2.0, 3.0, 4.0], scale=[0.1, 0.2, 0.3, 0.4]), ml("Binarizer", ["X"], ["Binarizer"], threshold=0.5),
        ml("Imputer", ["X"], ["Imputer"], replaced_value_float=7.0, imputed_value_floats=[1.0, 2.0, 3.0, 4.0]), ml("FeatureVectorizer", ["X"], ["FeatureVectorizer"], inputdimensions=[4]),
        ml("ArrayFeatureExtractor", ["X", "extract"], ["Extracted"]), ml("LabelEncoder", ["Whole"], ["Labels"], keys_int64s=[0, 1, 2], values_floats=[10.5, 11.5, 12.5], default_float=-3.0),
        node("Neg", ["A"], ["A_"]), node("Exp", ["A_"], ["Exp"]), node("Reciprocal", ["A1"], ["Reciprocal"]), node("Sqrt", ["X"], ["X_"]), node("IsNaN", ["X_"], ["IsNaN_"]),
        node("Cast", ["IsNaN_"], ["IsNaN"], to=T.FLOAT), node("Div", ["c", "X"], ["D_"]), node("IsInf", ["D_"], ["IsInf_"]), node("Cast", ["IsInf_"], ["IsInf"], to=T.FLOAT),
        node("And", ["Greater_", "Less_"], ["And_"]), node("Not", ["Less_"], ["Not_"]), node("Or", ["Greater_", "Not_"], ["Or_"]), node("Xor", ["Or_", "IsNaN_"], ["Xor_"]),
        *[node("Cast", [f"{o}_"], [o], to=T.FLOAT) for o in ("And", "Not", "Or", "Xor")],
        node("BatchNormalization", ["X", "s", "t", "u", "v"], ["BatchNormalization"]), node("LayerNormalization", ["X", "s", "t"], ["LayerNormalization"]),
        node("GatherElements", ["X", "ArgMax"], ["GatherElements"], axis=1), node("ScatterElements", ["X", "ArgMax", "ReduceMin"], ["ScatterElements"], axis=1),
        node("Slice", ["X", "start", "end", "axis", "back"], ["Slice"]), node("Pad", ["X", "pads", "one"], ["Pad"]), node("Tile", ["X", "twice"], ["Tile"]),
        node("Squeeze", ["ReduceMax", "axis"], ["Squeeze"]), node("Unsqueeze", ["Squeeze", "axis"], ["Unsqueeze"]), node("Expand", ["ReduceMax", "wide"], ["Expand"]),
        node("OneHot", ["Squeezed", "four", "onoff"], ["OneHotOfOnnx"]), node("Squeeze", ["ArgMax", "axis"], ["Squeezed"]), node("Einsum", ["X", "w"], ["Einsum"], equation="ij,jk->ik"),
        node("Shape", ["X"], ["S_"]), node("ConstantOfShape", ["S_"], ["Z_"]), node("Constant", [], ["C_"], value_float=2.5), node("Sum", ["X", "Z_", "C_"], ["Sum"]), node("Mod", ["A1", "c"], ["Mod"], fmod=1),
        ml("OneHotEncoder", ["ArgMax"], ["Hot"], cats_int64s=[0, 2, 3], zeros=1), node("Reshape", ["Hot", "hot"], ["OneHot"]),
        *[ml("Normalizer", ["X"], [f"Normalizer{n}"], norm=n) for n in ("L1", "L2", "MAX")],
        ml("LinearRegressor", ["X"], ["LinearRegressor"], coefficients=[0.1, 0.2, 0.3, 0.4, 1.0, 2.0, 3.0, 4.0], intercepts=[1.0, 2.0], targets=2),
        ml("TreeEnsembleRegressor", ["X"], ["TreeRegressor"], **tree("target", [0.2, -0.7, 0.9, 0.1, 0.5, -0.4], [0, 1] * 3, [1, 1, 3, 3, 4, 4], n_targets=2, base_values=[2.0, 1.0])),
    ]
    four = [(k, np.array([0.5, 1.5, 2.5, 0.1], "float32") * (i + 1)) for i, k in enumerate("stuv")]
    weights += [("hot", np.array([-1, 3])), ("start", np.array([3])), ("end", np.array([-99])), ("back", np.array([-2])), ("pads", np.array([0, 1, 0, 2])),
                ("twice", np.array([1, 2])), ("wide", np.array([1, 3])), ("four", np.array([4])), ("onoff", np.array([0, 1], "float32")), *four]
    for post in ("NONE", "LOGISTIC", "SOFTMAX"):
        linear = {"classlabels_ints": [5, 9], "post_transform": post}
        if post != "SOFTMAX":
            nodes.append(ml("LinearClassifier", ["X"], [f"Linear1L{post}", f"Linear1{post}"], coefficients=[0.1, 0.2, -0.3, 0.04], intercepts=[0.5], **linear))
        nodes.append(ml("LinearClassifier", ["X"], [f"Linear2L{post}", f"Linear2{post}"], coefficients=[0.1, 0.2, -0.3, 0.04, 1.0, -0.1, 0.02, 0.03], intercepts=[0.5, -0.5], **linear))
        for name, sums, base in (("Low", [0.2, 0.7, 0.9], {}), ("Mixed", [-0.2, 0.7, -0.9], {}), ("Base", [-0.2, 0.7, -0.9], {"base_values": [0.3]})):
            nodes.append(ml("TreeEnsembleClassifier", ["X"], [f"Tree{name}L{post}", f"Tree{name}{post}"], classlabels_int64s=[5, 9], post_transform=post, **tree("class", sums, [0, 0, 0], [1, 3, 4], **base)))
        nodes.append(ml("TreeEnsembleClassifier", ["X"], [f"Tree3L{post}", f"Tree3{post}"], classlabels_strings=["u", "v", "w"], post_transform=post, **tree("class", [0.2, -0.7, 0.9, 0.1], [0, 1, 2, 2], [1, 3, 4, 1])))
    inner = {"A1", "R", "Q", "S2", "A", "Hot", *(n for x in nodes for n in x.output if n.endswith("_"))}
    kinds = {n: T.INT64 for n in ("Whole", "WholeDiv", "ArgMax", "ArgMin", "TopKPlaces", "Squeezed")}
    for x in nodes:
        if x.op_type.endswith("Classifier"):
            kinds[x.output[0]] = T.STRING if x.output[0].startswith("Tree3") else T.INT64
    names = [n for x in nodes for n in x.output if n not in inner]
    save("operators", nodes, [helper.make_tensor_value_info(n, kinds.get(n, T.FLOAT), None) for n in names], weights=weights)
    x = (np.random.default_rng(7).normal(size=(12, 4)) * np.array([1, 5, 30, 80])).astype("float32")
    x[:4] = [[0, 0, 0, 0], [1, -1, 0.5, 2.5], [-0.5, 1.5, 3.5, 89], [7, 7, 7, 7]]
    table = pd.DataFrame(x, columns=list("abcd"))
    said = outputs(HERE / "operators.onnx", {"X": x})
    pd.concat([table, pd.DataFrame(said)], axis=1).to_csv(HERE / "operators.csv", index=False, float_format="%.9g")


def others():
    info = helper.make_tensor_value_info
    save("domain", [node("Add", ["X", "X"], ["Y"], domain="com.example", name="adds")], ["Y"], sets=[helper.make_opsetid("com.example", 1)])
    save("chance", [node("RandomNormalLike", ["X"], ["Y"], name="draws")], ["Y"])
    save("nan", [node("Log", ["X"], ["L"]), node("ReduceSum", ["L", "axis"], ["Y"])], ["Y"], weights=[("axis", np.array([1]))])
    save("hidden", [node("Log", ["X"], ["L"]), node("Relu", ["L"], ["R"], name="limits"), node("ReduceSum", ["R", "axis"], ["Y"])], ["Y"], weights=[("axis", np.array([1]))])
    save("one", [node("ReduceSum", ["X"], ["Y"])], ["Y"])
    save("unmade", [node("Add", ["X", "Z"], ["Y"])], ["Y"])
    save("cube", [node("ReduceSum", ["X"], ["Y"])], ["Y"], inputs=[info("X", T.FLOAT, ["N", 2, 2])])
    save("eight", [node("MatMul", ["X", "w"], ["Y"])], ["Y"], inputs=[info("X", T.FLOAT, [8, 4])], weights=[("w", np.array([[1], [2], [3], [4]], "float32"))])
    typed = [info("whole", T.INT64, ["N"]), info("truth", T.BOOL, ["N", 1]), info("double", T.DOUBLE, ["N", 1]), info("text", T.STRING, ["N", 1])]
    save("typed", [
        node("Cast", ["whole"], ["w"], to=T.DOUBLE), node("Unsqueeze", ["w", "axis"], ["w1"]), node("Cast", ["truth"], ["t"], to=T.DOUBLE),
        ml("LabelEncoder", ["text"], ["l"], keys_strings=["AA", "B6"], values_int64s=[100, 200], default_int64=7),
        node("Cast", ["l"], ["l1"], to=T.DOUBLE), node("Sum", ["w1", "t", "double", "l1"], ["Y"]),
    ], [info("Y", T.DOUBLE, None)], inputs=typed, weights=[("axis", np.array([1]))])
    loop = tree("target", [0.5], [0], [1]) | {"nodes_truenodeids": [1, 0, 0, 0, 0]}
    save("loop", [ml("TreeEnsembleRegressor", ["X"], ["Y"], name="trees", **loop)], ["Y"])
    for name, place in (("beside", "beside.bin"), ("outside", "../flights.csv")):
        weight = onnx.TensorProto(name="w", data_type=T.FLOAT, dims=[4, 1], data_location=onnx.TensorProto.EXTERNAL)
        weight.external_data.add(key="location", value=place)
        save(name, [node("MatMul", ["X", "w"], ["Y"])], ["Y"], weights=[weight])
    (HERE / "beside.bin").write_bytes(np.array([1, 2, 3, 4], "<f4").tobytes())


if __name__ == "__main__":
    flights()
    operators()
    others()
