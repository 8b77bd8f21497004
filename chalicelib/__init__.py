"""FSTREAM's HTTP and stream interface, the only code that knows Chalice.

Handlers parse, call one domain function, and render.
"""
