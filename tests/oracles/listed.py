"""Differences that are known, with who is right and why."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass
class Listed:
    """`rules` is a pattern of names, `frames` one of kinds.

    `more` says by how many rows tollgate's count is greater, so that another difference of the same rule still shows.
    """

    tool: str
    rules: str
    reason: str
    frames: str = "*"
    more: object = None
    ours: str | None = None

    def covers(self, tool, rule, frame, their, our):
        if tool != self.tool or not fnmatchcase(rule, self.rules) or not fnmatchcase(frame.kind, self.frames):
            return False
        if self.ours is not None and not our.status.startswith(self.ours):
            return False
        if self.more is not None and their.failing is not None:
            return (our.failing or 0) == their.failing + self.more(frame)
        return True


LISTED = []
