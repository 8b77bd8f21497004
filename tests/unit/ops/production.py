"""A production stage in an account in China, where ARNs begin differently."""

from ops.deployment.places import Account, Front, State
from tests.support.permissions import POLICIES

ACCOUNT = Account("123456789012", "cn-north-1", "aws-cn", unreserved=1000)
_STREAM = "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/fstream-prod-{}/stream/2026-11-24T12:00:00.000"
MESSAGES, RELATIONSHIPS, REACTIONS = (_STREAM.format(table) for table in ("messages", "relationships", "reactions"))
ROOT = POLICIES.parent
STATE = State(
    {"messages": MESSAGES, "relationships": RELATIONSHIPS, "reactions": REACTIONS},
    "arn:aws-cn:sqs:cn-north-1:123456789012:fstream-prod-dead-letters",
    "socket5api",
    "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/fstream-prod-live",
)
FRONT = Front("https://d1.cloudfront.net", "5ec2e7" * 10, "0badc0de" * 8)
