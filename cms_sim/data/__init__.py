"""What is known: packaged tables and their reader, the importer of a city download, evidence, parameters, costs."""
