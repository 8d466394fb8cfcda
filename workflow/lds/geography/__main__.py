"""``python -m lds.geography``."""

from lds.geography.cli import main

if __name__ == "__main__":
    main()
