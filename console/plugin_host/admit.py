"""Lets a plugin's hooks in, or says exactly why not. After a refusal nothing of the plugin stays registered.

pluggy only registers here. Each implementation is called by itself, guarded, and each class it returns is
checked by the rules of its hook kind (`kinds.KINDS`), so one bad class costs only itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pluggy

from console.plugin_api import hookspecs

HOST_ONLY = ("wrapper", "hookwrapper", "tryfirst", "trylast")


class Refused(Exception):
    """A hook, or the whole plugin, is not admitted; the text names the cause."""


def new_manager() -> pluggy.PluginManager:
    """A manager that knows our hooks and nothing else."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs.Hooks)
    return manager


def implementations(module: ModuleType) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """(name, function, options) of everything in a module that carries our marker."""
    for name in sorted(vars(module)):
        function = getattr(module, name)
        options = getattr(function, f"{hookspecs.PROJECT}_impl", None)
        if isinstance(options, dict):
            yield options.get("specname") or name, function, options


def check_implementations(manager: pluggy.PluginManager, module: ModuleType) -> None:
    """Raise Refused for a coroutine, a host-only option, an unknown hook or a wrong signature."""
    for name, function, options in implementations(module):
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise Refused(f"{name} is a coroutine function; hooks are synchronous")
        if inspect.isgeneratorfunction(function):
            raise Refused(f"{name} is a generator; return a list")
        if used := [option for option in HOST_ONLY if options.get(option)]:
            raise Refused(f"{name} uses {used[0]}, which only the host may")
        caller = getattr(manager.hook, name, None)
        if caller is None or caller.spec is None:
            if options.get("optionalhook"):
                continue
            raise Refused(f"{name} is no hook of this version of the plugin interface")
        _check_signature(name, function, caller.spec.argnames)


def _check_signature(name: str, function: Any, offered: tuple[str, ...]) -> None:
    wanted = inspect.signature(function).parameters.values()
    for parameter in wanted:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise Refused(f"{name} takes *{parameter.name}; name each argument")
        if parameter.name not in offered and parameter.default is parameter.empty:
            raise Refused(f"{name} asks for {parameter.name!r}, which the hook does not give")


def register(manager: pluggy.PluginManager, slug: str, module: ModuleType) -> None:
    """Admit a plugin module under its slug. Raises Refused; then the manager is as it was before."""
    check_implementations(manager, module)
    try:
        manager.register(module, name=slug)
    except Exception as error:
        clean_up(manager, slug, module)
        raise Refused(f"{type(error).__name__}: {error}") from error


def clean_up(manager: pluggy.PluginManager, slug: str, module: ModuleType) -> None:
    """Take every trace of a half-registered plugin out of the manager."""
    if manager.has_plugin(slug):
        manager.unregister(name=slug)
    for caller in vars(manager.hook).values():
        for implementation in list(getattr(caller, "get_hookimpls", list)()):
            if implementation.plugin is module:
                caller._remove_plugin(module)


def functions_of(manager: pluggy.PluginManager, slug: str) -> list[tuple[str, Any]]:
    """(hook name, implementation) of one registered plugin, in the order of names."""
    plugin = manager.get_plugin(slug)
    callers = manager.get_hookcallers(plugin) or []
    return sorted(
        (caller.name, implementation.function)
        for caller in callers
        for implementation in caller.get_hookimpls()
        if implementation.plugin is plugin
    )
