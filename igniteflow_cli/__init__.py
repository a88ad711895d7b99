"""The command line: the command ``igniteflow``."""

import warnings

from dagster import BetaWarning

# The platform uses beta parts of Dagster deliberately, and some of them warn when they are
# imported; the warnings do not help users.
warnings.simplefilter("ignore", BetaWarning)
