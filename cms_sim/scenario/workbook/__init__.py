"""A plan as one workbook (.xlsx) for planners who live in spreadsheets, written and read back (docs/workbooks.md)."""
