"""What a person types: the command ``igniteflow``."""

import warnings

from dagster import BetaWarning

# Parts of Dagster that its makers call beta are used on purpose, and some of them warn when they
# are imported; saying so helps no user.
warnings.simplefilter("ignore", BetaWarning)
