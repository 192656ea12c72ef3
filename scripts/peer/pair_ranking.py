"""Makes test/fixtures/ranking with torch and transformers: loss and gradients of pairs of texts under a model of one output.

Run from the project's folder: python scripts/peer/pair_ranking.py
The model is test/fixtures/problems/one-output/model; the loss is the mean of -log sigmoid(s1 - s2).
"""

import json
import pathlib

import torch
import transformers
from safetensors.torch import save_file

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "test" / "fixtures"
PAIRS = [
    ([0, 9, 12, 31, 7, 2], [0, 17, 2]),
    ([0, 33, 21, 2], [0, 5, 5, 38, 11, 6, 2]),
    ([0, 24, 2], [0, 24, 8, 2]),
]
STEPS, RATE = 12, 1e-3

torch.set_num_threads(1)
model = transformers.AutoModelForSequenceClassification.from_pretrained(FIXTURES / "problems" / "one-output" / "model")
model.eval()  # no dropout, in the training below as well
padding = model.config.pad_token_id


def scores(texts):
    longest = max(len(ids) for ids in texts)
    ids = torch.tensor([row + [padding] * (longest - len(row)) for row in texts])
    return model(input_ids=ids, attention_mask=(ids != padding).long()).logits.squeeze(-1)


def pair_loss():
    first, second = scores([a for a, _ in PAIRS]), scores([b for _, b in PAIRS])
    loss = -torch.nn.functional.logsigmoid(first - second).mean()
    return first, second, loss


first, second, loss = pair_loss()
loss.backward()
folder = FIXTURES / "ranking"
folder.mkdir(exist_ok=True)
save_file({key: p.grad.contiguous() for key, p in model.named_parameters() if p.grad is not None}, folder / "grads.safetensors")
optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
losses = []
for _ in range(STEPS):
    optimizer.zero_grad()
    _, _, step_loss = pair_loss()
    step_loss.backward()
    optimizer.step()
    losses.append(step_loss.item())
answers = dict(
    pairs=PAIRS, scores=torch.stack([first, second], 1).tolist(), loss=loss.item(), share=(first > second).float().mean().item(),
    learning_rate=RATE, step_losses=losses, torch=torch.__version__, transformers=transformers.__version__,
)
(folder / "answers.json").write_text(json.dumps(answers) + "\n")
print(answers)
