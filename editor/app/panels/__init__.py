"""What stands at the window's right: each panel knows only a document, and emits what it cannot do itself."""
