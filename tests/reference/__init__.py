"""The rules of the model once more, slowly and plainly, as ordinary Mesa objects.

It shares keys and tables with the package and none of its rules: what is written here was written from the text of
the rules, and `tests/engine/test_reference.py` holds the two to the same event log. Read `model.py` first.
"""
