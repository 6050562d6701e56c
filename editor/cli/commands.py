"""The subcommands by name, for whoever must tell a command from a photo's name. Imports nothing."""

COMMANDS: dict[str, str] = {
    "fill": "editor.cli.fill",
    "find-damage": "editor.cli.find_damage",
    "restore": "editor.cli.restore",
    "engines": "editor.cli.engines",
    "models": "editor.cli.models",
    "evaluate": "editor.cli.evaluate",
    "evaluate-finder": "editor.cli.evaluate_finder",
    "evaluate-restoration": "editor.cli.evaluate_restoration",
    "train": "editor.cli.train",
}
"""Name -> module with SUMMARY, add_arguments(parser) and run(arguments) -> exit status."""
