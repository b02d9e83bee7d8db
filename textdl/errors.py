"""The error for input that can't be used."""


class InputError(ValueError):
    """Something the user gave can't be used.

    The message is one paragraph: what is wrong, where (file, line or key), and what to do. The
    command line prints it without a traceback.
    """
