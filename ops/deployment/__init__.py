"""Deploys FSTREAM to an AWS account and deletes it: `make deploy STAGE=…`, `make destroy STAGE=…`.

A deployment has three parts, deployed in this order. The *data stack* (CloudFormation) holds the state: tables, dead
letters and logs. The *code* is deployed by Chalice: functions, their roles, the API. The *front stack* (CloudFormation)
holds CloudFront in front of the API, the alarms and the dashboard. Because the data stack is separate, neither
deploying the code nor `chalice delete` can touch data.
"""
