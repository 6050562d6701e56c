import pytest


@pytest.fixture(autouse=True)
def own_models(tmp_path, monkeypatch):
    """Nothing is read from or written to the user's own models."""
    monkeypatch.setenv("PENTIMENTO_DATA", str(tmp_path / "data"))
