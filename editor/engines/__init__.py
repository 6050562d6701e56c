"""Ways to fill a hole: one contract, one registry, one module an engine. No Qt, no document."""
