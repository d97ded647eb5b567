"""The domain adapter: low-rank weights (LoRA; Hu and others 2021) for the default model. The only door to peft.

An adapter folder holds adapter_model.safetensors and adapter_config.json, as peft writes them, and card.json, which says on
which base weights it stands, what it was trained on, and what was measured.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from indexer.errors import ModelError

if TYPE_CHECKING:
    import torch

CASEBOOK_ADAPTER = Path(__file__).with_name("casebook_adapter")
WEIGHTS = "adapter_model.safetensors"
CARD = "card.json"


class AdapterCard(BaseModel):
    """What an adapter is. Hashes are sha256 in hexadecimal digits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str
    base_sha256: str
    weights_sha256: str
    trained_on: dict[str, str | int]
    settings: dict[str, str | int | float]
    measures: dict[str, str | float]


@dataclass(frozen=True)
class Positive:
    """A page that answers a problem: how often it is drawn, and its texts with how often each is."""

    page: str
    weight: float
    texts: Sequence[str]
    text_weights: Sequence[float]


@dataclass(frozen=True)
class Example:
    """A problem with the pages that help, the names of all of these, and texts near to it that do not help."""

    problem: str
    positives: Sequence[Positive]
    helpful: frozenset[str]
    negatives: Sequence[str]


@dataclass(frozen=True)
class Training:
    """How an adapter is trained; the defaults are those of the Casebook's own (docs/decisions/0011)."""

    epochs: int = 4
    rank: int = 16
    learning_rate: float = 1e-3
    batch: int = 24
    scale: float = 20.0
    most_tokens: int = 96
    warm_up: int = 30
    seed: int = 1


def read_card(folder: Path) -> AdapterCard:
    """An adapter's card, its weights compared with it.

    Raises:
        ModelError: Where a file is missing, damaged, or not the one that the card names.
    """
    cure = "Get the folder again, or set CASEBOOK_ADAPTER=none to build without it."
    try:
        card = AdapterCard.model_validate_json((folder / CARD).read_bytes())
        found = sha256_of(folder / WEIGHTS)
    except (OSError, ValueError) as error:
        raise ModelError(f"The adapter in {folder} cannot be read. {cure}") from error
    if found != card.weights_sha256:
        raise ModelError(f"The adapter's weights in {folder} are not those that its card names. {cure}")
    return card


def check_base(card: AdapterCard, base_sha256: str, folder: Path) -> None:
    """Refuses an adapter that was trained on other weights.

    Raises:
        ModelError: Where the base is another one.
    """
    if card.base_sha256 != base_sha256:
        raise ModelError(
            f"The adapter in {folder} stands on other weights than the model's ({card.base_sha256[:12]}…, not "
            f"{base_sha256[:12]}…). Set CASEBOOK_ADAPTER to one for this model, or to none."
        )


def merged(transformer: Any, folder: Path) -> Any:
    """A transformer with an adapter's weights added to its own."""
    from peft import PeftModel

    return PeftModel.from_pretrained(transformer, str(folder)).merge_and_unload()


def train(
    model: Any, examples: Sequence[Example], training: Training, folder: Path, on_batch: Callable[[int, float], None]
) -> None:
    """Trains an adapter and writes peft's files of it, in half precision; an old folder is replaced.

    Contrastive, with in-batch negatives and one near text that does not help for each problem (InfoNCE in both directions;
    van den Oord and others 2018). What helps a problem is never its negative.

    Args:
        model: A Sentence Transformers model of the base weights; it is changed.
        examples: In any order.
        training: How.
        folder: Where to.
        on_batch: Told of each batch's number and loss.
    """
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(training.seed)
    draw = random.Random(training.seed)
    targets = ["query", "key", "value", "dense"]
    config = LoraConfig(r=training.rank, lora_alpha=2 * training.rank, lora_dropout=0.05, target_modules=targets)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks transformers by a name that is to go
        net = get_peft_model(model[0].auto_model, config)
    net.train()
    parameters = [parameter for parameter in net.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=training.learning_rate, weight_decay=0.01)
    steps = training.epochs * -(-len(examples) // training.batch)
    step = 0
    for _ in range(training.epochs):
        order = list(examples)
        draw.shuffle(order)
        for start in range(0, len(order), training.batch):
            loss = _loss(net, model.tokenizer, order[start : start + training.batch], training, draw)
            share = min(1 - step / steps, (step + 1) / training.warm_up)
            for group in optimizer.param_groups:
                group["lr"] = training.learning_rate * max(share, 0.02)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            step += 1
            on_batch(step, loss.item())
    net.eval()
    shutil.rmtree(folder, ignore_errors=True)
    net.peft_config["default"].base_model_name_or_path = "card.json names it"  # not a path of this machine
    net.half().save_pretrained(str(folder), save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)


def _loss(net: Any, tokenizer: Any, batch: Sequence[Example], training: Training, draw: random.Random) -> torch.Tensor:
    import torch

    chosen = [draw.choices(example.positives, [p.weight for p in example.positives])[0] for example in batch]
    texts = [draw.choices(positive.texts, positive.text_weights)[0] for positive in chosen]
    owners = [row for row, example in enumerate(batch) if example.negatives]
    near = [draw.choice(batch[row].negatives) for row in owners]
    problems = _embed(net, tokenizer, [example.problem for example in batch], training.most_tokens)
    scores = training.scale * problems @ _embed(net, tokenizer, [*texts, *near], training.most_tokens).T
    out = torch.zeros_like(scores, dtype=torch.bool)
    for row, example in enumerate(batch):
        for column, positive in enumerate(chosen):
            out[row, column] = column != row and positive.page in example.helpful
        for column, owner in enumerate(owners, len(batch)):
            out[row, column] = owner != row
    scores = scores.masked_fill(out, -1e4)
    right = torch.arange(len(batch))
    cross_entropy = torch.nn.functional.cross_entropy
    both: torch.Tensor = cross_entropy(scores, right) + cross_entropy(scores[:, : len(batch)].T, right)
    return both / 2


def _embed(net: Any, tokenizer: Any, texts: Sequence[str], most_tokens: int) -> torch.Tensor:
    import torch

    read = tokenizer(list(texts), padding=True, truncation=True, max_length=most_tokens, return_tensors="pt")
    states = net(input_ids=read["input_ids"], attention_mask=read["attention_mask"]).last_hidden_state
    mask = read["attention_mask"].unsqueeze(-1).to(states.dtype)
    unit: torch.Tensor = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)
    return unit


def write_card(
    folder: Path, base: str, base_sha256: str, trained_on: Mapping[str, str | int], training: Training
) -> AdapterCard:
    """Writes an adapter's card, without measures; they are added once they have been taken."""
    card = AdapterCard(
        base=base,
        base_sha256=base_sha256,
        weights_sha256=sha256_of(folder / WEIGHTS),
        trained_on=dict(trained_on),
        settings=vars(training),
        measures={},
    )
    (folder / CARD).write_text(json.dumps(card.model_dump(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return card


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
