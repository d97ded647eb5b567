"""The tests: one file a module, and the doubles and data that they share."""
