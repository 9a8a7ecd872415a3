"""What findings and reasons mean, in words."""
