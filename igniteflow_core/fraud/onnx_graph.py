"""The whole ensemble as one ONNX graph: trees, vote and calibration, from features to probability.

Arithmetic is in double, on features rounded to float32 as in training, so that every row takes the
same path through every tree.
"""

from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import ArrayLike
from onnx import TensorProto, helper, numpy_helper

from igniteflow_core.errors import PermanentError
from igniteflow_core.fraud.calibration import SMOOTHING, SigmoidCalibration
from igniteflow_core.fraud.ensemble import FraudEnsemble
from igniteflow_core.fraud.members import BoosterMember, ForestMember, Member, MemberName
from igniteflow_core.fraud.trees import Forest, flat_forest, treelite_model

INPUT: Final = "features"
OUTPUT: Final = "score"
_OPSETS: Final = {"": 21, "ai.onnx.ml": 5}
_IR_VERSION: Final = 10
_LEQ, _LT = 0, 1
_AVERAGE, _SUM = 0, 1


class _Graph:
    """Nodes under construction; every method returns the name of the node's output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401 - ONNX's own
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def constant(self, value: float) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(_tensor(value, name))
        return name

    def line(self, name: str, line: SigmoidCalibration) -> str:
        scaled = self.add("Mul", name, self.constant(line.slope))
        return self.add("Add", scaled, self.constant(line.intercept))

    def log_odds(self, score: str) -> str:
        smoothed = self.add("Add", score, self.constant(SMOOTHING))
        rest = self.add("Sub", self.constant(1 + SMOOTHING), score)
        return self.add("Sub", self.add("Log", smoothed), self.add("Log", rest))

    def sigmoid(self, margin: str) -> str:
        one = self.constant(1.0)
        return self.add("Div", one, self.add("Add", one, self.add("Exp", self.add("Neg", margin))))

    def trees(self, features: str, forest: Forest, aggregate: int) -> str:
        return self.add(
            "TreeEnsemble", features, domain="ai.onnx.ml", **_tree_attributes(forest, aggregate)
        )


def onnx_graph(ensemble: FraudEnsemble) -> bytes:
    """The ensemble as ONNX: input ``features`` double (n, features), output ``score`` (n, 1).

    Raises:
        PermanentError: a member is of a type that has no ONNX form.
    """
    graph = _Graph()
    single = graph.add("Cast", INPUT, to=TensorProto.FLOAT)
    features = graph.add("Cast", single, to=TensorProto.DOUBLE)
    votes = []
    for name, member in ensemble.members.items():
        if ensemble.weights[name] > 0:
            score = _member_score(graph, features, name, member)
            log_odds = graph.line(graph.log_odds(score), ensemble.member_calibrations[name])
            votes.append(graph.add("Mul", log_odds, graph.constant(ensemble.weights[name])))
    vote = graph.add("Sum", *votes)
    probability = graph.sigmoid(graph.line(vote, ensemble.calibration))
    graph.nodes.append(helper.make_node("Identity", [probability], [OUTPUT]))
    width = len(ensemble.feature_names)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "fraud_ensemble",
            [helper.make_tensor_value_info(INPUT, TensorProto.DOUBLE, [None, width])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.DOUBLE, [None, 1])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid(*opset) for opset in _OPSETS.items()],
        ir_version=_IR_VERSION,
    )
    return bytes(model.SerializeToString())


def _member_score(graph: _Graph, features: str, name: MemberName, member: Member) -> str:
    if not isinstance(member, ForestMember | BoosterMember):
        raise PermanentError(
            f"the member {name} is a {type(member).__name__}, which has no ONNX form here",
            where="export of the fraud ensemble",
            fix="add an ONNX form for it to onnx_graph",
        )
    model = treelite_model(member)
    forest = flat_forest(model)
    if isinstance(member, BoosterMember):
        margin = graph.trees(features, forest, _SUM)
        base = float(model.get_header_accessor().get_field("base_scores")[0])
        return graph.sigmoid(graph.add("Add", margin, graph.constant(base)))
    mean = graph.trees(features, forest, _AVERAGE)
    if name == "random_forest":
        return mean
    # An isolation forest's score is 2^(-depth / c), with c the depth expected of a random tree.
    expected_depth = float(model.get_header_accessor().get_field("ratio_c")[0])
    return graph.add("Exp", graph.add("Mul", mean, graph.constant(-np.log(2) / expected_depth)))


def _tree_attributes(forest: Forest, aggregate: int) -> dict[str, Any]:
    """The attributes of the operator TreeEnsemble, which numbers nodes and leaves separately."""
    is_leaf = forest.left < 0
    inner, leaves = np.cumsum(~is_leaf) - 1, np.cumsum(is_leaf) - 1
    split = ~is_leaf
    left, right = forest.left[split], forest.right[split]
    lone = np.flatnonzero(is_leaf[forest.roots])
    n_inner = int(split.sum())
    # The operator starts at a node: a tree that is one leaf becomes a node with it on both sides.
    lone_leaves = leaves[forest.roots[lone]]
    roots = inner[forest.roots].copy()
    roots[lone] = n_inner + np.arange(len(lone))

    def children(side: np.ndarray[Any, np.dtype[np.int64]]) -> tuple[list[int], list[int]]:
        numbers = np.where(is_leaf[side], leaves[side], inner[side])
        ends = is_leaf[side].astype(np.int64)
        ones = np.ones(len(lone), dtype=np.int64)
        return (
            np.concatenate((numbers, lone_leaves)).tolist(),
            np.concatenate((ends, ones)).tolist(),
        )

    true_nodes, true_leaves = children(left)
    false_nodes, false_leaves = children(right)
    padding = np.zeros(len(lone))
    modes = np.full(n_inner + len(lone), _LT if forest.strict else _LEQ, dtype=np.uint8)
    return {
        "aggregate_function": aggregate,
        "leaf_targetids": [0] * int(is_leaf.sum()),
        "leaf_weights": _tensor(forest.value[is_leaf], "leaf_weights"),
        "n_targets": 1,
        "nodes_falseleafs": false_leaves,
        "nodes_falsenodeids": false_nodes,
        "nodes_featureids": [*forest.feature[split].tolist(), *[0] * len(lone)],
        "nodes_modes": numpy_helper.from_array(modes, "modes"),
        "nodes_splits": _tensor(np.concatenate((forest.threshold[split], padding)), "splits"),
        "nodes_trueleafs": true_leaves,
        "nodes_truenodeids": true_nodes,
        "post_transform": 0,
        "tree_roots": roots.tolist(),
    }


def _tensor(values: ArrayLike, name: str) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(values, dtype=np.float64), name)
