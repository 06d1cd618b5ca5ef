"""Owns questions in words: templates, the words they are asked in, and what answers them."""
