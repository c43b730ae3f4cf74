"""The only room for huggingface_hub and datasets' Hub side. The token comes from the environment, never from a spec.

`WINNOW_OFFLINE=1` (or `HF_HUB_OFFLINE=1`) answers every question at once with one sentence; `WINNOW_HUB_SECONDS` limits
how long a question may take (default 60).
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from .errors import BadData, NotFound, WinnowError, nearest, sentence
from .specs import HubModel, HubSource

T = TypeVar("T")


def source(repo: str, config: str | None = None, split: str = "train", revision: str | None = None) -> HubSource:
    """A dataset pinned to the commit that `revision` (default: the main branch) means today."""
    commit = _asked(lambda: _api().dataset_info(repo, revision=revision).sha, f"dataset {repo!r}", revision)
    return HubSource(repo=repo, config=config, split=split, revision=commit)


def model(repo: str, revision: str | None = None) -> HubModel:
    """A model pinned to the commit that `revision` means today."""
    commit = _asked(lambda: _api().model_info(repo, revision=revision).sha, f"model {repo!r}", revision)
    return HubModel(repo=repo, revision=commit)


def configs(repo: str, revision: str | None = None) -> list[str]:
    """The configurations of a dataset."""
    from datasets import get_dataset_config_names

    return list(_asked(lambda: get_dataset_config_names(repo, revision=revision), f"dataset {repo!r}", revision))


def splits(repo: str, config: str | None = None, revision: str | None = None) -> list[str]:
    """The splits of a configuration."""
    from datasets import get_dataset_split_names

    names = _asked(lambda: get_dataset_split_names(repo, config, revision=revision), f"dataset {repo!r}", revision)
    return list(names)


def first_rows(place: HubSource, count: int) -> list[Mapping[str, Any]]:
    """The first rows of a split, streamed: the rest is not fetched."""
    return _asked(lambda: list(itertools.islice(_stream(place), count)), f"dataset {place.repo!r}", place.revision)


def rows(place: HubSource) -> Iterator[Mapping[str, Any]]:
    """Every row of a split."""
    with _said(f"dataset {place.repo!r}", place.revision):
        _check_online(f"dataset {place.repo!r}")
        yield from _stream(place)


def fetch_model(repo: str, revision: str) -> Path:
    """The folder of a model's files, fetched where the cache lacks them."""
    from huggingface_hub import snapshot_download

    patterns = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]
    with _said(f"model {repo!r}", revision):
        return Path(snapshot_download(repo, revision=revision, allow_patterns=patterns, local_files_only=offline()))


def file(repo: str, path: str, kind: str = "dataset", revision: str | None = None) -> tuple[bytes, str]:
    """A file of a dataset or Space, and the commit that `revision` (default: the main branch) means today."""
    from huggingface_hub import hf_hub_download

    what = f"{kind} {repo!r}"
    commit = _asked(lambda: _api().repo_info(repo, repo_type=kind, revision=revision).sha, what, revision)
    with _said(f"{path} of {what}", commit):
        return Path(hf_hub_download(repo, path, repo_type=kind, revision=commit)).read_bytes(), commit


def offline() -> bool:
    """Whether the Hub must not be asked."""
    return any(
        os.environ.get(name, "").lower() in ("1", "true", "yes") for name in ("WINNOW_OFFLINE", "HF_HUB_OFFLINE")
    )


def _api() -> Any:
    from huggingface_hub import HfApi

    return HfApi()


def _stream(place: HubSource) -> Iterator[Mapping[str, Any]]:
    from datasets import load_dataset

    _check_split(place)
    yield from load_dataset(place.repo, place.config, split=place.split, revision=place.revision, streaming=True)


def _check_split(place: HubSource) -> None:
    known = configs(place.repo, place.revision)
    if place.config is None and len(known) > 1 and "default" not in known:
        raise BadData(f"dataset {place.repo!r} has the configs {', '.join(known)}; choose one.")
    if place.config is not None and place.config not in known:
        raise BadData(f"dataset {place.repo!r} has no config {place.config!r}; {nearest(place.config, known)}")
    parts = splits(place.repo, place.config, place.revision)
    if place.split not in parts:
        raise BadData(f"dataset {place.repo!r} has no split {place.split!r}; {nearest(place.split, parts)}")


def _check_online(what: str) -> None:
    if offline():
        raise NotFound(f"cannot fetch {what}: the Hub is switched off (WINNOW_OFFLINE or HF_HUB_OFFLINE); unset it.")


def _asked(question: Callable[[], T], what: str, revision: str | None) -> T:
    """The answer within the time limit, or one sentence."""
    _check_online(what)
    seconds = float(os.environ.get("WINNOW_HUB_SECONDS") or 60)
    answer: concurrent.futures.Future[T] = concurrent.futures.Future()
    # A daemon: the interpreter waits for the threads of an executor, so that a silent Hub would keep it from ending.
    threading.Thread(target=_settle, args=(answer, question), daemon=True).start()
    try:
        with _said(what, revision):
            return answer.result(seconds)
    except concurrent.futures.TimeoutError:
        raise NotFound(
            f"the Hub did not answer about {what} within {seconds:.0f} s; check the network or try again."
        ) from None


def _settle(answer: concurrent.futures.Future[T], question: Callable[[], T]) -> None:
    try:
        answer.set_result(question())
    except BaseException as error:
        answer.set_exception(error)


@contextlib.contextmanager
def _said(what: str, revision: str | None) -> Iterator[None]:
    """Turns what the libraries raise into one sentence that says what to do."""
    from huggingface_hub import errors

    try:
        yield
    except (WinnowError, concurrent.futures.TimeoutError):
        raise
    except errors.GatedRepoError:
        raise NotFound(
            f"{what} is gated: accept its terms on its page, and set HF_TOKEN to a token that may read it."
        ) from None
    except errors.RemoteEntryNotFoundError:
        raise NotFound(f"there is no {what} on the Hub; give a local file.") from None
    except errors.RevisionNotFoundError:
        raise NotFound(f"{what} has no revision {revision!r}; check the branch, tag or commit.") from None
    except errors.RepositoryNotFoundError:
        raise NotFound(f"there is no {what} on the Hub, or it is private; check the name, or set HF_TOKEN.") from None
    except Exception as error:
        names = {type(e).__name__ for e in _causes(error)}
        if "DatasetNotFoundError" in names:
            raise NotFound(
                f"there is no {what} on the Hub, or it is private; check the name, or set HF_TOKEN."
            ) from None
        if names & {
            "ConnectionError",
            "ConnectError",
            "ConnectTimeout",
            "LocalEntryNotFoundError",
            "OfflineModeIsEnabled",
        }:
            raise NotFound(f"cannot reach the Hub for {what}; check the network, or load a local file.") from None
        raise BadData(f"cannot read {what}: {sentence(error)[:180]}") from error


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
