"""The action as GitHub's runner starts it, and as act does."""
