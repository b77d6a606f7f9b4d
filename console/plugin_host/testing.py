"""A plugin host over chosen plugins, for tests: ours and, through the kit in plugin_api, everybody's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.plugin_api.manifest import Manifest

from . import counts, discovery, extensions, hearing, instances, loader, manifest, records, state, threads
from .outcomes import Outcome


@dataclass
class TestHost:
    """What a test may do with the plugins put before it."""

    __test__ = False
    registry: loader.Registry

    def problems(self, slug: str) -> list[str]:
        """Codes of everything wrong with a plugin."""
        return [problem.code for problem in self.registry.problems_of(slug)]

    def handle(self, connector: str, ref: str = "test", secrets: Any = None, **facts: Any) -> Any:
        """A handle as the channels room gets it, without a stored account."""
        instance = instances.Instance(ref=ref, connector=connector, **facts)
        return instances.ConnectorHandle(instance, instances.connector_entries().get(connector), secrets)

    def call(self, connector: str, method: str, *args: Any, **options: Any) -> Outcome:
        """One guarded call on a fresh handle."""
        budget = options.pop("budget", None)
        return self.handle(connector, **options).call(method, *args, budget=budget)

    def extension(self, kind: str, slug: str) -> extensions.Handle:
        """One extension, switched on or not."""
        return extensions.Handle(self.registry.entries[kind, slug])

    def switch(self, plugin: str, enabled: bool) -> None:
        """Turn a plugin on or off, as an administrator would."""
        from console.events import Actor

        from . import services

        services.set_enabled(plugin, enabled, Actor("system", "test"), "test")

    @staticmethod
    def manifest_of(folder: Path, module: str) -> Manifest:
        """The checked manifest of a plugin folder. Raises ManifestError."""
        return manifest.read(folder, module)


@contextmanager
def hosting(*folders: tuple[Path, str], only: set[str] | None = None) -> Iterator[TestHost]:
    """Load the plugins of these (folder, package) pairs instead of the installed ones."""
    places = tuple((folder, package, discovery.BUNDLED) for folder, package in folders)
    policy = discovery.Policy(folders=places)
    found = [one for one in discovery.discover(policy, judge=False) if only is None or one.slug in only]
    with _in_place(found) as host:
        yield host


@contextmanager
def hosting_package(package: str, folder: Path) -> Iterator[TestHost]:
    """Load one plugin by its package name, for the conformance kit."""
    facts = manifest.read(folder, package)
    with _in_place([discovery.Found(facts.slug, discovery.BUNDLED, package, folder, facts)]) as host:
        yield host


@contextmanager
def _in_place(found: list[discovery.Found]) -> Iterator[TestHost]:
    former = loader.replace_registry(loader.load(found))
    hearing.listen(found)
    _forget()
    try:
        yield TestHost(loader.registry())
    finally:
        for one in found:
            hearing.fall_silent(one.slug)
        loader.replace_registry(former)
        _forget()


def _forget() -> None:
    """Nothing of one test is remembered in the next."""
    state.look_again()
    counts.counter.reset()
    records.forget()
    threads.forget_pools()
