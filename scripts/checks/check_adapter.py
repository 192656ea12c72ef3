"""Loads the adapters and merged models that write-adapters.ts has written, and compares logits with ours.

Usage: python scripts/checks/check_adapter.py <folder>     in a venv with peft 0.10.0 or 0.21.2
"""

import json
import pathlib
import sys
import warnings

import peft
import torch
import transformers
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

TOLERANCE = 2e-5


def load(folder):
    return AutoModelForSequenceClassification.from_pretrained(folder).float().eval()


def difference(model, answers):
    worst = 0.0
    for batch, expected in zip(answers["batches"], answers["logits"], strict=True):
        ids, mask = torch.tensor(batch["input_ids"]), torch.tensor(batch["attention_mask"])
        with torch.no_grad():
            got = model(input_ids=ids, attention_mask=mask).logits
        worst = max(worst, (got - torch.tensor(expected)).abs().max().item())
    return worst


def main(folder):
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    print(f"peft {peft.__version__}, transformers {transformers.__version__}, torch {torch.__version__}")
    good = True
    for file in sorted(pathlib.Path(folder).glob("*/answers.json")):
        answers = json.loads(file.read_text())
        try:
            model = PeftModel.from_pretrained(load(answers["base"]), file.parent / "adapter").eval()
            adapter = difference(model, answers)
            merged = difference(load(file.parent / "merged"), answers)
        except Exception as error:
            good = False
            print(f"{answers['name']:34} {type(error).__name__}: {str(error)[:200]}")
            continue
        fine = max(adapter, merged) <= TOLERANCE
        good = good and fine
        print(f"{answers['name']:34} adapter {adapter:.1e}  merged {merged:.1e}  {'' if fine else 'DIFFERENT'}")
    return 0 if good else 1


sys.exit(main(sys.argv[1]))
