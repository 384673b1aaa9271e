"""What a rebuild on another base gives, as a table of rules."""

from tests.integration.rules import maps, settings, start, variables

RULES = (*variables.RULES, *start.RULES, *maps.RULES, *settings.RULES)
