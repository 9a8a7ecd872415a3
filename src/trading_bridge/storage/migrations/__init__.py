"""The schema's history; `storage.migrate` applies it at start."""
