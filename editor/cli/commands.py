"""The subcommands by name, for whoever must tell a command from a photo's name. Imports nothing."""

COMMANDS: dict[str, str] = {
    "fill": "editor.cli.fill",
    "engines": "editor.cli.engines",
    "models": "editor.cli.models",
    "evaluate": "editor.cli.evaluate",
    "train": "editor.cli.train",
}
"""Name -> module with SUMMARY, add_arguments(parser) and run(arguments) -> exit status."""
