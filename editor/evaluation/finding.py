"""How well damage is found: on photographs damaged by another generator than the network's, and on undamaged ones.

By pixel, as crack detection is measured: what lies within two pixels of damage is no mistake, and a damaged pixel is
found where the one beside it is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

from editor.evaluation.damage import KINDS, damaged, undamaged
from editor.restoration.damage_map import DamageMap
from editor.restoration.finding import find
from editor.training.ranking import Ranking

TOP_HAT = "top-hat"
METHODS = ("network", "classical", TOP_HAT)
RECALLS = (0.25, 0.5, 0.75, 0.9)
"""At which tables say the precision."""

_BESIDE = np.ones((3, 3), np.uint8)
_DISC = 9  # pixels across, of the plain top-hat


def found_by(method: str, picture: np.ndarray, device: str = "auto") -> DamageMap:
    """picture: (h, w, 3) uint8 sRGB. ``TOP_HAT``: what a closing or an opening with a disc of 9 pixels changes, for
    comparison; the others are those of ``find``."""
    if method != TOP_HAT:
        return find(lambda box: picture[box.slices], picture.shape[:2], method=method, device=device)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_DISC, _DISC))
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    hats = [cv2.morphologyEx(grey, hat, disc) for hat in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT)]
    return DamageMap(np.maximum(*hats), np.zeros_like(grey), method=TOP_HAT)


@dataclass
class Tally:
    """What one method has found."""

    all: Ranking = field(default_factory=Ranking)
    kinds: Mapping[str, Ranking] = field(default_factory=lambda: {kind: Ranking() for kind in KINDS})
    hits: int = 0  # pixels of the masks at the sensitivity asked for: damaged ones,
    misses: int = 0  # damaged ones that are not in them,
    wrong: int = 0  # and those that are no damage
    clean: int = 0  # pixels of undamaged pictures
    marked: int = 0  # of them in masks
    alarms: int = 0  # connected pieces of those masks
    pieces: int = 0  # connected ones of damage, of 8 pixels or more,
    met: int = 0  # and those of them of which the mask has a third at least

    @property
    def precision(self) -> float:
        return self.hits / max(1, self.hits + self.wrong)

    @property
    def recall(self) -> float:
        return self.hits / max(1, self.hits + self.misses)

    @property
    def pieces_found(self) -> float:
        return self.met / max(1, self.pieces)

    @property
    def alarms_a_megapixel(self) -> float:
        return self.alarms / max(1, self.clean) * 1e6

    @property
    def marked_share(self) -> float:
        return self.marked / max(1, self.clean)

    def precision_at(self, recall: float) -> float:
        """The best precision at which at least so much is found."""
        precision, found = self.all.precision_recall()
        return float(precision[found >= recall].max(initial=0.0))


def measure(pictures: Iterable[np.ndarray], methods: Iterable[str], *, sensitivity: float = 0.5, device: str = "auto",
            watch: Callable[[int, np.ndarray, np.ndarray, dict[str, np.ndarray]], None] | None = None) -> dict[
                str, Tally]:
    """Each method's figures over (h, w, 3) uint8 sRGB ``pictures`` that are undamaged: each is damaged in one way, in
    turn, and once looked at as it is. ``watch`` gets each damaged one's number, picture, truth and masks."""
    tallies = {method: Tally() for method in methods}
    kinds = list(KINDS)
    for number, picture in enumerate(pictures):
        case = damaged(number, picture, kinds[number % len(kinds)])
        clean = undamaged(number, picture)
        masks = {}
        for method, tally in tallies.items():
            found = found_by(method, case.picture, device)
            likely = np.where(case.damage, cv2.dilate(found.probability, _BESIDE), found.probability)
            tally.all.add(likely, case.damage, case.counts)
            tally.kinds[case.kind].add(likely, case.damage, case.counts)
            masks[method] = found.mask(sensitivity)
            marked = (masks[method] > 0) & case.counts & ~case.damage
            hit = (cv2.dilate(masks[method], _BESIDE) > 0) & case.damage
            tally.hits += int(hit.sum())
            tally.wrong += int(marked.sum())
            tally.misses += int((case.damage & ~hit).sum())
            pieces, met = _pieces(case.damage, hit)
            tally.pieces += pieces
            tally.met += met
            mask = found_by(method, clean, device).mask(sensitivity)
            tally.clean += mask.size
            tally.marked += cv2.countNonZero(mask)
            tally.alarms += cv2.connectedComponents(mask, connectivity=8)[0] - 1
        if watch is not None:
            watch(number, case.picture, case.damage, masks)
    return tallies


def _pieces(damage: np.ndarray, hit: np.ndarray) -> tuple[int, int]:
    """How many connected pieces of damage there are, of 8 pixels or more, and of how many a third is ``hit``."""
    count, labels = cv2.connectedComponents(damage.astype(np.uint8), connectivity=8)
    size = np.bincount(labels.ravel(), minlength=count)[1:]
    found = np.bincount(labels[hit], minlength=count)[1:]
    return int((size >= 8).sum()), int(((size >= 8) & (3 * found >= size)).sum())


def table(tallies: Mapping[str, Tally]) -> list[list[str]]:
    """Heading and a row for each method, as text."""
    heading = ["", "average precision", "best F1", *(f"precision at recall {recall:g}" for recall in RECALLS),
               "precision", "recall", "pieces found", "false alarms a megapixel", "marked of undamaged, %"]
    return [heading, *([name, f"{tally.all.average_precision():.3f}", f"{tally.all.best()[0]:.3f}",
                        *(f"{tally.precision_at(recall):.3f}" for recall in RECALLS), f"{tally.precision:.3f}",
                        f"{tally.recall:.3f}", f"{tally.pieces_found:.3f}", f"{tally.alarms_a_megapixel:.1f}",
                        f"{100 * tally.marked_share:.3f}"]
                       for name, tally in tallies.items())]


def table_of_kinds(tallies: Mapping[str, Tally]) -> list[list[str]]:
    """Average precision by kind of damage, and its mean, in which stains count no more than specks."""
    rows = [["average precision", *KINDS, "mean"]]
    for name, tally in tallies.items():
        each = [ranking.average_precision() for ranking in tally.kinds.values()]
        rows.append([name, *(f"{value:.3f}" for value in (*each, sum(each) / len(each)))])
    return rows
