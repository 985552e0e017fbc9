"""A visitor who walks between iron-session on Node and Python, and what each of them must see."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any, Protocol

FIRST, SECOND, THIRD = (f"the {name} password, of 32 characters" for name in ("1st", "2nd", "3rd"))
Passwords = dict[int, str]
LARGE = 4000
"""Characters of JSON from which a session needs chunks for certain."""


class Site(Protocol):
    """Several servers that share a session, and one visitor."""

    def ask(
        self, side: str, *steps: list[Any], passwords: Passwords | None = None, **options: Any
    ) -> tuple[Any, list[str]]:
        """Return the session before the steps, and the Set-Cookie values of the response."""
        ...


def random_value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(8 if depth < 3 else 6)
    if kind == 0:
        return chance.choice([None, True, False])
    if kind == 1:
        return chance.randrange(-(2**53) + 1, 2**53)
    if kind == 2:
        return chance.randrange(1000) + 0.5
    if kind < 6:
        letters = 'abc é漢😀"\\\n\u2028</;,='
        return "".join(chance.choices(letters, k=chance.randrange(12)))
    values = [random_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return values if kind == 6 else {f"key {n}": value for n, value in enumerate(values)}


def walk(
    site: Site, sides: Sequence[str], count: int, seed: int, *, in_chunks: bool = False
) -> None:
    """Take random steps on random sides.

    Args:
        site: the servers.
        sides: the names of the servers. All but ``"python"`` are of Node.
        count: how many steps.
        seed: repeats a walk.
        in_chunks: whether Node also writes sessions of several cookies. Version 8 cannot.
    """
    chance = random.Random(seed)
    options = {"chunk": True} if in_chunks else {}
    passwords: Passwords = {1: FIRST}
    sealed_by = newest = 1
    model: dict[str, Any] = {}
    is_kept = False
    for step in range(count):
        side = chance.choice(sides)
        where = f"SEED={seed}, step {step}, {side}"
        is_python = side == "python"
        is_large = len(json.dumps(model)) > LARGE
        save = [] if is_python else [["save"]]
        action = chance.choices(["read", "set", "delete", "destroy", "rotate"], [6, 6, 2, 1, 1])[0]
        steps: list[list[Any]] = []
        changed = dict(model)
        if action == "set" and not (is_python and is_large):
            changes = {chance.choice("abcdef"): random_value(chance)}
            if in_chunks and not is_python:
                changes["text"] = "x" * chance.choice([10, LARGE, 2 * LARGE])
            changed.update(changes)
            steps = [["set", changes], *save]
        elif action == "delete" and model:
            key = "text" if is_large else chance.choice([*model])
            del changed[key]
            steps = [["delete", key], *save]
        elif action == "destroy":
            changed, steps = {}, [["destroy"]]
        elif action == "rotate":
            newest += 1
            passwords[newest] = f"password {newest}, long enough for any version"
            passwords = dict([*passwords.items()][-2:])
            if sealed_by not in passwords:
                model, is_kept = {}, False
            changed = model

        loaded, values = site.ask(
            side, *steps, passwords=passwords, **({} if is_python else options)
        )

        assert model == loaded, where
        is_due = json.dumps(changed) != json.dumps(model) or action == "destroy"
        if is_python:  # a renewal is due, too, if it fits; and a save without a change is not
            is_due = is_due or (is_kept and sealed_by != newest and not is_large)
        else:
            is_due = is_due or bool(save and steps)
        assert is_due == bool(values), where
        if not in_chunks:
            assert len(values) <= 1, where
        if values:
            sealed_by, is_kept = newest, action != "destroy"
        model = changed
