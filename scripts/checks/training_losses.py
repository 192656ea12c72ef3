#!/usr/bin/env python3
"""Repeats the run of training-losses.ts with transformers' Trainer and PEFT, and compares the loss of every step.

  python training_losses.py FOLDER        needs: torch, transformers, peft
"""
import json
import os
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments

folder = sys.argv[1]
run = json.load(open(os.path.join(folder, "run.json")))
args = run["args"]


def collate(rows):
    longest = max(len(row["input_ids"]) for row in rows)
    pad = lambda row, value: [value] * (longest - len(row["input_ids"]))
    return {
        "input_ids": torch.tensor([row["input_ids"] + pad(row, 1) for row in rows]),
        "attention_mask": torch.tensor([[1] * len(row["input_ids"]) + pad(row, 0) for row in rows]),
        "labels": torch.tensor([row["label"] for row in rows]),
    }


base = AutoModelForSequenceClassification.from_pretrained(os.path.join(folder, "model"), dtype=torch.float32)
model = PeftModel.from_pretrained(base, os.path.join(folder, "adapter"), is_trainable=True)
trainer = Trainer(
    model=model,
    train_dataset=run["rows"],
    data_collator=collate,
    args=TrainingArguments(
        output_dir=os.path.join(folder, "python"),
        per_device_train_batch_size=args["perDeviceTrainBatchSize"],
        max_steps=args["maxSteps"],
        learning_rate=args["learningRate"],
        seed=args["seed"],
        optim="adamw_torch",
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        use_cpu=True,
        remove_unused_columns=False,
        label_names=["labels"],
    ),
)
trainer.train()
losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
differences = [abs(ours - theirs) for ours, theirs in zip(run["losses"], losses, strict=True)]
worst = max(range(len(differences)), key=differences.__getitem__)
print(json.dumps({
    "steps": len(losses),
    "worst_difference": differences[worst],
    "at_step": worst + 1,
    "last": [run["losses"][-1], losses[-1]],
}))
sys.exit(0 if differences[worst] <= 1e-3 else 1)
