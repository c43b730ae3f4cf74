"""Winnow: which part of my preference data is worth training on, and how do I know?"""
