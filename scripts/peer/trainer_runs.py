"""Runs transformers' Trainer with PEFT on the case roberta-head and writes what it logged, kept and ended with.

    python scripts/peer/trainer_runs.py [run ...]

Needs torch, transformers and peft; writes test/fixtures/trainer/runs/<run>.json and <run>.safetensors.
"""
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from peft import PeftModel
from peft.optimizers import create_loraplus_optimizer
from safetensors.torch import load_file
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    Trainer,
    TrainingArguments,
)

FIXTURES = Path(__file__).resolve().parents[2] / "test" / "fixtures"
OUT = FIXTURES / "trainer" / "runs"
CASE = FIXTURES / "cases" / "roberta-head"

# Settings beside those that all runs share: arguments by their Python names, and what stands outside of TrainingArguments.
RUNS = {
    "steps": dict(
        args=dict(max_steps=10, eval_strategy="steps", eval_steps=2, save_strategy="steps", save_steps=4,
                  logging_steps=3, logging_first_step=True, lr_scheduler_type="cosine", warmup_steps=3,
                  load_best_model_at_end=True, metric_for_best_model="accuracy", save_total_limit=2),
    ),
    "accumulation": dict(
        args=dict(num_train_epochs=3, gradient_accumulation_steps=4, eval_strategy="epoch", save_strategy="epoch",
                  logging_steps=1, warmup_steps=0.3, load_best_model_at_end=True, save_total_limit=1),
    ),
    "smoothing": dict(
        args=dict(num_train_epochs=2, gradient_accumulation_steps=4, label_smoothing_factor=0.1, optim="sgd",
                  learning_rate=0.1, weight_decay=0.02, lr_scheduler_type="constant_with_warmup", warmup_steps=2,
                  logging_steps=2, save_strategy="no", eval_strategy="epoch"),
    ),
    "early-stopping": dict(
        args=dict(num_train_epochs=4, eval_strategy="steps", eval_steps=2, save_strategy="steps", save_steps=2,
                  logging_steps=5, learning_rate=0.05, lr_scheduler_type="constant", load_best_model_at_end=True,
                  save_total_limit=1),
        patience=2, threshold=0.01,
    ),
    "loraplus": dict(
        args=dict(num_train_epochs=2, logging_steps=2, save_strategy="steps", save_steps=5, weight_decay=0.02),
        loraplus_ratio=8,
    ),
    "weights": dict(
        args=dict(num_train_epochs=1.5, logging_strategy="epoch", save_strategy="steps", save_steps=4,
                  eval_strategy="steps", eval_steps=5, per_device_eval_batch_size=9),
        class_weights=[0.25, 3.0],
    ),
}
CLOCK = ("runtime", "per_second", "flos")


def plain(entry):
    return {key: float(value) for key, value in entry.items() if not any(word in key for word in CLOCK)}


def run(name, settings):
    torch.set_num_threads(1)
    seed_run = json.loads((FIXTURES / "trainer" / "trainer.json").read_text())
    tokenizer = AutoTokenizer.from_pretrained(FIXTURES / "tokenizer")
    rows = lambda split: [{**tokenizer(row["text"], truncation=True), "label": row["label"]} for row in split]
    base = AutoModelForSequenceClassification.from_pretrained(CASE / "model", dtype=torch.float32)
    model = PeftModel.from_pretrained(base, CASE / "adapter_init", is_trainable=True)
    folder = Path(tempfile.mkdtemp())
    shared = dict(output_dir=str(folder), per_device_train_batch_size=4, per_device_eval_batch_size=4,
                  learning_rate=0.002, seed=42, optim="adamw_torch", report_to=[], use_cpu=True, disable_tqdm=True)
    args = TrainingArguments(**{**shared, **settings["args"]})
    more = {}
    if "loraplus_ratio" in settings:
        optimizer = create_loraplus_optimizer(
            model, torch.optim.AdamW, lr=args.learning_rate, loraplus_lr_ratio=settings["loraplus_ratio"],
            loraplus_weight_decay=args.weight_decay)
        more["optimizers"] = (optimizer, None)
    if "class_weights" in settings:
        loss = torch.nn.CrossEntropyLoss(torch.tensor(settings["class_weights"]))
        more["compute_loss_func"] = lambda outputs, labels, num_items_in_batch=None: loss(outputs.logits, labels)
    if "patience" in settings:
        more["callbacks"] = [EarlyStoppingCallback(settings["patience"], settings["threshold"])]
    accuracy = lambda p: {"accuracy": float(np.mean(np.argmax(p.predictions, -1) == p.label_ids))}
    trainer = Trainer(model=model, args=args, train_dataset=rows(seed_run["train_rows"]),
                      eval_dataset=rows(seed_run["eval_rows"]), data_collator=DataCollatorWithPadding(tokenizer),
                      compute_metrics=accuracy, **more)
    output = trainer.train()
    state = trainer.state
    answer = dict(
        settings=settings,
        log_history=[plain(entry) for entry in state.log_history],
        global_step=state.global_step, max_steps=state.max_steps, num_train_epochs=state.num_train_epochs,
        train_loss=output.training_loss, best_metric=state.best_metric,
        best_checkpoint=state.best_model_checkpoint and os.path.basename(state.best_model_checkpoint),
        checkpoints=sorted(path.name for path in folder.glob("checkpoint-*")),
    )
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps(answer, indent=1) + "\n")
    model.save_pretrained(folder / "last")
    shutil.copyfile(folder / "last" / "adapter_model.safetensors", OUT / f"{name}.safetensors")
    print(name, state.global_step, answer["checkpoints"], answer["best_checkpoint"], len(load_file(OUT / f"{name}.safetensors")))
    shutil.rmtree(folder)


for name in sys.argv[1:] or RUNS:
    run(name, RUNS[name])
