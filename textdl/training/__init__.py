"""Training a torch network: the loop and its parts. Nothing here knows of text."""
