"""Writes the learning rates of transformers' schedules to test/fixtures/trainer/schedules.json."""
import json
from pathlib import Path

import torch
from transformers import TrainingArguments, get_scheduler

OUT = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "trainer" / "schedules.json"
answers = []
for name in ["linear", "cosine", "constant", "constant_with_warmup"]:
    for warmup, steps in [(0, 7), (3, 7), (0.25, 9), (9, 7)]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2e-3)
        count = TrainingArguments(output_dir="unused", warmup_steps=warmup, use_cpu=True).get_warmup_steps(steps)
        schedule = get_scheduler(name, optimizer, num_warmup_steps=count, num_training_steps=steps)
        rates = []
        for _ in range(steps + 2):
            rates.append(schedule.get_last_lr()[0])
            optimizer.step()
            schedule.step()
        answers.append(dict(name=name, warmup_steps=warmup, steps=steps, rates=rates))
OUT.write_text(json.dumps(answers, indent=1) + "\n")
