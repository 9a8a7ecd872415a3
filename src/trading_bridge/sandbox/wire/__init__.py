"""Wire dialects: each turns one exchange's protocol into calls of the engine."""
