"""The one error that is meant for the user's eyes."""


class UserError(Exception):
    """What went wrong and with which file, in one plain line.

    The command line prints it as ``error: …`` and exits with 2; the window shows it in a dialog.
    """
