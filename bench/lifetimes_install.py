"""A private place for lifetimes 0.11.3 and what it needs."""

import installed

# With these versions it works as it was published.
REQUIREMENTS = ["lifetimes==0.11.3", "autograd==1.9.1", "dill==0.4.1", "numpy==2.4.6", "pandas==3.1.1",
                "scipy==1.17.1"]


def ensure():
    """The start of a command line that runs Python with lifetimes, and its environment."""
    return installed.ensure("lifetimes", REQUIREMENTS, "lifetimes")
