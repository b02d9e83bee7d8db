"""``python -m textdl``"""

from textdl.cli import main

main()
