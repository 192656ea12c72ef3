#!/usr/bin/env python3
"""Makes the inputs of `npm run bench`: a RoBERTa with random weights, and batches in a fixed order.

  python prepare.py INPUTS --csv FILE ...       batches of texts: CSV files with the columns label and input, as ETHICS has them
  python prepare.py INPUTS --rows COUNT TOKENS  batches of COUNT rows of TOKENS random tokens each, for the curve of cost
                    [--size large|base|tiny] [--batches 64] [--batch-size 4] [--dropout 0.1] [--batches-only]

INPUTS/model/        config.json and model.safetensors; with --csv also a byte-level BPE tokenizer trained on these texts
INPUTS/batches.json  [{"input_ids": [[int, ...], ...], "labels": [int, ...]}, ...], not padded, at most 512 tokens a row, shuffled

Time and memory do not depend on what the weights are, so random ones will do.
The environment: python3 -m venv runs/peer && runs/peer/bin/pip install torch transformers peft accelerate
"""
import argparse
import csv
import json
import os
import random

SIZES = {  # hidden, layers, heads, inner
    "large": (1024, 24, 16, 4096),
    "base": (768, 12, 12, 3072),
    "tiny": (64, 2, 4, 256),
}
VOCABULARY = 50265
SEED = 42

parser = argparse.ArgumentParser()
parser.add_argument("inputs")
source = parser.add_mutually_exclusive_group(required=True)
source.add_argument("--csv", nargs="+", metavar="FILE")
source.add_argument("--rows", type=int, nargs=2, metavar=("COUNT", "TOKENS"))
parser.add_argument("--size", choices=SIZES, default="large")
parser.add_argument("--batches", type=int, default=64)
parser.add_argument("--batch-size", type=int, default=4, help="rows of a batch of texts")
parser.add_argument("--dropout", type=float, default=0.1, help="hidden and attention dropout in config.json; RoBERTa's own is 0.1")
parser.add_argument("--batches-only", action="store_true", help="with --rows: make no model")
options = parser.parse_args()
if options.batches_only and not options.rows:
    parser.error("--batches-only: expected --rows beside it, since texts need the tokenizer that is made with the model")
model_folder = os.path.join(options.inputs, "model")


def make_model():
    import torch
    from transformers import RobertaConfig, RobertaForSequenceClassification

    hidden, layers, heads, inner = SIZES[options.size]
    torch.manual_seed(0)
    config = RobertaConfig(
        vocab_size=VOCABULARY,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=514,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        num_labels=2,
        hidden_dropout_prob=options.dropout,
        attention_probs_dropout_prob=options.dropout,
    )
    RobertaForSequenceClassification(config).save_pretrained(model_folder)


def make_tokenizer(texts):
    from tokenizers import ByteLevelBPETokenizer

    tokenizer = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer.train_from_iterator(texts, vocab_size=VOCABULARY, min_frequency=2, special_tokens=special)
    tokenizer.save_model(model_folder)
    tokenizer.save(os.path.join(model_folder, "tokenizer.json"))
    with open(os.path.join(model_folder, "tokenizer_config.json"), "w") as file:
        json.dump({"tokenizer_class": "RobertaTokenizer", "model_max_length": 512}, file)
    return tokenizer


def batches_of_texts():
    rows = []
    for name in options.csv:
        with open(name, newline="") as file:
            rows += csv.DictReader(file)
    tokenizer = make_tokenizer([row["input"] for row in rows])
    random.Random(SEED).shuffle(rows)
    whole = range(0, len(rows) - options.batch_size + 1, options.batch_size)
    for start in whole[: options.batches]:
        some = rows[start : start + options.batch_size]
        yield {
            "input_ids": [[0] + tokenizer.encode(row["input"]).ids[:510] + [2] for row in some],
            "labels": [1 - int(row["label"]) for row in some],  # swapped: 1 is acceptable
        }


def batches_of_tokens():
    count, tokens = options.rows
    for number in range(options.batches):
        draw = random.Random(number)
        yield {
            "input_ids": [[0] + [draw.randrange(5, 5000) for _ in range(tokens - 2)] + [2] for _ in range(count)],
            "labels": [row % 2 for row in range(count)],
        }


if options.batches_only:
    os.makedirs(options.inputs, exist_ok=True)
else:
    os.makedirs(model_folder, exist_ok=True)
    make_model()
batches = list(batches_of_tokens() if options.rows else batches_of_texts())
with open(os.path.join(options.inputs, "batches.json"), "w") as file:
    json.dump(batches, file)
lengths = [[len(ids) for ids in batch["input_ids"]] for batch in batches]
real = sum(map(sum, lengths))
padded = sum(len(batch) * max(batch) for batch in lengths)
print(json.dumps({"batches": len(batches), "tokens": real, "padded_tokens": padded, "padding_ratio": round(padded / real, 3)}))
