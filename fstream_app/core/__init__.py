"""The foundation of all other packages; imports no other part of FSTREAM.

Ids, the clock, settings, errors, metrics, the entities passed between layers, parallel calls, retries, and the
connection to DynamoDB.
"""
