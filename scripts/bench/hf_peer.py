#!/usr/bin/env python3
"""The peer of `npm run bench`: Hugging Face's Trainer with PEFT on the inputs of prepare.py, one JSON line at the end of stdout.

  python hf_peer.py INPUTS train|eval --steps N [--dtype float32|bfloat16] [--rank 8] [--device cpu|cuda]
                    [--optim adamw_torch|adamw_bnb_8bit] [--eval-batch ROWS] [--group-by-length]

The same batches in the same order as in batches.json, padded to the longest row of each, as the original notebook does. Dropout is
that of config.json. A first batch warms up and is left out of the figures. --eval-batch and --group-by-length are the peer at its
best: larger evaluation batches, and rows of similar length together, so that less is padded.

The environment: python3 -m venv runs/peer && runs/peer/bin/pip install torch transformers peft accelerate
"""
import argparse
import json
import os
import resource
import tempfile
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from peft import LoraConfig, TaskType, get_peft_model
from torch.utils.data import SequentialSampler
from transformers import RobertaForSequenceClassification, Trainer, TrainerCallback, TrainingArguments

parser = argparse.ArgumentParser()
parser.add_argument("inputs")
parser.add_argument("job", choices=["train", "eval"])
parser.add_argument("--steps", type=int, default=4)
parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
parser.add_argument("--optim", default="adamw_torch")
parser.add_argument("--rank", type=int, default=8)
parser.add_argument("--eval-batch", type=int, help="rows of an evaluation batch; as many as in batches.json when not given")
parser.add_argument("--group-by-length", action="store_true", help="evaluate rows of similar length together")
options = parser.parse_args()

with open(os.path.join(options.inputs, "batches.json")) as file:
    batches = json.load(file)
if len(batches) < options.steps + 1:
    parser.error(f"--steps: expected at most {len(batches) - 1}, one less than there are batches, got {options.steps}")
batches = batches[: options.steps + 1]
rows = [{"input_ids": ids, "labels": label} for batch in batches for ids, label in zip(batch["input_ids"], batch["labels"])]
size = len(batches[0]["labels"])
warm_up, counted = rows[:size], rows[size:]
if options.group_by_length:
    counted.sort(key=lambda row: len(row["input_ids"]))


def collate(rows):
    longest = max(len(row["input_ids"]) for row in rows)
    padded = lambda row, own, value: own + [value] * (longest - len(row["input_ids"]))
    return {
        "input_ids": torch.tensor([padded(row, row["input_ids"], 1) for row in rows]),
        "attention_mask": torch.tensor([padded(row, [1] * len(row["input_ids"]), 0) for row in rows]),
        "labels": torch.tensor([row["labels"] for row in rows]),
    }


class InOrder(Trainer):
    def _get_train_sampler(self, *args, **kwargs):
        return SequentialSampler(self.train_dataset)


class Clock(TrainerCallback):
    seconds = []

    def now(self):
        if options.device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()

    def on_step_begin(self, *args, **kwargs):
        self.begun = self.now()

    def on_step_end(self, *args, **kwargs):
        self.seconds.append(self.now() - self.begun)


# In float32 also where the file is in float16, which transformers would keep: the demo's is.
model = RobertaForSequenceClassification.from_pretrained(os.path.join(options.inputs, "model"), dtype=torch.float32)
model = get_peft_model(model, LoraConfig(task_type=TaskType.SEQ_CLS, r=options.rank))
clock = Clock()
with tempfile.TemporaryDirectory() as folder:
    arguments = TrainingArguments(
        output_dir=folder,
        per_device_train_batch_size=size,
        per_device_eval_batch_size=options.eval_batch or size,
        num_train_epochs=1,
        optim=options.optim,
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        use_cpu=options.device == "cpu",
        bf16=options.dtype == "bfloat16",
        label_names=["labels"],
    )
    trainer = InOrder(model=model, train_dataset=rows, eval_dataset=counted, data_collator=collate, callbacks=[clock], args=arguments)
    if options.job == "train":
        trainer.train()
        seconds = sum(clock.seconds[1:])
        losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    else:
        trainer.evaluate(warm_up)
        begun = clock.now()
        losses = [trainer.evaluate()["eval_loss"]]
        seconds = clock.now() - begun

tokens = sum(len(row["input_ids"]) for row in counted)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "who": "hf",
    "job": options.job,
    "dtype": options.dtype,
    "device": options.device,
    "dropout": model.config.hidden_dropout_prob,
    "steps": options.steps,
    "seconds": round(seconds, 3),
    "tokens": tokens,
    "tokens_per_second": round(tokens / seconds, 2),
    "peak_rss_bytes": used.ru_maxrss * 1024,
    "peak_gpu_bytes": torch.cuda.max_memory_allocated() if options.device == "cuda" else None,
    "losses": losses,
    "cpu_seconds": round(used.ru_utime + used.ru_stime, 3),
}))
