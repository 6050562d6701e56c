"""Networks that fill holes: their architectures, weights, and the engines that run them."""
