"""Makes test/fixtures/lora: adapters by PEFT, with the logits that PEFT computes with them.

Run once under each release (Python venvs outside the repository):
  pip install peft==0.10.0 transformers==4.39.3 "torch==2.2.2" "numpy<2"   then   python scripts/peer/make_lora_fixtures.py
  pip install peft==0.21.2 transformers==5.23.0 torch==2.15.0              then   python scripts/peer/make_lora_fixtures.py
Each run writes the adapters of its release only; today's also writes init.json (first values of A and B for a seed).
"""

import json
import pathlib

import peft
import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import AutoModelForSequenceClassification

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "test" / "fixtures"
OUT = FIXTURES / "lora"
RELEASE = ".".join(peft.__version__.split(".")[:2])
BATCHES = 2

# Adapters whose gradients are written too: those that train more than the two matrices.
WITH_GRADIENTS = {"bias-all-head", "bias-lora-only", "saved-norms"}

# Name: (case whose model is adapted, settings), by release.
ADAPTERS = {
    "0.10": {
        "peft010-frozen-head": ("roberta-seed", {"r": 4, "lora_alpha": 6}),
        "peft010-trained-head": (
            "bert",
            {"task_type": TaskType.SEQ_CLS, "r": 2, "use_rslora": True, "target_modules": ["query", "value", "output.dense"]}
            | {"rank_pattern": {"attention.self.query": 5}, "init_lora_weights": "gaussian"},
        ),
        "peft010-bias-all": ("roberta-head", {"task_type": TaskType.SEQ_CLS, "r": 2, "bias": "all"}),
        "peft010-bias-lora-only": ("roberta-head", {"r": 2, "bias": "lora_only"}),
        "peft010-bin": ("roberta-head", {"r": 2, "layers_to_transform": [1]}),
    },
    "0.21": {
        "bias-all": ("roberta-head", {"r": 2, "bias": "all"}),
        "bias-all-head": ("bert", {"task_type": "SEQ_CLS", "r": 2, "bias": "all"}),
        "bias-lora-only": ("roberta-head", {"r": 2, "bias": "lora_only", "target_modules": ["query", "output.dense"]}),
        "expression": ("roberta-patterns", {"r": 2, "target_modules": r".*\.layer\.(?P<n>[02])\..*(query|dense)"}),
        "all-linear": ("bert", {"task_type": "SEQ_CLS", "r": 2, "target_modules": "all-linear"}),
        "all-linear-head": ("roberta-head", {"r": 2, "target_modules": "all-linear"}),
        "saved-norms": ("roberta-head", {"r": 2, "modules_to_save": ["LayerNorm", "word_embeddings"]}),
        "dense-trained-head": ("roberta-head", {"task_type": "SEQ_CLS", "r": 2, "target_modules": ["dense"]}),
        "layers": (
            "roberta-patterns",
            {"r": 2, "lora_alpha": 3, "target_modules": ["key", "classifier.dense"], "layers_to_transform": 1}
            | {"layers_pattern": "layer", "rank_pattern": {r"layer\.\d\..*": 3}, "alpha_pattern": {"key": 5, "self.key": 7}},
        ),
    },
}

# First values: (case, settings), drawn after torch.manual_seed(7).
INITS = {
    "kaiming": ("roberta-patterns", {"r": 3, "target_modules": ["query", "intermediate.dense", "output.dense"]}),
    "ranks": ("bert", {"r": 2, "rank_pattern": {"value": 7, r"layer\.0\.attention\.self\.query": 1}}),
    "gaussian": ("roberta-patterns", {"r": 3, "init_lora_weights": "gaussian", "target_modules": ["query", "dense"]}),
    "gaussian-small": ("roberta-seed", {"r": 1, "init_lora_weights": "gaussian"}),
    "false": ("roberta-head", {"r": 5, "init_lora_weights": False}),
}


def base_model(case):
    return AutoModelForSequenceClassification.from_pretrained(FIXTURES / "cases" / case / "model").float().eval()


def batches(case):
    return json.loads((FIXTURES / "cases" / case / "forward.json").read_text())["batches"][:BATCHES]


def logits(model, case):
    with torch.no_grad():
        return [
            model(
                input_ids=torch.tensor(batch["input_ids"]), attention_mask=torch.tensor(batch["attention_mask"])
            ).logits.tolist()
            for batch in batches(case)
        ]


def move(model):
    """Gives every trained weight another value, as training would."""
    generator = torch.Generator().manual_seed(11)
    for _, parameter in model.named_parameters():
        if parameter.requires_grad:
            parameter.data += 0.15 * torch.randn(parameter.shape, generator=generator)


def gradients_of(model, case):
    """The mean cross entropy of the first batch, and of each trained tensor the gradient's norm and first values."""
    batch = batches(case)[0]
    scores = model(
        input_ids=torch.tensor(batch["input_ids"]), attention_mask=torch.tensor(batch["attention_mask"])
    ).logits
    loss = torch.nn.functional.cross_entropy(scores, torch.tensor(batch["labels"]))
    loss.backward()
    tensors = {
        name.replace(".default", "").replace(".modules_to_save", ""): {
            "norm": parameter.grad.norm().item(),
            "first": parameter.grad.flatten().tolist()[:8],
        }
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    return {"loss": loss.item(), "tensors": tensors}


def make_adapter(name, case, settings):
    torch.manual_seed(3)
    model = get_peft_model(base_model(case), LoraConfig(**settings)).eval()
    counts = model.get_nb_trainable_parameters()
    move(model)
    folder = OUT / name
    model.save_pretrained(folder, safe_serialization=not name.endswith("-bin"))
    (folder / "README.md").unlink()
    config = folder / "adapter_config.json"
    content = json.loads(config.read_text())
    if isinstance(content["target_modules"], list):
        content["target_modules"].sort()  # written in the order of a hash otherwise
    content["base_model_name_or_path"] = case
    config.write_text(json.dumps(content, indent=2) + "\n")
    gradients = gradients_of(model, case) if name in WITH_GRADIENTS else None
    # What a reader of the files gets: PEFT 0.10 writes no biases for "lora_only".
    read = PeftModel.from_pretrained(base_model(case), folder).eval()
    answers = {"case": case, "peft": peft.__version__, "trainable": counts[0], "all": counts[1], "logits": logits(read, case)}
    with read.disable_adapter():
        answers["disabled"] = logits(read, case)
    answers["merged"] = logits(read.merge_and_unload(), case)
    if gradients:
        answers["gradients"] = gradients
    (folder / "answers.json").write_text(json.dumps(answers) + "\n")


def make_init(case, settings):
    base = base_model(case)
    torch.manual_seed(7)
    model = get_peft_model(base, LoraConfig(**settings))
    values = {
        name.replace(".default", ""): {"shape": list(parameter.shape), "values": parameter.flatten().tolist()[:40]}
        for name, parameter in model.named_parameters()
        if "lora_A" in name or ("lora_B" in name and settings.get("init_lora_weights") is False)
    }
    return {"case": case, "settings": settings, "seed": 7, "first": values}


def main():
    for name, (case, settings) in ADAPTERS[RELEASE].items():
        make_adapter(name, case, settings)
    if RELEASE == "0.21":
        inits = {name: make_init(*content) for name, content in INITS.items()}
        (OUT / "init.json").write_text(json.dumps(inits) + "\n")


main()
