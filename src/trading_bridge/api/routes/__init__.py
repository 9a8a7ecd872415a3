"""Routes, one file per entity: no rule of the business stands here."""
