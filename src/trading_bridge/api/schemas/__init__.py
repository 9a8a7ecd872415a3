"""What bodies and answers look like, with examples; the web client's types are made from these."""
