"""Owns reading sources: bytes to quads, knowing no store."""
