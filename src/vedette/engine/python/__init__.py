"""Functions of queries that SQL cannot say, in Python: one module a topic, brought in when the first query needs it."""
