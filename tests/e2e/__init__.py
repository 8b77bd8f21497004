"""FSTREAM deployed, end to end, into an emulated cloud that enforces IAM."""
