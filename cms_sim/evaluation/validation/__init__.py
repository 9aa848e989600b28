"""Validation: what the model gives for each published figure that it speaks to, and whether that figure lies in it."""
