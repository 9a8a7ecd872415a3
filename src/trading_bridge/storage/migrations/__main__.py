"""`python -m trading_bridge.storage.migrations what_changes`: the next migration, as far as the tables tell it."""

import sys

from sqlalchemy import create_engine

from trading_bridge.storage.migrate import draft_next


def main() -> None:
    if len(sys.argv) != 2 or not sys.argv[1]:
        sys.exit("say in a few words what changes: make migration NAME=what_changes")
    with create_engine("sqlite://").connect() as connection:
        draft_next(connection, sys.argv[1])


if __name__ == "__main__":
    main()
