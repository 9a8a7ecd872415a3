"""The bot types: one file each, a parameter model and pure functions of a view and parameters."""
