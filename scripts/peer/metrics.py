"""Writes scikit-learn's figures of given predictions to test/fixtures/metrics.json."""
import json
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

OUT = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "metrics.json"
CASES = {
    "two labels": ([0, 1, 1, 0, 1, 1, 0, 0], [0, 1, 0, 0, 1, 1, 1, 0]),
    "three labels": ([0, 1, 2, 2, 1, 0, 2, 2, 1], [0, 2, 2, 2, 1, 1, 2, 0, 1]),
    "a label that is never predicted": ([0, 1, 2, 0, 1], [0, 1, 1, 0, 0]),
    "a label that is only predicted": ([0, 0, 1, 1], [0, 2, 1, 1]),
    "a label that does not occur": ([0, 2, 2, 0], [0, 2, 0, 0]),
    "all wrong": ([0, 1, 0, 1], [1, 0, 1, 0]),
}
answers = {}
for name, (right, predicted) in CASES.items():
    count = max(right + predicted) + 1
    scores = lambda **options: [
        value if value is None else np.asarray(value).tolist()
        for value in precision_recall_fscore_support(right, predicted, zero_division=0, **options)]
    precision, recall, f1, support = scores(labels=list(range(count)))
    macro = scores(average="macro")
    answers[name] = dict(
        labels=right, predicted=predicted, count=count, accuracy=accuracy_score(right, predicted),
        matrix=confusion_matrix(right, predicted, labels=list(range(count))).tolist(),
        precision=precision, recall=recall, f1=f1, support=support,
        macro=dict(precision=macro[0], recall=macro[1], f1=macro[2]))
OUT.write_text(json.dumps(answers, indent=1) + "\n")
