"""How well probabilities tell damaged pixels from others: precision, recall, average precision."""

from dataclasses import dataclass, field

import numpy as np

LEVELS = 256


@dataclass
class Ranking:
    """Counts of pixels by probability, gathered from any number of pictures."""

    right: np.ndarray = field(default_factory=lambda: np.zeros(LEVELS, np.int64))  # damaged ones at each level
    wrong: np.ndarray = field(default_factory=lambda: np.zeros(LEVELS, np.int64))

    def add(self, probability: np.ndarray, damage: np.ndarray, counts: np.ndarray | None = None) -> None:
        """probability: uint8, 255 for certain; damage: > 0 where it is; ``counts``: False where it cannot be said. All
        of one shape."""
        if counts is not None:
            probability, damage = probability[counts], damage[counts]
        self.right += np.bincount(probability[damage > 0], minlength=LEVELS)
        self.wrong += np.bincount(probability[damage <= 0], minlength=LEVELS)

    def precision_recall(self) -> tuple[np.ndarray, np.ndarray]:
        """(256,) each: of all pixels whose probability is at least 0, 1, … 255. Precision is 1 where there are none."""
        right, wrong = (np.cumsum(each[::-1])[::-1] for each in (self.right, self.wrong))
        found = right + wrong
        return np.where(found, right / np.maximum(found, 1), 1.0), right / max(1, right[0])

    def average_precision(self) -> float:
        """The mean precision over recall (as scikit-learn's: precision where recall rises, no interpolation)."""
        precision, recall = self.precision_recall()
        return float(np.sum(-np.diff(recall, append=0.0) * precision))

    def best(self) -> tuple[float, float, float, int]:
        """The largest F1, with its precision, recall and level."""
        precision, recall = self.precision_recall()
        scores = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
        level = int(np.argmax(scores))
        return float(scores[level]), float(precision[level]), float(recall[level]), level
