"""Core values to the bodies that `schemas` describes; the one place where a figure becomes text."""
