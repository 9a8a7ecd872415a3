"""One file per kind of thing: what may be read and written of it, as core values."""
