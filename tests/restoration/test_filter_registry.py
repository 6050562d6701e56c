"""Finding filters and reading their settings."""

import pytest

from editor.errors import UserError
from editor.restoration.registry import filters, find, settings_fields, settings_from


def test_an_unknown_filter_is_answered_in_words():
    with pytest.raises(UserError, match="no filter called 'denoze'"):
        find("denoze")


@pytest.mark.parametrize("filter", filters(), ids=lambda filter: filter.name)
def test_every_filter_describes_itself(filter):
    assert find(filter.name) is filter and filter.title and filter.card
    assert settings_from(filter, {}) == filter.Settings()
    with pytest.raises(UserError, match=f"filter {filter.name} has no setting"):
        settings_from(filter, {"nonsense": 1})
    for field in settings_fields(filter):
        if field.metadata.get("hidden"):
            assert field.type is str
            continue
        assert field.metadata["help"]
        if "choices" in field.metadata:
            assert field.default in field.metadata["choices"]
        elif field.type is not bool:
            assert field.metadata["min"] <= field.default <= field.metadata["max"]
