"""Owns graph analysis: projections of the glossary, and questions asked of them."""
