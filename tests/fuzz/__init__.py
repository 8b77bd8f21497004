"""Generated requests and inputs: a few in `make test`, as many as fit in `make fuzz`."""
