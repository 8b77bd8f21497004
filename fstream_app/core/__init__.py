"""What every other package builds on; it imports nothing else of FSTREAM.

Ids, time, settings, errors, metrics, the structs that layers hand to each other, parallel calls, retries, and the
connection to DynamoDB.
"""
