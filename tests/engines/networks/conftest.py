import pytest


@pytest.fixture(autouse=True)
def apart(own_models):
    """None of the user's own."""
