"""The patch search on photographs: what it costs as photo and hole grow, and how straight lines come through.

    python -m tests.benchmarks.patches cost PHOTO [--peer]     one photo, brought to 1, 12, 21 and 48 megapixels
    python -m tests.benchmarks.patches lines PHOTOS            LINES below, in a folder of photographs

``--peer`` runs G'MIC's inpaint_matchpatch (its command line tool on the PATH) in turn with it.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from editor.engines.blending import paste
from editor.engines.filling import fill
from editor.engines.registry import find

MEGAPIXELS, SHARES, TIMES = (1, 12, 21, 48), (0.02, 0.08), 3
SIDE = 1024  # pixels: the longer side at which lines are measured
_REACH, _STEP = 10.0, 0.25  # pixels beside a line where it is looked for


@dataclass(frozen=True)
class Line:
    """A straight edge: two points of it and the middle of the hole, as shares of the photo's width and height."""

    name: str
    photo: str
    start: tuple[float, float]
    end: tuple[float, float]
    hole: float  # the middle's share of the width


LINES = (
    Line("sea's horizon", "coco_000000126107-f10ee.jpg", (0.02, 0.54), (0.6, 0.54), 0.25),
    Line("tennis court's line", "coco_000000352257-abafd.jpg", (0.45, 0.862), (0.98, 0.827), 0.7),
    Line("foot of the court's wall", "coco_000000352257-abafd.jpg", (0.55, 0.285), (0.98, 0.262), 0.76),
    Line("foot of the barrier", "coco_000000174375-02153.jpg", (0.55, 0.7), (0.98, 0.7), 0.8),
    Line("top of the barrier", "coco_000000174375-02153.jpg", (0.55, 0.585), (0.98, 0.585), 0.72),
    Line("far shore", "coco_000000405279-85c95.jpg", (0.02, 0.645), (0.3, 0.645), 0.14),
    Line("car's sill", "car_12mp.jpg", (0.55, 0.835), (0.98, 0.835), 0.78),
    Line("tower's stepped edge", "facade_9mp.jpg", (0.53, 0.2), (0.93, 0.87), 0.73),
    Line("neon beam", "frames_21mp.jpg", (0.3, 0.02), (0.98, 0.36), 0.62),
    Line("road's edge, behind a wheel", "coco_000000261888-5805f.jpg", (0.74, 0.65), (0.99, 0.745), 0.87),
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("cost", "lines", "once"))
    parser.add_argument("path", type=Path)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--size", nargs=2, type=float, default=(0, 0), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.what == "once":
        print(json.dumps(_once(args.path, *args.size)))
    elif args.what == "cost":
        _cost(args.path, args.peer)
    else:
        _lines(args.path)


def _cost(photo: Path, peer: bool) -> None:
    """Every fill in a process of its own, the holes' sizes those in 12 megapixels whatever the photo's."""
    print("| photo | hole | seconds | CPU s | MiB |" + (" G'MIC s | ratio |" if peer else ""))
    print("|---|---:|---:|---:|---:|" + ("---:|---:|" if peer else ""))
    for share in SHARES:
        for megapixels in MEGAPIXELS:
            rows, others = [], []
            for _ in range(TIMES):
                done = subprocess.run([sys.executable, "-m", "tests.benchmarks.patches", "once", str(photo), "--size",
                                       str(megapixels), str(share)], capture_output=True, text=True, check=True)
                rows.append(json.loads(done.stdout))
                if peer and megapixels <= 12 and not others:
                    others.append(_peer(*_case(photo, megapixels, share)))
            seconds, cpu, memory = (float(np.median([row[key] for row in rows])) for key in ("s", "cpu", "mib"))
            line = f"| {megapixels} MP | {rows[0]['hole'] / 1e6:.2f} MP | {seconds:.2f} | {cpu:.2f} | {memory:.0f} |"
            if others:
                line += f" {others[0]:.1f} | {others[0] / seconds:.0f} |"
            print(line, flush=True)


def _case(photo: Path, megapixels: float, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The photo at about that size, larger ones by mirroring it, and an upright oval in its middle."""
    image = cv2.imread(str(photo))[..., ::-1]
    while image.shape[0] * image.shape[1] < megapixels * 0.9e6:
        image = np.concatenate([image, image[::-1]]) if image.shape[0] < image.shape[1] else np.concatenate(
            [image, image[:, ::-1]], axis=1)
    scale = (megapixels * 1e6 / (image.shape[0] * image.shape[1])) ** 0.5
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    area = share * min(megapixels, 12) * 1e6
    wide = (area / (2 * np.pi)) ** 0.5
    mask = cv2.ellipse(np.zeros(image.shape[:2], np.uint8), (image.shape[1] // 2, image.shape[0] // 2),
                       (round(wide), round(min(2 * wide, 0.48 * image.shape[0]))), 0, 0, 360, 255, -1)
    return np.ascontiguousarray(image), mask


def _once(photo: Path, megapixels: float, share: float) -> dict[str, float]:
    engine = find("patches")
    image, mask = _case(photo, megapixels, share)
    _filled(image[:256, :256], _case(photo, 0.065, 0.1)[1][:256, :256], engine)  # loads what is compiled
    started, cpu = time.perf_counter(), time.process_time()
    _filled(image, mask, engine)
    return {"s": time.perf_counter() - started, "cpu": time.process_time() - cpu, "hole": int(np.count_nonzero(mask)),
            "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _peer(image: np.ndarray, mask: np.ndarray) -> float:
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder, name)) for name in ("a.ppm", "m.pgm", "o.ppm")]
        cv2.imwrite(paths[0], image[..., ::-1])
        cv2.imwrite(paths[1], mask // 255)
        started = time.perf_counter()
        subprocess.run(["gmic", "-v", "0", *paths[:2], "inpaint_matchpatch[0]", "[1],0,9,10,5,1", "output[0]",
                        paths[2] + ",uint8"], check=True, capture_output=True)
        return time.perf_counter() - started


def _filled(image: np.ndarray, mask: np.ndarray, engine) -> np.ndarray:
    out = image.copy()
    for result in next(iter(fill(lambda box: image[box.slices], mask.shape, mask, engine))).results:
        paste(out, result)
    return out


def _lines(folder: Path) -> None:
    """How far each line lies in the fill from where it lies in the photo, all along the hole."""
    print("| line | photo | slope | median px | 90 % px | most px |")
    print("|---|---|---:|---:|---:|---:|")
    found = {path.name: path for path in folder.rglob("*.jpg")}
    for line in LINES:
        if line.photo not in found:
            continue
        slope, off = _deviation(cv2.imread(str(found[line.photo]))[..., ::-1], line, find("patches"))
        print(f"| {line.name} | {line.photo} | {slope:.0f}° | {np.median(off):.2f} | {np.quantile(off, 0.9):.2f} | "
              f"{off.max():.2f} |", flush=True)


def _deviation(image: np.ndarray, line: Line, engine) -> tuple[float, np.ndarray]:
    """The line's slope in degrees; pixels between where it is and where it was, at each pixel along the hole."""
    scale = SIDE / max(image.shape[:2])
    image = cv2.resize(image, None, fx=scale, fy=scale,
                       interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    size = np.array(image.shape[1::-1])
    start, end = _straightened(_light(image), np.array(line.start) * size, np.array(line.end) * size)
    way = (end - start) / np.linalg.norm(end - start)
    aside = np.array([-way[1], way[0]])
    middle = start + (line.hole - line.start[0]) / (line.end[0] - line.start[0]) * (end - start)
    tall = 0.126 * size.min()
    mask = cv2.ellipse(np.zeros(image.shape[:2], np.uint8), tuple(map(int, middle)), (int(0.57 * tall), int(tall)),
                       0, 0, 360, 255, -1)
    points = middle + np.arange(-0.5 * tall, 0.5 * tall)[:, None] * way
    before = _slopes(_light(image), points, aside)
    after = _slopes(_light(_filled(image, mask, engine)), points, aside)
    sign = np.sign(np.median(before[np.arange(len(before)), np.abs(before).argmax(axis=1)]))
    off = np.abs((sign * after).argmax(axis=1) - (sign * before).argmax(axis=1)) * _STEP
    return float(np.degrees(np.arctan2(way[1], way[0]))), off


def _light(image: np.ndarray) -> np.ndarray:
    """(h, w) float32 in which edges of light and of colour show."""
    return cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float32).sum(axis=2)


def _slopes(light: np.ndarray, points: np.ndarray, aside: np.ndarray, reach: float = _REACH) -> np.ndarray:
    """(points, steps): how the light changes across the line, smoothed a little along it."""
    places = points[:, None] + np.arange(-reach, reach + _STEP, _STEP)[None, :, None] * aside
    seen = cv2.remap(light, *(np.float32(plane) for plane in np.moveaxis(places, 2, 0)), cv2.INTER_LINEAR)
    return np.diff(cv2.GaussianBlur(seen, (0, 0), 4, sigmaY=1.5), axis=1)


def _straightened(light: np.ndarray, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The straight line near these two points (x, y) along which the light changes most."""
    way = (end - start) / np.linalg.norm(end - start)
    aside = np.array([-way[1], way[0]])
    points = start + np.linspace(0, 1, 100)[:, None] * (end - start)
    slopes = _slopes(light, points, aside, 24.0)
    shares = np.linspace(0, 1, len(points))

    def strength(ends: tuple[float, float]) -> float:
        steps = np.rint((ends[0] + shares * (ends[1] - ends[0]) + 24.0) / _STEP).astype(int)
        return float(abs(slopes[np.arange(len(points)), steps].mean()))

    first, last = max(((a, b) for a in range(-20, 21) for b in range(-20, 21)), key=strength)
    return start + first * aside, end + last * aside


if __name__ == "__main__":
    main()
