"""Verbs that have verbs."""

from __future__ import annotations

import click


class InOrder(click.Group):
    """Lists its verbs in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)
