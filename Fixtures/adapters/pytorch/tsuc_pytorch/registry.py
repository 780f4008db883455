"""Which function answers which operation."""
ANSWERS = {}


def operation(name):
    """Registers a function from a Prompt to {output name: tensor} under the name that prompts use."""
    def register(function):
        if name in ANSWERS:
            raise ValueError(f"two functions answer the operation {name}")
        ANSWERS[name] = function
        return function
    return register
