"""Making a model ready to be served, in the environment that it was made for.

``python -m nbship.serving.prepare FOLDER`` reads ``draft.json`` there and writes ``prepared.json`` and the model file.

Public: `prepare`, `main`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import sys
import warnings
from pathlib import Path
from typing import Any

from nbship.errors import NbshipError, PackagingError
from nbship.model.bundle import Bundle, InputPath, ModelFormat
from nbship.model.profile import Profile
from nbship.serving.answers import invocations_body
from nbship.serving.conversion import to_skops
from nbship.serving.edge_rows import Rows, Trials, table_trials, tensor_trials
from nbship.serving.integrity import sha256_of
from nbship.serving.model_file import CODE_FOLDER, read_model
from nbship.serving.nullability import with_nullable_columns
from nbship.serving.parser import Parser
from nbship.serving.path_choice import choose_path, is_row_wise
from nbship.serving.policy import TrustPolicy
from nbship.serving.predictor import load_predictor, predictor_of
from nbship.serving.problems import BadRequestError
from nbship.serving.proof import Reference, difference
from nbship.serving.python_model import ARTIFACTS_FOLDER, takes_context
from nbship.serving.rehearsal import Stage, rehearse
from nbship.serving.weights import weights_of

__all__ = ["DRAFT", "PREPARED", "main", "prepare"]

DRAFT, PREPARED = "draft.json", "prepared.json"

_TOLERANCE = 1e-9
"""Relative; numbers of the recorded predictions may differ by that much, since they were made elsewhere."""
_FAILED = 3


def main(arguments: list[str]) -> int:
    """Prepare the folder that is named; return 0, or 3 with the reason in ``prepared.json``."""
    folder = Path(arguments[0])
    try:
        result, status = prepare(folder), 0
    except Exception as error:  # noqa: BLE001 - models raise anything; the packager wants one line of why
        line = str(error) if isinstance(error, NbshipError) else f"{type(error).__name__}: {error}"
        result, status = {"error": " ".join(line.split()), "kind": type(error).__name__}, _FAILED
    (folder / PREPARED).write_text(json.dumps(result), encoding="utf-8")
    return status


def prepare(folder: Path) -> dict[str, Any]:
    """Read the draft of a bundle, and return what ``prepared.json`` says.

    Parameters
    ----------
    folder
        With ``draft.json``: ``bundle`` (a `Bundle` as JSON), ``source_model`` (relative path), ``serialization``
        (``skops``, ``cloudpickle`` or ``pickle``), ``example`` and ``predictions`` (or null), ``trusted`` (what the
        packager's policy trusts), ``keep_pickle``; and, where there are any, ``code`` (relative folders with modules)
        and ``artifacts`` (name to relative path). ``profile.json`` is used where it is there.

    Returns
    -------
    dict
        ``bundle`` (without ``files``), ``predictions`` of the example, ``matches`` the recorded ones (null where there
        are none), ``difference`` (relative), ``needs``, ``imports``, ``notes`` and ``proof``.

    Raises
    ------
    UntrustedModelError
        When the policy does not let the model be read.
    PackagingError
        When the model cannot be read, or does not answer its own example.
    """
    with warnings.catch_warnings():
        # A pickle of another version warns once a part, and edge values overflow; what counts is that answers agree.
        warnings.simplefilter("ignore")
        return _Preparation(folder).run()


class _Preparation:
    """One model on its way to its bundle."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._draft: dict[str, Any] = json.loads((folder / DRAFT).read_text(encoding="utf-8"))
        self._policy = TrustPolicy(frozenset(self._draft.get("trusted", ())))
        self._profile = _profile(folder)
        self._notes: list[str] = []

    def run(self) -> dict[str, Any]:
        """Do it all."""
        bundle, original = self._load()
        body = _body(self._draft.get("example"))
        plain = predictor_of(original, bundle, self._model_folder(bundle)).predict
        example = _example_rows(bundle, body)
        answers = _asked(plain, example)
        stage = self._stage(bundle, original, Reference.of(plain, [example]))
        try:
            bundle, trials, reference = self._learn(bundle, plain, example)
            bundle, model = self._settled(bundle, original, reference, steady=reference.repeats(plain))
            bundle = self._compared(bundle, model, trials)
            bundle = self._lightened(bundle, model, reference)
            return self._rehearsed(bundle, body, answers, stage)
        finally:
            if stage is not None:
                stage.close()

    def _stage(self, bundle: Bundle, model: Any, example: Reference) -> Stage | None:
        """Start the process of the rehearsal, where it is likely what it will have to import, to save that time."""
        if not type(model).__module__.startswith("sklearn.") or self._draft.get("keep_pickle"):
            return None
        likely = choose_path(bundle, model, self._model_folder(bundle), example)
        if _may_be_light(likely) and weights_of(model, bundle.method) is not None:
            return None
        return Stage.for_path(self._folder, likely.input_path)

    def _model_folder(self, bundle: Bundle) -> Path:
        return (self._folder / bundle.model_path).parent

    def _load(self) -> tuple[Bundle, Any]:
        """Put the source in place, read it, and return the bundle with the plain path and the model."""
        skops = self._draft["serialization"] == "skops"
        name = "model/model.skops" if skops else "model/model.pkl"
        path = self._folder / name
        path.parent.mkdir(exist_ok=True)
        _copy(self._folder / self._draft["source_model"], path)
        self._copy_companions(path.parent)
        draft = Bundle.from_dict(self._draft["bundle"])
        path_kind = InputPath.TENSOR if draft.tensor is not None else InputPath.FRAME
        form = ModelFormat.SKOPS if skops else ModelFormat.PICKLE
        bundle = dataclasses.replace(
            draft,
            format=form,
            model_path=name,
            model_digest=sha256_of(path),
            input_path=path_kind,
            direct=False,
        )
        model = read_model(self._folder, bundle, self._policy)
        named = bundle.model_class or f"{type(model).__module__}.{type(model).__qualname__}"
        first = callable(getattr(model, bundle.method, None)) and takes_context(model, bundle.method)
        return dataclasses.replace(bundle, model_class=named, context_first=first), model

    def _copy_companions(self, model_folder: Path) -> None:
        for relative in self._draft.get("code", ()):
            _copy(self._folder / relative, model_folder / CODE_FOLDER)
        for name, relative in self._draft.get("artifacts", {}).items():
            source = self._folder / relative
            _copy(source, model_folder / ARTIFACTS_FOLDER / name / source.name)

    def _learn(self, bundle: Bundle, plain: Any, example: Rows) -> tuple[Bundle, Trials, Reference]:
        """Find which columns may have gaps, rows to compare on, and what the plain path answers to them."""
        if bundle.tensor is not None:
            trials = tensor_trials(bundle.tensor, example)
            return bundle, trials, Reference.of(plain, trials.blocks)
        probes = example or table_trials(bundle.inputs, [], self._profile).mixed[1:20:2]
        columns = with_nullable_columns(bundle.inputs, plain, probes)
        if example:
            columns = tuple(
                dataclasses.replace(
                    column, example=_json(value) if column.example is None else column.example
                )
                for column, value in zip(columns, example[0], strict=True)
            )
        edges = table_trials(columns, example, self._profile).edges
        reference = Reference.of(plain, [edges])
        answered = reference.answered_rows()
        refused = {at for at, row in enumerate(edges) if id(row) not in answered}
        trials = table_trials(columns, example, self._profile, refused)
        reference.extend(plain, [block for block in trials.blocks if block is not trials.edges])
        return dataclasses.replace(bundle, inputs=columns), trials, reference

    def _settled(
        self, bundle: Bundle, original: Any, reference: Reference, *, steady: bool
    ) -> tuple[Bundle, Any]:
        """Return bundle and model as the server will read them: as skops where that changes nothing, by the best path."""
        if not steady:
            self._notes.append(
                "the model answers the same rows differently from call to call: the plain path is used"
            )
        changed, model = self._as_skops(bundle, original)
        folder = self._model_folder(bundle)
        best = choose_path(changed, model, folder, reference) if steady else changed
        # Another path that gives all the answers has shown that the file does; the plain one has yet to.
        shown = (best.input_path, best.direct) != (bundle.input_path, bundle.direct)
        if model is original or shown or reference.agrees(predictor_of(model, changed, folder).predict):
            if changed.model_path != bundle.model_path:
                (self._folder / bundle.model_path).unlink()
            return best, model
        (self._folder / changed.model_path).unlink()
        self._notes.append("the model stays a pickle: saved as skops it would answer differently")
        return choose_path(bundle, original, folder, reference) if steady else bundle, original

    def _as_skops(self, bundle: Bundle, original: Any) -> tuple[Bundle, Any]:
        """Return bundle and model as they are read back from skops; what was given where that cannot be."""
        if bundle.format is ModelFormat.SKOPS:
            return bundle, original
        if self._draft.get("keep_pickle"):
            self._notes.append("the model stays a pickle, as asked")
            return bundle, original
        path = self._folder / "model/model.skops"
        model, reason = to_skops(original, path, self._policy)
        if reason:
            self._notes.append(f"the model stays a pickle: {reason}")
            return bundle, original
        changed = dataclasses.replace(
            bundle, format=ModelFormat.SKOPS, model_path="model/model.skops", model_digest=sha256_of(path)
        )
        return changed, model

    def _compared(self, bundle: Bundle, model: Any, trials: Trials) -> Bundle:
        """Find out whether rows may be answered together."""
        row_wise = is_row_wise(predictor_of(model, bundle, self._model_folder(bundle)).predict, trials)
        if not row_wise:
            self._notes.append(
                "an answer depends on the rows beside it: requests are never answered together"
            )
        return dataclasses.replace(bundle, row_wise=row_wise)

    def _lightened(self, bundle: Bundle, model: Any, reference: Reference) -> Bundle:
        """Put the numbers of a linear model beside it, where the server answers alike from them."""
        if not _may_be_light(bundle):
            return bundle
        weights = weights_of(model, bundle.method)
        if weights is None:
            return bundle
        path = self._model_folder(bundle) / "weights.json"
        path.write_text(json.dumps(weights), encoding="utf-8")
        light = dataclasses.replace(bundle, weights=path.relative_to(self._folder).as_posix())
        if not reference.agrees(load_predictor(self._folder, light, self._policy).predict):
            path.unlink()
            return bundle
        sentence = "From its numbers alone, without scikit-learn, the model gives the same answers."
        return dataclasses.replace(light, proof=(*bundle.proof, sentence))

    def _rehearsed(
        self, bundle: Bundle, body: bytes | None, answers: list[Any], stage: Stage | None
    ) -> dict[str, Any]:
        trusted = sorted(self._policy.trusted)
        done = rehearse(self._folder, bundle, trusted, body, stage)
        recorded = self._draft.get("predictions")
        gap = 0.0 if recorded is None or done.answer is None else difference(done.answer, recorded)
        matches = None if recorded is None or done.answer is None else gap <= _TOLERANCE
        if body is not None and difference(done.answer, _json(answers)) > _TOLERANCE:
            self._notes.append("the model answers its example differently in a process of its own")
        return {
            "bundle": bundle.to_dict(),
            "predictions": done.answer,
            "matches": matches,
            # JSON has no infinity; labels that differ have no distance.
            "difference": min(gap, 1e308),
            "needs": list(done.needs),
            "imports": list(done.imports),
            "notes": self._notes,
            "proof": list(bundle.proof),
        }


def _may_be_light(bundle: Bundle) -> bool:
    """Whether a server of it computes with the numbers of a linear model alone, if it is one."""
    return bundle.input_path is InputPath.ARRAY and bundle.direct


def _profile(folder: Path) -> Profile | None:
    path = folder / "profile.json"
    return Profile.from_dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def _body(example: Any) -> bytes | None:
    """Return the example as a client would send it."""
    if example is None:
        return None
    split = isinstance(example, dict) and {"columns", "data"} <= example.keys()
    wrapped = {"dataframe_split": example} if split else example
    if not isinstance(wrapped, dict) or ("inputs" not in wrapped and not split):
        wrapped = {"inputs": example}
    return json.dumps(wrapped).encode()


def _example_rows(bundle: Bundle, body: bytes | None) -> Rows:
    if body is None:
        return []
    # What may have gaps is not known yet.
    open_columns = tuple(dataclasses.replace(column, nullable=True) for column in bundle.inputs)
    try:
        return Parser(dataclasses.replace(bundle, inputs=open_columns)).read(body).rows
    except BadRequestError as error:
        raise PackagingError(f"the recorded example does not fit the signature: {error}") from error


def _asked(plain: Any, example: Rows) -> list[Any]:
    if not example:
        return []
    try:
        return list(plain(example))
    except Exception as error:  # what a model raises is up to it
        raise PackagingError(
            f"the model does not answer its recorded example: {type(error).__name__}: {error}"
        ) from error


def _json(value: Any) -> Any:
    """Return a value as a client would read it."""
    return json.loads(invocations_body([value]))["predictions"][0]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    elif source.resolve() != target.resolve():
        with contextlib.suppress(FileNotFoundError):
            target.unlink()
        shutil.copyfile(source, target)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
