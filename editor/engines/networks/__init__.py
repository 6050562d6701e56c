"""Networks that fill holes: their architectures, weights, and the engines that run them."""

from editor.engines.networks.engines import EdgeConnect, Scene, ScFegan
from editor.engines.networks.store import LoadedModels

_kept = LoadedModels()  # of all engines together: a budget for one would be three for three

ENGINES = (Scene(_kept), ScFegan(_kept), EdgeConnect(_kept))
