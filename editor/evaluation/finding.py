"""How well damage is found: on photographs damaged by another generator than the network's, and on undamaged ones."""

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

    @property
    def precision(self) -> float:
        return self.hits / max(1, self.hits + self.wrong)

    @property
    def recall(self) -> float:
        return self.hits / max(1, self.hits + self.misses)

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
            tally.all.add(found.probability, case.damage, case.counts)
            tally.kinds[case.kind].add(found.probability, case.damage, case.counts)
            masks[method] = found.mask(sensitivity)
            marked = (masks[method] > 0) & case.counts
            tally.hits += int((marked & case.damage).sum())
            tally.wrong += int((marked & ~case.damage).sum())
            tally.misses += int((case.damage & ~marked).sum())
            mask = found_by(method, clean, device).mask(sensitivity)
            tally.clean += mask.size
            tally.marked += cv2.countNonZero(mask)
            tally.alarms += cv2.connectedComponents(mask, connectivity=8)[0] - 1
        if watch is not None:
            watch(number, case.picture, case.damage, masks)
    return tallies


def table(tallies: Mapping[str, Tally]) -> list[list[str]]:
    """Heading and a row for each method, as text."""
    heading = ["", "average precision", "best F1", *(f"precision at recall {recall:g}" for recall in RECALLS),
               "precision", "recall", "false alarms a megapixel", "marked of undamaged, %"]
    return [heading, *([name, f"{tally.all.average_precision():.3f}", f"{tally.all.best()[0]:.3f}",
                        *(f"{tally.precision_at(recall):.3f}" for recall in RECALLS), f"{tally.precision:.3f}",
                        f"{tally.recall:.3f}", f"{tally.alarms_a_megapixel:.1f}", f"{100 * tally.marked_share:.3f}"]
                       for name, tally in tallies.items())]


def table_of_kinds(tallies: Mapping[str, Tally]) -> list[list[str]]:
    """Average precision by kind of damage."""
    return [["average precision", *KINDS], *([name, *(f"{ranking.average_precision():.3f}" for ranking in
                                                      tally.kinds.values())] for name, tally in tallies.items())]
