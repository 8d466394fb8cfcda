"""``python -m lds.geography``."""

from lds.geography.command.cli import main

if __name__ == "__main__":
    main()
