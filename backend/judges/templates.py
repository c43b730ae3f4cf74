"""Templates of what a judge is sent, in the layouts of the official tools. What is not a field is sent byte for byte.

FastChat     JSON Lines {name, system_prompt, prompt_template}: `judge_prompts.jsonl`, several by their names
Arena-Hard   YAML {system_prompt, prompt_template}: `judge_config.yaml`; v2.0 has one system prompt per category
AlpacaEval   text with <|im_start|>role … <|im_end|> around each message; text without is one user message

The first two are filled as Python's `str.format` does. AlpacaEval's braces may be plain JSON: there only `{name}` of a
known field is one. All fields are filled at once: an answer that spells a field, or a marker, changes nothing (the
official AlpacaEval fills one after the other and looks for the markers afterwards).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Annotated, Any

import yaml
from pydantic import Field

from ..errors import BadSpec, nearest
from ..workspace import Workspace

Fields = Mapping[str, str]
START, END = "<|im_start|>", "<|im_end|>"
FIELD = re.compile(r"\{(\w+)\}")
TEMPLATE = "template"  # marks the argument that holds a template file's sha256
File = Annotated[str, TEMPLATE, Field(title="Template")]
OptionalFile = Annotated[str | None, TEMPLATE, Field(title="Template")]
ONLY = ""  # the name of the template of a file that holds one


@dataclass(frozen=True)
class Template:
    """Messages with fields in them: (role, text)."""

    parts: tuple[tuple[str, str], ...]
    formatted: bool = True  # as `str.format`; else only `{field}` counts

    def fill(self, fields: Fields) -> list[dict[str, str]]:
        """The messages; BadSpec where the template has a field that is not known."""
        return [{"role": role, "content": self._filled(role, text, fields)} for role, text in self.parts]

    @property
    def fields(self) -> set[str]:
        """The names in braces that are filled; BadSpec where the braces of a formatted template do not match."""
        texts = [text for role, text in self.parts if not (self.formatted and role == "system")]
        if not self.formatted:
            return {name for text in texts for name in FIELD.findall(text)}
        try:
            return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise BadSpec(f"the template's braces do not match ({error}); write {{{{ and }}}} for braces.") from None

    def _filled(self, role: str, text: str, fields: Fields) -> str:
        if not self.formatted:
            return FIELD.sub(lambda found: fields.get(found[1], found[0]), text).strip()
        if role == "system":  # the official tools send it as it is
            return text
        try:
            return text.format(**fields)
        except (LookupError, ValueError, AttributeError, TypeError) as error:
            raise BadSpec(
                f"a template has the field {error}, which is not known here (known: {', '.join(sorted(fields))}); "
                "choose another template."
            ) from None


def read(ws: Workspace, digest: str) -> dict[str, Template]:
    """The templates of an adopted file, by name; `ONLY` where it holds one without a name. BadSpec where it is none."""
    place = ws.adopted(digest)
    try:
        words = place.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadSpec(f"{place.name} is no text in UTF-8; choose a template file.") from None
    if START in words:
        return {ONLY: _chat(words, place.name)}
    if place.suffix in (".jsonl", ".json"):
        return _named(words, place.name)
    if place.suffix in (".yaml", ".yml"):
        return {ONLY: _settings(words, place.name)}
    return {ONLY: Template((("user", words),), formatted=False)}


def only(templates: Mapping[str, Template]) -> Template:
    """The one template of a file; BadSpec where it holds several."""
    if len(templates) != 1:
        raise BadSpec(
            f"the file holds {len(templates)} templates ({', '.join(templates)}); keep the one that is meant."
        )
    return next(iter(templates.values()))


def named(templates: Mapping[str, Template], name: str) -> Template:
    """One of several, or the only one; BadSpec where there is no such template."""
    if ONLY in templates:
        return templates[ONLY]
    if name not in templates:
        raise BadSpec(f"the template file has no template {name!r}; {nearest(name, templates)}")
    return templates[name]


def _chat(words: str, name: str) -> Template:
    """As alpaca_eval 0.6.6, `utils.prompt_to_chatml`: what stands outside the markers is left out."""
    parts = []
    for piece in words.split(START)[1:]:
        role, _, text = piece.partition("\n")
        parts.append((role.strip(), text.split(END, 1)[0]))
    if words.count(END) != len(parts) or any(role not in ("system", "user", "assistant") for role, _ in parts):
        raise BadSpec(f"{name}: every {START} needs a role of system, user or assistant, and an {END}; mend the file.")
    return Template(tuple(parts), formatted=False)


def _named(words: str, name: str) -> dict[str, Template]:
    found = {}
    for number, line in enumerate(filter(str.strip, words.split("\n")), start=1):
        try:
            row = json.loads(line)
            found[str(row["name"])] = _template(row)
        except (ValueError, LookupError, TypeError):
            raise BadSpec(
                f"{name}, template {number}: it must be an object with name, system_prompt and prompt_template, as in "
                "judge_prompts.jsonl."
            ) from None
    return found


def _settings(words: str, name: str) -> Template:
    try:
        return _template(yaml.safe_load(words))
    except (yaml.YAMLError, LookupError, TypeError, AttributeError):
        raise BadSpec(
            f"{name}: it must hold system_prompt and prompt_template, as in Arena-Hard's judge_config.yaml."
        ) from None


def _template(row: Mapping[str, Any]) -> Template:
    asked = row["prompt_template"]
    text = asked[0] if isinstance(asked, list) else asked
    system = row.get("system_prompt")
    if not isinstance(text, str) or not isinstance(system, str | None):
        raise TypeError
    return Template((*([("system", system)] if system else []), ("user", text)))
