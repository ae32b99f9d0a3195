"""Headlines from beyond the batch: a comment's own article is to be likelier than these, too.

A batch has some ninety articles, few of them on a like subject, while a comment is hardest told from those that are. So
each batch brings headlines of the whole mix as further rivals. The network learns through both sides: where only the
comments learnt from them, the loss rose.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

ON_LIKE_SUBJECTS = 0.5  # cosine by the untrained encoder from which on two headlines are often the same story


@dataclass(frozen=True, slots=True)
class Rivals:
    """`count` of these `titles` (N) beside every batch; `vectors` (N, H) by the untrained encoder, of unit length."""

    titles: Sequence[str]
    vectors: Tensor
    places: Mapping[str, int]
    count: int

    def drawn(self, chance: random.Random) -> list[int]:
        """Return the places of those for one batch, none twice."""
        return chance.sample(range(len(self.titles)), min(self.count, len(self.titles)))

    def apart(self, own: Sequence[str], drawn: Sequence[int]) -> Tensor:
        """Say of each article (A, R) by its title which of those drawn are on another subject; none where unknown."""
        if not drawn:
            return torch.zeros(len(own), 0, dtype=torch.bool)
        known = torch.tensor([self.places.get(title, -1) for title in own], dtype=torch.long)
        cosines = self.vectors[known] @ self.vectors[torch.tensor(drawn, dtype=torch.long)].T
        return (cosines < ON_LIKE_SUBJECTS) & (known >= 0)[:, None]


NO_RIVALS = Rivals((), torch.zeros(0, 1), {}, 0)
