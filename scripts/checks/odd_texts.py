"""Odd texts, and the ids that Python's tokenizers give them: every assigned code point in three contexts, and random mixes.

Usage: python scripts/checks/odd_texts.py FOLDER [vocabulary folder]   (needs tokenizers; compare-tokens.ts reads what it writes)
With `--sample` alone it writes test/fixtures/tokenizer/odd.json, a few hundred of the texts, with tokenizers 0.23.3.
"""

import json
import pathlib
import random
import sys
import unicodedata

from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors


def assigned():
    return [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")]


def odd_texts():
    marks = assigned()
    texts = [form.format(c) for c in marks for form in ("{}", "ab{}cd", "Is {} it?")]
    dice = random.Random(1)
    pieces = [" ", "  ", "\n", "\t", "\u0085", "\ufeff", "\u00a0", "\u200b", "<mask>", "[MASK]", "'s", "1", "a", "Be", "\u0301", "."]
    for _ in range(30000):
        texts.append("".join(dice.choice(pieces if dice.random() < 0.6 else marks) for _ in range(dice.randint(1, 14))))
    return texts


def byte_level(folder):
    model = models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True)])
    return tokenizer


def word_piece(marks, **options):
    letters = sorted({c for mark in marks for c in unicodedata.normalize("NFD", mark) + mark.lower() + mark})
    words = ["[UNK]", "[MASK]", *letters, *("##" + letter for letter in letters)]
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(dict.fromkeys(words))}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(**options)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens([AddedToken("[MASK]", special=True)])
    return tokenizer


def unigram():
    letters = sorted({c for mark in assigned() for c in unicodedata.normalize("NFKC", mark)} - {"\u2581"})
    pieces = [("<unk>", 0.0), ("\u2581", -2.0), ("ab", -1.5), ("\u2581Is", -2.5), *((letter, -10.0) for letter in letters[::2])]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return tokenizer


def write(folder, name, tokenizer, texts):
    (folder / name).mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / name / "tokenizer.json"))
    encoded = tokenizer.encode_batch(texts, add_special_tokens=False)
    with open(folder / name / "ids.jsonl", "w") as file:
        file.writelines(json.dumps(row.ids) + "\n" for row in encoded)


SHOWN = "\u0085\ufeff\u0890\u08e2\u07fd\u0897\u1734\U0001171e\u061d\u09fd\u166d\U000111c9\U000105c9\u00a0\u2028\u0307\u0130"


def sample():
    fixtures = pathlib.Path(__file__).resolve().parents[2] / "test" / "fixtures" / "tokenizer"
    texts = odd_texts()
    few = [form.format(c) for c in SHOWN for form in ("{}", "ab{}cd", "Is {} <mask> it?")] + texts[::4001] + texts[-40:]
    pieces = word_piece([c for text in few for c in text])
    answers = {
        "texts": few,
        "byte_level": [row.ids for row in Tokenizer.from_file(str(fixtures / "tokenizer.json")).encode_batch(few, add_special_tokens=False)],
        "word_piece": json.loads(pieces.to_str()),
        "word_piece_ids": [row.ids for row in pieces.encode_batch(few, add_special_tokens=False)],
    }
    (fixtures / "odd.json").write_text(json.dumps(answers) + "\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["--sample"]:
        sample()
        sys.exit()
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    texts = odd_texts()
    (out / "texts.json").write_text(json.dumps(texts))
    if len(sys.argv) > 2:
        write(out, "byte-level", byte_level(pathlib.Path(sys.argv[2])), texts)
    write(out, "word-piece", word_piece(assigned()), texts)
    write(out, "word-piece-cased", word_piece(assigned(), lowercase=False, strip_accents=False), texts)
    write(out, "unigram", unigram(), texts)
    print(len(texts), "texts")
