"""FSTREAM's HTTP and stream face: all that knows Chalice. Handlers parse, call one domain function, render."""
