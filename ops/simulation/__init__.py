"""Simulates a day of a network: the load on the real code, and what it costs on AWS.

`parameters` describes the network, `population` generates its people, `fleet` models the warm functions, `tails` what
they remember, and `day` counts the home reads. `policies` prices the counts, for FSTREAM and for other ways to deliver;
`ideas` estimates what possible changes would save. `capacity` finds the limits that are reached first, and `visibility`
how soon a post is seen. `plots` draws docs/cost.md's plots.
"""
