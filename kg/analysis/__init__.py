"""Owned elsewhere soon."""
