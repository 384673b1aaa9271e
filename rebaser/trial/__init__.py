"""What is to be tried in the result, and what came of it: values, and how they are judged."""
