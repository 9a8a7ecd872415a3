"""The rungs of the ladder, a function each; none of them can trade."""
