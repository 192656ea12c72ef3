"""Makes test/fixtures/problems and test/fixtures/wordpiece with torch and transformers.

Run from the project's folder: python scripts/peer/make_fixtures.py
Needs torch, transformers and safetensors. Everything is float32 on one CPU thread; the weights are random.
"""

import json
import pathlib
import shutil

import torch
import transformers
from safetensors.torch import save_file

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "test" / "fixtures"
SIZES = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24, vocab_size=40)
NO_DROPOUT = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, classifier_dropout=0.0)
ROBERTA = dict(**SIZES, **NO_DROPOUT, max_position_embeddings=14, type_vocab_size=1, pad_token_id=1, layer_norm_eps=1e-5)


def distilbert():
    config = transformers.DistilBertConfig(
        vocab_size=40, dim=16, n_layers=2, n_heads=4, hidden_dim=24, max_position_embeddings=12,
        dropout=0.0, attention_dropout=0.0, seq_classif_dropout=0.0, num_labels=3,
    )
    return transformers.DistilBertForSequenceClassification(config), [2, 0, 1], False


def one_output():
    config = transformers.RobertaConfig(**ROBERTA, num_labels=1)
    return transformers.RobertaForSequenceClassification(config), [0.75, -1.5, 3.0], False


def regression():
    config = transformers.XLMRobertaConfig(**ROBERTA, num_labels=3, problem_type="regression")
    labels = [[0.5, -1.0, 2.0], [0.0, 0.25, -0.75], [1.5, 1.0, 0.0]]
    return transformers.XLMRobertaForSequenceClassification(config), labels, False


def multi_label():
    config = transformers.BertConfig(
        **SIZES, **NO_DROPOUT, max_position_embeddings=12, type_vocab_size=2, num_labels=3,
        problem_type="multi_label_classification",
    )
    labels = [[1, 0, 1], [0, 0, 0], [1, 1, 0]]
    return transformers.BertForSequenceClassification(config), labels, True


def make_problem(name, make):
    torch.manual_seed(20)
    model, labels, typed = make()
    model.eval()
    with torch.no_grad():  # larger than usual, so that an error shows
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.15)
    folder = FIXTURES / "problems" / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder / "model")
    padding = model.config.pad_token_id
    ids = [[5, 9, 12, 31, 7, 2], [6, 17, 2], [8, 33, 21, 2]]
    types = [[0, 0, 0, 1, 1, 1], [0, 0, 1], [0, 0, 0, 0]]
    longest = max(len(row) for row in ids)
    batch = dict(
        input_ids=torch.tensor([row + [padding] * (longest - len(row)) for row in ids]),
        attention_mask=torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids]),
    )
    if typed:
        batch["token_type_ids"] = torch.tensor([row + [0] * (longest - len(row)) for row in types])
    float_labels = model.config.problem_type == "multi_label_classification" or isinstance(labels[0], float)
    targets = torch.tensor(labels, dtype=torch.float32 if float_labels or model.num_labels == 1 else None)
    out = model(**batch, labels=targets, output_hidden_states=True)
    out.loss.backward()
    save_file({key: p.grad.contiguous() for key, p in model.named_parameters() if p.grad is not None}, folder / "grads.safetensors")
    answers = dict(
        input_ids=ids, labels=labels, logits=out.logits.tolist(), loss=out.loss.item(),
        first_token_of_each_hidden_state=[h[:, 0].tolist() for h in out.hidden_states],
    )
    if typed:
        answers["token_type_ids"] = types
    (folder / "answers.json").write_text(json.dumps(answers) + "\n")
    print(name, type(model).__name__, out.loss.item())


WORDS = """the a quick brown fox jump ##s ##ed over lazy dog un ##aff ##able want ##ing ##ly i do not like this , . ! ? ' - ( ) " # @
cafe café cafés naive naïve resume ##é e é São sao Paulo paulo ÅNGSTRÖM angstrom 中 国 人 𠀀 σ ς ##σ ##ς ο δ ##ο ##δ ##ό ##ς x ##x ##y y [ ] unused 1 2 ##3 5 ##0
The Quick Fox I Do İ i̇ ß ss straße ##ße stra don t 's ##' e ##acute""".split()
TEXTS = [
    "", " ", "the quick brown fox jumped over the lazy dog", "The Quick Brown Fox!", "unaffable", "unwanted xyzzy", "I don't like this.",
    "café cafés naïve résumé", "CAFÉ NAÏVE", "São Paulo", "ÅNGSTRÖM", "Ångström", "中国人 the", "the中国fox", "𠀀the", "𠀀", "ΟΔΟΣ οδός ος",
    "İ", "ß Straße", "the\tquick\nbrown\r\nfox", "the\u00a0quick\u3000fox", "the\u200bquick", "a\u0000b\ufffdc", "x" * 99, "x" * 100, "x" * 101,
    "y" + "x" * 120 + " fox", "(the) [fox] \"dog\" #1 @x", "the-fox", "1 12 123 50 500", "[CLS] the [SEP]", "the [MASK] fox", "the[MASK]fox", "[mask]",
    "[UNK] the", "[PAD]", "fox " * 40, "e\u0301", "cafe\u0301", "the\u2028fox", "the\u0085fox", "😀 the", "the…fox", "«the» fox", "$5 + 3 = ^x^ `y`",
    "\ufeffthe", "don’t", "\u00adthe fox\u00ad", "ǅ", "ŉ x",
]
PAIRS = [
    ("the fox", "the dog"), ("", "the dog"), ("the fox", ""), ("fox " * 30, "dog"), ("dog", "fox " * 30), ("fox " * 30, "dog " * 30),
    ("fox " * 11, "dog " * 12), ("fox " * 12, "dog " * 11), ("fox " * 9, "dog " * 20), ("fox " * 20, "dog " * 9),
]
VARIANTS = {
    "uncased": {},
    "cased": {"do_lower_case": False},
    "accents_kept": {"strip_accents": False},
    "cased_accents_stripped": {"do_lower_case": False, "strip_accents": True},
    "chinese_whole": {"tokenize_chinese_chars": False},
}


def make_wordpiece():
    folder = FIXTURES / "wordpiece"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    vocab = list(dict.fromkeys(["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, "b", "c", "##b"]))
    (folder / "vocab.txt").write_text("\n".join(vocab) + "\n", encoding="utf-8")
    limit = 24
    answers = {"model_max_length": limit, "texts": TEXTS, "pairs": PAIRS, "variants": {}}
    for name, options in VARIANTS.items():
        (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", "model_max_length": limit, **options}))
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(folder))
        assert type(tokenizer).__name__ == "BertTokenizer", type(tokenizer)
        pairs = [tokenizer(a, b, truncation=True) for a, b in PAIRS]
        answers["variants"][name] = {
            "options": options,
            "ids": [tokenizer(text, truncation=True)["input_ids"] for text in TEXTS],
            "pairs": [{"ids": pair["input_ids"], "types": pair["token_type_ids"]} for pair in pairs],
        }
    (folder / "tokenizer_config.json").unlink()
    (folder / "answers.json").write_text(json.dumps(answers) + "\n")
    print("wordpiece", len(vocab), "tokens", len(TEXTS), "texts")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for name, make in [("distilbert", distilbert), ("one-output", one_output), ("regression", regression), ("multi-label", multi_label)]:
        make_problem(name, make)
    make_wordpiece()
