"""The operations that torch answers, beside those that need no framework."""
from tsuc_port import FRAMEWORK_FREE, Registry

ANSWERS = Registry(FRAMEWORK_FREE)
operation = ANSWERS.operation
