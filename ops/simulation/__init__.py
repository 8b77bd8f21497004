"""A day of a network, simulated: what it does to the real code, and what that costs on AWS.

`parameters` says what the network is like, `population` makes its people, `fleet` its warm functions, `day` their
reads; `policies` prices what was counted, for FSTREAM and for the other ways to deliver; `ideas` what would cost less;
`capacity` tells what breaks first; `visibility` how soon a post is seen.
"""
