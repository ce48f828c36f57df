"""What an exhaustive run has never exercised: events, branches, and premises of properties."""
