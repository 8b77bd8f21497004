"""Brings FSTREAM into an AWS account and takes it away again: `make deploy STAGE=…`, `make destroy STAGE=…`.

Three parts, in this order. The *data stack* (CloudFormation) is the state: tables and dead letters. The *code* is
Chalice's: functions, their roles, the API. The *front stack* (CloudFormation) is CloudFront in front of the API, and
what watches over all of it. So neither a deploy nor a `chalice delete` can touch data.
"""
