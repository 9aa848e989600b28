"""The engine: keys, tables, arrays, the eight steps of a day, and the advance from one day to another."""
