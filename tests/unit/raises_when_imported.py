"""What a faulty package does when it is imported."""

TYPE = 1 / 0
