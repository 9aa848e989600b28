"""The live demonstration: two made-up neighbourhoods side by side in a browser, with and without the programme."""
