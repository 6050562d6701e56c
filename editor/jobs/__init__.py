"""The background inference thread: queue, progress, cancel. Knows requests, not documents."""
