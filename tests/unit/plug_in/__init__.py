"""The worked example of docs/adding-a-bot-type.md, with its test."""
