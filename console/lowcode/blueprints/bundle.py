"""The document: reading it safely, writing it the same way every time."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from console.events.canonical import canonical_json

FORMAT = "huiyin-blueprint/1"
MAX_BYTES = 5_000_000
MAX_NODES = 200_000
HEAD = ("format", "name", "version", "title", "sections")


class BundleRefused(ValidationError):
    """The document is not a blueprint, or what it says cannot be applied. `problems` lists the reasons."""

    def __init__(self, problems: list[Any]) -> None:
        self.problems = problems
        super().__init__([str(problem) for problem in problems])


@dataclass(frozen=True)
class Bundle:
    """A blueprint in memory."""

    name: str
    version: str = ""
    title: dict[str, str] = field(default_factory=dict)
    sections: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "name": self.name,
            "version": self.version,
            "title": self.title,
            "sections": self.sections,
        }

    def digest(self) -> str:
        return hashlib.sha256(canonical_json(self.document()).encode()).hexdigest()


class _Loader(yaml.SafeLoader):
    """Safe YAML without aliases (a few lines could blow up into gigabytes) and without dates (JSON has none)."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise BundleRefused([_("Aliases (*name) are not allowed in a blueprint.")])
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _value in node.value]
        twice = {str(key) for key in keys if keys.count(key) > 1}
        if twice:
            raise BundleRefused([_("Named twice in one place: %(keys)s.") % {"keys": ", ".join(sorted(twice))}])
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(text: str | bytes) -> Bundle:
    """A bundle from YAML or JSON (which is YAML). Raises BundleRefused."""
    if len(text) > MAX_BYTES:
        raise BundleRefused([_("A blueprint has at most %(max)s bytes.") % {"max": MAX_BYTES}])
    try:
        document = _read(text)
        json.dumps(document)
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, ValueError, RecursionError) as error:
        if isinstance(error, BundleRefused):
            raise
        raise BundleRefused([_("The document cannot be read: %(error)s") % {"error": str(error)[:300]}]) from error
    return from_document(document)


def _read(text: str | bytes) -> Any:
    """JSON by its own reader: YAML refuses some characters that JSON strings may hold."""
    brace = b"{" if isinstance(text, bytes) else "{"
    if text.lstrip().startswith(brace):
        try:
            return json.loads(text, object_pairs_hook=_once)
        except json.JSONDecodeError:
            pass
    return yaml.load(text, Loader=_Loader)  # noqa: S506  a SafeLoader underneath


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _value in pairs]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise BundleRefused([_("Named twice in one place: %(keys)s.") % {"keys": ", ".join(sorted(twice))}])
    return dict(pairs)


def from_document(document: Any) -> Bundle:
    """A bundle from parsed JSON. Raises BundleRefused."""
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BundleRefused([_("This is not a blueprint: it must begin with format: %(format)s.") % {"format": FORMAT}])
    problems = []
    extra = sorted(set(map(str, document)) - set(HEAD))
    if extra:
        problems.append(_("Unknown entries: %(names)s.") % {"names": ", ".join(extra)})
    if not isinstance(document.get("name"), str) or not document["name"].strip():
        problems.append(_("A blueprint needs a name."))
    if not isinstance(document.get("title", {}), dict) or not isinstance(document.get("sections", {}), dict):
        problems.append(_("title and sections hold names and values."))
    if problems:
        raise BundleRefused(problems)
    return Bundle(
        document["name"].strip()[:100],
        str(document.get("version") or "")[:40],
        document.get("title") or {},
        document.get("sections") or {},
    )


class _Dumper(yaml.SafeDumper):
    """Readable output: Chinese as it is, long text as blocks, no aliases."""

    def ignore_aliases(self, data):
        return True


def _text(dumper, value):
    style = None
    if any(not char.isprintable() and char != "\n" for char in value):
        # YAML folds some of these away in plain text; within double quotes they are escaped.
        style = '"'
    elif "\n" in value:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def dump(bundle: Bundle, form: str = "yaml") -> str:
    """The document as YAML, or as JSON when `form` says so. Loading it again gives the same bundle."""
    if form == "json":
        return json.dumps(bundle.document(), ensure_ascii=False, indent=2) + "\n"
    plain = json.loads(json.dumps(bundle.document()))
    return yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
