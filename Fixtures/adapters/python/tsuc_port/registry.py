"""Which function answers which operation."""


class Registry(dict):
    """Functions from a Prompt to {output name: array}, under the names of their operations."""

    def operation(self, name):
        """Registers a function under the name that prompts use."""
        def register(function):
            if name in self:
                raise ValueError(f"two functions answer the operation {name}")
            self[name] = function
            return function
        return register


# The operations that the modules of `areas` answer in NumPy. A port begins with Registry(FRAMEWORK_FREE).
FRAMEWORK_FREE = Registry()
operation = FRAMEWORK_FREE.operation
