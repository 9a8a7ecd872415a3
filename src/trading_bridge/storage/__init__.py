"""The database: tables, what may be read and written, and the one writer of money."""
